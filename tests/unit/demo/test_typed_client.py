"""kubernetes_asyncio's typed client reads, watches and patches the demo cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from kubernetes_asyncio import client, config, watch

from k8stui.demo.serve import kubeconfig
from tests.unit.demo.client import serving


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_lists_watches_and_patches(tmp_path: Path) -> None:
    async with serving("default") as served:
        server = served.server
        path = tmp_path / "config"
        authority = server.certificate.certificate
        path.write_text(kubeconfig(server.port, {served.token: "admin"}, authority))
        await config.load_kube_config(config_file=str(path))
        async with client.ApiClient() as api:
            core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
            for listed in (
                core.list_pod_for_all_namespaces,
                core.list_node,
                core.list_event_for_all_namespaces,
                core.list_service_for_all_namespaces,
                core.list_persistent_volume_claim_for_all_namespaces,
                core.list_persistent_volume,
                apps.list_deployment_for_all_namespaces,
                apps.list_replica_set_for_all_namespaces,
                apps.list_stateful_set_for_all_namespaces,
                apps.list_daemon_set_for_all_namespaces,
                apps.list_controller_revision_for_all_namespaces,
                client.BatchV1Api(api).list_job_for_all_namespaces,
                client.BatchV1Api(api).list_cron_job_for_all_namespaces,
                client.AutoscalingV2Api(api).list_horizontal_pod_autoscaler_for_all_namespaces,
                client.DiscoveryV1Api(api).list_endpoint_slice_for_all_namespaces,
                client.NetworkingV1Api(api).list_ingress_for_all_namespaces,
                client.PolicyV1Api(api).list_pod_disruption_budget_for_all_namespaces,
                client.StorageV1Api(api).list_storage_class,
            ):
                assert (await listed()).items, listed.__name__
            body = {"spec": {"replicas": 3}}
            done = await apps.patch_namespaced_deployment("cart", "shop", body)
            assert done.spec.replicas == 3
            names = set()
            async with watch.Watch().stream(
                core.list_namespaced_pod, "shop", timeout_seconds=1
            ) as events:
                async for event in events:
                    names.add(event["object"].metadata.name)
            assert "cart-cache-0" in names

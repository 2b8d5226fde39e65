"""The cluster and the user of the pod that this program runs in, as client-go finds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from k8stui.cluster.kubeconfig_spec import ClusterSpec, UserSpec

IN_CLUSTER = "in-cluster"
"""The name that context and cluster have when no kubeconfig names them."""

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet puts a pod's token, CA and namespace."""


def in_pod(environ: Mapping[str, str]) -> bool:
    """Whether this is a pod with a service account's token."""
    return bool(
        environ.get("KUBERNETES_SERVICE_HOST")
        and environ.get("KUBERNETES_SERVICE_PORT")
        and (SERVICE_ACCOUNT / "token").is_file()
    )


def pod_cluster(environ: Mapping[str, str]) -> ClusterSpec:
    """The API server that the kubelet tells every pod of; without a CA the system's are used."""
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    authority = SERVICE_ACCOUNT / "ca.crt"
    return ClusterSpec(
        name=IN_CLUSTER,
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        certificate_authority=str(authority) if authority.is_file() else "",
    )


def pod_user() -> UserSpec:
    """The pod's service account, whose token the kubelet renews in its file."""
    return UserSpec(name="serviceaccount", token_file=str(SERVICE_ACCOUNT / "token"))


def pod_namespace(environ: Mapping[str, str]) -> str:
    """The pod's own namespace: $POD_NAMESPACE, else the service account's file, else ""."""
    if stated := environ.get("POD_NAMESPACE"):
        return stated
    try:
        return (SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""

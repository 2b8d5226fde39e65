"""What each write is on the wire, dry and real."""

from __future__ import annotations

import msgspec
import pytest

from k8stui.cluster import writes
from k8stui.demo.protobuf import decode

POD = "/api/v1/namespaces/shop/pods/web-1"
SURE = {"uid": "uid-1", "resourceVersion": "7"}


@pytest.mark.parametrize("grace", [None, 0, 300])
def test_an_eviction(grace: int | None) -> None:
    write = writes.eviction(POD, "policy/v1beta1", "shop", "web-1", grace, SURE)
    assert (write.method, write.path) == ("POST", f"{POD}/eviction")
    assert write.content_type == "application/vnd.kubernetes.protobuf"
    options: dict[str, object] = {} if grace is None else {"gracePeriodSeconds": grace}
    expected = {
        "apiVersion": "policy/v1beta1",
        "kind": "Eviction",
        "metadata": {"name": "web-1", "namespace": "shop"},
        "deleteOptions": {**options, "preconditions": SURE},
    }
    assert decode(write.body) == expected
    assert msgspec.json.decode(write.json) == expected
    dry = {**options, "preconditions": SURE, "dryRun": ["All"]}
    assert decode(write.dry_body) == {**expected, "deleteOptions": dry}


@pytest.mark.parametrize("grace", [None, 0, 5])
@pytest.mark.parametrize("propagation", ["Background", "Foreground", "Orphan"])
def test_a_deletion_says_in_its_body_that_it_is_dry(propagation: str, grace: int | None) -> None:
    write = writes.deletion(POD, propagation, grace, SURE)
    real = msgspec.json.decode(write.body)
    assert real["propagationPolicy"] == propagation
    assert real.get("gracePeriodSeconds") == grace
    assert real["preconditions"] == SURE
    assert "dryRun" not in real
    assert msgspec.json.decode(write.dry_body) == {**real, "dryRun": ["All"]}


def test_patches() -> None:
    scaled = writes.scaling("/apis/apps/v1/namespaces/shop/deployments/web", 0, SURE)
    assert scaled.path.endswith("/deployments/web/scale")
    assert msgspec.json.decode(scaled.body) == {"spec": {"replicas": 0}, "metadata": SURE}
    assert scaled.json == scaled.body
    assert writes.json_patch(POD, []).content_type == "application/json-patch+json"
    assert writes.merge_patch(POD, {}).content_type == "application/merge-patch+json"
    strategic = writes.strategic_merge_patch(POD, {})
    assert strategic.content_type == "application/strategic-merge-patch+json"

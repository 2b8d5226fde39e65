"""What a preview warns of."""

from __future__ import annotations

import pytest

from k8stui.actions.intents import DEPLOYMENTS, STATEFULSETS
from k8stui.actions.warnings import strategy_warnings

from .objects import JsonObject

NO_POD = "its only pod may be gone before a new one"
OUTAGES: tuple[tuple[JsonObject, str], ...] = (
    ({"kind": "StatefulSet", "replicas": 1}, f"{NO_POD} starts: nothing serves then"),
    (
        {"kind": "StatefulSet", "replicas": 2, "rolling": {"maxUnavailable": "100%"}},
        "all 2 pods may be gone before a new one starts: nothing serves then",
    ),
    ({"kind": "StatefulSet", "replicas": 1, "rolling": {"partition": 0}}, f"{NO_POD} starts"),
    ({"kind": "StatefulSet", "replicas": 2}, ""),
    ({"kind": "StatefulSet", "replicas": 0}, ""),
    # A quarter of one pod is none to take away, and one to add.
    ({"replicas": 1, "rolling": {"maxSurge": "25%", "maxUnavailable": "25%"}}, ""),
    ({"replicas": 1, "rolling": {"maxSurge": 0, "maxUnavailable": "25%"}}, f"{NO_POD} is ready"),
    ({"replicas": 1, "rolling": {"maxSurge": 1, "maxUnavailable": 1}}, f"{NO_POD} is ready"),
    ({"replicas": 2, "rolling": {"maxSurge": 1, "maxUnavailable": 1}}, ""),
    (
        {"replicas": 3, "rolling": {"maxSurge": 0, "maxUnavailable": "100%"}},
        "all 3 pods may be gone before a new one is ready: nothing serves then",
    ),
    ({"replicas": 0, "rolling": {"maxSurge": 1, "maxUnavailable": 1}}, ""),
)


@pytest.mark.parametrize(("given", "said"), OUTAGES, ids=str)
def test_a_rolling_update_that_may_leave_no_pod_is_warned_of(given: JsonObject, said: str) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": given.get("rolling") or {}}
    spec: JsonObject = {"replicas": given["replicas"]}
    if given.get("kind") == "StatefulSet":
        found = strategy_warnings(STATEFULSETS, {"spec": {**spec, "updateStrategy": strategy}}, ())
    else:
        found = strategy_warnings(DEPLOYMENTS, {"spec": {**spec, "strategy": strategy}}, ())
    assert [one[: len(said)] for one in found] == ([said] if said else [])

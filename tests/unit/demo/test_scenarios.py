"""Each scenario holds the trouble that its name promises, and only the shop around it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from k8stui.demo.cells import pod_reason
from k8stui.demo.deployment import REVISION
from k8stui.demo.model import Obj, condition, dig, seconds_of
from k8stui.demo.scenarios import SCENARIOS, build
from k8stui.demo.world import World
from tests.unit.demo.worlds import NOW


def pods(world: World, app: str) -> list[str]:
    """The STATUS of the pods of an app."""
    found = [p for p in world.store.all("pods") if dig(p, "metadata", "labels", "app") == app]
    return sorted({pod_reason(pod) for pod in found})


def get(world: World, plural: str, namespace: str, name: str) -> Obj:
    found = world.store.get(plural, namespace, name)
    assert found is not None
    return found


def state(world: World, plural: str, namespace: str, name: str, kind: str) -> str:
    """The status of a condition."""
    return str(condition(get(world, plural, namespace, name), kind).get("status"))


def last_state(world: World, app: str) -> str:
    for pod in world.store.all("pods"):
        if dig(pod, "metadata", "labels", "app") == app:
            entry = pod["status"]["containerStatuses"][0]
            return str(dig(entry, "lastState", "terminated", "reason"))
    return ""


CHECKS: dict[str, Callable[[World], bool]] = {
    "shop": lambda w: {pod_reason(p) for p in w.store.all("pods", "shop")} == {"Running"},
    "stuck-rollout": lambda w: pods(w, "web") == ["ImagePullBackOff", "Running"],
    "crash-loop": lambda w: last_state(w, "payments-worker") == "Error",
    "oom": lambda w: last_state(w, "recommender") == "OOMKilled",
    "never-ready": lambda w: state(w, "deployments", "shop", "search", "Available") == "False",
    "unschedulable": lambda w: pods(w, "fraud-model") == pods(w, "price-trainer") == ["Pending"],
    "unbound-claim": lambda w: pods(w, "exporter") == ["Pending"],
    "lost-node": lambda w: state(w, "nodes", "", "pool-main-3", "Ready") == "Unknown",
    "noisy-neighbour": lambda w: pods(w, "video-transcoder") == ["Running"],
    "failed-job": lambda w: state(w, "jobs", "batch", "import-feed", "Failed") == "True",
    "suspended-cronjob": lambda w: (
        dig(get(w, "cronjobs", "batch", "old-orders-cleanup"), "spec", "suspend") is True
    ),
    "stale-config": lambda w: (
        dig(get(w, "configmaps", "shop", "cart-config"), "data", "CART_TTL") == "5m"
    ),
    "lost-service": lambda w: get(w, "endpoints", "shop", "promo")["subsets"] == [],
    "logs": lambda w: pods(w, "upload-tailer") == ["Running"],
    "empty": lambda w: not list(w.store.all("pods", "shop")),
}


def test_every_scenario_is_checked_here() -> None:
    assert CHECKS.keys() | {"default"} == SCENARIOS.keys()


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_scenario_holds_its_trouble(name: str) -> None:
    assert CHECKS[name](build(name, now=NOW))


def test_the_default_holds_them_all_in_a_believable_number_of_pods() -> None:
    world = build(now=NOW)
    without = [name for name, check in CHECKS.items() if not check(world)]
    assert without == ["shop", "empty"]
    assert 40 <= world.store.count("pods") <= 60


def test_revisions_of_web_tell_their_cause() -> None:
    world = build("shop", now=NOW)
    notes = [
        rs["metadata"]["annotations"]
        for rs in world.store.all("replicasets", "shop")
        if rs["metadata"]["labels"]["app"] == "web"
    ]
    causes = {note[REVISION]: note.get("kubernetes.io/change-cause", "") for note in notes}
    assert sorted(causes) == ["1", "2", "3", "4", "5"]
    assert causes["5"].startswith("release 87")


def heard(node: Obj) -> float:
    """When the node's kubelet last wrote its status."""
    return seconds_of(condition(node, "Ready")["lastHeartbeatTime"])


def test_living_nodes_report_and_a_lost_one_was_heard_of_before_it_counted_as_lost() -> None:
    world = build("lost-node", now=NOW)
    living, lost = (get(world, "nodes", "", f"pool-main-{n}") for n in (1, 3))
    assert heard(living) == NOW
    assert heard(lost) < seconds_of(condition(lost, "Ready")["lastTransitionTime"]) < NOW
    lease = get(world, "leases", "kube-node-lease", "pool-main-3")
    assert seconds_of(lease["spec"]["renewTime"]) == heard(lost)
    world.advance(600)
    assert heard(get(world, "nodes", "", "pool-main-1")) > NOW
    assert heard(get(world, "nodes", "", "pool-main-3")) == heard(lost)

"""Workloads are worked out anew when something touched them, and never all at once."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.resources.phase import Live, Syncing
from k8stui.resources.workloads import Workload
from k8stui.store.changes import ChangeSet
from k8stui.viewmodels.ownership import Ownership
from k8stui.viewmodels.workload_rows import WorkloadRows
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster
from tests.ui.objects import NOW

MANY = 60
A_TURN = 25


class Turns:
    """What is left to do, done when the test says so."""

    def __init__(self) -> None:
        self.left: list[tuple[Callable[[], None], float]] = []

    def __call__(self, work: Callable[[], None], seconds: float) -> Turns:
        self.left.append((work, seconds))
        return self

    def cancel(self) -> None:
        self.left.clear()

    def take(self) -> float:
        """Does what is due next, and tells how long it had been put off."""
        work, seconds = self.left.pop(0)
        work()
        return seconds

    def finish(self) -> None:
        while self.left:
            self.take()


class Watched:
    """A cluster with its workload rows, and how many of them were told of."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.turns = Turns()
        self.model = WorkloadRows(Ownership(cluster.collection), lambda: NOW, self.turns)
        self.told: list[int] = []
        self.model.rows.subscribe(self._told)

    def _told(self, changes: ChangeSet[Workload]) -> None:
        self.told.append(len(changes.added) + len(changes.changed))

    @property
    def names(self) -> set[str]:
        return {row.name for row in self.model.rows.rows.values()}


def _apply(cluster: FakeCluster, name: str, restarts: int = 0) -> None:
    cluster.apply(
        make.deployment(name),
        make.replicaset(name, "aaaa1"),
        make.of_deployment(
            name, "aaaa1", "one", waiting="CrashLoopBackOff" if restarts else "", restarts=restarts
        ),
    )


def _many() -> Watched:
    cluster = FakeCluster()
    for number in range(MANY):
        _apply(cluster, f"app-{number:02d}")
    watched = Watched(cluster)
    watched.turns.finish()
    assert len(watched.names) == MANY
    cluster.tell()
    watched.turns.finish()
    watched.told.clear()
    return watched


def test_rows_that_are_not_there_yet_are_not_put_off() -> None:
    cluster = FakeCluster()
    for number in range(MANY):
        _apply(cluster, f"app-{number:02d}")
    watched = Watched(cluster)
    assert not watched.model.is_read
    while watched.turns.left:
        assert watched.turns.take() == 0
    assert watched.model.is_read


def test_the_first_new_rows_are_told_at_once_and_the_others_together() -> None:
    cluster = FakeCluster()
    watched = Watched(cluster)
    for number in range(200):
        _apply(cluster, f"app-{number:03d}")
    cluster.tell()
    assert watched.told == [A_TURN]
    watched.turns.finish()
    assert watched.told == [A_TURN, 4 * A_TURN, 3 * A_TURN]
    assert watched.model.is_read


def test_a_new_row_that_is_gone_before_it_is_told_of_never_shows() -> None:
    cluster = FakeCluster()
    watched = Watched(cluster)
    for number in range(MANY):
        _apply(cluster, f"app-{number:02d}")
    cluster.tell()
    watched.turns.take()
    gone = f"app-{A_TURN:02d}"
    deployments = cluster.collection("deployments.apps")
    record = next(each for each in deployments.rows.values() if each.name == gone)
    deployments.remove([record.uid])
    cluster.tell()
    watched.turns.finish()
    assert gone not in watched.names
    assert len(watched.names) == MANY - 1


def test_one_change_is_one_row() -> None:
    watched = _many()
    _apply(watched.cluster, "app-07", restarts=5)
    watched.cluster.tell()
    assert watched.told == [1]
    assert not watched.turns.left


def test_a_storm_is_taken_in_turns_and_nothing_is_forgotten() -> None:
    watched = _many()
    _storm(watched)
    assert watched.told == [A_TURN]
    assert watched.model.is_read, "rows that wait for their turn are there"
    # More of the same brings nothing forward.
    _apply(watched.cluster, "app-59", restarts=6)
    watched.cluster.tell()
    assert watched.told == [A_TURN]
    assert watched.turns.take() > 0
    watched.turns.finish()
    assert sum(watched.told) == MANY


def test_rows_wait_longer_while_pods_are_read_and_not_at_all_when_that_is_done() -> None:
    watched = _many()
    _storm(watched)
    usual = watched.turns.take()

    cluster = FakeCluster()
    for number in range(MANY):
        _apply(cluster, f"app-{number:02d}")
    pods = cluster.collection("pods")
    cluster.set_phase(Syncing(10, 100), "pods")
    pods._synced = False
    watched = Watched(cluster)
    watched.turns.finish()
    cluster.tell()
    watched.turns.finish()
    _storm(watched)
    assert watched.turns.left[0][1] > usual > 0

    pods.keep_only(set(pods.rows))
    cluster.set_phase(Live(NOW), "pods")
    cluster.tell()
    watched.turns.take()
    assert watched.turns.take() == 0
    assert not watched.turns.left


def _storm(watched: Watched) -> None:
    for number in range(MANY):
        _apply(watched.cluster, f"app-{number:02d}", restarts=5)
    watched.cluster.tell()


def test_a_pod_whose_owner_is_not_there_stands_for_itself_once_that_is_known() -> None:
    cluster = FakeCluster()
    cluster.set_phase(Syncing())
    cluster.collection("replicasets.apps")._synced = False
    cluster.apply(make.of_deployment("lost", "aaaa1", "one"))
    watched = Watched(cluster)
    cluster.tell()
    assert watched.names == set()
    cluster.collection("replicasets.apps").keep_only(())
    cluster.set_phase(Live(NOW), "replicasets.apps")
    cluster.tell()
    watched.turns.finish()
    assert watched.names == {"lost-aaaa1-one"}

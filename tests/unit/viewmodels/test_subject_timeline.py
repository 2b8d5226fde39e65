"""Events and state changes of a selection, each told once, in order."""

from __future__ import annotations

import pytest

from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.subject_timeline import SubjectTimeline
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster
from tests.ui.objects import NOW

POD = make.pod("web-1", age=100)
OTHER = make.pod("other", age=100)
WEB = make.deployment("web", desired=2)


class Told:
    """A timeline over a fake cluster, and what it told."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.cluster.apply(POD, OTHER, WEB)
        self.cluster.tell()
        self.entries: list[Entry] = []
        self.timeline = SubjectTimeline(self.cluster, self.entries.append, lambda: NOW)

    def new(self) -> list[str]:
        """What was told since the last look."""
        self.cluster.tell()
        found = [f"{each.about} {each.text}" for each in self.entries]
        self.entries.clear()
        return found


@pytest.fixture
def told() -> Told:
    return Told()


def test_what_was_before_is_told_in_its_order(told: Told) -> None:
    told.cluster.apply(make.event("e", POD, "Pulled", "image is here", warning=False, seen=99))
    told.cluster.tell()
    told.timeline.begin(frozenset({POD.uid}))

    times = [each.time for each in told.entries]
    assert times == sorted(times)
    assert told.new() == [
        "pod/web-1 created",
        "pod/web-1 container app started",
        "pod/web-1 ready",
        "pod/web-1 Pulled: image is here",
    ]


def test_only_what_concerns_it_is_told_and_once(told: Told) -> None:
    told.timeline.begin(frozenset({POD.uid}))
    told.new()
    event = make.event("e", POD, "BackOff", "again", count=2)
    told.cluster.apply(event, make.event("f", OTHER, "BackOff", "not ours"))
    assert told.new() == ["pod/web-1 BackOff ×2: again"]
    told.cluster.apply(make.event("e", POD, "BackOff", "again", count=3, seen=20))
    assert told.new() == ["pod/web-1 BackOff ×3: again"]


def test_changes_of_pods_and_workloads(told: Told) -> None:
    told.timeline.begin(frozenset({POD.uid, WEB.uid}))
    told.new()
    told.cluster.apply(make.pod("web-1", age=100, deleting=True, version=2))
    told.cluster.apply(make.deployment("web", desired=3, ready=2, version=2))
    assert sorted(told.new()) == [
        "deployment/web scaled from 2 to 3",
        "pod/web-1 being deleted (30s of grace)",
    ]
    told.cluster.remove(POD, OTHER)
    assert told.new() == ["pod/web-1 gone"]


def test_pods_that_come_later_are_told_from_their_beginning(told: Told) -> None:
    told.timeline.begin(frozenset({POD.uid}))
    told.new()
    told.timeline.follow(frozenset({POD.uid, OTHER.uid}))
    assert told.new()[0] == "pod/other created"
    told.timeline.follow(frozenset({POD.uid, OTHER.uid}))
    assert told.new() == []


def test_it_begins_anew_for_another_selection_and_ends(told: Told) -> None:
    told.timeline.begin(frozenset({POD.uid}))
    told.new()
    told.timeline.begin(frozenset({OTHER.uid}))
    assert all(text.startswith("pod/other") for text in told.new())
    told.cluster.apply(make.event("e", POD, "BackOff", "of the one before"))
    assert told.new() == []
    told.timeline.end()
    told.cluster.apply(make.event("g", OTHER, "BackOff", "nobody listens"))
    assert told.new() == []
    assert told.cluster.subscriptions() == 0

"""What can be chosen about the logs of a selection."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.logs.feed import LogFeed, Stream
from k8stui.logs.ring import NOTICE
from k8stui.viewmodels.subject_logs import SubjectLogs
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster, FakeTail
from tests.unit.viewmodels.log_feed import Feed, texts


def logs_with(before: Feed, found: int) -> SubjectLogs:
    """Logs whose containers had these instances before."""
    cluster = FakeCluster()
    cluster.apply(make.pod("web-1"))

    async def previous(_streams: Sequence[Stream]) -> tuple[LogFeed, int]:
        return before, found

    return SubjectLogs(FakeTail(cluster.collection("pods")), lambda: None, previous)


async def test_a_previous_log_that_may_not_be_read_is_not_told_as_none() -> None:
    before = Feed()
    before.put("pods/log is forbidden", mark=NOTICE)
    logs = logs_with(before, 0)

    assert await logs.show_previous() == 1
    assert logs.is_previous
    assert texts(logs.pane) == ["pod-0 app: pods/log is forbidden"]


async def test_without_an_instance_before_the_present_log_stays() -> None:
    logs = logs_with(Feed(), 0)
    assert await logs.show_previous() == 0
    assert not logs.is_previous


async def test_lines_that_were_dropped_unseen_are_counted_from_where_it_stands() -> None:
    logs = logs_with(Feed(), 0)
    ring = logs.tail.ring
    ring.limit_lines = 10
    for number in range(8):
        ring.append(0, number, b"seen")
    logs.stand_still()
    assert logs.unseen == 0
    for number in range(25):
        ring.append(0, number, b"later")
    assert logs.unseen == ring.first - 8 > 0

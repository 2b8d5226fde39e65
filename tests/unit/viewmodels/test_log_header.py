"""What the line over a log says of how its streams do."""

from __future__ import annotations

import msgspec
import pytest

from k8stui.logs.feed import Stream, StreamState
from k8stui.resources.record import Tone
from k8stui.viewmodels.log_header import state_parts
from k8stui.viewmodels.status_parts import Part
from tests.unit.viewmodels.log_feed import Feed, pane_of, texts
from tests.unit.viewmodels.test_log_empty import logs_of, stream


def live(**fields: object) -> Stream:
    return msgspec.structs.replace(stream(StreamState.LIVE), **fields)


@pytest.mark.parametrize(
    ("streams", "part"),
    [
        ([live(behind=3.2), live(behind=1_234.5)], Part("behind by 1,234s", Tone.WARN)),
        ([live(skew=-30.2), live(skew=3.0)], Part("node-1's clock 30s behind", Tone.WARN)),
        ([live(skew=3.0)], Part("node-1's clock 3s ahead", Tone.WARN)),
    ],
)
def test_what_is_late_is_told(streams: list[Stream], part: Part) -> None:
    assert part in state_parts(logs_of(*streams), follow=True, new=0)


def test_of_what_is_as_it_should_be_nothing_is_told() -> None:
    assert [part.text for part in state_parts(logs_of(live()), follow=True, new=0)][1:] == [
        "follow ▼"
    ]


def test_lines_that_are_read_and_not_shown_yet_are_late_too() -> None:
    feed = Feed()
    pane, _ = pane_of(feed)
    feed.put("shown", at=0)
    texts(pane)
    feed.put("1", at=1)
    assert pane.behind_by == 0
    feed.put("12", at=12)
    assert pane.behind_by == 12
    texts(pane)
    assert pane.behind_by == 0

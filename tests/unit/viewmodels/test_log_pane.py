"""What the log pane shows of what the engine holds: filters, orders, forms, pauses."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import DIVIDER, NOTICE
from k8stui.resources.record import Tone
from k8stui.viewmodels import log_order
from k8stui.viewmodels.log_merge import HOLD_BACK
from k8stui.viewmodels.log_pane import LogPane, Shown
from tests.unit.logs.virtual_time import run_virtual
from tests.unit.viewmodels.log_feed import BASE, Feed, pane_of, texts


def test_filters_are_live_over_the_whole_buffer_and_clearing_them_brings_all_back() -> None:
    feed = Feed()
    feed.put("GET /", "error: a", "GET /b", "error: b")
    pane, _ = pane_of(feed)
    assert texts(pane) == ["GET /", "error: a", "GET /b", "error: b"]

    pane.show(Shown(include=(Pattern("error"),), exclude=(Pattern("b$"),)))
    assert texts(pane) == ["error: a"]
    feed.put("error: c")
    assert texts(pane) == ["error: a", "error: c"]
    before = pane.generation
    pane.show(Shown())
    assert len(texts(pane)) == 5
    assert pane.generation > before


def test_indexes_keep_their_meaning_while_lines_are_evicted() -> None:
    feed = Feed(lines=2000)
    feed.put(*[f"line {n}" for n in range(1500)])
    pane, _ = pane_of(feed, Shown(exclude=(Pattern("5$"),)))
    texts(pane)
    index = pane.first_index + pane.line_count - 1
    assert pane.line(index).text == "line 1499"
    feed.put(*[f"line {n}" for n in range(1500, 3000)])
    texts(pane)

    assert pane.line(index).text == "line 1499"
    assert pane.first_index > 0
    assert pane.line(pane.first_index).text == "line 1000"
    with pytest.raises(IndexError):
        pane.line(pane.first_index - 1)


def test_a_pause_loses_nothing_and_counts_what_waits() -> None:
    feed = Feed()
    feed.put("a")
    pane, _ = pane_of(feed)
    texts(pane)
    pane.pause()
    feed.put("b", "c")
    assert texts(pane) == ["a"]
    assert pane.waiting == 2
    pane.resume()
    assert texts(pane) == ["a", "b", "c"]


def test_lines_evicted_during_a_pause_are_counted() -> None:
    feed = Feed(lines=10)
    pane, _ = pane_of(feed)
    texts(pane)
    pane.pause()
    feed.put(*[str(n) for n in range(15)])
    texts(pane)
    pane.resume()

    assert pane.missed == 5
    assert len(texts(pane)) == 10


def test_history_of_many_streams_is_sorted_by_time_and_stable() -> None:
    feed = Feed()
    for stream in range(3):
        for second in range(4):
            feed.put(f"{stream}@{second}", stream=stream, at=second - 1000.0)
    pane, _ = pane_of(feed, Shown(order="time"))

    assert texts(pane) == [f"{stream}@{second}" for second in range(4) for stream in range(3)]


def test_a_live_merge_waits_for_the_lines_of_other_streams() -> None:
    feed = Feed()
    pane, clock = pane_of(feed, Shown(order="time"))
    texts(pane)
    feed.put("start", at=0.0)
    texts(pane)
    clock.now = 1.0
    texts(pane)
    feed.put("b", stream=1, at=1.2)
    assert texts(pane) == ["start"]
    clock.now = 1.3
    feed.put("a", stream=0, at=1.1)
    texts(pane)
    clock.now = 1.6

    assert texts(pane) == ["start", "a", "b"]


def test_how_long_it_waits_is_configured() -> None:
    feed = Feed()
    pane, clock = pane_of(feed, Shown(order="time", hold_back=2.0))
    texts(pane)
    feed.put("b", stream=1, at=1.0)
    texts(pane)
    clock.now = 1.9
    assert texts(pane) == []
    clock.now = 2.0
    assert texts(pane) == ["b"]


def test_the_order_within_a_stream_is_never_changed() -> None:
    feed = Feed()
    feed.put("first", at=2.0)
    feed.put("second, by a clock that went back", at=1.0)
    pane, clock = pane_of(feed, Shown(order="time"))
    texts(pane)
    clock.now = 5.0

    assert texts(pane) == ["first", "second, by a clock that went back"]


def test_grouped_lines_stand_together() -> None:
    feed = Feed()
    feed.put("a1", stream=0)
    feed.put("b1", stream=1)
    feed.put("a2", stream=0)
    pane, _ = pane_of(feed, Shown(order="grouped"))

    assert texts(pane) == ["a1", "a2", "b1"]


def test_a_pretty_line_takes_several_rows_and_names_its_stream_once() -> None:
    feed = Feed()
    feed.put('{"msg":"x","n":1}', "plain")
    pane, _ = pane_of(feed, Shown(form="pretty"))

    assert texts(pane) == ["{", '  "msg": "x",', '  "n": 1', "}", "plain"]
    first = pane.first_index
    assert pane.line(first).stream == "pod-0 app"
    assert pane.line(first + 1).stream.strip() == ""
    assert pane.raw_line(first + 2).message == b'{"msg":"x","n":1}'


def test_dividers_and_notices_pass_every_filter() -> None:
    feed = Feed()
    feed.put("noise")
    feed.put("restarted, exit 137 OOMKilled, instance 1", mark=DIVIDER)
    feed.put("possible gap", mark=NOTICE)
    pane, _ = pane_of(feed, Shown(include=(Pattern("nothing"),)))
    lines = [(pane.line(pane.first_index + at).kind) for at in range(len(texts(pane)))]

    assert lines == ["divider", "notice"]


def test_lines_of_streams_that_are_not_selected_any_more_are_hidden() -> None:
    feed = Feed()
    feed.put("mine", stream=0)
    feed.put("other", stream=1)
    pane, _ = pane_of(feed)
    assert len(texts(pane)) == 2
    feed.hidden.add(1)
    feed.generation += 1

    assert texts(pane) == ["mine"]


def test_levels_give_the_tone() -> None:
    feed = Feed()
    feed.put("ERROR x", "level=warn msg=x", "plain")
    pane, _ = pane_of(feed)
    texts(pane)

    assert [pane.line(at).tone for at in range(3)] == [Tone.ERROR, Tone.WARN, Tone.PLAIN]


def test_a_moment_is_found() -> None:
    feed = Feed()
    for second in range(1000):
        feed.put(str(second), at=second)
    pane, _ = pane_of(feed)
    texts(pane)
    index = pane.index_at(BASE + 500)

    assert index is not None
    assert pane.line(index).text == "500"
    assert pane.index_at(BASE + 5000) is None


@pytest.mark.parametrize(
    ("order", "moment", "found"),
    [
        ("arrival", 100, "a 100"),
        ("arrival", 99.5, "a 100"),
        ("arrival", 40, "a 100"),
        ("arrival", 103.5, "a 104"),
        ("arrival", 2_103.5, None),
        ("time", 40, "b 40"),
        ("time", 103.5, "a 104"),
        ("grouped", 103.5, "a 104"),
        ("grouped", 40, "a 100"),
        ("grouped", 2_050, "b 2050"),
    ],
)
def test_a_moment_is_found_where_a_stream_s_past_came_after_another_one(
    order: log_order.Order, moment: float, found: str | None
) -> None:
    feed = Feed()
    for second in (*range(100, 105), *range(1_500, 1_600)):
        feed.put(f"a {second}", stream=0, at=second)
    for second in range(2_100):
        feed.put(f"b {second}", stream=1, at=second)
    pane, _ = pane_of(feed, Shown(order=order))
    texts(pane)
    index = pane.index_at(BASE + moment)

    assert (pane.line(index).text if index is not None else None) == found


def test_search_goes_both_ways() -> None:
    feed = Feed()
    feed.put("a", "x1", "b", "x2")
    pane, _ = pane_of(feed)
    texts(pane)

    assert pane.find(Pattern("x"), 0) == 1
    assert pane.find(Pattern("x"), 2) == 3
    assert pane.find(Pattern("x"), 2, backwards=True) == 1
    assert pane.find(Pattern("nothing"), 0) is None


def test_a_large_buffer_is_taken_up_in_turns() -> None:
    feed = Feed()
    feed.ring.extend(0, range(100_000), [b"some text %d" % n for n in range(100_000)])
    pane, _ = pane_of(feed, Shown(include=(Pattern("7$"),)))

    assert len(texts(pane)) == 10_000


def test_markup_and_escapes_come_out_as_text() -> None:
    feed = Feed()
    feed.put("[red]x[/] \x1b[2Jy")
    pane, _ = pane_of(feed)

    assert texts(pane) == ["[red]x[/] ^[[2Jy"]


def test_where_lines_come_too_fast_to_be_put_in_order_they_are_shown_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_order, "_MOST_INSERTED", 3)
    feed = Feed()
    feed.put("start", at=0.0)
    pane, clock = pane_of(feed, Shown(order="time"))
    build = log_order.LineOrder.build

    def slowly(order: log_order.LineOrder, until: float) -> bool:
        clock.now += 1.0
        return build(order, until)

    monkeypatch.setattr(log_order.LineOrder, "build", slowly)
    texts(pane)
    feed.put("later", stream=1, at=9.0)
    clock.now = 3.0
    texts(pane)
    clock.now = 4.0
    assert texts(pane) == ["start", "later"]

    late = [f"late {n}" for n in range(5)]
    feed.put(*late, stream=2, at=5.0)
    texts(pane)
    clock.now = 6.0
    assert texts(pane) == ["start", "later", *late]
    assert pane.unordered == 5
    # As soon as there is time for it they get their places.
    clock.now = 20.0
    assert texts(pane) == ["start", *late, "later"]
    assert pane.unordered == 0


def test_a_line_that_is_held_back_is_shown_when_it_is_due() -> None:
    async def play() -> list[float]:
        loop = asyncio.get_running_loop()
        feed = Feed()
        pane = LogPane(feed, Shown(order="time"), clock=loop.time, wall=lambda: BASE + loop.time())
        texts(pane)
        shown: list[float] = []
        end = pane.subscribe(lambda: shown.append(loop.time()) if pane.line_count else None)
        await asyncio.sleep(1.0)
        feed.put("late", at=1.0)
        for listener in feed.listeners:
            listener()
        await asyncio.sleep(2.0)
        end()
        return shown

    (first, *_) = run_virtual(play())
    assert first == pytest.approx(1.0 + HOLD_BACK, abs=0.01)

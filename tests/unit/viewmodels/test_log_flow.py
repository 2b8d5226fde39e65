"""From the ring to the rows: slices, the newest first, late lines, older lines, entries."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from k8stui.logs.patterns import Pattern
from k8stui.resources.record import Tone
from k8stui.viewmodels import log_flow, log_order, log_pace
from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.log_pane import LogPane, Shown
from k8stui.viewmodels.log_sieve import read_batch
from tests.unit.viewmodels.log_feed import BASE, SECOND, Feed, pane_of, texts

PAGE = 60


class Ticks:
    """A clock that goes on by a millisecond whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines each batch had that was read from the ring."""
    ticks = Ticks()
    monkeypatch.setattr(log_flow, "time", ticks)
    monkeypatch.setattr(log_pace, "time", ticks)
    monkeypatch.setattr(log_order, "time", Ticks())
    counts: list[int] = []
    read = read_batch

    def counting(ring, entries, lines):  # type: ignore[no-untyped-def]
        counts.append(len(lines))
        return read(ring, entries, lines)

    monkeypatch.setattr(log_flow, "read_batch", counting)
    return counts


def hundred_thousand(streams: int = 20) -> Feed:
    """Lines of many streams, each block with its own times."""
    feed = Feed()
    for block in range(5_000):
        first = (BASE + block // streams) * SECOND
        times = [first + n * 1_000_000 for n in range(20)]
        lines = [b"line %d" % (block * 20 + n) for n in range(20)]
        feed.ring.extend(block % streams, times, lines)
    return feed


@pytest.mark.parametrize("order", ["arrival", "time", "grouped"])
def test_a_new_filter_shows_a_page_at_once_and_works_on_in_short_turns(
    order: log_order.Order, looked: list[int]
) -> None:
    pane, _ = pane_of(hundred_thousand(), Shown(order=order))
    texts(pane)
    looked.clear()

    pane.show(pane.shown._replace(include=(Pattern("7$"),)))
    assert pane.line_count >= PAGE
    assert sum(looked) <= 13 * 1024, "the first turn looks at no more than it has time for"
    newest = pane.line(pane.first_index + pane.line_count - 1).text
    turns = 0
    while pane.filling:
        before = sum(looked)
        pane.advance()
        assert sum(looked) - before <= 13 * 1024
        turns += 1

    assert turns <= 14
    assert pane.line_count == 10_000
    assert pane.line(pane.first_index + pane.line_count - 1).text == newest


def test_what_is_added_later_is_looked_at_alone(looked: list[int]) -> None:
    feed = hundred_thousand()
    pane, _ = pane_of(feed, Shown(include=(Pattern("7$"),)))
    texts(pane)
    looked.clear()
    feed.put("new 7", "new 8")

    assert texts(pane)[-1] == "new 7"
    assert sum(looked) == 2


def test_painting_reads_no_line_but_those_asked_for(looked: list[int]) -> None:
    pane, _ = pane_of(hundred_thousand())
    texts(pane)
    looked.clear()
    end = pane.first_index + pane.line_count
    [pane.line(index) for index in range(end - PAGE, end)]

    assert looked == []


def test_a_late_line_comes_to_its_place() -> None:
    feed = Feed()
    pane, clock = pane_of(feed, Shown(order="time"))
    texts(pane)
    feed.put("a", at=1)
    feed.put("c", at=3)
    texts(pane)
    clock.now = 5.0
    assert texts(pane) == ["a", "c"]
    before = pane.generation
    feed.put("b", stream=1, at=2)
    texts(pane)
    clock.now = 10.0

    assert texts(pane) == ["a", "b", "c"]
    assert pane.generation > before


def test_a_late_backfill_of_a_whole_stream_is_put_in_order() -> None:
    feed = Feed()
    pane, clock = pane_of(feed, Shown(order="time"))
    feed.put(*[f"0@{n}" for n in range(3)], at=5_000)
    texts(pane)
    clock.now = 100.0
    texts(pane)
    for n in range(3_000):
        feed.put(f"1@{n}", stream=1, at=n)
    texts(pane)
    clock.now = 200.0
    shown = texts(pane)

    assert shown[:2] == ["1@0", "1@1"]
    assert shown[-3:] == ["0@0", "0@1", "0@2"]
    assert len(shown) == 3_003


def test_groups_go_on_live() -> None:
    feed = Feed()
    feed.put("a1", stream=0)
    feed.put("b1", stream=1)
    pane, _ = pane_of(feed, Shown(order="grouped"))
    assert texts(pane) == ["a1", "b1"]
    anchor = pane.anchor(1)
    feed.put("a2", stream=0)

    assert texts(pane) == ["a1", "a2", "b1"]
    assert anchor is not None
    assert pane.locate(anchor) == (2, True)


def test_groups_lose_their_oldest_lines_wherever_they_stand() -> None:
    feed = Feed(lines=1024)
    for n in range(600):
        feed.put(f"a{n}", stream=0)
        feed.put(f"b{n}", stream=1)
    pane, _ = pane_of(feed, Shown(order="grouped"))
    shown = texts(pane)
    feed.put("a600", "b600", stream=1)

    assert len(shown) == 1024
    assert shown[0] == "a88"
    assert "(no longer held)" not in texts(pane)
    assert len(texts(pane)) == 1024


@pytest.mark.parametrize("order", ["arrival", "time", "grouped"])
def test_lines_around_what_is_found(order: log_order.Order) -> None:
    feed = Feed()
    feed.put(*[f"line {n}" for n in range(20)])
    pane, clock = pane_of(feed, Shown(order=order, include=(Pattern("line 10$"),), around=2))
    assert texts(pane) == [f"line {n}" for n in range(8, 13)]
    feed.put("x", "y", "z", "line 10", "after", at=1)
    texts(pane)
    clock.now = 5.0

    assert texts(pane)[5:] == ["y", "z", "line 10", "after"]
    pane.show(pane.shown._replace(around=None))
    assert len(texts(pane)) == 25
    assert pane.match_count == 2


def test_an_exclude_goes_before_an_include_and_its_surroundings() -> None:
    feed = Feed()
    feed.put("noise", "error", "error noise", "end")
    shown = Shown(include=(Pattern("error"),), exclude=(Pattern("noise"),), around=5)
    pane, _ = pane_of(feed, shown)

    assert texts(pane) == ["error", "end"]


def test_matches_are_counted_and_walked_round_the_end() -> None:
    feed = Feed(lines=2_000)
    feed.put(*[f"line {n}" for n in range(1_000)])
    pane, _ = pane_of(feed, Shown(highlight=(Pattern("00$"),)))
    texts(pane)

    assert pane.match_count == 9
    assert pane.next_match(0) == 100
    assert pane.next_match(100) == 200
    assert pane.next_match(950) == 100
    assert pane.next_match(100, backwards=True) == 900
    assert pane.rank(200) == 2
    feed.put(*["x"] * 1_500)
    texts(pane)
    assert pane.match_count == 5, "those that were evicted don't count"


def test_colour_codes_do_not_hide_a_match() -> None:
    feed = Feed()
    feed.put("\x1b[31mERR\x1b[0mOR now\r", "other")
    pane, _ = pane_of(feed, Shown(include=(Pattern("^ERROR now$"),)))

    assert texts(pane) == ["ERROR now"]
    [mark] = pane.line(pane.first_index).marks
    assert (mark.start, mark.end, mark.role) == (0, 9, "include")


def test_older_lines_come_before_and_the_row_on_top_is_found_again() -> None:
    feed = Feed()
    feed.put("c", "d", at=10)
    pane, _ = pane_of(feed, Shown(order="time"))
    texts(pane)
    anchor = pane.anchor(pane.first_index)
    feed.ring.prepend([0, 0], [BASE * SECOND] * 2, [b"a", b"b"], [0, 0])

    assert texts(pane) == ["a", "b", "c", "d"]
    assert anchor is not None
    found, exact = pane.locate(anchor)
    assert (pane.line(found).text, exact) == ("c", True)


def test_a_quiet_stream_outlives_a_noisy_one_and_is_shown() -> None:
    feed = Feed(lines=1_024, quota=10)
    feed.put("quiet 1", "quiet 2", stream=1)
    pane, _ = pane_of(feed)
    texts(pane)
    feed.put(*[f"noise {n}" for n in range(3_000)])
    shown = texts(pane)

    assert shown[:2] == ["quiet 1", "quiet 2"]
    assert shown[-1] == "noise 2999"
    assert "(no longer held)" not in shown
    pane.show(Shown(include=(Pattern("quiet"),)))
    assert texts(pane) == ["quiet 1", "quiet 2"]


def entry(at: float, text: str) -> Entry:
    return Entry(int((BASE + at) * SECOND), text, "pod/web", "event", Tone.WARN)


@pytest.mark.parametrize("order", ["arrival", "time"])
def test_entries_stand_among_the_lines_at_their_times(order: log_order.Order) -> None:
    feed = Feed()
    for n in range(4):
        feed.put(f"line {n}", at=n)
    pane, _ = pane_of(feed, Shown(order=order, timeline=True))
    texts(pane)
    pane.add_entry(entry(1.5, "BackOff"))
    pane.add_entry(entry(-5, "Scheduled"))
    pane.add_entry(entry(-5, "Pulled"))
    pane.show(pane.shown._replace(order="grouped"))
    pane.show(pane.shown._replace(order=order))

    shown = texts(pane)
    assert shown[:2] == ["event: Scheduled", "event: Pulled"]
    assert shown[2:] == ["line 0", "line 1", "event: BackOff", "line 2", "line 3"]
    pane.show(pane.shown._replace(timeline=False))
    assert texts(pane) == [f"line {n}" for n in range(4)]


def test_a_live_entry_waits_its_turn_with_the_lines() -> None:
    feed = Feed()
    pane, clock = pane_of(feed, Shown(order="time", timeline=True))
    feed.put("start", at=0)
    texts(pane)
    clock.now = 2.0
    texts(pane)
    pane.add_entry(entry(3.0, "Killing"))
    feed.put("before", at=2.5)
    texts(pane)
    clock.now = 4.0

    assert texts(pane) == ["start", "before", "event: Killing"]


def test_only_an_exclude_hides_an_entry() -> None:
    feed = Feed()
    feed.put("line")
    pane, _ = pane_of(feed, Shown(timeline=True, include=(Pattern("nothing"),)))
    pane.add_entry(entry(1, "BackOff"))
    assert texts(pane) == ["event: BackOff"]
    pane.show(pane.shown._replace(exclude=(Pattern("BackOff"),)))
    assert texts(pane) == []


def test_a_mark_is_drawn_whether_events_are_wanted_or_not() -> None:
    feed = Feed()
    feed.put("before")
    pane, _ = pane_of(feed)
    texts(pane)
    pane.add_entry(Entry(BASE * SECOND, "mark", kind="mark"))
    feed.put("after")

    kinds = [pane.line(pane.first_index + at).kind for at in range(len(texts(pane)))]
    assert kinds == ["line", "divider", "line"]


def test_a_filter_keeps_the_place_of_who_reads() -> None:
    pane, _ = pane_of(hundred_thousand(), Shown(order="time"))
    shown = texts(pane)
    at = shown.index("line 50007")
    anchor = pane.anchor(pane.first_index + at)
    assert anchor is not None
    pane.show(pane.shown._replace(include=(Pattern("7$"),)))
    found, exact = located(pane, anchor)
    assert (pane.line(found).text, exact) == ("line 50007", True)
    pane.show(pane.shown._replace(include=(Pattern("8$"),)))
    found, exact = located(pane, anchor)
    assert not exact
    assert abs(int(pane.line(found).text.split()[1]) - 50_007) < 400


def located(pane: LogPane, anchor: tuple[int, int]) -> tuple[int, bool]:
    texts(pane)
    return pane.locate(anchor)


@pytest.mark.parametrize(
    ("times", "zone", "expected"),
    [
        ("short", "UTC", "22:13:20"),
        ("full", "UTC", "2023-11-14T22:13:20.500+0000"),
        ("full", "Asia/Kolkata", "2023-11-15T03:43:20.500+0530"),
        ("full", "Europe/Berlin", "2023-11-14T23:13:20.500+0100"),
        ("relative", "", "   5m"),
        ("off", "", ""),
    ],
)
def test_times(times: str, zone: str, expected: str) -> None:
    feed = Feed()
    feed.put("x", at=0.5)
    pane, clock = pane_of(feed, Shown(times=times, zone=zone))  # type: ignore[arg-type]
    clock.now = 300.0
    texts(pane)

    assert pane.line(pane.first_index).time == expected


def test_times_follow_summer_time() -> None:
    feed = Feed()
    winter = 1_711_846_799  # a second before summer time begins in Berlin in 2024
    feed.put("a", at=winter - BASE)
    feed.put("b", at=winter - BASE + 1)
    pane, _ = pane_of(feed, Shown(zone="Europe/Berlin"))
    texts(pane)

    assert [pane.line(at).time for at in range(2)] == ["01:59:59", "03:00:00"]


@pytest.mark.parametrize(
    "shown",
    [Shown(include=(Pattern("7$"),)), Shown(highlight=(Pattern("7$"),))],
    ids=["filter", "highlight"],
)
def test_a_filter_that_is_slow_keeps_nobody_waiting(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = Ticks()
    for module in (log_flow, log_order, log_pace):
        monkeypatch.setattr(module, "time", ticks)
    seek = Pattern.lines

    def slowly(pattern: Pattern, messages: Sequence[bytes]) -> set[int]:
        ticks.now += 0.0005 * len(messages)
        return seek(pattern, messages)

    pane, _ = pane_of(hundred_thousand())
    texts(pane)
    monkeypatch.setattr(Pattern, "lines", slowly)
    began = ticks.now
    pane.show(shown)
    turns = [ticks.now - began]
    for _ in range(20):
        began = ticks.now
        assert pane.advance()
        turns.append(ticks.now - began)

    assert max(turns) <= 0.1


def test_a_filter_that_finds_every_line_looks_at_each_of_them_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = 0
    seek = Pattern.lines

    def counting(pattern: Pattern, messages: Sequence[bytes]) -> set[int]:
        nonlocal looked
        looked += len(messages)
        return seek(pattern, messages)

    monkeypatch.setattr(Pattern, "lines", counting)
    pane, _ = pane_of(hundred_thousand())
    texts(pane)
    pane.show(pane.shown._replace(include=(Pattern("l.ne"),), around=2))
    texts(pane)

    assert pane.match_count == 100_000
    assert looked == 100_000


def test_a_filter_keeps_the_order_by_time() -> None:
    feed = Feed()
    for stream, at in ((0, 0), (0, 2), (1, 1), (1, 3)):
        feed.put(f"line at {at}", stream=stream, at=at)
    pane, _ = pane_of(feed, Shown(order="time"))
    texts(pane)
    pane.show(pane.shown._replace(include=(Pattern("line"),)))

    assert texts(pane) == [f"line at {at}" for at in range(4)]


class SlowPattern(Pattern):
    """Takes five milliseconds a line, by a clock of the test."""

    clock: Ticks

    def lines(self, messages: Sequence[bytes]) -> set[int]:
        self.clock.now += 0.005 * len(messages)
        return super().lines(messages)


@pytest.mark.parametrize("order", ["arrival", "time", "grouped"])
@pytest.mark.parametrize("use", ["include", "exclude", "highlight"])
def test_a_slow_pattern_is_given_live_lines_in_short_turns_and_they_catch_up(
    monkeypatch: pytest.MonkeyPatch, order: log_order.Order, use: str
) -> None:
    ticks = Ticks()
    for module in (log_flow, log_order, log_pace):
        monkeypatch.setattr(module, "time", ticks)
    pattern = SlowPattern("odd")
    pattern.clock = ticks
    feed = Feed()
    feed.put("odd at first")
    shown = Shown(order=order)._replace(**{use: (pattern,)})  # type: ignore[arg-type]
    pane, clock = pane_of(feed, shown)
    texts(pane)
    for _ in range(10):  # what is fast at first
        feed.put("odd", "even")
        clock.now += 1.0
        texts(pane)
    live = [f"{'even' if n % 2 else 'odd'} {n}" for n in range(600)]
    feed.put(*live, at=100.0)
    pane.advance()
    clock.now += 1.0
    turns: list[float] = []
    more = True
    while more:
        began = ticks.now
        more = pane.advance()
        turns.append(ticks.now - began)

    # A turn, and one piece that began within it.
    assert max(turns) < 0.030
    found = texts(pane)
    expected = {"include": live[::2], "exclude": live[1::2], "highlight": live}[use]
    assert found[-len(expected) :] == expected
    if use == "highlight":
        assert pane.match_count == 1 + 10 + 300

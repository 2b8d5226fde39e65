"""Lines of many streams in the order of their times, whatever way they arrive."""

from __future__ import annotations

import random

import pytest

from k8stui.viewmodels.log_merge import BACKFILL_HOLD, HOLD_BACK, Key, Run, TimeMerge

_NOW = 1_700_000_000_000_000_000


def test_a_line_waits_for_earlier_ones_of_other_streams() -> None:
    merge = TimeMerge()
    merge.add([(1, [_NOW + 20, _NOW + 30], [0, 1])], 10.0, _NOW)
    merge.add([(2, [_NOW + 10, _NOW + 25], [2, 3])], 10.2, _NOW)
    assert merge.take(10.4) == ([], [])
    late, ready = merge.take(10.0 + HOLD_BACK)
    assert (late, [line for _, _, line in ready]) == ([], [2, 0, 3, 1])
    assert len(merge) == 0


def test_a_stream_whose_clock_goes_back_keeps_the_order_of_its_lines() -> None:
    merge = TimeMerge()
    merge.add([(1, [_NOW + 30, _NOW + 10, _NOW + 40], [0, 1, 2])], 0.0, _NOW)
    merge.add([(1, [_NOW + 20], [3])], 0.0, _NOW)
    assert [line for _, _, line in merge.give_all()] == [0, 1, 2, 3]


def test_history_waits_longer_than_news() -> None:
    merge = TimeMerge()
    merge.add([(1, [_NOW - 3600 * 10**9], [0])], 0.0, _NOW)
    assert merge.take(HOLD_BACK) == ([], [])
    assert len(merge.take(BACKFILL_HOLD)[1]) == 1


def test_it_is_known_when_the_next_lines_are_due() -> None:
    merge = TimeMerge()
    assert merge.wait(10.0) == 0
    merge.add([(0, [1], [0])], 10.0, 1)
    merge.add([(0, [2], [1])], 10.2, 2)
    assert merge.wait(10.1) == pytest.approx(HOLD_BACK - 0.1)
    assert merge.wait(11.0) == 0
    merge.take(10.0 + HOLD_BACK)
    assert merge.wait(10.5) == pytest.approx(HOLD_BACK - 0.3)


def test_what_comes_too_late_is_told_apart() -> None:
    merge = TimeMerge()
    merge.add([(1, [_NOW + 50], [0])], 0.0, _NOW)
    merge.take(1.0)
    merge.add([(2, [_NOW + 10, _NOW + 60], [1, 2])], 1.0, _NOW)
    late, ready = merge.take(2.0)
    assert [line for _, _, line in late] == [1]
    assert [line for _, _, line in ready] == [2]
    assert merge.late == 1


@pytest.mark.parametrize("seed", range(5))
def test_as_one_sort_of_all_that_is_due(seed: int) -> None:
    chance = random.Random(seed)
    merge, now, line = TimeMerge(), 0.0, 0
    latest: dict[int, int] = {}
    held: list[Key] = []
    due: list[tuple[float, Key]] = []
    for _ in range(300):
        now += chance.random() / 5
        runs: list[Run] = []
        keys: list[Key] = []
        for _ in range(chance.randrange(4)):
            stream, count = chance.randrange(4), chance.randrange(1, 6)
            times = [_NOW + int(now * 1e9) - chance.randrange(10**9) for _ in range(count)]
            runs.append((stream, times, range(line, line + count)))
            for moment in times:
                latest[stream] = max(latest.get(stream, 0), moment)
                keys.append((latest[stream], stream, line))
                line += 1
        merge.add(runs, now, _NOW + int(now * 1e9))
        if keys:
            held += keys
            due.append((now + HOLD_BACK, max(keys)))
        ends = [key for at, key in due if at <= now]
        due = [(at, key) for at, key in due if at > now]
        expected = sorted(key for key in held if ends and key <= max(ends))
        held = [key for key in held if not ends or key > max(ends)]
        late, ready = merge.take(now)
        assert late + ready == expected
        assert len(merge) == len(held)
    assert merge.give_all() == sorted(held)


def test_what_was_before_waits_longer_where_live_lines_do_not() -> None:
    merge = TimeMerge(0.0)
    merge.add([(1, [_NOW], [0])], 0.0, _NOW)
    assert merge.wait(0.0) == 0.0
    merge.take(0.0)
    merge.add([(1, [_NOW], [1])], 1.0, _NOW + 60 * 10**9)
    assert merge.wait(1.0) == BACKFILL_HOLD
    patient = TimeMerge(2.0)
    patient.add([(1, [_NOW], [0])], 0.0, _NOW + 60 * 10**9)
    assert patient.wait(0.0) == 2.0

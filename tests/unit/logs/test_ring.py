"""The ring keeps the newest lines within its bounds, and indexes keep their meaning."""

from __future__ import annotations

import pytest

from k8stui.logs.ring import LINE, NOTICE, Ring


def texts(ring: Ring) -> list[str]:
    return [line.message.decode() for _, line in ring.range(ring.first, ring.end)]


def fill(ring: Ring, start: int, count: int, stream: int = 0) -> None:
    numbers = range(start, start + count)
    ring.extend(stream, list(numbers), [str(number).encode() for number in numbers])


def test_the_oldest_lines_go_and_are_counted() -> None:
    ring = Ring(lines=3000)
    fill(ring, 0, 5000)

    assert (ring.first, ring.end, len(ring), ring.evicted) == (2000, 5000, 3000, 2000)
    assert ring[2000].message == b"2000"
    assert ring[4999].time == 4999


@pytest.mark.parametrize("index", [-1, 1999, 5000])
def test_lines_that_are_not_held_are_no_lines(index: int) -> None:
    ring = Ring(lines=3000)
    fill(ring, 0, 5000)

    with pytest.raises(IndexError):
        ring[index]


def test_bytes_bound_the_ring_as_well_as_lines() -> None:
    ring = Ring(size=100_000)
    for number in range(100):
        ring.append(0, number, b"x" * 10_000)

    assert ring.size <= 100_000
    assert len(ring) == 9
    assert ring.evicted == 91


def test_a_line_larger_than_the_ring_leaves_nothing() -> None:
    ring = Ring(size=1000)
    ring.append(0, 1, b"x" * 2000)
    ring.append(0, 2, b"small")

    assert texts(ring) == ["small"]


def test_a_hundred_thousand_lines_of_140_bytes_take_about_20_megabytes() -> None:
    ring = Ring()
    ring.extend(0, range(100_000), [b"x" * 140] * 100_000)

    assert len(ring) == 100_000
    assert 15_000_000 < ring.size < 40_000_000


def test_clearing_forgets_lines_but_not_how_far_indexes_went() -> None:
    ring = Ring()
    fill(ring, 0, 1500)
    ring.clear()
    first = ring.first
    ring.append(3, 7, b"after", NOTICE)

    assert first >= 1500
    assert ring[first] == (7, 3, NOTICE, b"after")
    assert len(ring) == 1


def test_a_range_gives_only_what_is_held() -> None:
    ring = Ring(lines=2000)
    fill(ring, 0, 4100)

    assert [index for index, _ in ring.range(2095, 2103)] == [2100, 2101, 2102]


def test_a_block_has_the_columns_of_neighbouring_lines() -> None:
    ring = Ring()
    fill(ring, 0, 1030)
    block = ring.block(1020, 1030)

    assert list(block.times) == [1020, 1021, 1022, 1023]
    assert block.messages[0] == b"1020"
    assert set(block.marks) == {LINE}

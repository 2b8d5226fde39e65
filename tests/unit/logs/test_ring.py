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


def test_a_noisy_stream_does_not_push_out_the_last_lines_of_a_quiet_one() -> None:
    ring = Ring(lines=1000, quota=3)
    fill(ring, 0, 10, stream=1)
    fill(ring, 0, 5000, stream=2)

    assert ring.first == 4010
    assert [(index, line.message) for index, line in ring.kept()] == [
        (7, b"7"),
        (8, b"8"),
        (9, b"9"),
    ]
    assert ring.holds(8)
    assert ring[8].stream == 1
    assert not ring.holds(6)
    assert not ring.holds(4009)


def test_kept_lines_go_when_their_stream_has_newer_ones() -> None:
    ring = Ring(lines=1000, quota=3)
    fill(ring, 0, 10, stream=1)
    fill(ring, 0, 5000, stream=2)
    fill(ring, 10, 2, stream=1)

    assert [line.message for _, line in ring.kept()] == [b"9"]
    ring.clear()
    assert ring.kept() == []


def test_lines_can_be_put_in_front_without_moving_the_others() -> None:
    ring = Ring(lines=3000)
    fill(ring, 0, 1500)
    ring.prepend([5] * 2000, list(range(2000)), [b"o"] * 2000, [LINE] * 2000)

    assert (ring.first, ring.end, ring.prepended) == (-2000, 1500, 2000)
    assert ring[0].message == b"0"
    assert (ring[-1].time, ring[-2000].time) == (1999, 0)
    assert list(ring.indexes_of(5)) == list(range(-2000, 0))
    assert (ring.count_of(5, ring.end), ring.count_of(5, -1000)) == (2000, 1000)


def test_lines_in_front_have_room_of_their_own_until_it_is_given_back() -> None:
    ring = Ring(lines=2000)
    fill(ring, 0, 5000)
    ring.prepend([5] * 1500, list(range(1500)), [b"o"] * 1500, [LINE] * 1500)

    assert len(ring) == 3500
    assert ring.room == 500
    fill(ring, 5000, 100)
    assert len(ring) == 3500
    ring.drop_older()
    assert (ring.first, ring.end) == (3100, 5100)
    assert ring.count_of(5, ring.end) == 0

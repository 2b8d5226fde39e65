"""What makes a resumed stream lose nothing and repeat nothing.

A log can only be resumed at a whole second of the node's clock, so the lines of the last seconds
come again. They are recognised by their bytes, timestamp included, and as a multiset: a line that
was written three times in one nanosecond comes through three times.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

from k8stui.logs.stamps import NANOSECONDS

OVERLAP_SECONDS = 2


class Overlap:
    """Remembers the lines of the last seconds of one container instance, by their hashes.

    Args:
        partial: Whether the first request left out older lines (`tailLines`, `sinceSeconds`).
    """

    def __init__(self, partial: bool = False) -> None:
        self.partial = partial
        self.first_key: int | None = None
        """Hash of the first line, None before there was one."""
        self.first_length = 0
        self.first_time = 0
        self.last_second = 0
        self.last_time = 0
        """Nanoseconds; of the newest stamped line."""
        self.lines = 0
        """Lines that were taken in so far."""
        self._seconds: dict[int, array[int]] = {}

    def begin(self, time: int, line: bytes) -> None:
        """Remembers the first line: its time in nanoseconds, and its bytes."""
        self.first_key, self.first_length, self.first_time = hash(line), len(line), time

    def add(self, second: int, key: int) -> None:
        """Takes one line in: the whole second of its time, and the hash of its bytes."""
        bucket = self._seconds.get(second)
        if bucket is None:
            bucket = self._open(second)
        bucket.append(key)
        self.lines += 1

    def extend(self, second: int, keys: Sequence[int]) -> None:
        """Takes several lines of one second in."""
        bucket = self._seconds.get(second)
        if bucket is None:
            bucket = self._open(second)
        bucket.extend(keys)
        self.lines += len(keys)

    def holds(self, key: int) -> bool:
        """Whether the line with this hash is one of the last seconds'."""
        return any(key in keys for keys in self._seconds.values())

    def _open(self, second: int) -> array[int]:
        if second > self.last_second:
            self.last_second = second
            oldest = second - OVERLAP_SECONDS - 1
            for old in [known for known in self._seconds if known < oldest]:
                del self._seconds[old]
        bucket = self._seconds[second] = array("q")
        return bucket

    def replay(self) -> Replay | None:
        """What a resumed request must bring again first; None when there was no line yet."""
        if self.first_key is None:
            return None
        since = self.last_second - OVERLAP_SECONDS
        expected: Counter[int] = Counter()
        for second, keys in self._seconds.items():
            if second >= since:
                expected.update(keys)
        began_inside = self.partial and self.first_time // NANOSECONDS >= since
        # A tail counts the records of the runtime: its first line may be the rest of a long one.
        unsure = self.first_key if self.partial else None
        return Replay(since, expected, began_inside, self.last_second, unsure)


class Replay:
    """Tells the lines of one resumed request that were seen from those that are new.

    Attributes:
        since: Whole epoch seconds to ask for.
        hits: How many known lines came again.
    """

    def __init__(
        self,
        since: int,
        expected: Counter[int],
        began_inside: bool,
        last_second: int,
        unsure: int | None = None,
    ) -> None:
        self.since = since
        self.hits = 0
        self._expected = expected
        self._left = expected.total()
        self._unsure = None
        if unsure is not None and self._left > 1 and expected[unsure]:
            # It may not come again in the form that is known; all others must.
            self._unsure = unsure
            self._left -= 1
        self._began_inside = began_inside
        self._last_second = last_second

    def known(self, key: int) -> bool:
        """Whether this line was seen; each call counts one of its copies off."""
        left = self._expected[key]
        if not left:
            return False
        self._expected[key] = left - 1
        if key == self._unsure:
            self._unsure = None
        else:
            self._left -= 1
        self.hits += 1
        return True

    def unwanted(self, second: int) -> bool:
        """Whether a line that is not known is older than the first one ever asked for."""
        return self._began_inside and not self.hits and second <= self._last_second

    @property
    def complete(self) -> bool:
        """Whether all that was seen came again, so that what follows can only be new."""
        return not self._left

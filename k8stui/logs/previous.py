"""The logs of the container instances before the present ones, as a feed that does not grow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from k8stui.cluster.api_error import ApiError
from k8stui.errors import K8sTuiError
from k8stui.logs.engine import LogTransport
from k8stui.logs.feed import Stream, StreamName
from k8stui.logs.intake import Intake
from k8stui.logs.overlap import Overlap
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_params, log_path
from k8stui.logs.ring import NOTICE, Ring

MOST_LINES = 5_000
"""Of each container."""
_SECONDS = 15.0
_AT_ONCE = 8


class PreviousLogs:
    """What the instances before said; a `LogFeed`."""

    def __init__(self) -> None:
        self.ring = Ring()
        self.generation = 0
        self.found = 0
        """How many containers have such a log."""
        self._names: list[StreamName] = []
        self._colours: list[int] = []

    def is_selected(self, stream: int) -> bool:
        """All are."""
        return 0 <= stream < len(self._names)

    def name_of(self, stream: int) -> StreamName:
        """Where the lines of this stream come from."""
        return self._names[stream]

    def colour_of(self, stream: int) -> int:
        """The colour that the container has in the present log."""
        return self._colours[stream]

    def subscribe(self, _callback: Callable[[], None], /) -> Callable[[], None]:
        """Nothing ever changes."""
        return lambda: None

    def add(self, name: StreamName, colour: int) -> int:
        """A further stream; gives its index."""
        self._names.append(name)
        self._colours.append(colour)
        return len(self._names) - 1


async def read_previous(
    transport_of: Callable[[int], LogTransport],
    streams: Sequence[Stream],
    colour_of: Callable[[int], int],
) -> PreviousLogs:
    """Reads the end of each container's instance before the present one, where there was one.

    Args:
        transport_of: The doors to the clusters of the streams, by index.
        streams: The containers.
        colour_of: The colours of the present streams, by index.
    """
    logs = PreviousLogs()
    limit = asyncio.Semaphore(_AT_ONCE)

    async def read(stream: Stream, transport: LogTransport) -> None:
        name = StreamName(stream.context, stream.namespace, stream.pod, stream.container)
        index = logs.add(name, colour_of(stream.index))
        path = log_path(stream.namespace, stream.pod)
        params = log_params(stream.container, follow=False, previous=True, tail=MOST_LINES)
        try:
            async with limit:
                body = await transport.get(path, params, accept=ACCEPT, seconds=_SECONDS)
        except K8sTuiError as error:
            if not (isinstance(error, ApiError) and error.status in (400, 404)):
                logs.ring.append(index, 0, error.message.encode(), NOTICE)
            return
        logs.found += 1

        def emit(
            times: Sequence[int], messages: Sequence[bytes], marks: Sequence[int] | None
        ) -> None:
            logs.ring.extend(index, times, messages, marks)

        intake = Intake(Overlap(), None, emit)
        intake.feed(body if body.endswith(b"\n") or not body else body + b"\n")

    doors = [(stream, transport_of(stream.index)) for stream in streams]
    await asyncio.gather(*(read(stream, door) for stream, door in doors))
    return logs

"""Everything that the server has of some logs, in a file: written as it comes, not held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.errors import K8sTuiError
from k8stui.logs.engine import LogTransport
from k8stui.logs.export import SaveForm, Written, whole_file, write_lines
from k8stui.logs.feed import Stream, StreamName
from k8stui.logs.intake import Intake
from k8stui.logs.overlap import Overlap
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_params, log_path
from k8stui.logs.ring import LINE, RawLine
from k8stui.resources.text import clean_text

_SILENT_SECONDS = 60.0
"""After which a server that sends nothing more is given up."""


async def save_whole(
    path: Path,
    sources: Sequence[tuple[Stream, LogTransport]],
    form: SaveForm,
    told: Callable[[Written], None],
    *,
    previous: bool = False,
) -> Written:
    """Writes the logs one behind the other; the file is there whole or not at all.

    Args:
        path: Of a file that only its owner can read.
        sources: Whose logs, in the order in which they are written, and the doors to them.
        form: As `file_line`.
        told: Called as lines are written.
        previous: Whether those of the instances before are wanted.

    Raises:
        K8sTuiError: it can't be written, or a log that there is can't be read.
    """
    writing = _Writing(form, told, Written(of=len(sources)))
    with whole_file(path) as file:
        for stream, door in sources:
            await writing.add(stream, door, file, previous=previous)
    return writing.state


class _Writing:
    """The requests, one at a time."""

    def __init__(self, form: SaveForm, told: Callable[[Written], None], state: Written) -> None:
        self.state = state
        self._form = form
        self._told = told

    async def add(
        self, stream: Stream, door: LogTransport, file: BinaryIO, *, previous: bool
    ) -> None:
        """Writes one log. Raises K8sTuiError, which says whose it is."""
        without = 0
        name = StreamName(stream.context, stream.namespace, stream.pod, stream.container)
        try:
            await self._read(name, door, file, previous=previous)
        except ApiError as error:
            # It has not begun, is gone, or had no instance before.
            if error.status not in (400, 404):
                raise _failed(name, error.message) from error
            without = 1
        except TimeoutError:
            raise _failed(name, "the server sends nothing more") from None
        except K8sTuiError as error:
            raise _failed(name, error.message) from error
        self._say(logs=self.state.logs + 1, without=self.state.without + without)

    async def _read(
        self, name: StreamName, door: LogTransport, file: BinaryIO, *, previous: bool
    ) -> None:
        lines: list[RawLine] = []

        def emit(
            times: Sequence[int], messages: Sequence[bytes], marks: Sequence[int] | None
        ) -> None:
            kinds = marks if marks is not None else [LINE] * len(times)
            lines.extend(map(RawLine, times, [0] * len(times), kinds, messages))

        intake = Intake(Overlap(), None, emit)
        params = log_params(name.container, follow=False, previous=previous)
        loop = asyncio.get_running_loop()
        path = log_path(name.namespace, name.pod)
        async with (
            asyncio.timeout(_SILENT_SECONDS) as limit,
            door.stream(path, params, accept=ACCEPT) as chunks,
        ):
            async for chunk in chunks:
                intake.feed(chunk)
                await self._write(name, lines, file)
                limit.reschedule(loop.time() + _SILENT_SECONDS)
        intake.commit(intake.finish())
        await self._write(name, lines, file)
        if intake.status:
            # Where no line came before it, the node has no file of it any more.
            raise ApiError(500 if intake.new else 404, clean_text(intake.status))

    async def _write(self, name: StreamName, lines: list[RawLine], file: BinaryIO) -> None:
        """Writes these lines, which are then forgotten; reading waits for it."""
        if lines:
            batch = [(name, line) for line in lines]
            lines.clear()
            count = await asyncio.to_thread(write_lines, file, batch, self._form)
            self._say(lines=self.state.lines + count)

    def _say(self, **changes: int) -> None:
        self.state = msgspec.structs.replace(self.state, **changes)
        self._told(self.state)


def _failed(name: StreamName, why: str) -> K8sTuiError:
    return K8sTuiError(f"the log of {name.pod} {name.container} can't be saved: {why}")

"""All that the server has, in a file: whole or not at all, and held only a piece at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed, K8sTuiError
from k8stui.logs.engine import LogTransport
from k8stui.logs.export import SaveForm, Written
from k8stui.logs.feed import Stream
from k8stui.logs.whole_log import save_whole
from tests.unit.logs.pod_server import stamped
from tests.unit.logs.test_previous import STREAM

Answer = Sequence[bytes | Exception]


class Door(LogTransport):
    """Answers by the pod's name, in these pieces."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[dict[str, str]] = []
        self.open_now = 0
        self.silent = asyncio.Event()
        """Set when an answer goes on without an end."""

    async def get(
        self, path: str, params: object = (), *, accept: str = "", seconds: float | None = None
    ) -> bytes:
        raise NotImplementedError

    @asynccontextmanager
    async def stream(
        self, path: str, params: object = (), *, accept: str = ""
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        self.asked.append(dict(params))  # type: ignore[call-overload]
        answer = self.answers[path.split("/")[-2]]
        if answer and isinstance(answer[0], ApiError):
            raise answer[0]
        self.open_now += 1
        try:
            yield self._chunks(answer)
        finally:
            self.open_now -= 1

    async def _chunks(self, answer: Answer) -> AsyncIterator[bytes]:
        for part in answer:
            if isinstance(part, Exception):
                raise part
            if not part:
                self.silent.set()
                await asyncio.Event().wait()
            yield part


def sources(door: Door) -> list[tuple[Stream, LogTransport]]:
    """All that the door knows."""
    return [(msgspec.structs.replace(STREAM, pod=pod), door) for pod in door.answers]


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def cut(body: bytes, size: int = 7) -> list[bytes]:
    """The same in small pieces."""
    return [body[at : at + size] for at in range(0, len(body), size)]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "text",
            b"2026-01-02T03:04:05.000000000Z web-1 app one\n"
            b"2026-01-02T03:04:05.000000001Z web-1 app ^[[2J\n"
            b"2026-01-02T03:04:05.000000000Z web-2 app three\n",
        ),
        ("raw", b"one\n\x1b[2J\nthree\n"),
    ],
)
async def test_logs_stand_one_behind_the_other(
    tmp_path: Path, form: SaveForm, expected: bytes
) -> None:
    door = Door({"web-1": cut(stamped([b"one", b"\x1b[2J"])), "web-2": cut(stamped([b"three"]))})
    told: list[Written] = []
    path = tmp_path / "log"
    done = await save_whole(path, sources(door), form, told.append)

    assert path.read_bytes() == expected
    assert path.stat().st_mode & 0o777 == 0o600
    assert done == told[-1] == Written(of=2, logs=2, lines=3)
    assert door.asked == [{"container": "app", "timestamps": "true"}] * 2


async def test_json_lines_name_the_stream_and_the_last_line_needs_no_end(tmp_path: Path) -> None:
    door = Door({"web-1": [stamped([b"one", b"two"]).removesuffix(b"\n")]})
    await save_whole(tmp_path / "log", sources(door), "jsonl", lambda _: None)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]

    assert [line["message"] for line in lines] == ["one", "two"]
    assert (lines[0]["context"], lines[0]["pod"]) == ("prod", "web-1")


async def test_the_instances_before_are_asked_for_when_they_are_wanted(tmp_path: Path) -> None:
    door = Door({"web-1": [stamped([b"one"])]})
    await save_whole(tmp_path / "log", sources(door), "raw", lambda _: None, previous=True)

    assert door.asked[0]["previous"] == "true"


@pytest.mark.parametrize(
    "answer",
    [
        [ApiError(400, 'container "app" is waiting to start')],
        [ApiError(404, 'pods "web-1" not found')],
        [b"unable to retrieve container logs for containerd://1"],
    ],
)
async def test_a_container_without_a_log_is_counted(tmp_path: Path, answer: Answer) -> None:
    door = Door({"web-1": answer, "web-2": [stamped([b"one"])]})
    done = await save_whole(tmp_path / "log", sources(door), "raw", lambda _: None)

    assert done == Written(of=2, logs=2, lines=1, without=1)
    assert (tmp_path / "log").read_bytes() == b"one\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([ApiError(403, "forbidden")], "forbidden"),
        ([stamped([b"one"]), ConnectionFailed("the connection was lost")], "connection was lost"),
        ([stamped([b"one"]), b"rpc error: code = Unknown\n"], "rpc error: code = Unknown"),
    ],
)
async def test_what_can_not_be_read_is_said_and_leaves_no_file(
    tmp_path: Path, answer: Answer, why: str
) -> None:
    door = Door({"web-1": answer})
    with pytest.raises(K8sTuiError, match=f"the log of web-1 app can't be saved: .*{why}"):
        await save_whole(tmp_path / "log", sources(door), "raw", lambda _: None)

    assert names(tmp_path) == []


async def test_a_server_that_falls_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8stui.logs.whole_log._SILENT_SECONDS", 0.01)
    door = Door({"web-1": [stamped([b"one"]), b""]})
    with pytest.raises(K8sTuiError, match="the server sends nothing more"):
        await save_whole(tmp_path / "log", sources(door), "raw", lambda _: None)

    assert (names(tmp_path), door.open_now) == ([], 0)


async def test_it_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    door = Door({"web-1": [stamped([b"one"]), b""]})
    saving = asyncio.create_task(save_whole(tmp_path / "log", sources(door), "raw", lambda _: None))
    await door.silent.wait()
    assert len(names(tmp_path)) == 1
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving

    assert (names(tmp_path), door.open_now) == ([], 0)


async def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(K8sTuiError, match="can't write"):
        await save_whole(tmp_path / "file" / "log", [], "raw", lambda _: None)

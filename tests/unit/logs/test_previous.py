"""The logs of the instances before the present ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.logs.engine import LogTransport
from k8stui.logs.feed import Stream, StreamState
from k8stui.logs.previous import MOST_LINES, read_previous
from k8stui.logs.ring import KIND_MASK, NOTICE

STREAM = Stream(
    index=0,
    namespace="shop",
    pod="web-1",
    container="app",
    role="regular",
    node="node-1",
    state=StreamState.LIVE,
    lines=0,
    reconnects=0,
    restarts=1,
    rate=0.0,
    last_line=0,
    last_error="",
    selected=True,
    context="prod",
)


class Door(LogTransport):
    """Answers by the pod's name."""

    def __init__(self, answers: Mapping[str, bytes | ApiError]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def get(
        self, path: str, params: object = (), *, accept: str = "", seconds: float | None = None
    ) -> bytes:
        query = dict(params)  # type: ignore[call-overload]
        self.asked.append((path, {key: str(value) for key, value in query.items()}))
        answer = self.answers[path.split("/")[-2]]
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def stream(
        self, path: str, params: object = (), *, accept: str = ""
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        raise NotImplementedError


def streams(*pods: str) -> list[Stream]:
    return [
        msgspec.structs.replace(STREAM, index=7 + place, pod=pod) for place, pod in enumerate(pods)
    ]


async def test_the_end_of_each_instance_before_is_read_once() -> None:
    door = Door({"web-1": b"2026-01-02T03:04:05.000000006Z last words\n"})
    logs = await read_previous(lambda _: door, streams("web-1"), lambda index: index * 2)

    assert logs.found == 1
    ((path, query),) = door.asked
    assert path == "/api/v1/namespaces/shop/pods/web-1/log"
    assert query["previous"] in ("true", "True", "1")
    assert query["container"] == "app"
    assert query["tailLines"] == str(MOST_LINES)
    assert "follow" not in query or query["follow"] in ("false", "False")
    (line,) = [line for _, line in logs.ring.range(0, logs.ring.end)]
    assert line.message == b"last words"
    assert line.time % 1_000_000_000 == 6
    assert logs.name_of(0) == ("prod", "shop", "web-1", "app")
    assert logs.colour_of(0) == 14, "the colour it has in the present log"
    assert logs.is_selected(0)
    assert not logs.is_selected(1)


async def test_a_container_that_never_ended_has_none_and_an_error_is_told() -> None:
    door = Door(
        {
            "never": ApiError(400, "previous terminated container not found"),
            "gone": ApiError(404, "pods not found"),
            "refused": ApiError(403, "pods/log is forbidden"),
            "told": b"2026-01-02T03:04:05Z a\n2026-01-02T03:04:06Z without an end",
            "silent": b"",
        }
    )
    logs = await read_previous(lambda _: door, streams(*door.answers), lambda index: index)

    assert logs.found == 2
    lines = [line for _, line in logs.ring.range(0, logs.ring.end)]
    notices = [line.message for line in lines if line.mark & KIND_MASK == NOTICE]
    assert notices == [b"pods/log is forbidden"]
    words = [line.message for line in lines if line.mark & KIND_MASK != NOTICE]
    assert words == [b"a", b"without an end"]

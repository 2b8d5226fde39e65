"""Container logs, made when somebody asks: the same lines for the same moment every time."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import Final, NamedTuple

from aiohttp import web

from k8stui.demo.errors import ApiError, bad_request
from k8stui.demo.faults import STREAMING, Faults, Followed
from k8stui.demo.logtext import text_of
from k8stui.demo.model import Obj, condition, digest, nano_stamp, seconds_of
from k8stui.demo.options import truth
from k8stui.demo.programs import Program, program_of
from k8stui.demo.world import World

SLOT: Final = 10.0
KEPT: Final = 7200.0
ROTATED_EVERY: Final = 600.0
"""Seconds of log that are kept of one run at least, and how often older ones go."""
BURST_EVERY: Final = 9


class Source(NamedTuple):
    """One run of one container."""

    program: Program
    seed: str
    started: float
    finished: float | None


class Line(NamedTuple):
    when: float
    text: str


def slot_lines(source: Source, slot: int) -> list[Line]:
    """The lines of the slot that begins `slot` times SLOT seconds after the start."""
    begin = source.started + slot * SLOT
    program = source.program
    first = program.first if slot == 0 else ()
    said = [Line(source.started + 0.001 * i, text) for i, text in enumerate(first)]
    out: list[Line] = []
    mean = program.rate * SLOT
    if program.log == "burst":
        mean *= 6.0 if (slot + digest(source.seed) % BURST_EVERY) % BURST_EVERY == 0 else 0.3
    draw = digest(source.seed, slot)
    count = math.floor(mean) + (draw % 1000 / 1000 < mean % 1)
    count = 0 if program.log in ("quiet", "silent") else count
    for i in range(count):
        seed = digest(source.seed, slot, i)
        when = begin + SLOT * (i + seed % 97 / 100) / count
        for n, text in enumerate(text_of(program.log, seed >> 8, when)):
            out.append(Line(when + 0.00001 * n, text))
    end = source.finished
    if end is not None and begin <= end < begin + SLOT:
        # Both ends are told in whole seconds: a short run has said its first lines all the same.
        out = [line for line in out if line.when < end]
        texts = program.last if program.runs is not None else ()
        out += [Line(end - 0.02 + 0.001 * i, text) for i, text in enumerate(texts)]
    elif end is not None and begin > end:
        return []
    return said + out


def _last_slot(source: Source, now: float) -> int:
    end = min(now, source.finished if source.finished is not None else now)
    return max(0, int((end - source.started) // SLOT))


def lines(source: Source, now: float, since: float = 0.0, tail: int | None = None) -> list[Line]:
    """What the log holds now.

    Args:
        since: Only lines from then on, epoch seconds.
        tail: Only so many, the last ones.
    """
    oldest = max(since, (now - KEPT) // ROTATED_EVERY * ROTATED_EVERY)
    first = max(0, int((oldest - source.started) // SLOT))
    found: list[list[Line]] = []
    total = 0
    for slot in range(_last_slot(source, now), first - 1, -1):
        part = [line for line in slot_lines(source, slot) if oldest <= line.when <= now]
        found.append(part)
        total += len(part)
        if tail is not None and total >= tail:
            break
    out = [line for part in reversed(found) for line in part]
    return out if tail is None else out[len(out) - min(tail, len(out)) :]


def source_of(pod: Obj, container: str, *, previous: bool) -> Source:
    """The run whose log is asked for.

    Raises:
        ApiError: 400, as the kubelet refuses.
    """
    spec = pod["spec"]
    specs = {c["name"]: c for c in [*(spec.get("initContainers") or []), *spec["containers"]]}
    name = pod["metadata"]["name"]
    if not container:
        names = [c["name"] for c in spec["containers"]]
        default = (pod["metadata"].get("annotations") or {}).get(
            "kubectl.kubernetes.io/default-container"
        )
        if len(names) > 1 and not default:
            choose = (
                f"a container name must be specified for pod {name}, choose one of: "
                f"[{' '.join(names)}]"
            )
            raise bad_request(choose)
        container = default or names[0]
    if container not in specs:
        raise bad_request(f"container {container} is not valid for pod {name}")
    status = pod.get("status") or {}
    entries = [
        *(status.get("containerStatuses") or []),
        *(status.get("initContainerStatuses") or []),
    ]
    blank: Obj = {"name": container, "state": {}, "lastState": {}}
    entry: Obj = next((s for s in entries if s["name"] == container), blank)
    state, last = entry["state"], (entry.get("lastState") or {}).get("terminated")
    if previous:
        if not last:
            text = f'previous terminated container "{container}" in pod "{name}" not found'
            raise bad_request(text)
        return _ended(specs[container], last)
    if "running" in state:
        started = seconds_of(state["running"]["startedAt"])
        return Source(program_of(specs[container]), entry["containerID"], started, None)
    if "terminated" in state:
        return _ended(specs[container], state["terminated"])
    if last:
        return _ended(specs[container], last)
    reason = (state.get("waiting") or {}).get("reason", "ContainerCreating")
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        reason = "trying and failing to pull image"
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {reason}')


def _ended(container: Obj, state: Obj) -> Source:
    started, finished = seconds_of(state["startedAt"]), seconds_of(state["finishedAt"])
    return Source(program_of(container), state.get("containerID", ""), started, finished)


async def stream_log(
    world: World, faults: Faults, pod: Obj, request: web.BaseRequest
) -> web.StreamResponse:
    """Answer GET …/log."""
    query, now = request.query, world.now()
    node = world.store.get("nodes", "", pod["spec"].get("nodeName", ""))
    container, previous = query.get("container", ""), truth(query, "previous")
    source = source_of(pod, container, previous=previous)
    if node is None or condition(node, "Ready").get("status") != "True":
        name = pod["spec"].get("nodeName", "")
        raise ApiError(
            500, "InternalError",
            f'Internal error occurred: Get "https://{name}:10250/containerLogs/'
            f'{pod["metadata"]["namespace"]}/{pod["metadata"]["name"]}/{container}": '
            "dial tcp: connect: no route to host",
        )  # fmt: skip
    tail = query.get("tailLines")
    if tail is not None and not tail.isdigit():
        raise bad_request(f'strconv.ParseInt: parsing "{tail}": invalid syntax')
    since = _since(query.get("sinceSeconds"), query.get("sinceTime"), now)
    limit = int(query.get("limitBytes") or 0) or None
    stamps = truth(query, "timestamps")
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    request[STREAMING] = True
    await response.prepare(request)
    known = lines(source, now, since, None if tail is None else int(tail))
    sent = await _send(faults, response, known, stamps, limit, 0)
    if truth(query, "follow") and not previous and source.finished is None:
        cut = asyncio.Event()
        followed = Followed(request.transport, cut)
        faults.streams.append(followed)
        try:
            await _follow(world, faults, cut, response, pod, source, now, (stamps, limit, sent))
        finally:
            faults.streams.remove(followed)
    return response


def _since(seconds: str | None, moment: str | None, now: float) -> float:
    try:
        if seconds:
            return now - float(seconds)
        return seconds_of(moment) if moment else 0.0
    except ValueError as error:
        raise bad_request(f"invalid log options: {error}") from error


async def _send(
    faults: Faults,
    response: web.StreamResponse,
    some: list[Line],
    stamps: bool,
    limit: int | None,
    sent: int,
) -> int:
    out = b"".join(_format(line, stamps) for line in some)
    if limit is not None:
        out = out[: max(limit - sent, 0)]
    if out:
        await faults.write(response, out)
    return sent + len(out)


def _format(line: Line, stamps: bool) -> bytes:
    head = f"{nano_stamp(line.when)} " if stamps else ""
    return f"{head}{line.text}\n".encode()


async def _follow(
    world: World,
    faults: Faults,
    cut: asyncio.Event,
    response: web.StreamResponse,
    pod: Obj,
    source: Source,
    seen: float,
    options: tuple[bool, int | None, int],
) -> None:
    """Send lines as their time comes, until the run ends or the limit is reached."""
    stamps, limit, sent = options
    meta = pod["metadata"]
    while (limit is None or sent < limit) and not cut.is_set():
        now = world.now()
        current = world.store.get("pods", meta["namespace"], meta["name"])
        ended = current is None or current["metadata"]["uid"] != meta["uid"]
        if current is not None and not ended:
            source, ended = _still(current, source)
        known = [line for line in lines(source, now, seen) if seen < line.when]
        sent = await _send(faults, response, known, stamps, limit, sent)
        seen = max(seen, now)
        if ended:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_until_next(source, now) / world.speed):
                await cut.wait()


def _still(pod: Obj, source: Source) -> tuple[Source, bool]:
    """The run as it is now, and whether it has ended."""
    statuses = [
        *(pod["status"].get("containerStatuses") or []),
        *(pod["status"].get("initContainerStatuses") or []),
    ]
    for entry in statuses:
        ended = [entry["state"].get("terminated"), (entry.get("lastState") or {}).get("terminated")]
        for state in ended:
            if state and state.get("containerID") == source.seed:
                return source._replace(finished=seconds_of(state["finishedAt"])), True
    return source, False


def _until_next(source: Source, now: float) -> float:
    slot = _last_slot(source, now)
    coming = [line.when for s in (slot, slot + 1) for line in slot_lines(source, s)]
    return min(1.0, max(0.05, min((w for w in coming if w > now), default=now + 1.0) - now))

"""What happened to objects and when: events, and changes of state that their records tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from k8stui.resources.containers import Container
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.events import Event
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record, Tone
from k8stui.resources.statefulsets import StatefulSet


class Moment(NamedTuple):
    """Text is clean. Equal moments are the same one, told twice."""

    time: int
    """Epoch seconds."""
    about: str
    """The object: `pod/web-7f-abc`."""
    text: str
    tone: Tone = Tone.PLAIN
    kind: Literal["event", "change"] = "change"
    ends: bool = False
    """Whether it comes after all else of its second: an end comes after the last words."""


def event_moment(event: Event) -> Moment:
    """An event at the time it was seen last."""
    container = f" ({event.container})" if event.container else ""
    times = f" ×{event.count}" if event.count > 1 else ""
    return Moment(
        event.last_seen or event.created,
        f"{event.object_kind.lower()}/{event.object_name}",
        f"{event.reason}{container}{times}: {event.message}",
        Tone.WARN if event.type == "Warning" else Tone.PLAIN,
        "event",
    )


def pod_past(pod: Pod) -> Iterator[Moment]:
    """What a pod's record tells of the time before it was watched."""
    about = f"pod/{pod.name}"
    if pod.created:
        yield Moment(pod.created, about, "created")
    for one in pod.containers:
        yield from _container_past(about, one)
    if pod.ready_changed and pod.is_ready:
        yield Moment(pod.ready_changed, about, "ready", Tone.OK)
    elif pod.ready_changed and pod.ready_changed > pod.created + 1:
        yield Moment(pod.ready_changed, about, _unready(pod), Tone.WARN)
    if pod.deleted:
        yield Moment(pod.deleted - pod.grace, about, _deletion(pod), Tone.WARN)


def pod_news(before: Pod, now: Pod, seconds: int) -> Iterator[Moment]:
    """What has changed between two states of a pod.

    Args:
        seconds: When that was seen, for what has no time of its own.
    """
    about = f"pod/{now.name}"
    if now.node and not before.node:
        yield Moment(seconds, about, f"scheduled on {now.node}")
    known = {one.name: one for one in before.containers}
    for one in now.containers:
        old = known.get(one.name)
        told = set(_container_past(about, old)) if old is not None else set()
        yield from (moment for moment in _container_past(about, one) if moment not in told)
        if one.state == "waiting" and one.reason and (old is None or one.reason != old.reason):
            starting = one.reason in ("ContainerCreating", "PodInitializing")
            tone = Tone.PLAIN if starting else Tone.WARN
            yield Moment(seconds, about, f"container {one.name} waits: {one.reason}", tone)
    if now.is_ready != before.is_ready:
        text, tone = ("ready", Tone.OK) if now.is_ready else (_unready(now), Tone.WARN)
        yield Moment(now.ready_changed or seconds, about, text, tone)
    if now.phase != before.phase and now.phase in ("Failed", "Succeeded"):
        tone = Tone.ERROR if now.phase == "Failed" else Tone.OK
        yield Moment(seconds, about, f"{now.phase} {now.reason}".strip(), tone, ends=True)
    if now.deleted and not before.deleted:
        yield Moment(seconds, about, _deletion(now), Tone.WARN)


def pod_gone(pod: Pod, seconds: int) -> Moment:
    """The end of a pod."""
    return Moment(seconds, f"pod/{pod.name}", "gone", Tone.WARN, ends=True)


def workload_news(before: Record, now: Record, seconds: int) -> Iterator[Moment]:
    """What has changed between two states of a Deployment, StatefulSet or DaemonSet."""
    if not isinstance(now, (Deployment, StatefulSet, DaemonSet)) or type(before) is not type(now):
        return
    about = f"{type(now).__name__.lower()}/{now.name}"
    old = before
    assert isinstance(old, (Deployment, StatefulSet, DaemonSet))
    if now.desired != old.desired:
        yield Moment(seconds, about, f"scaled from {old.desired} to {now.desired}", Tone.ACCENT)
    images = dict(old.containers)
    for name, image in now.containers:
        if images.get(name, image) != image:
            text = f"image of {name}: {images[name]} → {image}"
            yield Moment(seconds, about, text, Tone.ACCENT)
    if isinstance(now, Deployment) and isinstance(old, Deployment) and now.paused != old.paused:
        yield Moment(seconds, about, "paused" if now.paused else "resumed", Tone.ACCENT)
    if now.ready != old.ready:
        tone = Tone.OK if now.ready >= now.desired else Tone.WARN
        yield Moment(seconds, about, f"{now.ready} of {now.desired} ready", tone)


def _container_past(about: str, one: Container) -> Iterator[Moment]:
    name = f"container {one.name}"
    if one.last_finished:
        end = _end(one.last_exit_code, one.last_signal, one.last_reason)
        yield Moment(one.last_finished, about, f"{name} ended: {end}", Tone.ERROR, ends=True)
    if one.started:
        again = f" (restart {one.restarts})" if one.restarts else ""
        yield Moment(one.started, about, f"{name} started{again}", Tone.OK)
    if one.state == "terminated" and one.finished:
        bad = bool(one.exit_code or one.signal)
        end = _end(one.exit_code, one.signal, one.reason)
        tone = Tone.ERROR if bad else Tone.PLAIN
        yield Moment(one.finished, about, f"{name} ended: {end}", tone, ends=True)


def _end(code: int, signal: int, reason: str) -> str:
    how = f"signal {signal}" if signal else f"exit {code}"
    return f"{how} {reason}".strip()


def _unready(pod: Pod) -> str:
    return f"not ready: {pod.ready_reason}" if pod.ready_reason else "not ready"


def _deletion(pod: Pod) -> str:
    why = f", {pod.disruption}" if pod.disruption else ""
    return f"being deleted ({pod.grace}s of grace{why})"

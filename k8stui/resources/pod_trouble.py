"""What keeps a pod from doing its work, told from its record alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from k8stui.resources.age import human_duration
from k8stui.resources.containers import Container
from k8stui.resources.pods import Pod

TroubleKind = Literal[
    "image",
    "crash",
    "config",
    "unschedulable",
    "failed",
    "lost",
    "init",
    "creating",
    "not ready",
    "gate",
    "starting",
    "terminating",
]
START_GRACE: Final = 30
"""Seconds for which a container that is probed but isn't ready counts as starting."""
CREATION_GRACE: Final = 60
"""Seconds for which creating a pod's containers counts as starting."""

_CREATING: Final = frozenset({"", "ContainerCreating", "PodInitializing"})
_IMAGE_REASONS: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_ORDER: Final[tuple[TroubleKind, ...]] = (
    "image",
    "crash",
    "config",
    "lost",
    "failed",
    "unschedulable",
    "init",
    "creating",
    "not ready",
    "gate",
    "starting",
    "terminating",
)
PASSING: Final = frozenset({"starting", "terminating"})
"""Kinds that pass by themselves."""


class Trouble(NamedTuple):
    """Why a pod isn't ready. Text is clean."""

    kind: TroubleKind
    word: str
    """kubectl's word where it has one: `CrashLoopBackOff`; else a short plain one."""
    message: str = ""
    """What the kubelet, the scheduler or the container said."""
    container: str = ""
    image: str = ""
    exit_code: int = 0
    exit_reason: str = ""
    """`OOMKilled`, `Error` or whatever else the runtime gave."""
    restarts: int = 0
    since: int = 0
    """Epoch seconds, 0 where it isn't known."""

    @property
    def passing(self) -> bool:
        """It is the ordinary way of things and passes by itself."""
        return self.kind in PASSING

    @property
    def rank(self) -> int:
        """0 is the most telling."""
        return _ORDER.index(self.kind)


def trouble_of(pod: Pod, now: float) -> Trouble | None:
    """What keeps the pod from being ready, None for one that is ready or has ended well.

    `now` is in epoch seconds: what has just been started is given a little time.
    """
    if pod.deleted:
        return Trouble("terminating", "Terminating", since=pod.deleted - pod.grace)
    if pod.phase == "Succeeded":
        return None
    if pod.phase == "Failed":
        return _failed(pod)
    if pod.phase == "Unknown" or pod.status == "Unknown":
        return Trouble("lost", "Unknown", pod.message or "its node does not answer")
    if not pod.scheduled and pod.scheduled_reason:
        word = "unschedulable" if pod.scheduled_reason == "Unschedulable" else pod.scheduled_reason
        return Trouble("unschedulable", word, pod.scheduled_message, since=pod.created)
    found = [one for one in (_container_trouble(c, pod, now) for c in pod.containers) if one]
    if found:
        return min(found, key=lambda one: one.rank)
    if pod.is_ready:
        return None
    return _waiting_as_a_whole(pod, now)


def worst(pods: Iterable[Pod], now: float) -> Trouble | None:
    """The most telling trouble of these pods."""
    troubles = (trouble_of(pod, now) for pod in pods)
    return min((one for one in troubles if one), key=lambda one: one.rank, default=None)


def _failed(pod: Pod) -> Trouble:
    ended = next((one for one in pod.containers if one.exit_code or one.signal), None)
    if ended is None or pod.reason:
        return Trouble("failed", pod.status, pod.message)
    return _crash(ended, ended.reason or pod.status)


def _waiting_as_a_whole(pod: Pod, now: float) -> Trouble:
    since = max(pod.created, pod.ready_changed)
    if pod.ready_reason == "ReadinessGatesNotReady":
        return Trouble("gate", "readiness gate", pod.ready_message, since=since)
    if not pod.scheduled:
        return Trouble("starting", "Pending", since=pod.created)
    kind: TroubleKind = "starting" if now - since < START_GRACE else "not ready"
    return Trouble(kind, "not ready", pod.ready_message, since=since)


def _container_trouble(container: Container, pod: Pod, now: float) -> Trouble | None:
    if container.kind == "ephemeral":
        return None
    if container.state == "waiting":
        return _waiting(container, pod, now)
    if container.state == "terminated":
        if container.kind == "init" and not container.exit_code and not container.signal:
            return None
        if pod.restart_policy == "Never" and not container.exit_code:
            return None
        return _crash(container, container.reason)
    if container.state != "running" or container.ready:
        return None
    if container.kind == "init":
        return _slow(container, pod, now, "init", f"Init:{container.name}")
    probed = container.started + container.probe_delay
    kind: TroubleKind = "starting" if now - probed < START_GRACE else "not ready"
    first = f"its first probe is {human_duration(container.probe_delay)} after its start"
    return Trouble(
        kind,
        "not ready",
        first if now < probed and container.probe_delay >= START_GRACE else "",
        container=container.name,
        image=container.image,
        restarts=container.restarts,
        since=container.started,
    )


def _waiting(container: Container, pod: Pod, now: float) -> Trouble:
    if container.reason in _IMAGE_REASONS:
        return Trouble(
            "image",
            container.reason,
            container.message,
            container.name,
            container.image,
            since=pod.created,
        )
    if container.reason == "CrashLoopBackOff":
        return _crash(container, container.reason)
    if container.reason in _CREATING:
        # Main containers wait with this reason while the init containers run.
        since = max(pod.started, pod.created)
        kind: TroubleKind = "creating" if now - since > CREATION_GRACE else "starting"
        return Trouble(kind, container.reason or pod.status, since=since)
    return Trouble("config", container.reason, container.message, container.name, container.image)


def _crash(container: Container, word: str) -> Trouble:
    """Either the container has ended, or its last run has and it waits for the next."""
    ended = container.state == "terminated"
    reason = container.reason if ended else container.last_reason
    return Trouble(
        "crash",
        "OOMKilled" if reason == "OOMKilled" else word or "Error",
        container.message if ended else container.last_message,
        container.name,
        container.image,
        container.exit_code if ended else container.last_exit_code,
        reason,
        container.restarts,
        container.finished if ended else container.last_finished,
    )


def _slow(container: Container, pod: Pod, now: float, kind: TroubleKind, word: str) -> Trouble:
    since = container.started or pod.created
    return Trouble(
        kind if now - since > CREATION_GRACE else "starting",
        word,
        container=container.name,
        image=container.image,
        since=since,
    )

"""What is known around a workload's pods that their own records don't tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from k8stui.resources.events import Event
from k8stui.resources.pod_trouble import Trouble, trouble_of
from k8stui.resources.poddisruptionbudgets import PodDisruptionBudget
from k8stui.resources.pods import Pod

UNHEALTHY: Final = "Unhealthy"
FAILED_CREATE: Final = "FailedCreate"
_STARTING: Final = (
    "FailedMount",
    "FailedAttachVolume",
    "FailedCreatePodSandBox",
    "FailedCreatePodContainer",
)
"""Reasons of events that tell why a pod's containers are not created."""


class LastRun(NamedTuple):
    """One ended run of one container: what its last line is kept by."""

    pod_uid: str
    container: str
    ended: int
    """Epoch seconds."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Events, last lines and budgets. Everything may be missing; text is clean."""

    warnings: Mapping[str, tuple[Event, ...]] = msgspec.field(default_factory=dict)
    """Warnings by the uid of the object that they are about, the newest first."""
    last_lines: Mapping[LastRun, str] = msgspec.field(default_factory=dict)
    budgets: tuple[PodDisruptionBudget, ...] = ()
    """Those that select pods of the workload."""

    def probe_failure(self, pod: Pod, container: str, since: int) -> str:
        """What the kubelet last said of a failing probe of this run, "" when it said nothing.

        Args:
            since: Epoch seconds when the container was started.
        """
        for one in self.warnings.get(pod.uid, ()):
            if (
                one.reason == UNHEALTHY
                and one.last_seen >= since
                and one.container in ("", container)
            ):
                return lower_first(one.message)
        return ""

    def pull_failure(self, pod: Pod, container: str) -> str:
        """What was said when the image was last tried to be pulled, "" when nobody said."""
        for one in self.warnings.get(pod.uid, ()):
            if one.reason == "Failed" and one.container == container:
                begin, found, rest = one.message.partition('": ')
                if found and begin.startswith("Failed to pull image"):
                    return rest
        return ""

    def start_failure(self, pod: Pod) -> str:
        """Why the pod's containers are not created: a mount, a sandbox; "" when nobody said."""
        found = (one for one in self.warnings.get(pod.uid, ()) if one.reason in _STARTING)
        return next((one.message for one in found), "")

    def create_failure(self, uids: Iterable[str], pods: Iterable[Pod]) -> str:
        """Why the controller can make no pods, "" when it can.

        An event outlives its cause: a pod that was made after it ends it.

        Args:
            uids: The workload, and what stands between it and its pods.
            pods: All its pods.
        """
        newest = max((pod.created for pod in pods), default=0)
        found = [
            one
            for uid in uids
            for one in self.warnings.get(uid, ())
            if one.reason == FAILED_CREATE and one.last_seen >= newest
        ]
        last = max(found, key=lambda one: one.last_seen, default=None)
        return _said_by_server(last.message) if last else ""

    def last_line(self, pod: Pod, trouble: Trouble) -> str:
        """The last line of the run that crashed, "" where it isn't known."""
        return self.last_lines.get(LastRun(pod.uid, trouble.container, trouble.since), "")


NO_EVIDENCE: Final = Evidence()


class CrashedRun(NamedTuple):
    """A run whose last line is worth asking for."""

    run: LastRun
    namespace: str
    pod: str
    previous: bool
    """Whether it is the run before: the container waits for its next one already."""


def crashed_runs(pods: Iterable[Pod], now: float) -> tuple[CrashedRun, ...]:
    """The last crash of each container that crashes: of one pod for each way to crash."""
    found: dict[tuple[object, ...], CrashedRun] = {}
    for pod in pods:
        trouble = trouble_of(pod, now)
        if trouble is None or trouble.kind != "crash" or not trouble.container:
            continue
        container = next(one for one in pod.containers if one.name == trouble.container)
        same = (trouble.container, trouble.exit_code, trouble.exit_reason)
        run = LastRun(pod.uid, trouble.container, trouble.since)
        previous = container.state != "terminated"
        found.setdefault(same, CrashedRun(run, pod.namespace, pod.name, previous))
    return tuple(found.values())


def evidence_of(
    events: Iterable[Event],
    uids: frozenset[str],
    last_lines: Mapping[LastRun, str],
    budgets: Iterable[PodDisruptionBudget],
    pods: Iterable[Pod],
) -> Evidence:
    """What of all this concerns one workload.

    Args:
        uids: The workload, its ReplicaSets and its pods.
        budgets: Of its namespace.
    """
    warnings: dict[str, list[Event]] = {}
    for one in events:
        if one.object_uid in uids and one.type == "Warning":
            warnings.setdefault(one.object_uid, []).append(one)
    labels = {pod.labels for pod in pods if not pod.deleted}
    return Evidence(
        warnings={
            uid: tuple(sorted(found, key=lambda one: -one.last_seen))
            for uid, found in warnings.items()
        },
        last_lines={run: line for run, line in last_lines.items() if run.pod_uid in uids},
        budgets=tuple(
            sorted(
                (one for one in budgets if any(one.selects(each) for each in labels)),
                key=lambda one: one.name,
            )
        ),
    )


def _said_by_server(message: str) -> str:
    """The refusal itself, without how the controllers introduce it.

    `Error creating: pods "x" is forbidden: …`, `create Pod db-0 in StatefulSet db failed error: …`.
    """
    for introduction in ("Error creating: ", " failed error: "):
        _, found, rest = message.partition(introduction)
        if found:
            return rest
    return message


def lower_first(text: str) -> str:
    """As a part of a sentence: `readiness probe failed: …`; abbreviations stay as they are."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text

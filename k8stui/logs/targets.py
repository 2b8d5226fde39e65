"""Pods as the log engine sees them: which container instances there are to read."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

Role = Literal["init", "regular", "ephemeral"]
State = Literal["waiting", "running", "terminated"]


class Termination(msgspec.Struct, frozen=True):
    """How a container instance ended."""

    reason: str = ""
    exit_code: int = 0
    signal: int = 0
    finished: int = 0
    """Epoch seconds."""


class ContainerStatus(msgspec.Struct, frozen=True):
    """One container of a pod, as far as its log goes."""

    name: str
    role: Role = "regular"
    state: State = "waiting"
    instance: str = ""
    """ID of the container that the API server would read the log of; "" before the first start."""
    restarts: int = 0
    reason: str = ""
    """Why it waits."""
    backoff: int = 0
    """Seconds from the end of `instance` for which its kubelet said that it starts no other."""
    started: int = 0
    """Epoch seconds at which `instance` started."""
    ended: Termination | None = None
    """How `instance` ended, None while it runs."""
    previous: Termination | None = None
    """How the instance before `instance` ended, where there was one."""

    @property
    def gives_previous(self) -> bool:
        """Whether the log of the instance before `instance` may be had.

        A kubelet that waits to start the next one gives that of `instance` as the previous log.
        """
        return self.state != "waiting"


class LogPod(msgspec.Struct, frozen=True):
    """One pod, as far as its logs go."""

    uid: str
    namespace: str
    name: str
    node: str = ""
    created: int = 0
    """Epoch seconds."""
    labels: tuple[str, ...] = ()
    owner_uid: str = ""
    owner_kind: str = ""
    owner_name: str = ""
    containers: tuple[ContainerStatus, ...] = ()
    deleted: int = 0
    """Epoch seconds by the API server's clock at which its deletion was asked for, else 0."""
    grace: int = 0
    """Seconds that its containers have then before they are killed."""
    phase: str = ""
    restart_policy: str = "Always"

    def may_start(self, status: ContainerStatus) -> bool:
        """Whether another instance of the container may come after what its status shows.

        Deletion aside: what is told of a pod that goes may be older than its last instance.
        """
        if self.phase in ("Succeeded", "Failed"):
            return False
        if not status.instance or self.restart_policy == "Always":
            return True
        done = status.ended is not None and not (status.ended.exit_code or status.ended.signal)
        return self.restart_policy == "OnFailure" and not done


class Farewell(msgspec.Struct, frozen=True):
    """What was last told of a pod that is gone."""

    pod: LogPod
    lost: bool = False
    """Whether nothing was told of its end: it may have changed until then."""

    def of(self, container: str) -> ContainerStatus | None:
        """The last state of one of its containers."""
        return next((one for one in self.pod.containers if one.name == container), None)


class ContainerKey(NamedTuple):
    """Names one container of one pod for as long as the pod lives."""

    context: str
    namespace: str
    uid: str
    container: str


def describe_end(end: Termination | None) -> str:
    """`exit 137 OOMKilled`, `signal 9`, or "" when it is not known."""
    if end is None:
        return ""
    code = f"signal {end.signal}" if end.signal else f"exit {end.exit_code}"
    return f"{code} {end.reason}".strip()

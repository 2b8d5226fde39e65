"""Which containers' logs are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import msgspec

from k8stui.logs.targets import ContainerStatus, LogPod, Role, State


class Pattern(Protocol):
    """A compiled regular expression, of any engine."""

    def search(self, text: str) -> object | None: ...


ALL_ROLES: frozenset[Role] = frozenset({"init", "regular", "ephemeral"})
ALL_STATES: frozenset[State] = frozenset({"waiting", "running", "terminated"})


class Start(msgspec.Struct, frozen=True):
    """How much of a log is wanted when it is first opened."""

    tail: int | None = None
    """Lines; None is all, 0 none but new ones."""
    since: int | None = None
    """Seconds before now, by the node's clock."""
    since_time: int | None = None
    """Epoch seconds; goes before `since`."""
    previous: bool = False
    """Whether the end of the instance before is shown too, where all of the current one is."""
    born: bool = False
    """Whether it began before our eyes: an instance that has ended already is read as well."""


class Selection(msgspec.Struct, frozen=True):
    """What to tail. The parts that are given must all hold.

    An equal container of an equal pod goes on without a break when the selection changes.
    """

    uids: frozenset[str] | None = None
    """Pods by uid; None for any."""
    owners: frozenset[str] | None = None
    """Pods by the uid of their controlling owner (a ReplicaSet for a Deployment's)."""
    matches: Callable[[LogPod], bool] | None = None
    """Any other condition on the pod."""
    name: Pattern | None = None
    """Searched in the pod's name."""
    exclude_pods: tuple[Pattern, ...] = ()
    node: str = ""
    container: Pattern | None = None
    """Searched in the container's name."""
    exclude_containers: tuple[Pattern, ...] = ()
    roles: frozenset[Role] = ALL_ROLES
    states: frozenset[State] = ALL_STATES
    """Of a container that is seen for the first time; one that is followed stays."""
    start: Start = Start(tail=200, previous=True)

    def takes_pod(self, pod: LogPod) -> bool:
        """Whether this pod is one of those that are wanted."""
        return (
            (self.uids is None or pod.uid in self.uids)
            and (self.owners is None or pod.owner_uid in self.owners)
            and (not self.node or pod.node == self.node)
            and (self.name is None or bool(self.name.search(pod.name)))
            and not any(pattern.search(pod.name) for pattern in self.exclude_pods)
            and (self.matches is None or self.matches(pod))
        )

    def takes_container(self, container: ContainerStatus) -> bool:
        """Whether this container is wanted, its state aside."""
        name = container.name
        return (
            container.role in self.roles
            and (self.container is None or bool(self.container.search(name)))
            and not any(pattern.search(name) for pattern in self.exclude_containers)
        )

    def containers(self, pods: Iterable[LogPod]) -> Iterator[tuple[LogPod, ContainerStatus]]:
        """All containers that are wanted, their state aside."""
        for pod in pods:
            if self.takes_pod(pod):
                for container in pod.containers:
                    if self.takes_container(container):
                        yield pod, container


NOTHING = Selection(uids=frozenset())

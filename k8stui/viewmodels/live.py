"""What the screens and their models ask of a cluster; the session package answers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from k8stui.logs.feed import Tailing
from k8stui.resources.document import Document
from k8stui.resources.evidence import CrashedRun
from k8stui.resources.kinds import ResourceType
from k8stui.resources.phase import Phase
from k8stui.resources.record import Column
from k8stui.store.collection import Collection
from k8stui.store.ticker import Pace
from k8stui.store.usage import UsageBook

if TYPE_CHECKING:
    # The log engine brings the network's libraries: they are loaded after the first paint.
    from k8stui.actions.interface import Actions
    from k8stui.viewmodels.subject_logs import SubjectLogs

View = Literal["describe", "yaml"]


class ObjectRef(NamedTuple):
    """One object, by the kind's key (`deployments.apps`) and its name."""

    kind: str
    namespace: str
    name: str


class ContextChoice(NamedTuple):
    """A context of the kubeconfig."""

    name: str
    cluster: str
    namespace: str
    user: str


class TableFeed(Protocol):
    """All objects of one kind, live, with the columns to show them by."""

    kind: ResourceType
    namespace: str
    """"" is all."""
    collection: Collection[Any]

    def columns(self) -> tuple[Column[Any], ...]:
        """Empty until the server has told them, for kinds that are not typed."""
        ...

    def close(self) -> None: ...


class LiveCluster(Protocol):
    """One namespace (or all) of one cluster, watched."""

    context: str
    server: str
    user: str
    namespace: str
    """"" is all."""
    selector: str
    read_only: bool
    demo: bool
    usage: UsageBook
    news: Pace
    """How often collections tell what changed."""

    @property
    def actions(self) -> Actions:
        """What changes the cluster."""
        ...

    @property
    def server_version(self) -> str: ...

    def collection(self, key: str) -> Collection[Any]:
        """The records of a typed kind here; watched from the first time it is asked for."""
        ...

    def phases(self) -> Sequence[tuple[str, Phase]]:
        """(kind's key, phase) of everything watched so far."""
        ...

    async def kinds(self) -> tuple[ResourceType, ...]:
        """What the cluster serves."""
        ...

    async def namespaces(self) -> tuple[tuple[str, ...], str]:
        """The names of the namespaces, and "" or why they can't be listed."""
        ...

    def open_table(self, kind: ResourceType, namespace: str, selector: str) -> TableFeed: ...

    async def document(self, view: View, ref: ObjectRef, reveal: bool) -> Document:
        """The object as the server has it now, to be read.

        Raises:
            K8sTuiError: it can't be had; the message says why.
        """
        ...

    async def last_line(self, crashed: CrashedRun) -> str:
        """The last line of a run that crashed, "" where it can't be had."""
        ...

    def open_logs(self) -> SubjectLogs:
        """A log engine of this scope's pods, running; whoever opened it closes it."""
        ...

    def join_logs(self, logs: Tailing) -> Callable[[], object]:
        """Puts logs of this scope's pods among those of another one's, as `open_logs` made them.

        Returns:
            What ends that.
        """
        ...

    def hold(self) -> None:
        """Lets lists wait with what has come of them, until `read_on`: a screen is being made."""
        ...

    def read_on(self) -> None: ...

    def wake(self) -> None:
        """Tries to reach the cluster now."""
        ...

    async def close(self) -> None: ...


class Clusters(Protocol):
    """The clusters that the kubeconfig knows."""

    def contexts(self) -> Sequence[ContextChoice]:
        """Recent ones first."""
        ...

    def recent_namespaces(self, context: str) -> Sequence[str]: ...

    async def open_beside(self, context: str, namespace: str) -> LiveCluster:
        """Opens another context while the present one stays that.

        Raises:
            K8sTuiError: the kubeconfig does not allow it.
        """
        ...

    async def open(self, context: str | None, namespace: str | None) -> LiveCluster:
        """Opens a context (None is the present one) in a namespace (None is the context's own).

        Returns at once; whether the cluster answers shows in the phases.

        Raises:
            K8sTuiError: the kubeconfig does not allow it.
        """
        ...

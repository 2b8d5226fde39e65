"""The gate: whether a write may be sent, and the only maker of tickets for it."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final, Literal, NamedTuple

from k8stui.actions.intents import Delete, Evict, Intent, Scale, Subject
from k8stui.cluster.rights import Access, Right, Rights
from k8stui.cluster.ticket import WriteTicket, issue_ticket
from k8stui.cluster.writes import Write


class Allowed(NamedTuple):
    """The write may go, once."""

    ticket: WriteTicket


class Refused(NamedTuple):
    """The write may not go."""

    by: Literal["mode", "rights"]
    reason: str


READ_ONLY: Final = "read-only"


def why_read_only(context: str, patterns: Iterable[str], *, everywhere: bool) -> str:
    """Why nothing may be written in a context, empty where it may.

    Args:
        patterns: Of the contexts that are read-only: `prod-*`.
        everywhere: By flag, environment or configuration.
    """
    if everywhere:
        return READ_ONLY
    pattern = next((one for one in patterns if fnmatchcase(context, one)), "")
    return f"{READ_ONLY}: contexts {pattern} are" if pattern else ""


def access_for(intent: Intent, subject: Subject) -> Access:
    """What one must be allowed to do for this."""
    plural, _, group = subject.kind.partition(".")
    match intent:
        case Scale():
            return Access("patch", group, f"{plural}/scale", subject.namespace)
        case Delete() | Evict(force=True):
            return Access("delete", group, plural, subject.namespace)
        case Evict():
            return Access("create", group, f"{plural}/eviction", subject.namespace)
        case _:
            return Access("patch", group, plural, subject.namespace)


def lacks(access: Access) -> str:
    """The sentence for a right that is missing."""
    return f"you may not {access.text}"


class Gate:
    """Decides on the writes to one cluster as one user.

    Args:
        read_only: Why nothing may be written, empty where it may; it can't be changed later.
        rights: What the server says that the user may do.
    """

    def __init__(self, read_only: str, rights: Rights) -> None:
        self._read_only = read_only
        self._rights = rights

    @property
    def read_only(self) -> str:
        """Why nothing may be written, empty where it may."""
        return self._read_only

    def refusal(self, intent: Intent, subject: Subject) -> Refused | None:
        """Why not, by mode and by the rights known so far; None where nothing speaks against it.

        What isn't known is let pass: the server has the last word.
        """
        if self._read_only:
            return Refused("mode", self._read_only)
        access = access_for(intent, subject)
        if self._rights.known(access) is Right.DENIED:
            return Refused("rights", lacks(access))
        return None

    async def learn(self, intent: Intent, subject: Subject) -> None:
        """Asks for the right that this needs, where it isn't known. Never raises."""
        if not self._read_only:
            await self._rights.learn((access_for(intent, subject),))

    def forbidden(self, intent: Intent, subject: Subject) -> None:
        """Takes note that the server has answered Forbidden."""
        self._rights.denied(access_for(intent, subject))

    def decide(self, intent: Intent, subject: Subject, write: Write) -> Allowed | Refused:
        """A ticket for one sending of this write, dry or not; or why there is none."""
        refused = self.refusal(intent, subject)
        if refused is not None:
            return refused
        return Allowed(issue_ticket(write.method, write.path))

"""What a screen asks of the actions, and what it gets: only values, made by `actions.desk`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from k8stui.actions.intents import Intent, Request, Subject
from k8stui.actions.registry import ActionSpec
from k8stui.cluster.writes import Write
from k8stui.resources.diff import Change

Confirm = Literal["enter", "again", "name"]
"""How sure one must be: Enter; a second question (the safe choice has the focus); the object's
name typed in full."""
Result = Literal["accepted", "skipped", "refused", "conflict", "failed", "unknown"]
"""`refused`: by mode, rights or the state of things, nothing was changed. `conflict`: the object
changed since the preview. `failed`: the server said no. `unknown`: no answer came, and reading the
object again did not tell."""


class Possible(NamedTuple):
    """An action and whether it may be taken on the selection."""

    spec: ActionSpec
    refused: str
    """Empty when it may, else why not, to show beside the dimmed action."""


class Facts(msgspec.Struct, frozen=True):
    """What an action turns round: how it was, how it is to be."""

    revision: int | None = None
    replicas: int | None = None
    images: tuple[tuple[str, str], ...] = ()
    paused: bool | None = None

    def text(self) -> str:
        """`revision 7, web=web:1.8` on one line; empty when it says nothing."""
        parts = [f"revision {self.revision}"] if self.revision else []
        if self.replicas is not None:
            parts.append("1 replica" if self.replicas == 1 else f"{self.replicas} replicas")
        parts += ["paused" if self.paused else "not paused"] if self.paused is not None else []
        parts += [f"{name}={image}" for name, image in self.images]
        return ", ".join(parts)


class Seen(msgspec.Struct, frozen=True):
    """Which state of the object the preview was made from."""

    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    at: float = 0.0
    """Epoch seconds."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an action would do. All text is clean."""

    intent: Intent
    subject: Subject
    title: str
    """`Roll back deploy/web to revision 6`."""
    refused: str = ""
    """Why it can't be done; empty when it can. Nothing else need be filled then."""
    refused_by: Literal["", "mode", "rights", "state", "already", "dry run", "reading"] = ""
    """`already`: it is as the action would leave it. `reading`: the object can't be read."""
    sentences: tuple[str, ...] = ()
    """What will happen, in words."""
    changes: tuple[Change, ...] = ()
    """The differences to the pod template, by meaning."""
    warnings: tuple[str, ...] = ()
    """What one should know before."""
    kubectl: str = ""
    """The same with kubectl, to be copied."""
    confirm: Confirm = "enter"
    write: Write | None = None
    """Exactly what will be sent."""
    dry_run: str = ""
    """What the server said to it: `accepted`, or its warnings; empty when it was not asked."""
    before: Facts = Facts()
    after: Facts = Facts()
    seen: Seen = Seen()
    batch: str = ""
    """Previews that were asked for together have the same: they are taken back together."""

    @property
    def can_go(self) -> bool:
        return not self.refused and self.write is not None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How sending it ended."""

    result: Result
    text: str
    """One sentence."""
    answer: str = ""
    """The server's own words, where there are any."""
    at: float = 0.0
    """Epoch seconds when it was sent."""
    uid: str = ""
    generation: int = 0
    """Of the object after it; what is followed is this generation."""
    audit_id: str = ""


class Step(NamedTuple):
    """One line of progress while an action is performed."""

    text: str
    outcome: Outcome | None = None
    """Only in the last step."""


class Verdict(NamedTuple):
    """How what the action began has ended."""

    state: Literal["done", "failed", "paused", "superseded", "gone"]
    text: str
    """`done in 41 s`, `failed at the deadline: …`."""

    @property
    def ok(self) -> bool:
        return self.state == "done"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two pod templates of one workload beside each other."""

    before_title: str
    """`now` or `revision 6`."""
    after_title: str
    changes: tuple[Change, ...]
    """By meaning, from `before` to `after`; empty where nothing differs that one would notice."""
    before: Mapping[str, Any]
    """The template as decoded JSON, not clean: for `manifest_text`."""
    after: Mapping[str, Any]


class Undo(NamedTuple):
    """What `ctrl-z` offers."""

    requests: tuple[Request, ...]
    text: str
    """`scale deploy/web back to 3`; of several objects, one after the other."""


class Actions(Protocol):
    """The actions on one cluster as one user; `LiveCluster.actions`."""

    audit_file: Path

    @property
    def read_only(self) -> str:
        """Why nothing may be written (`--read-only`, the context), empty where it may."""
        ...

    async def possible(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        """Every action that changes something, in the registry's order.

        Asks the server for the user's rights where they aren't known; what stays unknown is
        allowed. An action that does not fit the kinds selected is refused too, with the reason.
        Never raises.
        """
        ...

    def known(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        """As `possible`, from what has been asked already: for drawing."""
        ...

    async def preview(self, intent: Intent, subject: Subject) -> Preview:
        """Reads the object, works out what would be sent and has the server try it dry.

        Never raises: what hinders it is in `refused`.
        """
        ...

    async def preview_all(self, requests: Sequence[Request]) -> tuple[Preview, ...]:
        """One preview for each, in order; what is refused to one is not refused to the others."""
        ...

    async def compare(self, subject: Subject, before: int | None, after: int | None) -> Comparison:
        """Compares two revisions; None is what is there now, 0 the revision before the newest.

        Raises:
            K8sTuiError: the workload can't be read, or has no such revision.
        """
        ...

    def perform(self, preview: Preview) -> AsyncIterator[Step]:
        """Reads the object again, sends the write once and says how it ended.

        The last step has the outcome; an accepted one is what `undo` then offers to take back.
        Cancelling it while it waits for the answer leaves the outcome unknown; the audit file
        says so. Never raises but CancelledError.
        """
        ...

    def judged(self, preview: Preview, outcome: Outcome, verdict: Verdict) -> None:
        """Writes down how what it began has ended."""
        ...

    def undo(self) -> Undo | None:
        """How to take back the last action that can be, None where there is none."""
        ...

    def audit_lines(self, most: int = 200) -> tuple[str, ...]:
        """The last actions written down, the newest first, a line each."""
        ...

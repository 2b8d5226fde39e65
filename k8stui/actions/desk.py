"""The actions on one cluster as one user: what may be done, previews, and their performance."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from k8stui.actions.audit import FILE_NAME, Audit, Who, entry_line, login_name
from k8stui.actions.compare import compare
from k8stui.actions.gate import Gate, Refused
from k8stui.actions.intents import Intent, Request, Rollback, Subject
from k8stui.actions.interface import Comparison, Outcome, Possible, Preview, Step, Undo, Verdict
from k8stui.actions.perform import MOST_SENDINGS, Means, perform
from k8stui.actions.plan import plan, title_of, unfit
from k8stui.actions.reading import Resolve, read_around
from k8stui.actions.undo import undo_of
from k8stui.actions.write_actions import WRITE_ACTIONS, sample_of
from k8stui.cluster.rights import Rights
from k8stui.cluster.transport import ApiError, Transport
from k8stui.cluster.writer import send
from k8stui.errors import K8sTuiError

_AT_ONCE = 4
_NO_DRY_RUN = "does not support dry run"


class Desk:
    """See `interface.Actions`.

    Args:
        resolve: Finds a kind as the cluster serves it.
        read_only: Why nothing may be written, empty where it may.
        state: The directory of the audit file.
        flags: kubectl's, that say which cluster and as whom: for the commands that are shown.
    """

    def __init__(
        self,
        transport: Transport,
        resolve: Resolve,
        *,
        read_only: str,
        who: Who,
        state: Path,
        flags: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.audit_file = state / FILE_NAME
        self._gate = Gate(read_only, Rights(transport))
        audit = Audit(self.audit_file, msgspec.structs.replace(who, login=login_name()))
        self._means = Means(transport, self._gate, resolve, audit, tuple(flags), clock)
        self._asking = asyncio.Semaphore(_AT_ONCE)
        self._undo: Undo | None = None
        self._undo_batch = ""

    @property
    def read_only(self) -> str:
        return self._gate.read_only

    async def possible(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        await asyncio.gather(
            *(
                self._gate.learn(sample_of(spec), subject)
                for spec in WRITE_ACTIONS
                for subject in _one_of_each(subjects)
                if not unfit(sample_of(spec), subject.kind)
            )
        )
        return self.known(subjects)

    def known(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        return tuple(
            Possible(spec, self._refusal(sample_of(spec), subjects)) for spec in WRITE_ACTIONS
        )

    def _refusal(self, intent: Intent, subjects: Sequence[Subject]) -> str:
        if not subjects:
            return "nothing is selected"
        why = ""
        for subject in _one_of_each(subjects):
            refused = self._gate.refusal(intent, subject)
            wrong = unfit(intent, subject.kind) or (refused.reason if refused else "")
            if not wrong:
                return ""  # the preview says of each object what speaks against it
            why = why or wrong
        return why

    async def preview_all(self, requests: Sequence[Request]) -> tuple[Preview, ...]:
        found = await asyncio.gather(*(self.preview(*request) for request in requests))
        batch = uuid.uuid4().hex
        return tuple(msgspec.structs.replace(one, batch=batch) for one in found)

    async def preview(self, intent: Intent, subject: Subject) -> Preview:
        blank = Preview(intent=intent, subject=subject, title=title_of(intent, subject))
        if why := unfit(intent, subject.kind):
            return msgspec.structs.replace(blank, refused=why, refused_by="state")
        async with self._asking:
            await self._gate.learn(intent, subject)
            if refused := self._gate.refusal(intent, subject):
                return msgspec.structs.replace(blank, refused=refused.reason, refused_by=refused.by)
            for _ in range(MOST_SENDINGS):
                made, moved = await self._tried(blank)
                if not moved:
                    break
            return made

    async def _tried(self, blank: Preview) -> tuple[Preview, bool]:
        """The preview as the server has tried it; and whether the object moved meanwhile."""
        means, intent, subject = self._means, blank.intent, blank.subject
        try:
            around = await read_around(
                means.transport, means.resolve, intent, subject, all_of_it=True
            )
        except K8sTuiError as error:
            why = error.message
            if isinstance(error, ApiError) and error.status == 404 and subject.namespace:
                why = f"{why} in namespace {subject.namespace}"
            denied = isinstance(error, ApiError) and error.status == 403
            by: Literal["rights", "reading"] = "rights" if denied else "reading"
            return msgspec.structs.replace(blank, refused=why, refused_by=by), False
        made = plan(intent, subject, around, flags=means.flags, now=means.clock())
        if made.write is None:
            return made, False
        decided = self._gate.decide(intent, subject, made.write)
        if isinstance(decided, Refused):
            return (
                msgspec.structs.replace(made, refused=decided.reason, refused_by=decided.by),
                False,
            )
        try:
            await send(means.transport, decided.ticket, made.write, dry_run=True)
        except K8sTuiError as error:
            return self._dry_run_failed(made, error)
        return msgspec.structs.replace(made, dry_run="accepted"), False

    def _dry_run_failed(self, made: Preview, error: K8sTuiError) -> tuple[Preview, bool]:
        if _NO_DRY_RUN in error.message:
            said = f"could not be tried dry: {error.message}"
            return (
                msgspec.structs.replace(made, dry_run=said, warnings=(said, *made.warnings)),
                False,
            )
        if isinstance(error, ApiError) and error.status == 403 and " cannot " in error.message:
            self._gate.forbidden(made.intent, made.subject)
            return (
                msgspec.structs.replace(
                    made, refused=error.message, refused_by="rights", dry_run=error.message
                ),
                False,
            )
        moved = isinstance(error, ApiError) and error.status == 409
        words = error.words if isinstance(error, ApiError) else error.message
        return (
            msgspec.structs.replace(
                made, refused=f"the dry run failed: {words}", refused_by="dry run", dry_run=words
            ),
            moved,
        )

    async def compare(self, subject: Subject, before: int | None, after: int | None) -> Comparison:
        means = self._means
        around = await read_around(
            means.transport, means.resolve, Rollback(), subject, all_of_it=False
        )
        return compare(around, before, after)

    async def perform(self, preview: Preview) -> AsyncIterator[Step]:
        async for step in perform(self._means, preview):
            if step.outcome is not None and step.outcome.result == "accepted":
                self._note_undo(preview)
            yield step

    def judged(self, preview: Preview, outcome: Outcome, verdict: Verdict) -> None:
        if outcome.audit_id:
            self._means.audit.write(
                "verdict", outcome.audit_id, preview, self._means.clock(), verdict=verdict
            )

    def _note_undo(self, preview: Preview) -> None:
        """What several objects have had done to them together is taken back together."""
        undo = undo_of(preview)
        together = bool(preview.batch) and preview.batch == self._undo_batch
        if together and self._undo is not None and undo is not None:
            undo = Undo((*self._undo.requests, *undo.requests), f"{self._undo.text}; {undo.text}")
        elif together:
            undo = undo or self._undo
        self._undo, self._undo_batch = undo, preview.batch

    def undo(self) -> Undo | None:
        return self._undo

    def audit_lines(self, most: int = 200) -> tuple[str, ...]:
        return tuple(entry_line(entry) for entry in self._means.audit.entries(most))


def _one_of_each(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """One subject for each kind and namespace: rights are the same for all of them."""
    return tuple({(one.kind, one.namespace): one for one in subjects}.values())

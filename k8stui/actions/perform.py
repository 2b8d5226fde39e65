"""Sends an action's write, once, and finds out how it ended."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from k8stui.actions.audit import Audit
from k8stui.actions.gate import Gate, Refused
from k8stui.actions.history import template_of
from k8stui.actions.intents import Delete, Evict, Intent, Restart, Rollback
from k8stui.actions.interface import Facts, Outcome, Preview, Result, Step
from k8stui.actions.plan import plan
from k8stui.actions.reading import Around, Resolve, read_around
from k8stui.cluster.objects import JsonObject
from k8stui.cluster.transport import ApiError, Transport
from k8stui.cluster.writer import send
from k8stui.errors import K8sTuiError, LoginFailed, OutcomeUnknown, WriteRefused
from k8stui.resources.diff import RESTARTED_AT
from k8stui.resources.text import clean_text

MOST_SENDINGS = 8
"""After a conflict in which only the status had moved it is sent again, so many times in all.

A big rollout's status moves several times within one round trip of a slow line.
"""


class Means(NamedTuple):
    """What is needed to act on one cluster."""

    transport: Transport
    gate: Gate
    resolve: Resolve
    audit: Audit
    flags: tuple[str, ...]
    """kubectl's, that say which cluster and as whom."""
    clock: Callable[[], float]
    """Epoch seconds."""


def changed_since(before: Preview, now: Preview) -> str:
    """What happened to the object since the preview; empty when nothing that matters did.

    Status moves all the time while a rollout is under way: it does not matter. What matters is
    whether the same would be changed in the same way.
    """
    if now.seen.uid != before.seen.uid:
        return "it was deleted and made anew since the preview"
    if now.refused:
        return now.refused
    if now.seen.generation != before.seen.generation:
        return "its spec was changed since the preview"
    if _facts(now, now.before) != _facts(before, before.before):
        return "it changed since the preview"
    after = _facts(now, now.after), _facts(before, before.after)
    same = after[0] == after[1] and now.changes == before.changes
    return "" if same else "what would be changed is not what the preview showed"


def _facts(preview: Preview, facts: Facts) -> Facts:
    """What must not have changed; a revision's number matters only to who goes back to one."""
    if isinstance(preview.intent, Rollback):
        return facts
    return msgspec.structs.replace(facts, revision=None)


async def perform(means: Means, preview: Preview) -> AsyncIterator[Step]:
    """See `interface.Actions.perform`."""
    if not preview.can_go:
        yield Step(
            "", Outcome(result="refused", text=preview.refused or "there is nothing to send")
        )
        return
    audit_id = uuid.uuid4().hex[:12]
    current = preview
    for _ in range(MOST_SENDINGS):
        yield Step("reading the object again")
        read = await _read_again(means, preview)
        if isinstance(read, Outcome):
            yield Step("", read)
            return
        current = read
        yield Step("sending")
        outcome = await _send(means, current, audit_id)
        if outcome.result != "conflict":
            yield Step("", outcome)
            return
    yield Step("", outcome)


async def _read_again(means: Means, preview: Preview) -> Preview | Outcome:
    """The same plan from the object as it is now, or why it can't be carried out any more."""
    try:
        around = await read_around(
            means.transport,
            means.resolve,
            preview.intent,
            preview.subject,
            all_of_it=False,
        )
    except K8sTuiError as error:
        return Outcome(
            result="failed", text=f"nothing was sent: {error.message}", answer=error.message
        )
    now = plan(_settled(preview), preview.subject, around, flags=means.flags, now=means.clock())
    changed = changed_since(preview, now)
    if changed:
        return Outcome(result="conflict", text=f"nothing was sent: {changed}")
    return msgspec.structs.replace(preview, write=now.write, seen=now.seen)


def _settled(preview: Preview) -> Intent:
    """The intent with what was left open as the preview has settled it."""
    if isinstance(preview.intent, Rollback) and preview.after.revision:
        return Rollback(preview.after.revision)
    return preview.intent


async def _send(means: Means, preview: Preview, audit_id: str) -> Outcome:
    """Sends it once, and writes down that it is sent before, and what came of it after."""
    write = preview.write
    assert write is not None
    decided = means.gate.decide(preview.intent, preview.subject, write)
    if isinstance(decided, Refused):
        return Outcome(result="refused", text=decided.reason)
    at = means.clock()
    problem = means.audit.write("sending", audit_id, preview, at)
    try:
        answer = await send(means.transport, decided.ticket, write, dry_run=False)
    except asyncio.CancelledError:
        left = Outcome(result="unknown", text="left before the answer came", at=at)
        means.audit.write("answered", audit_id, preview, means.clock(), outcome=left)
        raise
    except K8sTuiError as error:
        outcome = await _failed(means, preview, error)
    else:
        outcome = _accepted(preview, answer)
    note = f"; {problem}" if problem else ""
    outcome = msgspec.structs.replace(
        outcome, at=at, audit_id=audit_id, text=clean_text(f"{outcome.text}{note}")
    )
    means.audit.write("answered", audit_id, preview, means.clock(), outcome=outcome)
    return outcome


def _accepted(preview: Preview, answer: JsonObject) -> Outcome:
    meta = answer.get("metadata") or {}
    # A Scale and a Status tell nothing of the object's generation.
    full = answer.get("kind") not in ("Scale", "Status", "Eviction")
    generation = int(meta.get("generation") or 0) if full else 0
    return Outcome(
        result="accepted",
        text="the server has accepted it",
        uid=preview.seen.uid,
        generation=generation or preview.seen.generation + (0 if full else 1),
    )


async def _failed(means: Means, preview: Preview, error: K8sTuiError) -> Outcome:
    if isinstance(error, OutcomeUnknown):
        return await _look(means, preview, error.message, "")
    if isinstance(error, ApiError):
        return await _answered(means, preview, error)
    result: Result = "refused" if isinstance(error, WriteRefused) else "failed"
    said = "could not log in" if isinstance(error, LoginFailed) else "nothing was sent"
    return Outcome(result=result, text=f"{said}: {error.message}", answer=error.message)


async def _answered(means: Means, preview: Preview, error: ApiError) -> Outcome:
    if error.status >= 500:
        return await _look(means, preview, error.message, error.message)
    gone = error.status == 404 and isinstance(preview.intent, Delete | Evict)
    if gone:
        return Outcome(result="skipped", text="it is gone already", answer=error.message)
    if error.status == 409:
        return Outcome(result="conflict", text=error.message, answer=error.message)
    if error.status == 401:
        text = "the server did not accept the login: nothing was changed; try again"
        return Outcome(result="failed", text=text, answer=error.message)
    if error.status == 403 and error.reason == "Forbidden" and _is_rbac(error.message):
        means.gate.forbidden(preview.intent, preview.subject)
        return Outcome(result="refused", text=error.message, answer=error.message)
    return Outcome(result="failed", text=f"the server said no: {error.words}", answer=error.words)


def _is_rbac(message: str) -> bool:
    """Whether the user may not; quotas and webhooks answer Forbidden too."""
    return " cannot " in message


async def _look(means: Means, preview: Preview, problem: str, answer: str) -> Outcome:
    """No sure answer came: reads the object and says what can be told. Sends nothing again."""
    unknown = f"the outcome is unknown: {problem}"
    try:
        around = await read_around(
            means.transport, means.resolve, preview.intent, preview.subject, all_of_it=False
        )
    except ApiError as error:
        if error.status == 404 and isinstance(preview.intent, Delete | Evict):
            return Outcome(result="accepted", text=f"{problem}; but it is gone", answer=answer)
        return Outcome(result="unknown", text=f"{unknown}; it can't be read: {error.message}")
    except K8sTuiError as error:
        return Outcome(result="unknown", text=f"{unknown}; it can't be read: {error.message}")
    return _told_by(preview, around, problem, answer, means)


def _told_by(preview: Preview, around: Around, problem: str, answer: str, means: Means) -> Outcome:
    meta = around.obj.get("metadata") or {}
    uid = str(meta.get("uid", ""))
    generation = int(meta.get("generation") or 0)
    if uid != preview.seen.uid:
        return Outcome(result="unknown", text=f"{problem}; another object has its name now")
    if isinstance(preview.intent, Delete | Evict):
        if meta.get("deletionTimestamp"):
            text = f"{problem}; but it is being deleted"
            return Outcome(result="accepted", text=text, answer=answer, uid=uid)
        return Outcome(result="failed", text=f"{problem}; it is still there", answer=answer)
    if str(meta.get("resourceVersion", "")) == preview.seen.resource_version:
        text = f"{problem}; the object is unchanged: it was not done"
        return Outcome(result="failed", text=text, answer=answer, uid=uid)
    again = plan(_settled(preview), preview.subject, around, flags=(), now=means.clock())
    if _is_there(preview, around, again):
        text = f"{problem}; but the change is there"
        return Outcome(result="accepted", text=text, answer=answer, uid=uid, generation=generation)
    if generation == preview.seen.generation:
        text = f"{problem}; its spec is unchanged: it was not done"
        return Outcome(result="failed", text=text, answer=answer, uid=uid)
    return Outcome(
        result="unknown", text=f"the outcome is unknown: {problem}; the object has changed"
    )


def _is_there(preview: Preview, around: Around, again: Preview) -> bool:
    """Whether the object is as the action was to leave it."""
    if isinstance(preview.intent, Restart):
        assert preview.write is not None
        sent = msgspec.json.decode(preview.write.body)
        return bool(_restarted_at(sent) == _restarted_at(around.obj))
    return again.refused_by == "already"


def _restarted_at(obj: Mapping[str, Any]) -> object:
    notes = (template_of(obj).get("metadata") or {}).get("annotations") or {}
    return notes.get(RESTARTED_AT)

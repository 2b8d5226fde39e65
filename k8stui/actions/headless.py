"""`k8stui rollout`: the rollout's history, diff, state and actions without a screen."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Callable
from typing import Any, Final, TextIO

import msgspec

from k8stui.actions import printing
from k8stui.actions.arguments import LOOKING, RolloutOptions, check_arguments
from k8stui.actions.feed import RolloutFeed
from k8stui.actions.follow import Following
from k8stui.actions.intents import Intent, Pause, Restart, Resume, Rollback
from k8stui.actions.interface import Actions, Outcome, Preview, Verdict
from k8stui.actions.reading import Resolve, read_around
from k8stui.actions.status_follow import StatusFollowing
from k8stui.cluster.api_error import ApiError
from k8stui.cluster.transport import Transport
from k8stui.errors import EXIT_CONNECTION, EXIT_ERROR, EXIT_REFUSED, UsageError

_DURATIONS: Final = re.compile(r"\b(?:\d+[dhms])+\b")

_INTENTS: dict[str, Callable[[RolloutOptions], Intent]] = {
    "undo": lambda options: Rollback(options.to_revision),
    "restart": lambda _: Restart(),
    "pause": lambda _: Pause(),
    "resume": lambda _: Resume(),
}


async def run(
    arguments: argparse.Namespace,
    transport: Transport,
    resolve: Resolve,
    actions: Actions,
    *,
    namespace: str,
    output: TextIO | None = None,
    errors: TextIO | None = None,
    terminal: TextIO | None = None,
) -> int:
    """Does what the arguments ask for.

    Args:
        arguments: As `arguments.add_arguments` has them.
        namespace: Where the workload is.
        output: Where the result goes; standard output by default.
        errors: Where refusals and failures go, and progress in JSON output; standard error by
            default.
        terminal: Where the answer to a question comes from; standard input by default.

    Returns:
        0 done, or nothing to roll back; 1 failed or refused by the state of things, 3 unknown for
        want of a connection, 4 refused by mode or rights.

    Raises:
        K8sTuiError: it can't be begun.
    """
    options = check_arguments(arguments, namespace)
    out = output or sys.stdout
    headless = Headless(
        options, transport, resolve, actions, out, errors or sys.stderr, terminal or sys.stdin
    )
    return await headless.run()


class Headless:
    """One run of the command."""

    def __init__(
        self,
        options: RolloutOptions,
        transport: Transport,
        resolve: Resolve,
        actions: Actions,
        output: TextIO,
        errors: TextIO,
        terminal: TextIO,
    ) -> None:
        self._options = options
        self._transport = transport
        self._resolve = resolve
        self._actions = actions
        self._output = output
        self._errors = errors
        self._terminal = terminal
        self._value: dict[str, Any] = {}
        """What the JSON output will hold."""

    async def run(self) -> int:
        """Runs it; returns the exit code."""
        try:
            code = await self._done()
        except ApiError as error:
            if error.status == 404 and not error.hint:
                namespace = self._options.subject.namespace
                error.hint = f"that was in namespace {namespace}: -n NAME looks in another"
            if error.status == 403 and self._options.verb in LOOKING:
                # Of the other verbs it may come after the change: that was not refused.
                error.exit_code = EXIT_REFUSED
            raise
        if self._options.json:
            print(msgspec.json.encode(self._value).decode(), file=self._output)
        return code

    async def _done(self) -> int:
        verb = self._options.verb
        if verb == "diff":
            return await self._diff()
        if verb in LOOKING:
            return await self._look()
        return await self._act(_INTENTS[verb](self._options))

    def _say(self, line: str) -> None:
        """A line of text; beside the JSON when that is what is wanted."""
        print(line, file=self._errors if self._options.json else self._output, flush=True)

    def _complain(self, line: str) -> None:
        """A line that says why the exit code is not 0."""
        print(line, file=self._errors, flush=True)

    async def _diff(self) -> int:
        options = self._options
        found = await self._actions.compare(
            options.subject, options.from_revision or None, options.to_revision
        )
        self._value = {
            "from": found.before_title,
            "to": found.after_title,
            "changes": printing.change_values(found.changes),
        }
        if not options.json:
            self._say(f"{options.subject.text}: {found.before_title} → {found.after_title}")
            for line in printing.change_lines(found.changes) or ["no difference"]:
                self._say(f"  {line}")
        return 0

    async def _look(self) -> int:
        """History or status."""
        options = self._options
        async with await self._feed() as feed:
            await feed.synced()
            if options.verb == "history":
                revisions = feed.revisions
                self._value = {"revisions": printing.history_value(revisions)}
                if not options.json:
                    for line in printing.history_lines(revisions, time.time()):
                        self._say(line)
                return 0
            return self._judge(*await self._follow(feed, StatusFollowing()))

    async def _feed(self) -> RolloutFeed:
        around = await read_around(
            self._transport, self._resolve, Restart(), self._options.subject, all_of_it=False
        )
        return RolloutFeed(self._transport, self._options.subject, dict(around.obj))

    async def _act(self, intent: Intent) -> int:
        options = self._options
        if not (options.dry_run or options.yes or self._terminal.isatty()):
            raise UsageError(
                "there is no terminal to ask at", "--yes does it without asking, --dry-run shows it"
            )
        preview = await self._actions.preview(intent, options.subject)
        self._value["preview"] = printing.preview_value(preview)
        # As kubectl `rollout undo`; of its other verbs only this one passes for done.
        passes = preview.refused_by == "already" and isinstance(intent, Rollback)
        for line in printing.preview_lines(preview):
            (self._say if preview.can_go or passes else self._complain)(line)
        if passes:
            return 0
        if not preview.can_go:
            return EXIT_REFUSED if preview.refused_by in ("mode", "rights") else EXIT_ERROR
        if options.dry_run:
            return 0
        if not options.yes and not await self._confirmed():
            self._complain("nothing was sent")
            return EXIT_ERROR
        outcome = await self._perform(preview)
        self._value["outcome"] = printing.outcome_value(outcome)
        accepted = outcome.result == "accepted"
        (self._say if accepted else self._complain)(outcome.text)
        if not accepted:
            return {"refused": EXIT_REFUSED, "unknown": EXIT_CONNECTION}.get(
                outcome.result, EXIT_ERROR
            )
        if not options.follow:
            return 0
        following = Following(preview, outcome)
        async with await self._feed() as feed:
            await feed.synced()
            verdict, waits = await self._follow(feed, following)
        if verdict is not None:
            self._actions.judged(preview, outcome, verdict)
        return self._judge(verdict, waits)

    async def _confirmed(self) -> bool:
        print("Do it? [y/N] ", end="", file=self._errors, flush=True)
        answer = await asyncio.to_thread(self._terminal.readline)
        return answer.strip().lower() in ("y", "yes")

    async def _perform(self, preview: Preview) -> Outcome:
        outcome: Outcome | None = None
        async for step in self._actions.perform(preview):
            outcome = step.outcome
        assert outcome is not None
        return outcome

    async def _follow(
        self, feed: RolloutFeed, following: Following | StatusFollowing
    ) -> tuple[Verdict | None, str]:
        """The verdict, or None when there was none within the time, and what it waits for."""
        options = self._options
        until = time.monotonic() + options.timeout if options.timeout else None
        told = ""
        while True:
            record, now = feed.record, time.time()
            evidence = await feed.evidence()
            verdict = following.look(record, feed.revisions, feed.pods, now, evidence)
            progress = following.progress
            if progress is not None:
                self._value["progress"] = printing.progress_value(progress)
            if verdict is not None:
                return verdict, ""
            line = feed.stale or (printing.progress_line(progress) if progress else "waiting")
            # A duration that grows is no news.
            news = _DURATIONS.sub("", line)
            if news != told:
                self._say(line)
            told = news
            if not options.follow or (until is not None and time.monotonic() >= until):
                return None, following.waits
            await feed.next()

    def _judge(self, verdict: Verdict | None, waits: str) -> int:
        if verdict is None:
            self._value["verdict"] = {"state": "", "text": "not ended"}
            self._complain(f"not ended yet: {waits}" if waits else "not ended yet")
            return EXIT_ERROR
        self._value["verdict"] = printing.verdict_value(verdict)
        (self._say if verdict.ok else self._complain)(verdict.text)
        return 0 if verdict.ok else EXIT_ERROR

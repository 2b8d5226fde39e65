"""One confirmed action, or the same on several objects: performed, followed, judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from k8stui.actions.follow import Following
from k8stui.actions.interface import Actions, Preview, Result, Verdict
from k8stui.resources.document import Line
from k8stui.resources.record import Tone
from k8stui.ui.widgets.rollout_pane import progress_lines
from k8stui.viewmodels.standing import Standing

_LOOK_SECONDS = 0.5
_TONES: dict[Result, Tone] = {
    "accepted": Tone.OK,
    "skipped": Tone.MUTED,
    "refused": Tone.ERROR,
    "conflict": Tone.ERROR,
    "failed": Tone.ERROR,
    "unknown": Tone.WARN,
}


class ActionRun:
    """Works through the previews one by one.

    Args:
        actions: What performs.
        previews: Confirmed by a person.
        standing: Tells how the object of a preview stands.
        changed: Called whenever `lines` differ.
    """

    def __init__(
        self,
        actions: Actions,
        previews: Sequence[Preview],
        standing: Callable[[Preview], Standing],
        changed: Callable[[], None],
    ) -> None:
        self.finished = False
        self.verdicts: list[tuple[Preview, str, Tone]] = []
        """What became of each, in words."""
        self._actions = actions
        self._previews = previews
        self._standing = standing
        self._changed = changed
        self._lines: list[Line] = []
        self._live: tuple[Line, ...] = ()

    def on_changed(self, changed: Callable[[], None]) -> None:
        """Another one wants to be told from now on."""
        self._changed = changed

    def lines(self) -> tuple[Line, ...]:
        """All that there is to tell so far."""
        return (*self._lines, *self._live)

    async def run(self) -> None:
        """Performs and follows until every object has its verdict."""
        for preview in self._previews:
            await self._one(preview)
        self.finished = True
        self._changed()

    async def _one(self, preview: Preview) -> None:
        self._say(preview.title, Tone.ACCENT)
        async for step in self._actions.perform(preview):
            if step.outcome is None:
                self._say(f"  {step.text}")
                continue
            outcome = step.outcome
            tone = _TONES[outcome.result]
            self._say(f"  {outcome.result}: {outcome.text}", tone)
            if outcome.result != "accepted":
                self.verdicts.append((preview, f"{outcome.result}: {outcome.text}", tone))
                return
            verdict = await self._follow(Following(preview, outcome))
            self._actions.judged(preview, outcome, verdict)
            tone = Tone.OK if verdict.ok else Tone.ERROR
            self._say(f"  {'✓' if verdict.ok else '✗'} {verdict.text}", tone)
            self.verdicts.append((preview, verdict.text, tone))

    async def _follow(self, following: Following) -> Verdict:
        while True:
            standing = self._standing(following.preview)
            verdict = following.look(
                standing.record, standing.revisions, standing.pods, time.time()
            )
            if verdict is not None:
                self._live = ()
                return verdict
            progress = following.progress
            told = (
                [note.text for note in progress_lines(progress)]
                if progress
                else ["waiting for the cluster"]
            )
            live = tuple(Line(f"  {text}") for text in told)
            if live != self._live:
                self._live = live
                self._changed()
            # What is looked at is in memory, kept up by the watch; the clock alone needs the wait.
            await asyncio.sleep(_LOOK_SECONDS)

    def _say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        self._live = ()
        self._lines.append(Line(text, tone=tone))
        self._changed()

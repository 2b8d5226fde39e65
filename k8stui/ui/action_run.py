"""One confirmed action, or several at once: performed one by one, followed together, judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from k8stui.actions.follow import Following
from k8stui.actions.interface import Actions, Outcome, Preview, Result, Verdict
from k8stui.resources.document import Line
from k8stui.resources.record import Tone
from k8stui.viewmodels.rollout_notes import rollout_notes
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


_MARKS = {
    "done": ("✓", Tone.OK),
    "paused": ("·", Tone.WARN),
    "superseded": ("!", Tone.WARN),
}
"""Of verdicts that are no failures."""


class ActionRun:
    """Works through the previews: nothing is sent for those that can't go.

    Each write is sent when the one before was answered; following one does not hold up another.

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
        self.accepted = False
        """Whether the server has accepted any of it."""
        self.verdicts: list[tuple[Preview, str, Tone]] = []
        """What became of each, in words, in the order in which it was known."""
        self._actions = actions
        self._previews = previews
        self._several = len(previews) > 1
        """Each is told in few lines then, or the verdicts would not be in sight together."""
        self._standing = standing
        self._changed = changed
        self._told: list[list[Line]] = [[] for _ in previews]
        self._live: list[tuple[Line, ...]] = [() for _ in previews]

    def on_changed(self, changed: Callable[[], None]) -> None:
        """Another one wants to be told from now on."""
        self._changed = changed

    def lines(self) -> tuple[Line, ...]:
        """All that there is to tell so far, object by object."""
        return tuple(
            line
            for told, live in zip(self._told, self._live, strict=True)
            for line in (*told, *live)
        )

    async def run(self) -> None:
        """Performs and follows until every object has its verdict."""
        accepted: list[tuple[int, Outcome]] = []
        for place, preview in enumerate(self._previews):
            if not preview.can_go:
                self._say(place, preview.title, Tone.ACCENT)
                self._ended(place, f"not done: {preview.refused}", Tone.ERROR)
                continue
            outcome = await self._send(place, preview)
            if outcome is not None:
                accepted.append((place, outcome))
        async with asyncio.TaskGroup() as group:
            for place, outcome in accepted:
                group.create_task(self._judge(place, outcome))
        self.finished = True
        self._changed()

    async def _send(self, place: int, preview: Preview) -> Outcome | None:
        """The outcome where it was accepted; anything else is the end of it."""
        self._say(place, preview.title, Tone.ACCENT)
        async for step in self._actions.perform(preview):
            outcome = step.outcome
            if self._several:
                del self._told[place][1:]
            if outcome is None:
                self._say(place, f"  {step.text}")
                continue
            text, tone = f"{outcome.result}: {outcome.text}", _TONES[outcome.result]
            if outcome.result == "accepted":
                self.accepted = True
                self._say(place, f"  {outcome.text}", tone)
                return outcome
            self._ended(place, text, tone)
        return None

    async def _judge(self, place: int, outcome: Outcome) -> None:
        preview = self._previews[place]
        verdict = await self._follow(place, Following(preview, outcome))
        self._actions.judged(preview, outcome, verdict)
        mark, tone = _MARKS.get(verdict.state, ("✗", Tone.ERROR))
        self._ended(place, verdict.text, tone, f"{mark} ")

    async def _follow(self, place: int, following: Following) -> Verdict:
        while True:
            standing = self._standing(following.preview)
            now = time.time()
            verdict = following.look(
                standing.record, standing.revisions, standing.pods, now, standing.evidence
            )
            if verdict is not None:
                return verdict
            progress = following.progress
            if following.waits:
                told = [following.waits, *(progress.ailing if progress else ())]
            elif progress:
                first, *rest = rollout_notes(progress, now)
                told = [first.text]
                told += [each.text for each in rest if not self._several or each.tone is Tone.WARN]
            else:
                told = ["waiting for the cluster"]
            live = tuple(Line(f"  {text}") for text in told)
            if live != self._live[place]:
                self._live[place] = live
                self._changed()
            # What is looked at is in memory, kept up by the watch; the clock alone needs the wait.
            await asyncio.sleep(_LOOK_SECONDS)

    def _ended(self, place: int, text: str, tone: Tone, mark: str = "") -> None:
        self.verdicts.append((self._previews[place], text, tone))
        if self._several:
            del self._told[place][1:]
        self._say(place, f"  {mark}{text}", tone)

    def _say(self, place: int, text: str, tone: Tone = Tone.PLAIN) -> None:
        self._live[place] = ()
        self._told[place].append(Line(text, tone=tone))
        self._changed()

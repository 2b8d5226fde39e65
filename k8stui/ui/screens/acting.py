"""A screen from which something can be done to what is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from k8stui.actions.intents import (
    Delete,
    Evict,
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
    parse_scale,
)
from k8stui.actions.interface import Possible, Preview
from k8stui.errors import K8sTuiError
from k8stui.resources.deployments import Deployment
from k8stui.ui.action_run import ActionRun
from k8stui.ui.screens.action import ActionScreen
from k8stui.ui.screens.ask import Ask
from k8stui.ui.screens.detail import DetailScreen
from k8stui.ui.screens.help import TextScreen
from k8stui.ui.screens.picker import Choice, Picker
from k8stui.viewmodels.comparison_text import comparison_document
from k8stui.viewmodels.standing import Standing, standing_of


class ActingScreen(DetailScreen):
    """Turns keys into intents; what becomes of them is the dialog's and the gate's concern."""

    def subjects(self) -> Sequence[Subject]:
        """The marked rows of the pane that has the focus, else what the cursor is on."""
        raise NotImplementedError

    def rollout_subjects(self) -> tuple[Sequence[Subject], int]:
        """What a rollback is about, and to which revision (0 is the previous one)."""
        return self.subjects(), 0

    # -- keys ---------------------------------------------------------------------------------

    def action_rollback(self) -> None:
        subjects, revision = self.rollout_subjects()
        self._start("rollback", Rollback(revision), subjects)

    def action_restart(self) -> None:
        self._start("restart", Restart(), self.subjects())

    def action_pause_resume(self) -> None:
        subjects = self.subjects()
        paused = [self._record(subject) for subject in subjects]
        resume = any(isinstance(record, Deployment) and record.paused for record in paused)
        self._start("pause_resume", Resume() if resume else Pause(), subjects)

    def action_delete(self) -> None:
        self._start("delete", Delete(), self.subjects())

    def action_evict(self) -> None:
        self._start("evict", Evict(), self.subjects())

    def action_diff(self) -> None:
        """What a rollback would change: now against the selected revision, or two marked ones."""
        subjects, (before, after) = self.compared()
        if subjects:
            self.run_worker(self._compare(subjects[0], before, after), group="diff", exclusive=True)

    async def _compare(self, subject: Subject, before: int | None, after: int | None) -> None:
        try:
            comparison = await self.cluster.actions.compare(subject, before, after)
        except K8sTuiError as error:
            self.fail(error)
            return
        self.app.push_screen(TextScreen(comparison_document(subject.text, comparison)))

    def compared(self) -> tuple[Sequence[Subject], tuple[int | None, int | None]]:
        """What is compared: the workload, and two of its revisions (None is what is there now)."""
        subjects, revision = self.rollout_subjects()
        return subjects, (None, revision)

    def action_undo(self) -> None:
        undo = self.cluster.actions.undo()
        if undo is None:
            self.app.notify("nothing to take back", timeout=4)
        else:
            self._open(undo.intent, (undo.subject,))

    def action_scale(self) -> None:
        subjects = self.subjects()
        self._when_possible("scale", subjects, lambda: self._ask_scale(subjects))

    def _ask_scale(self, subjects: Sequence[Subject]) -> None:
        record = self._record(subjects[0]) if len(subjects) == 1 else None
        desired = getattr(record, "desired", None)
        title = f"Scale {_named(subjects)}"
        hint = "a number of replicas, or +1, -2" + (
            f"; now {desired}" if desired is not None else ""
        )

        def answered(text: str | None) -> None:
            scale = parse_scale(text) if text else None
            if isinstance(scale, Scale):
                self._open(scale, subjects)

        self.app.push_screen(
            Ask(title, hint, problem=lambda text: "" if parse_scale(text) else f"not so: {hint}"),
            answered,
        )

    def action_set_image(self) -> None:
        subjects = self.subjects()[:1]
        self._when_possible("set_image", subjects, lambda: self._ask_container(subjects))

    def _ask_container(self, subjects: Sequence[Subject]) -> None:
        record = self._record(subjects[0])
        images: tuple[tuple[str, str], ...] = (
            *getattr(record, "containers", ()),
            *getattr(record, "init_containers", ()),
        )
        if not images:
            self.app.notify("no containers are known of it", severity="warning")
        elif len(images) == 1:
            self._ask_image(subjects, *images[0])
        else:
            choices = [Choice(name, name, image) for name, image in images]
            known = dict(images)

            def picked(name: str | None) -> None:
                if name:
                    self._ask_image(subjects, name, known[name])

            self.app.push_screen(Picker("Set the image of", choices), picked)

    def _ask_image(self, subjects: Sequence[Subject], container: str, image: str) -> None:
        standing = standing_of(self.cluster, subjects[0].kind, subjects[0].uid)
        earlier = dict.fromkeys(
            one for row in standing.revisions for name, one in row.images if name == container
        )
        history = ", ".join(each for each in earlier if each != image)
        hint = f"image of container {container}" + (
            f"; in its history: {history}" if history else ""
        )

        def answered(text: str | None) -> None:
            if text and text != image:
                self._open(SetImage(((container, text),)), subjects)

        self.app.push_screen(Ask(f"Set image of {_named(subjects)}", hint, image), answered)

    def action_mark(self) -> None:
        """Marks the row under the cursor, as the table's own key does."""
        table = self.focused_table()
        if table is not None:
            table.action_toggle_mark()

    # -- all that can be done -----------------------------------------------------------------

    def action_actions(self) -> None:
        """A list of every action, with the reason beside those that may not be taken."""
        subjects = self.subjects()
        if subjects:
            self.run_worker(self._list_actions(subjects), group="possible", exclusive=True)

    async def _list_actions(self, subjects: Sequence[Subject]) -> None:
        possible = await self.cluster.actions.possible(subjects)
        choices = [
            Choice(
                each.spec.id,
                f"{each.spec.key_text:<4} {each.spec.title}",
                f"✗ {each.refused}" if each.refused else each.spec.help,
            )
            for each in possible
        ]

        async def picked(chosen: str | None) -> None:
            if chosen:
                await self.run_action(chosen)

        self.app.push_screen(Picker(f"What to do with {_named(subjects)}", choices), picked)

    def _start(self, action: str, intent: Intent, subjects: Sequence[Subject]) -> None:
        self._when_possible(action, subjects, lambda: self._open(intent, subjects))

    def _when_possible(
        self, action: str, subjects: Sequence[Subject], go: Callable[[], None]
    ) -> None:
        if not subjects:
            self.app.notify("nothing is selected", timeout=4)
            return

        async def ask() -> None:
            for each in await self.cluster.actions.possible(subjects):
                if each.spec.id == action and each.refused:
                    self._refuse(each)
                    return
            go()

        self.run_worker(ask(), group="possible", exclusive=True)

    def _refuse(self, possible: Possible) -> None:
        text = f"{possible.spec.title}: {possible.refused}"
        self.app.notify(text, severity="warning", markup=False, timeout=8)

    def _open(self, intent: Intent, subjects: Sequence[Subject]) -> None:
        self.app.push_screen(
            ActionScreen(self.cluster.actions, intent, subjects, self._standing, self._run_left)
        )

    def _record(self, subject: Subject) -> object:
        return standing_of(self.cluster, subject.kind, subject.uid).record

    def _standing(self, preview: Preview) -> Standing:
        return standing_of(self.cluster, preview.subject.kind, preview.subject.uid)

    def _run_left(self, run: ActionRun) -> None:
        """The dialog was left before the end: the verdict is told when it comes."""

        def told() -> None:
            if run.finished:
                for preview, text, _ in run.verdicts:
                    self.app.notify(f"{preview.title}: {text}", markup=False, timeout=15)

        run.on_changed(told)


def _named(subjects: Sequence[Subject]) -> str:
    return subjects[0].text if len(subjects) == 1 else f"{len(subjects)} objects"

"""A screen from which something can be done to what is selected."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from k8stui.actions.intents import (
    ROLLABLE,
    Delete,
    Evict,
    Pause,
    Request,
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
from k8stui.resources.evidence import CrashedRun
from k8stui.ui.action_run import ActionRun
from k8stui.ui.screens.action import ActionScreen
from k8stui.ui.screens.ask import Ask
from k8stui.ui.screens.comparison import ComparisonScreen
from k8stui.ui.screens.detail import DetailScreen
from k8stui.ui.screens.picker import Choice, Picker
from k8stui.ui.widgets.key_bar import KeyBar
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.viewmodels.image_text import image_choices, with_tag
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.standing import Standing, standing_of
from k8stui.viewmodels.surroundings import Surroundings


class ActingScreen(DetailScreen):
    """Turns keys into intents; what becomes of them is the dialog's and the gate's concern."""

    def __init__(self, cluster: LiveCluster, clock: Callable[[], float] = time.time) -> None:
        super().__init__(cluster, clock)
        self.surroundings = Surroundings(cluster, self.surroundings_changed)
        self._rights_asked: set[tuple[str, str]] = set()

    def on_unmount(self) -> None:
        self.surroundings.close()

    def subjects(self) -> Sequence[Subject]:
        """The marked rows of the pane that has the focus, else what the cursor is on."""
        raise NotImplementedError

    def hidden_marks(self) -> int:
        """How many marked rows are filtered out of sight: nothing is done to them."""
        return 0

    def rollout_subjects(self) -> tuple[Sequence[Subject], int]:
        """What a rollback is about, and to which revision (0 is the previous one)."""
        return self.subjects(), 0

    # -- keys ---------------------------------------------------------------------------------

    def action_rollback(self) -> None:
        subjects, revision = self.rollout_subjects()
        self._start("rollback", [Request(Rollback(revision), one) for one in subjects])

    def action_restart(self) -> None:
        self._start("restart", [Request(Restart(), one) for one in self.subjects()])

    def action_pause_resume(self) -> None:
        """Resumes only where all are paused: one key does not turn some this way, some that."""
        subjects = self.subjects()
        records = [self._record(subject) for subject in subjects]
        paused = [one.paused for one in records if isinstance(one, Deployment)]
        intent = Resume() if paused and all(paused) else Pause()
        self._start("pause_resume", [Request(intent, one) for one in subjects])

    def action_delete(self) -> None:
        self._start("delete", [Request(Delete(), one) for one in self.subjects()])

    def action_evict(self) -> None:
        self._start("evict", [Request(Evict(), one) for one in self.subjects()])

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
        self.app.push_screen(ComparisonScreen(subject.text, comparison))

    def compared(self) -> tuple[Sequence[Subject], tuple[int | None, int | None]]:
        """What is compared: the workload, and two of its revisions (None is what is there now)."""
        subjects, revision = self.rollout_subjects()
        return subjects, (None, revision)

    def action_undo(self) -> None:
        undo = self.cluster.actions.undo()
        if undo is None:
            self.app.notify("nothing to take back", timeout=4)
        else:
            self._open(undo.requests)

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
                self._open([Request(scale, one) for one in subjects])

        self.app.push_screen(
            Ask(title, hint, problem=lambda text: "" if parse_scale(text) else f"not so: {hint}"),
            answered,
        )

    def action_set_image(self) -> None:
        subjects = self.subjects()
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
        choices = image_choices(standing.revisions, container, image)
        hint = "an image, or :TAG for another tag" + (
            "; ↑ ↓ take one from the history" if choices else ""
        )

        def answered(text: str | None) -> None:
            if not text:
                return
            wanted = with_tag(image, text)
            if wanted == image and len(subjects) == 1:
                self.app.notify(f"{image} is its image already", markup=False, timeout=4)
            else:
                intent = SetImage(((container, wanted),))
                self._open([Request(intent, one) for one in subjects])

        title = f"Set image of {_named(subjects)}, container {container}"
        self.app.push_screen(Ask(title, hint, image, choices=choices), answered)

    def action_mark(self) -> None:
        """Marks the row under the cursor, or takes its mark away.

        At once and not by a message: the key of an action may be right behind.
        """
        table = self.focused_table()
        view = self.table_view(table) if table is not None else None
        if table is not None and view is not None and (key := table.cursor_key) is not None:
            view.set_mark(key, not view.marked(key))
            table.refresh_rows()
            self.marks_changed()

    def clear_marks(self, table: ResourceTable) -> bool:
        """Takes away all marks of a table, those filtered out of sight too; whether any was."""
        view = self.table_view(table)
        if view is None or not (view.marked_records() or view.hidden_marks()):
            return False
        view.clear_marks()
        table.refresh_rows()
        self.marks_changed()
        return True

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
                dim=bool(each.refused),
            )
            for each in possible
        ]

        async def picked(chosen: str | None) -> None:
            if chosen:
                await self.run_action(chosen)

        self.app.push_screen(Picker(f"What to do with {_named(subjects)}", choices), picked)

    def _start(self, action: str, requests: Sequence[Request]) -> None:
        subjects = [request.subject for request in requests]
        self._when_possible(action, subjects, lambda: self._open(requests))

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

    def _open(self, requests: Sequence[Request]) -> None:
        hidden = self.hidden_marks()
        rows = "1 marked row is" if hidden == 1 else f"{hidden} marked rows are"
        note = f"{rows} filtered out of sight: nothing is done there" if hidden else ""
        self.surroundings.need()

        def left(take_back: bool | None) -> None:
            if take_back:
                self.action_undo()

        self.app.push_screen(
            ActionScreen(self.cluster.actions, requests, self._standing, self._run_left, note), left
        )

    # -- what may not be done -----------------------------------------------------------------

    def refusals(self) -> dict[str, str]:
        """Why not, as far as it is known, for the actions that can't be taken on the selection."""
        subjects = self.subjects()
        found = self.cluster.actions.known(subjects) if subjects else ()
        return {each.spec.id: each.refused for each in found if each.refused}

    def _settled(self) -> None:
        super()._settled()
        self._show_refusals()
        asked = {(each.kind, each.namespace) for each in self.subjects()}
        if not asked <= self._rights_asked and not self.cluster.actions.read_only:
            self._rights_asked |= asked
            self.run_worker(self._learn_rights(), group="rights", exclusive=True)

    async def _learn_rights(self) -> None:
        await self.cluster.actions.possible(self.subjects())
        self._show_refusals()

    def _show_refusals(self) -> None:
        """Where nothing may be written at all the header says so, and the keys stay as they are."""
        refused = {} if self.cluster.actions.read_only else self.refusals()
        self.query_one(KeyBar).show_refused(frozenset(refused))

    def _record(self, subject: Subject) -> object:
        return standing_of(self.cluster, subject.kind, subject.uid).record

    def _standing(self, preview: Preview) -> Standing:
        found = standing_of(self.cluster, preview.subject.kind, preview.subject.uid)
        if found.record is None or preview.subject.kind not in ROLLABLE:
            return found
        pods = found.pods
        for crashed in self.surroundings.to_ask(pods, time.time()):
            self.run_worker(self.ask_last_line(crashed), group="last line")
        uids = {found.record.uid, *(one.uid for one in (*found.revisions, *pods))}
        around = self.surroundings.around(uids, found.record.namespace, pods)
        return found._replace(evidence=around)

    async def ask_last_line(self, crashed: CrashedRun) -> None:
        """What a crashed container said last, for all that tells of it."""
        self.surroundings.learned(crashed.run, await self.cluster.last_line(crashed))

    def surroundings_changed(self) -> None:
        """Events, budgets or last lines are others."""

    def _run_left(self, run: ActionRun) -> None:
        """The dialog was left before the end: each verdict is told when it comes."""
        seen = len(run.verdicts)

        def told() -> None:
            nonlocal seen
            news, seen = run.verdicts[seen:], len(run.verdicts)
            for preview, text, _ in news:
                self.app.notify(f"{preview.title}: {text}", markup=False, timeout=15)

        run.on_changed(told)


def _named(subjects: Sequence[Subject]) -> str:
    return subjects[0].text if len(subjects) == 1 else f"{len(subjects)} objects"

"""The cockpit as data: four tables, one selection, and what it is about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from k8stui.actions.intents import Subject as ActionSubject
from k8stui.resources.age import human_duration
from k8stui.resources.columns import namespace_column
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.evidence import CrashedRun
from k8stui.resources.phase import Forbidden
from k8stui.resources.pods import COLUMNS as POD_COLUMNS
from k8stui.resources.pods import Pod
from k8stui.resources.record import Column, Tone
from k8stui.resources.registry import TYPED
from k8stui.resources.revision_columns import REVISION_COLUMNS
from k8stui.resources.revisions import RevisionRow
from k8stui.resources.rollouts import rollout_progress
from k8stui.resources.statefulsets import StatefulSet
from k8stui.resources.usage_columns import TREND_IDS
from k8stui.resources.workloads import COLUMNS as WORKLOAD_COLUMNS
from k8stui.resources.workloads import Workload
from k8stui.store.usage import Unavailable
from k8stui.viewmodels.containers import CONTAINER_COLUMNS, ContainerRow, container_rows
from k8stui.viewmodels.live import LiveCluster, ObjectRef
from k8stui.viewmodels.ownership import WORKLOAD_KEYS, Ownership
from k8stui.viewmodels.phase_note import phase_note, phase_text
from k8stui.viewmodels.rollout_notes import RolloutNote, rollout_notes
from k8stui.viewmodels.rollout_story import RolloutStories
from k8stui.viewmodels.rows import Rows
from k8stui.viewmodels.standing import REVISIONS, revisions_of
from k8stui.viewmodels.subject import Subject
from k8stui.viewmodels.surroundings import Surroundings
from k8stui.viewmodels.table_view import Sort, TableView
from k8stui.viewmodels.workload_rows import WorkloadRows

_OLD_SAMPLE = 90.0
"""Seconds after which a sample no longer tells what is going on now."""

Pane = Literal["workloads", "pods", "rollout", "detail"]


class Cockpit:
    """Follows one scope of a cluster until it is closed.

    Args:
        cluster: What is watched.
        changed: Called when the selection's surroundings changed (pods, revisions, subject).
        surroundings: What is known around workloads; its own where none is given.
    """

    def __init__(
        self,
        cluster: LiveCluster,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.cluster = cluster
        self.focus: Pane = "workloads"
        self._changed = changed
        self._clock = clock
        every = not cluster.namespace
        self.ownership = Ownership(cluster.collection)
        self._workload_rows = WorkloadRows(self.ownership, clock)
        self.workloads: TableView[Workload] = TableView(
            [self._workload_rows.rows],
            _with_namespace(WORKLOAD_COLUMNS, every),
            default_sort=Sort("workload"),
            flexible={"namespace": "middle", "workload": "middle", "status": "details"},
            clock=clock,
        )
        self.pods: TableView[Pod] = TableView(
            [cluster.collection("pods")],
            # All of one workload's pods are in its namespace.
            POD_COLUMNS,
            default_sort=Sort("name"),
            usage=cluster.usage,
            scope=frozenset(),
            clock=clock,
        )
        self._revision_rows: Rows[RevisionRow] = Rows()
        self.revisions: TableView[RevisionRow] = TableView(
            [self._revision_rows],
            REVISION_COLUMNS,
            default_sort=Sort("revision"),
            flexible={"image": "end"},  # what has changed stands first
            clock=clock,
        )
        self._container_rows: Rows[ContainerRow] = Rows()
        self.containers: TableView[ContainerRow] = TableView(
            [self._container_rows], CONTAINER_COLUMNS, default_sort=Sort("order"), clock=clock
        )
        self._workload = ""
        self._pod = ""
        self._revision = ""
        self._container = ""
        self.open_pod: Pod | None = None
        """The pod whose containers the Pods pane shows."""
        self._leave = [
            cluster.collection(key).subscribe(lambda _: self._refresh())
            for key in ("pods", *WORKLOAD_KEYS[:-1])
        ]
        self._surroundings = surroundings or Surroundings(cluster, changed)
        self._stories = RolloutStories()
        self._leave.append(cluster.usage.subscribe(lambda _: self._refresh_containers()))
        self._refresh()

    def close(self) -> None:
        """Lets go of everything; the collections are the cluster's."""
        for leave in self._leave:
            leave()
        self._surroundings.close()
        self._workload_rows.close()
        for view in (self.workloads, self.pods, self.revisions, self.containers):
            view.close()

    def tick(self) -> None:
        """Time has passed."""
        now = self._clock()
        self._workload_rows.tick()
        for view in (self.workloads, self.pods, self.revisions, self.containers):
            view.live_tick(now)

    def show_trends(self, on: bool) -> None:
        """Shows the trends of use among the pods' columns, or leaves them out."""
        columns = tuple(one for one in POD_COLUMNS if on or one.id not in TREND_IDS)
        if columns != tuple(self.pods.definitions):
            self.pods.set_columns(columns)

    # -- selection ----------------------------------------------------------------------------

    def select_workload(self, uid: str | None) -> None:
        """Scopes every other pane to a workload; None to everything there is."""
        if (uid or "") != self._workload:
            self._workload = uid or ""
            self._pod = self._revision = ""
            self.leave_pod()
            self._refresh()

    def select_pod(self, uid: str | None) -> None:
        self._pod = uid or ""

    def select_revision(self, uid: str | None) -> None:
        self._revision = uid or ""

    def select_container(self, uid: str | None) -> None:
        row = self.containers.record(uid) if uid else None
        self._container = row.name if row else ""

    def enter_pod(self, uid: str) -> None:
        """Shows a pod's containers in place of the pods."""
        self.open_pod = self.pods.record(uid)
        self._refresh_containers()

    def leave_pod(self) -> None:
        self.open_pod = None
        self._container = ""

    @property
    def workload_key(self) -> str | None:
        """The selected workload's uid, whether it is still there or not."""
        return self._workload or None

    @property
    def workload(self) -> Workload | None:
        return self.workloads.record(self._workload) if self._workload else None

    def subject(self) -> Subject | None:
        """What the pane that has the focus points at; the workload while nothing else does."""
        if self.focus == "rollout" and self._revision:
            found = self._revision_subject()
        elif self.focus == "pods" and (self.open_pod or self._pod):
            found = self._pod_subject()
        else:
            found = None
        return found or self._workload_subject()

    def _pod_subject(self) -> Subject | None:
        uid = self.open_pod.uid if self.open_pod else self._pod
        pod = self.cluster.collection("pods").get(uid)
        if pod is None:
            return None
        marked = self.pods.marked_records() if self.open_pod is None else []
        if marked:
            uids = frozenset(each.uid for each in marked)
            title = f"{len(marked)} marked pods" if len(marked) > 1 else f"pod/{marked[0].name}"
            ref = ObjectRef("pods", pod.namespace, pod.name)
            refs = tuple(ObjectRef("pods", each.namespace, each.name) for each in marked)
            return Subject(title, ref, pod.resource_version, uids, uids, marks=uids, marked=refs)
        title = f"pod/{pod.name}" + (f" {self._container}" if self._container else "")
        ref = ObjectRef("pods", pod.namespace, pod.name)
        only = frozenset((uid,))
        return Subject(title, ref, pod.resource_version, only, only, self._container)

    def _revision_subject(self) -> Subject | None:
        row = self.revisions.record(self._revision)
        if row is None:
            return None
        pods = frozenset(
            pod.uid
            for pod in self._selected_pods()
            if pod.owner_uid == row.uid
            or any(label.endswith(f"-revision-hash={row.pod_hash}") for label in pod.labels)
        )
        ref = ObjectRef(f"{row.plural}.apps", row.namespace, row.name)
        title = f"{'rs' if row.plural == 'replicasets' else 'revision'}/{row.name}"
        return Subject(title, ref, row.resource_version, pods | {row.uid}, pods)

    def _workload_subject(self) -> Subject | None:
        found = self._workload_rows.source(self._workload)
        if found is None:
            return None
        key, record = found
        pods = frozenset(pod.uid for pod in self.ownership.pods(key, record))
        ref = ObjectRef(key, record.namespace, record.name)
        title = f"{TYPED[key].short}/{record.name}"
        uids = frozenset(self.ownership.uids(key, record))
        marks = frozenset(row.uid for row in self.workloads.marked_records())
        if len(marks) > 1 and self.focus == "workloads":
            found_marks = [
                each for uid in sorted(marks) if (each := self._workload_rows.source(uid))
            ]
            pods = frozenset(pod.uid for each in found_marks for pod in self.ownership.pods(*each))
            uids = frozenset(uid for each in found_marks for uid in self.ownership.uids(*each))
            title = f"{len(marks)} marked workloads"
            refs = tuple(ObjectRef(key, each.namespace, each.name) for key, each in found_marks)
            version = record.resource_version
            return Subject(title, ref, version, uids, pods, marks=marks, marked=refs)
        return Subject(title, ref, record.resource_version, uids, pods)

    def action_subjects(self) -> list[ActionSubject]:
        """What an action is for: the marked rows of the pane in use, else its selected one."""
        if self.focus != "pods":
            return self._workload_subjects(self.focus == "workloads")
        pods = self.pods.marked_records()
        if self.open_pod is not None:
            pods = [self.open_pod]
        elif not pods and (pod := self.pods.record(self._pod)) is not None:
            pods = [pod]
        return [ActionSubject("pods", pod.namespace, pod.name, pod.uid) for pod in pods]

    def hidden_marks(self) -> int:
        """How many marked rows of the pane in use are filtered out of sight."""
        view = self._views().get(self.focus)
        return view.hidden_marks() if view is not None else 0

    def _views(self) -> dict[Pane, TableView[Any]]:
        return {"workloads": self.workloads, "pods": self.pods}

    def rollback_subjects(self) -> tuple[list[ActionSubject], int]:
        """The workloads to roll back, and to which revision: the one selected in its pane.

        0, the one before, while that is what is there already: the cursor begins there.
        """
        row = self.revisions.record(self._revision) if self.focus == "rollout" else None
        subjects = self._workload_subjects(self.focus == "workloads")
        return subjects, row.revision if row is not None and not row.is_target else 0

    def _workload_subjects(self, with_marks: bool) -> list[ActionSubject]:
        rows = self.workloads.marked_records() if with_marks else []
        if not rows and (row := self.workload) is not None:
            rows = [row]
        return [
            ActionSubject(
                f"{row.plural}.{row.group}" if row.group else row.plural,
                row.namespace,
                row.name,
                row.uid,
            )
            for row in rows
        ]

    # -- what the selection brings ------------------------------------------------------------

    def _selected_pods(self) -> list[Pod]:
        found = self._workload_rows.source(self._workload)
        return list(self.ownership.pods(*found)) if found else []

    def _refresh(self) -> None:
        pods = self._selected_pods()
        self.pods.set_scope(frozenset(pod.uid for pod in pods))
        self._revision_rows.replace(self._revisions(pods))
        self._refresh_containers()
        self._changed()

    def _refresh_containers(self) -> None:
        if self.open_pod is not None:
            present = self.cluster.collection("pods").get(self.open_pod.uid)
            # The containers of a pod that is gone stay to be read until one leaves them.
            self.open_pod = present or self.open_pod
            usage = self.cluster.usage.pod(self.open_pod.namespace, self.open_pod.name)
            self._container_rows.replace(container_rows(self.open_pod, usage))

    def _revisions(self, pods: list[Pod]) -> tuple[RevisionRow, ...]:
        found = self._workload_rows.source(self._workload)
        if found is None:
            return ()
        if found[0] in ("statefulsets.apps", "daemonsets.apps"):
            self._watch_history()
        return revisions_of(self.cluster, self.ownership, *found, pods)

    def _watch_history(self) -> None:
        """ControllerRevisions are watched from the first workload on that has some."""
        if all(key != REVISIONS for key, _ in self.cluster.phases()):
            history = self.cluster.collection(REVISIONS)
            self._leave.append(history.subscribe(lambda _: self._refresh()))

    @property
    def is_read(self) -> bool:
        """Whether the first lists are complete, or known not to be had."""
        return self._workload_rows.is_read

    def rollout(self) -> tuple[RolloutNote, ...]:
        """How the selected workload's rollout stands, nothing for kinds that have none."""
        found = self._workload_rows.source(self._workload)
        key, record = found if found is not None else ("", None)
        if not isinstance(record, Deployment | StatefulSet | DaemonSet):
            return ()
        rows = tuple(self._revision_rows.rows.values())
        pods, now = tuple(self._selected_pods()), self._clock()
        uids = self.ownership.uids(key, record)
        evidence = self._surroundings.around(uids, record.namespace, pods)
        progress = rollout_progress(record, rows, pods, now, evidence)
        if progress.state != "done" or progress.available < progress.desired:
            self._surroundings.need()
        verdict = self._stories.verdict(record.uid, progress, now)
        return rollout_notes(progress, now, verdict)

    def crashes_to_ask(self) -> tuple[CrashedRun, ...]:
        """Crashes in the selected workload whose last line is not known yet, each once."""
        return self._surroundings.to_ask(self._selected_pods(), self._clock())

    # -- what the titles say ------------------------------------------------------------------

    def note(self, *keys: str) -> tuple[str, Tone]:
        """What a pane over these kinds has to say of its data: "" when all is well."""
        for key in keys:
            text, tone = phase_note(key, self.cluster.collection(key).phase)
            if text:
                return text, tone
        return "", Tone.PLAIN

    def pods_note(self) -> tuple[str, Tone]:
        """Why pods are Pending, which STATUS, as kubectl has it, does not tell; or usage_note."""
        whys = [
            pod.scheduled_message
            for pod in self._selected_pods()
            if pod.status == "Pending" and pod.scheduled_reason == "Unschedulable"
        ]
        if not whys:
            return self.usage_note()
        # Of how many nodes none is available: that takes the room of the reasons.
        why = whys[0].rpartition(" nodes are available: ")[2]
        return f"! {len(whys)} unschedulable: {why}", Tone.WARN

    def usage_note(self) -> tuple[str, Tone]:
        """How old the samples of CPU and memory are, or why there are none."""
        state = self.cluster.usage.state
        if isinstance(state, Unavailable):
            return state.reason, Tone.MUTED
        now = self._clock()
        age = self.cluster.usage.age(now)
        if age is None:
            return "", Tone.PLAIN
        if age >= _OLD_SAMPLE:
            return f"! metrics {human_duration(age)} old", Tone.WARN
        # A moment, not an age: an age would be painted anew every second.
        return time.strftime("metrics of %H:%M:%S", time.localtime(now - age)), Tone.PLAIN

    def empty_text(self, pane: Pane) -> tuple[str, Tone]:
        """What stands in a pane without rows."""
        if (view := self._views().get(pane)) is not None and view.no_match:
            return view.no_match, Tone.MUTED
        where = f"in {self.cluster.namespace}" if self.cluster.namespace else "in all namespaces"
        phase = self.cluster.collection("pods").phase
        note, tone = phase_text("pods", phase), phase_note("pods", phase)[1]
        if pane != "rollout" and note:
            forbidden = isinstance(phase, Forbidden)
            return (f"{note} {where} · n: another namespace" if forbidden else note), tone
        if pane == "workloads":
            hint = " · 0: all namespaces, n: another one" if self.cluster.namespace else ""
            return f"nothing runs {where}{hint}", Tone.MUTED
        if pane == "pods":
            workload = self.workload
            return (f"no pods of {workload.name}" if workload else "no pods"), Tone.MUTED
        if pane == "rollout":
            return "no revisions", Tone.MUTED
        return "", Tone.MUTED


def _with_namespace(columns: tuple[Column[Any], ...], every: bool) -> tuple[Column[Any], ...]:
    return (namespace_column(), *columns) if every else columns

"""One frame of the cockpit without a terminal: as text, as a picture, or the data behind it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec

from k8stui.errors import (
    EXIT_ERROR,
    EXIT_REFUSED,
    ConnectionFailed,
    K8sTuiError,
    UsageError,
)
from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import Context, Record
from k8stui.settings import ChosenTheme
from k8stui.store.usage import Unasked
from k8stui.ui.app import CockpitApp
from k8stui.ui.screens.cockpit import CockpitScreen
from k8stui.viewmodels.cockpit import Cockpit
from k8stui.viewmodels.live import Clusters, LiveCluster
from k8stui.viewmodels.table_view import TableView

_LOOK_SECONDS = 0.05
_LOG_SECONDS = 1.5
"""How long the logs of the selection may take after all else is there."""


class Snapshot(msgspec.Struct, frozen=True):
    """What was taken."""

    text: str = ""
    svg: str = ""
    data: str = ""
    failure: str = ""
    """What a person must know: it is not complete, and why."""
    exit_code: int = 0

    def rendered(self, output: str) -> str:
        return {"text": self.text, "svg": self.svg, "json": self.data}[output]


async def take_snapshot(
    clusters: Clusters, theme: ChosenTheme, size: tuple[int, int], wait: float
) -> Snapshot:
    """Runs the cockpit without a terminal until it is filled, or for `wait` seconds.

    Raises:
        K8sTuiError: the cluster can't be opened, or there is no such theme.
    """
    app = CockpitApp(lambda: clusters, theme=theme)
    taken: list[Snapshot] = []

    async def pilot(_: object) -> None:
        try:
            taken.append(await _take(app, wait))
        finally:
            app.exit()

    await app.run_async(headless=True, size=size, auto_pilot=pilot)
    if app.crash is not None:
        raise app.crash
    return taken[0]


async def _take(app: CockpitApp, wait: float) -> Snapshot:
    deadline = time.monotonic() + wait
    await _until(lambda: isinstance(app.screen, CockpitScreen) or bool(app.failure), deadline)
    screen = app.screen
    if not isinstance(screen, CockpitScreen):
        raise app.failure or K8sTuiError("the cockpit did not open in time")
    await _until(lambda: _is_settled(screen.cluster), deadline)
    until = min(deadline, time.monotonic() + _LOG_SECONDS)
    await _until(lambda: screen.logs.pane.line_count > 0, until)
    # What the panes have asked for since is read, too.
    await _until(lambda: _is_settled(screen.cluster), deadline)
    screen.show_status()
    screen.show_status()
    screen.tick_tables()
    await asyncio.sleep(2 * _LOOK_SECONDS)
    failure = _failure(screen.cluster)
    return Snapshot(
        text=_screen_text(screen),
        svg=app.export_screenshot(title="k8stui"),
        data=json.dumps(snapshot_data(screen.model), indent=2, ensure_ascii=False),
        failure="\n".join(failure.lines()) if failure else "",
        exit_code=failure.exit_code if failure else 0,
    )


async def _until(condition: Callable[[], bool], deadline: float) -> None:
    """Waits for what many sources decide together, until the deadline (monotonic) at most."""
    while time.monotonic() < deadline and not condition():  # noqa: ASYNC110 - see above
        await asyncio.sleep(_LOOK_SECONDS)


def _screen_text(screen: CockpitScreen) -> str:
    lines = [
        "".join(segment.text for segment in strip).rstrip()
        for strip in screen._compositor.render_strips()
    ]
    return "\n".join(lines)


def _is_settled(cluster: LiveCluster) -> bool:
    """Nothing is being read any more, whether or not it could be."""
    phases = [phase for _, phase in cluster.phases()]
    if phases and all(isinstance(phase, Stale) for phase in phases):
        return True  # nobody is there: as kubectl, one try is enough
    waiting = any(isinstance(phase, (Syncing, Stale)) for phase in phases)
    return bool(phases) and not waiting and not isinstance(cluster.usage.state, Unasked)


def _failure(cluster: LiveCluster) -> K8sTuiError | None:
    phases = dict(cluster.phases())
    pods = phases.get("pods")
    if isinstance(pods, Unauthorized):
        return ConnectionFailed(pods.message)
    if isinstance(pods, Forbidden):
        refused = K8sTuiError(pods.message, "what else may be read is in the frame")
        refused.exit_code = EXIT_REFUSED
        return refused
    if isinstance(pods, Stale) and pods.status == HTTPStatus.BAD_REQUEST:
        return UsageError(pods.reason, "look at -l")
    if isinstance(pods, Stale):
        return ConnectionFailed(pods.reason, "is the cluster up, and the VPN or proxy to it?")
    unread = [key for key, phase in phases.items() if isinstance(phase, (Syncing, Stale))]
    if not unread:
        return None
    error = K8sTuiError(f"not complete: still reading {', '.join(unread)}", "give it more --wait")
    error.exit_code = EXIT_ERROR
    return error


# -- the data behind the frame ----------------------------------------------------------------


def snapshot_data(model: Cockpit) -> dict[str, Any]:
    """Every table's rows by column id, the header's facts, and the state of each kind."""
    cluster = model.cluster
    nodes = cluster.collection("nodes").rows.values()
    return {
        "context": cluster.context,
        "server": cluster.server,
        "server_version": cluster.server_version,
        "namespace": cluster.namespace or None,
        "user": cluster.user,
        "read_only": cluster.read_only,
        "time": round(time.time()),
        "phases": {key: _phase_data(phase) for key, phase in cluster.phases()},
        "nodes": {"total": len(nodes), "not_ready": sum(not node.ready for node in nodes)},
        "workloads": _rows(model.workloads, cluster),
        "pods": _all_pods(model),
    }


def _phase_data(phase: Phase) -> dict[str, Any]:
    word = {
        Syncing: "syncing",
        Live: "live",
        Stale: "stale",
        Forbidden: "forbidden",
        Unauthorized: "unauthorized",
        Missing: "missing",
    }[type(phase)]
    facts = {key: value for key, value in msgspec.structs.asdict(phase).items() if value}
    return {"phase": word, **facts}


def _all_pods(model: Cockpit) -> list[dict[str, Any]]:
    model.pods.set_scope(None)
    return _rows(model.pods, model.cluster)


def _rows(view: TableView[Any], cluster: LiveCluster) -> list[dict[str, Any]]:
    context = Context(time.time(), cluster.usage)
    rows = []
    for record in view.records():
        row = _head(record)
        for column in view.definitions:
            row[column.id] = column.text(record, context)
        rows.append(row)
    return rows


def _head(record: Record) -> dict[str, Any]:
    return {"namespace": record.namespace, "name": record.name, "uid": record.uid}

"""The groups of cases, in the order in which they run, and what they share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bench import beside, big, cases, log_cases, pane_logs, slow
from bench.clusters import Demo, begin, demo, kubectl, real, scripts
from bench.cockpit import NotSeenError, cockpit, ready
from bench.report import Row
from bench.terminal import Terminal

GROUPS = (
    *("start", "demo", "slow", "idle", "screen", "engine"),
    *("scale", "table", "churn", "logs", "large", "real"),
)
_OF_TEN_THOUSAND = ("scale", "table", "churn", "logs")


class Effort(NamedTuple):
    """How much is done of what."""

    starts: int
    runs: int
    seconds: float
    """For which something that goes on is looked at."""
    presses: int
    pages: int


QUICK = Effort(starts=3, runs=1, seconds=4, presses=10, pages=50)
FULL = Effort(starts=7, runs=5, seconds=20, presses=30, pages=400)


class Bench:
    """Runs cases one after the other, and says what is under way.

    Args:
        only: The groups that are wanted; all if none.
    """

    def __init__(self, quick: bool, only: set[str]) -> None:
        self.rows: list[Row] = []
        self._quick = quick
        self._effort = QUICK if quick else FULL
        self._only = only
        self._began = time.monotonic()
        self._kubectl = kubectl()
        self._begun: dict[int, subprocess.Popen[str]] = {}
        """Clusters of so many pods, which take long to come up."""

    def run_all(self) -> None:
        """Runs what is wanted. What fails says so in the table, and keeps nothing else from it."""
        groups: tuple[tuple[str, Callable[[], None]], ...] = (
            ("demo", self._demo),
            ("start slow", self._small),
            ("idle", self._idle),
            ("screen", self._on_screen),
            ("engine", self._log_engine),
            (" ".join(_OF_TEN_THOUSAND), self._ten_thousand),
            ("scale", self._thousand),
            ("large", self._large),
            ("real", self._real),
        )
        try:
            for names, group in groups:
                if any(self._wants(name) for name in names.split()):
                    self._group(names, group)
        finally:
            for process in self._begun.values():
                process.kill()
                process.wait()

    def case(self, group: str, what: str, case: Callable[[], list[Row]]) -> None:
        """Runs a case."""
        print(f"[{time.monotonic() - self._began:4.0f} s] {what}", file=sys.stderr, flush=True)
        try:
            found = case()
        except (Exception, SystemExit) as error:
            found = [Row(what, f"not measured: {error or type(error).__name__}")]
        self._add(group, found)

    def _group(self, name: str, group: Callable[[], None]) -> None:
        try:
            group()
        except (Exception, SystemExit) as error:
            # A cluster that does not come up takes its own cases with it, and no others.
            self._add(name, [Row(f"all of {name}", f"not measured: {error}")])

    def _add(self, group: str, rows: list[Row]) -> None:
        self.rows += [row._replace(group=group) for row in rows]
        for row in rows:
            told = (row.what, row.measured, row.goal, row.kubectl)
            print("    ", " | ".join(filter(None, told)), file=sys.stderr, flush=True)

    def _wants(self, group: str) -> bool:
        if group in ("engine", "real") and self._quick:
            return group in self._only
        return not self._only or group in self._only

    # -- groups -------------------------------------------------------------------------------

    def _small(self) -> None:
        effort = self._effort
        with demo(0) as cluster:
            path = cluster.kubeconfig
            if self._wants("start"):
                self.case("start", "start", lambda: cases.start(path, effort.starts))
            if self._wants("slow"):
                self._begin_big_clusters()
                self.case(
                    "slow",
                    "slow terminal",
                    lambda: slow.slow_terminal(path, effort.seconds, effort.presses),
                )
                if not self._quick:
                    self.case("slow", "slow API server", lambda: slow.slow_server(path))

    def _begin_big_clusters(self) -> None:
        # What is measured meanwhile waits for a line or for time, not for a core.
        if any(self._wants(name) for name in _OF_TEN_THOUSAND):
            self._begun[10_000] = begin(10_000)
        if self._wants("large"):
            self._begun[50_000] = begin(50_000)

    def _demo(self) -> None:
        self.case("demo", "demo", lambda: cases.demo_start(self._effort.starts))

    def _idle(self) -> None:
        with demo(200, "empty") as cluster:
            path = cluster.kubeconfig
            self.case("idle", "idle", lambda: cases.idle(path, max(6, self._effort.seconds)))

    def _on_screen(self) -> None:
        with demo(20) as cluster:
            cluster.order(churn=10)
            path = cluster.kubeconfig
            seconds = max(6, self._effort.seconds)
            self.case("screen", "changes on screen", lambda: cases.on_screen(path, 10, seconds))

    def _log_engine(self) -> None:
        runs, seconds = (1, 5.0) if self._quick else (3, 20.0)
        self.case("engine", "logs to a pipe", lambda: log_cases.pipes(self._kubectl, runs))
        self.case("engine", "log engine", lambda: log_cases.engine(seconds))
        self.case("engine", "log buffer", log_cases.buffer)

    def _ten_thousand(self) -> None:
        with demo(10_000, begun=self._begun.pop(10_000, None)) as cluster:
            if self._wants("scale"):
                self._scale(cluster)
            if self._wants("table"):
                with cockpit(cluster.kubeconfig) as terminal:
                    self._table(terminal)
            if self._wants("churn"):
                self._churn(cluster.kubeconfig, cluster.order)
            if self._wants("logs"):
                self._logs(cluster)

    def _scale(self, cluster: Demo) -> None:
        path, runs = cluster.kubeconfig, self._effort.runs
        self.case("scale", "10,000 pods", lambda: big.sync(path, 10_000, runs))
        self.case("scale", "stall", lambda: big.stall(path, 10_000, self._effort.seconds))
        cluster.requests()
        with cockpit(path) as terminal:
            self.case("scale", "API load", lambda: big.requests(terminal, cluster))
            self.case("scale", "relist", lambda: big.relist(terminal, cluster))
            self.case("scale", "context switch", lambda: big.switch(terminal))

    def _table(self, terminal: Terminal) -> None:
        ready(terminal)
        self.case("table", "the big table", lambda: big.table(terminal, self._effort.pages))

    def _churn(self, path: str, order: Callable[..., None]) -> None:
        with cockpit(path) as terminal:
            ready(terminal)
            for rate in (10, 100, 1000):
                order(churn=rate)
                self.case("churn", f"{rate} changes/s", partial(self._churned, terminal, rate))
        if self._kubectl:
            order(churn=100)
            self._beside(self._kubectl, "churn", path)
        order(churn=0)

    def _churned(self, terminal: Terminal, rate: int) -> list[Row]:
        return big.churn(terminal, rate, self._effort.seconds, 2 * self._effort.presses)

    def _beside(self, theirs: str, group: str, path: str) -> None:
        seconds = self._effort.seconds
        self.case(group, "kubectl watches", lambda: beside.watching(theirs, path, 100, seconds))
        self.case(group, "kubectl once", lambda: beside.once(theirs, path, 10_000))

    def _logs(self, cluster: Demo) -> None:
        effort, path = self._effort, cluster.kubeconfig
        rates = (1000, 10_000, 50_000)
        cluster.order(logs=rates[0] / pane_logs.PODS)
        with cockpit(path, "-n", pane_logs.NAMESPACE) as terminal:
            pane_logs.open_logs(terminal)
            for rate in rates:
                cluster.order(logs=rate / pane_logs.PODS)
                logged = partial(pane_logs.logs, terminal, rate, effort.seconds, effort.presses)
                self.case("logs", f"logs at {rate:,} lines/s", logged)
        # Not beside the cockpit, whose terminal would take nothing meanwhile.
        for rate in rates if self._kubectl else ():
            cluster.order(logs=rate / pane_logs.PODS)
            followed = partial(beside.logs, self._kubectl or "", path, rate, effort.seconds)
            self.case("logs", f"kubectl logs at {rate:,} lines/s", followed)

    def _thousand(self) -> None:
        with demo(1000) as cluster:
            path, runs = cluster.kubeconfig, min(3, self._effort.runs)
            self.case("scale", "1,000 pods", lambda: big.sync(path, 1000, runs))

    def _large(self) -> None:
        with demo(50_000, begun=self._begun.pop(50_000, None)) as cluster:
            path, runs = cluster.kubeconfig, min(3, self._effort.runs)
            self.case("large", "50,000 pods", lambda: big.sync(path, 50_000, runs))

    def _real(self) -> None:
        if scripts() is None:
            raise NotSeenError("there is no control plane to start")
        before = len(self.rows)
        with real(10_000) as cluster:
            path, runs = cluster.kubeconfig, self._effort.runs
            self.case("real", "10,000 pods", lambda: big.sync(path, 10_000, runs))
            with cockpit(path) as terminal:
                ready(terminal)
                self.case("real", "the big table", lambda: big.table(terminal, self._effort.pages))
                cluster.churn(100)
                terminal.send(b"\x1b")
                self.case("real", "100 changes/s", lambda: self._churned(terminal, 100))
            if self._kubectl:
                self._beside(self._kubectl, "real", path)
        self.rows[before:] = [
            row._replace(what=f"real API server: {row.what}") for row in self.rows[before:]
        ]

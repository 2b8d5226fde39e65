"""`python -m bench`: the real program on a real pty, against clusters that it starts itself.

Everything runs on the demo cluster; where a real control plane can be started (see
`bench.clusters`), 1,000 and 10,000 pods and 100 changes a second are measured on it too.
`--quick` takes less time, and the demo cluster only. The table goes to docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import cases, log_cases, slow, soak
from bench.clusters import demo, kubectl, real, scripts
from bench.report import Row, table, write

_FILE = Path(__file__).parents[1] / "docs" / "performance.md"
_GROUPS = ("small", "demo", "scale", "churn", "table", "logs", "engine", "slow", "large", "real")


class Bench:
    """Runs cases one after the other, and says what is under way."""

    def __init__(self, quick: bool, only: set[str]) -> None:
        self.rows: list[Row] = []
        self.quick = quick
        self._only = only
        self._began = time.monotonic()

    def wants(self, *groups: str) -> bool:
        return not self._only or bool(self._only & set(groups))

    def run(self, what: str, case: Callable[[], list[Row]]) -> None:
        print(f"[{time.monotonic() - self._began:4.0f} s] {what}", file=sys.stderr, flush=True)
        try:
            found = case()
        except (Exception, SystemExit) as error:
            found = [Row(what, f"not measured: {error}")]
        self.rows += found
        for row in found:
            print("    ", " | ".join(filter(None, row)), file=sys.stderr, flush=True)

    # -- groups -------------------------------------------------------------------------------

    def small(self) -> None:
        if not self.wants("small", "slow"):
            return
        with demo(0) as cluster:
            path = cluster.kubeconfig
            if self.wants("small"):
                self.run("start", lambda: cases.start(path, 3 if self.quick else 7))
            if self.wants("slow"):
                self.run("slow terminal", lambda: slow.slow_terminal(path, 6 if self.quick else 20))
                if not self.quick:
                    self.run("slow API server", lambda: slow.slow_server(path))
        if self.wants("small"):
            with demo(200, "empty") as cluster:
                quiet = cluster.kubeconfig
                self.run("idle", lambda: cases.idle(quiet, 6 if self.quick else 30))

    def on_screen(self) -> None:
        if not self.wants("churn"):
            return
        with demo(20) as cluster:
            path = cluster.kubeconfig
            cluster.order(churn=10)
            self.run("changes on screen", lambda: cases.on_screen(path, 10))
            self.run("the same, thrifty", lambda: cases.on_screen(path, 10, "--low-bandwidth"))

    def demo(self) -> None:
        if self.wants("demo"):
            self.run("demo", lambda: cases.demo_start(3 if self.quick else 7))

    def log_engine(self) -> None:
        """`k8stui logs` and the engine; the pane's figures are of the big cluster."""
        if not self.wants("logs", "engine"):
            return
        self.run("logs to a pipe", lambda: log_cases.pipes(kubectl(), 1 if self.quick else 3))
        self.run("log engine", lambda: log_cases.engine(5.0 if self.quick else 20.0))
        self.run("log buffer", log_cases.buffer)

    def ten_thousand(self) -> None:
        if not self.wants("scale", "churn", "table", "logs"):
            return
        runs, seconds, presses = (1, 6.0, 12) if self.quick else (5, 20.0, 30)
        theirs = kubectl()
        with demo(10_000) as cluster:
            path = cluster.kubeconfig
            if self.wants("scale"):
                self.run("10,000 pods", lambda: cases.sync(path, 10_000, runs))
                self.run("stall", lambda: cases.stall(path, 10_000, 8 if self.quick else 20))
                self.run("context switch", lambda: cases.switch(path))
                self.run("relist", lambda: cases.relist(cluster))
            if self.wants("table"):
                self.run("the big table", lambda: cases.table(path))
            rates = (100, 1000) if self.quick else (10, 100, 1000)
            for rate in rates if self.wants("churn") else ():
                cluster.order(churn=rate)
                churned = partial(cases.churn, path, rate, seconds, presses)
                self.run(f"{rate} changes/s", churned)
                if rate == 100 and theirs:
                    self.run(
                        "kubectl beside it",
                        lambda: cases.beside_kubectl(theirs, path, 10_000, 100, seconds),
                    )
            cluster.order(churn=0)
            for rate in (1000, 10_000, 50_000) if self.wants("logs") else ():
                cluster.order(logs=rate / 20)
                self.run(
                    f"logs at {rate:,} lines/s",
                    lambda rate=rate: cases.logs(path, rate, seconds, theirs),  # type: ignore[misc]
                )

    def other_sizes(self) -> None:
        if self.wants("scale") and not self.quick:
            with demo(1000) as cluster:
                path = cluster.kubeconfig
                self.run("1,000 pods", lambda: cases.sync(path, 1000, 3))
        if self.wants("large"):
            with demo(50_000) as cluster:
                large = cluster.kubeconfig
                runs = 1 if self.quick else 3
                self.run("50,000 pods", lambda: cases.sync(large, 50_000, runs))

    def real(self) -> None:
        if self.quick or scripts() is None or not self.wants("real"):
            return
        with real(10_000) as cluster:
            path = cluster.kubeconfig
            begin = len(self.rows)
            self.run("10,000 pods, real", lambda: cases.sync(path, 10_000, 5))
            self.run("the big table, real", lambda: cases.table(path))
            cluster.churn(100)
            self.run("100 changes/s, real", lambda: cases.churn(path, 100, 30.0))
            theirs = kubectl()
            if theirs:
                self.run(
                    "kubectl, real", lambda: cases.beside_kubectl(theirs, path, 10_000, 100, 20.0)
                )
        self.rows[begin:] = [
            row._replace(what=f"real API server: {row.what}") for row in self.rows[begin:]
        ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="the demo cluster only, with fewer runs"
    )
    parser.add_argument(
        "--only", choices=_GROUPS, action="append", default=[], help="only these cases"
    )
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="only this: an hour, or more")
    parser.add_argument("--churn", type=float, default=100, help="changes/s of the soak")
    parser.add_argument("--logs", type=float, default=1000, help="lines/s of the soak")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", default=_FILE, help="default: docs/performance.md"
    )
    parser.add_argument("--dry", action="store_true", help="only print the table")
    options = parser.parse_args()
    bench = Bench(options.quick, set(options.only))
    if options.soak:
        bench.run("soak", lambda: soak.run(options.soak, options.churn, options.logs))
    else:
        bench.small()
        bench.on_screen()
        bench.demo()
        bench.log_engine()
        bench.ten_thousand()
        bench.other_sizes()
        bench.real()
    print(table(bench.rows))
    if not (options.dry or options.soak or options.only):
        command = " ".join(["python -m bench", *sys.argv[1:]])
        write(options.write, bench.rows, command, time.strftime("%Y-%m-%d"))


if __name__ == "__main__":
    main()

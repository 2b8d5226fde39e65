"""`python -m bench`: the real program on a real pty, against clusters that it starts itself.

Everything runs on the demo cluster; where a real control plane can be started (see
`bench.clusters`), 10,000 pods and 100 changes a second are measured on it too. `--quick` does with
fewer runs, the demo cluster and no log engine, and takes less than five minutes on a machine that
does nothing else. The table goes to docs/performance.md, and so does `--soak`'s.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from bench import soak
from bench.groups import GROUPS, Bench
from bench.report import heading, table, write

_FILE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick", action="store_true", help="the demo cluster only, with fewer runs"
    )
    parser.add_argument(
        "--only",
        choices=GROUPS,
        action="append",
        default=[],
        help="only these cases, and nothing is written",
    )
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="only this: an hour, or more")
    parser.add_argument("--churn", type=float, default=100, help="changes/s of the soak")
    parser.add_argument("--logs", type=float, default=1000, help="lines/s of each stream of it")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", default=_FILE, help="default: docs/performance.md"
    )
    parser.add_argument("--dry", action="store_true", help="only print the table")
    options = parser.parse_args()
    load, began = os.getloadavg()[0], time.monotonic()
    bench = Bench(options.quick, set(options.only))
    if options.soak:
        bench.case("soak", "soak", lambda: soak.run(options.soak, options.churn, options.logs))
    else:
        bench.run_all()
    head = heading(bench.rows, " ".join(["python -m bench", *sys.argv[1:]]), began, load)
    print(f"{head}\n\n{table(bench.rows)}")
    if not (options.dry or options.only):
        write(options.write, bench.rows, head, "soak" if options.soak else "measured")


if __name__ == "__main__":
    main()

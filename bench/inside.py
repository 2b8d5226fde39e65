"""Runs k8stui so that it can be asked what it holds: `python -m bench.inside FILE ARGUMENTS...`.

On SIGUSR1 it writes how many tasks and tracked objects there are into FILE, as JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
from pathlib import Path

from k8stui.cli import main


def _tell(*_: object) -> None:
    gc.collect()
    held = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
    Path(sys.argv[1]).write_text(json.dumps(held))


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _tell)
    sys.exit(main(sys.argv[2:]))

"""Logs whose lines say which container instance wrote them, and the how manieth each is."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

from k8stui.logs.ring import KIND_MASK, LINE, NOTICE
from k8stui.logs.tail import LogTail

NODE_LOGS = Path("/var/log/pods")


class Files:
    """What the node's own files hold of each instance, as long as there are such files."""

    def __init__(self, namespace: str) -> None:
        self._pattern = f"{namespace}_*/app/*.log"
        self.lines: dict[str, int] = defaultdict(int)
        self.pods: dict[str, str] = {}
        """Pods and files, by instance."""

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            await asyncio.to_thread(self._look)
            await asyncio.sleep(0.3)

    def _look(self) -> None:
        for path in NODE_LOGS.glob(self._pattern):
            try:
                text = path.read_text()
            except OSError:
                continue
            whole = [line for line in text.split("\n")[:-1] if line]
            if whole:
                instance, number = whole[-1].split(" ")[3:5]
                self.lines[instance] = max(self.lines[instance], int(number) + 1)
                self.pods[instance] = f"{path.parts[-3].split('_')[1]} {path.name}"


class Seen:
    """What the engine gave out."""

    def __init__(self, tail: LogTail) -> None:
        self.numbers: dict[str, list[int]] = defaultdict(list)
        self.gaps: dict[str, list[str]] = defaultdict(list)
        """By pod."""
        for _, line in tail.ring.range(0, tail.ring.end):
            if line.mark & KIND_MASK == LINE:
                instance, number = line.message.decode().split(" ")
                self.numbers[instance].append(int(number))
            elif line.mark & KIND_MASK == NOTICE and b"gap" in line.message:
                self.gaps[tail.name_of(line.stream).pod].append(line.message.decode())


def untold(files: Files, seen: Seen) -> dict[str, tuple[str, int, int]]:
    """Instances that wrote more lines than were seen, without a word of a gap in their pod's log.

    Returns:
        Pod and file, lines written, and lines seen, by instance.
    """
    return {
        instance: (files.pods[instance], written, len(seen.numbers[instance]))
        for instance, written in files.lines.items()
        if written > len(seen.numbers[instance]) and not seen.gaps[files.pods[instance].split()[0]]
    }

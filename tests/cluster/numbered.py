"""Logs whose lines say which container instance wrote them, and the how manieth each is."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from k8stui.logs.pods import log_pod
from k8stui.logs.ring import KIND_MASK, LINE, NOTICE
from k8stui.logs.tail import LogTail
from k8stui.resources.pods import Pod
from k8stui.store.changes import ChangeSet

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


class Told:
    """What the API told of pods, and when: a failure here is not easily seen again."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = defaultdict(list)
        """By pod."""

    def take(self, changes: ChangeSet[Pod]) -> None:
        """For a collection's subscription."""
        for pod in (*changes.added.values(), *(new for _, new in changes.changed.values())):
            self._note(pod, "")
        for end in changes.last.values():
            self._note(end.record, " GONE, of its end nothing was told" if end.lost else " GONE")

    def _note(self, pod: Pod, how: str) -> None:
        said = log_pod(pod)
        parts = "; ".join(
            f"{one.state} {one.instance[-6:]} restarts={one.restarts} started={one.started} "
            f"ended={one.ended and one.ended.finished} backoff={one.backoff}"
            for one in said.containers
        )
        line = f"{time.time():.2f} told:{how} {said.phase} deleted={said.deleted} {parts}"
        self.lines[pod.name].append(line)


class Seen:
    """What the engine gave out."""

    def __init__(self, tail: LogTail, told: Told) -> None:
        self.numbers: dict[str, list[int]] = defaultdict(list)
        self.gaps: dict[str, list[str]] = defaultdict(list)
        """By pod."""
        self._stories = defaultdict(list, told.lines)
        for _, line in tail.ring.range(0, tail.ring.end):
            pod = tail.name_of(line.stream).pod
            if line.mark & KIND_MASK != LINE or line.message.endswith(b" 0"):
                text = f"{line.time / 1e9:.2f} seen: {line.message.decode()}"
                self._stories[pod].append(text)
            if line.mark & KIND_MASK == LINE:
                instance, number = line.message.decode().split(" ")
                self.numbers[instance].append(int(number))
            elif line.mark & KIND_MASK == NOTICE and b"gap" in line.message:
                self.gaps[pod].append(line.message.decode())

    def stories(self, holes: Mapping[str, tuple[str, int, int]]) -> str:
        """What was told and seen of the pods that `untold` names, in the order of its times."""
        pods = {pod.split()[0] for pod, _, _ in holes.values()}
        return "\n".join(line for pod in pods for line in (pod, *sorted(self._stories[pod])))


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

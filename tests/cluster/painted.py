"""The rollout pane as it is painted on a terminal, at every size that it is made for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.cluster.screen import Program, k8stui, running

SIZES: Final = ((80, 24), (200, 60), (120, 40))
_SINGLE: Final = 100
"""Columns below which one pane is shown at a time."""
_SHOWN: Final = 30.0
_PATIENCE: Final = 90.0


class PaintedPane:
    """The pane about one workload, which the cursor is brought to by a filter."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._name = ""

    def choose(self, name: str) -> None:
        """Shows the one workload of this name."""
        self._name = name
        self._program.send(f"//\\w.{name}$/\r")

    def until(self, says: Sequence[str]) -> float:
        """Waits until all of these stand in the pane; the epoch seconds of that moment."""
        self._program.until(lambda _: self._says(says), _PATIENCE, f"{says} in the pane")
        return time.time()

    def at_every_size(self, says: Sequence[str]) -> None:
        """The same must stand there at other sizes, too. Raises AssertionError otherwise."""
        for columns, lines in SIZES:
            self._program.resize(columns, lines)
            if columns < _SINGLE:
                self._program.shows("[Workloads]")
                self._program.send("\t\t")
            what = f"{says} in the pane at {columns}x{lines}"
            self._program.until(lambda _: self._says(says), _SHOWN, what)
            if columns < _SINGLE:
                self._program.send("\x1b")
                self._program.shows("[Workloads]")

    def _says(self, says: Sequence[str]) -> bool:
        text = self._text()
        return all(_bare(each) in text for each in says)

    def _text(self) -> str:
        """The words between the pane's title and its table, however they are wrapped."""
        lines = self._program.lines
        title = f"Rollout of {self._name}"
        top = next((y for y, line in enumerate(lines) if title in line), None)
        if top is None:
            return ""
        left = lines[top].index(title)
        found = []
        for line in lines[top + 1 :]:
            cells = line[left:].split("▏")[0]
            if cells.split()[:2] in (["REV↑", "PODS"], ["REV", "PODS"]):
                break
            found.append(cells)
        return _bare("".join(found))


def _bare(text: str) -> str:
    """Without blanks: where a line is wrapped is no matter."""
    return "".join(text.split())


@contextmanager
def rollout_pane(
    kubeconfig: Path, namespace: str, environ: Mapping[str, str]
) -> Iterator[PaintedPane]:
    """The program on a namespace, until the block is left."""
    command = k8stui("--kubeconfig", str(kubeconfig), "-n", namespace)
    with running(command, environ, *SIZES[-1]) as program:
        program.shows("Rollout", "Workloads", seconds=_SHOWN)
        yield PaintedPane(program)

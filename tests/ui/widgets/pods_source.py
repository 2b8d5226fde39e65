"""A table source for tests, whose rows are changed at will."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from k8stui.resources.record import Tone
from k8stui.viewmodels.table_source import CellText, ColumnLayout, HeaderCell, Sorted

COLUMNS = (
    ColumnLayout("name", "NAME", flexible="middle", min_width=12),
    ColumnLayout("ready", "READY"),
    ColumnLayout("status", "STATUS"),
    ColumnLayout("restarts", "RESTARTS", align="right"),
    ColumnLayout("cpu", "CPU", align="right", priority=1, min_width=5),
    ColumnLayout("memory", "MEM", align="right", priority=1, min_width=5),
    ColumnLayout("ip", "IP", priority=3),
    ColumnLayout("node", "NODE", priority=2, flexible="end"),
    ColumnLayout("qos", "QOS", priority=4),
    ColumnLayout("age", "AGE", align="right", live=True, min_width=5),
)


class Pod(NamedTuple):
    """A row: what it shows and when it began."""

    key: str
    name: str
    status: str = "Running"
    tone: Tone = Tone.OK
    restarts: int = 0
    created: int = 0
    row_tone: Tone = Tone.PLAIN


class PodsSource:
    """Keeps pods in the order they are given; counts what it is asked to project."""

    def __init__(self, pods: Sequence[Pod], columns: Sequence[ColumnLayout] = COLUMNS) -> None:
        self.pods = list(pods)
        self.layout = tuple(columns)
        self.version = 0
        self.now = 600
        self.marks: set[str] = set()
        self.sorted: dict[str, Sorted] = {}
        self.projected: list[int] = []
        self._ages_asked = 0

    @property
    def ages_asked(self) -> int:
        return self._ages_asked

    def columns(self) -> Sequence[ColumnLayout]:
        return self.layout

    def header(self) -> Sequence[HeaderCell]:
        return [HeaderCell(c.id, c.title, c.align, self.sorted.get(c.id, "")) for c in self.layout]

    def row_count(self) -> int:
        return len(self.pods)

    def key_at(self, index: int) -> str:
        return self.pods[index].key

    def index_of(self, key: str) -> int | None:
        return next((i for i, pod in enumerate(self.pods) if pod.key == key), None)

    def cells_at(self, index: int) -> Sequence[CellText]:
        self.projected.append(index)
        return [self._cell(self.pods[index], column.id) for column in self.layout]

    def cell_at(self, index: int, column: int) -> CellText:
        self._ages_asked += 1
        return self._cell(self.pods[index], self.layout[column].id)

    def row_version(self, index: int) -> Hashable:
        return self.pods[index]

    def row_tone(self, index: int) -> Tone:
        return self.pods[index].row_tone

    def marked(self, key: str) -> bool:
        return key in self.marks

    def _cell(self, pod: Pod, column: str) -> CellText:
        match column:
            case "name":
                return CellText(pod.name)
            case "status":
                return CellText(pod.status, pod.tone)
            case "restarts":
                return CellText(str(pod.restarts), Tone.WARN if pod.restarts else Tone.PLAIN)
            case "age":
                seconds = self.now - pod.created
                return CellText(f"{seconds // 60}m" if seconds >= 60 else f"{seconds}s")
        fixed = {"ready": "1/1", "cpu": "12m", "memory": "88Mi", "ip": "10.244.0.17"}
        return CellText(fixed.get(column, "node-1" if column == "node" else "Burstable"))

    def change(self, index: int, **fields: str | int | Tone) -> None:
        """Replaces fields of one row."""
        self.pods[index] = Pod(*({**self.pods[index]._asdict(), **fields}.values()))
        self.version += 1


def pods(count: int) -> list[Pod]:
    """So many pods, all alike but for their names."""
    return [Pod(f"uid-{i}", f"web-7f6d9c5b8d-{i:05}") for i in range(count)]

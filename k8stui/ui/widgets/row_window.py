"""The rows of a table that are on the screen: laid out, measured and painted where they differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import ClassVar

from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.strip import Strip

from k8stui.resources.record import Tone
from k8stui.ui.widgets.still_scroll import StillScroll
from k8stui.ui.widgets.table_layout import Layout, Stop, Widths
from k8stui.ui.widgets.table_paint import (
    NoticeLine,
    RowLine,
    header_strip,
    notice_part,
    notice_strip,
    row_strip,
)
from k8stui.viewmodels.table_source import CellText, ColumnLayout, HeaderCell, TableSource

HEADER_LINES = 1
_Line = RowLine | NoticeLine | None


class RowWindow(StillScroll):
    """The visible slice of a `TableSource` under a fixed header."""

    COMPONENT_PREFIX: ClassVar[str] = "resource-table"

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "resource-table--ok",
        "resource-table--warn",
        "resource-table--error",
        "resource-table--muted",
        "resource-table--accent",
        "resource-table--cursor",
        "resource-table--header",
        "resource-table--marked",
    }

    DEFAULT_CSS = """
    RowWindow {
        & > .resource-table--ok { color: $text-success; }
        & > .resource-table--warn { color: $text-warning; }
        & > .resource-table--error { color: $text-error; text-style: bold; }
        & > .resource-table--muted { color: $text-muted; }
        & > .resource-table--accent { color: $text-accent; }
        & > .resource-table--header { color: $text-muted; text-style: bold; }
        & > .resource-table--marked { text-style: italic; }
        & > .resource-table--cursor { background: $block-cursor-blurred-background; }
        &:focus > .resource-table--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """

    def __init__(
        self,
        source: TableSource,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._source = source
        self._notice = NoticeLine("", Tone.MUTED)
        self._columns: tuple[ColumnLayout, ...] = ()
        self._live: tuple[int, ...] = ()
        self._header: tuple[HeaderCell, ...] = ()
        self._widths = Widths()
        self._layout = Layout()
        self._stops: list[Stop] = [Stop(0)]
        self._stop = 0
        self._cursor_key: str | None = None
        self._window: list[str] = []
        self._measured: tuple[Size, int] = (Size(), 0)
        self._painted: dict[int, _Line] = {}
        self._rows: LRUCache[tuple[str, Hashable], Sequence[CellText]] = LRUCache(256)
        self._strips: LRUCache[RowLine, Strip] = LRUCache(256)

    @property
    def source(self) -> TableSource:
        """What is shown."""
        return self._source

    def set_empty(self, text: str, tone: Tone = Tone.MUTED) -> None:
        """Sets what stands where there are no rows ("no pods in shop"). Clean text, wrapped."""
        notice = NoticeLine(text, tone)
        if notice != self._notice:
            self._notice = notice
            self._repaint_changed()

    def tick(self) -> None:
        """Asks again for the live cells of the visible rows; paints those whose text changed."""
        if not self._live or not self._widths.natural:
            return
        if self._measure_live(self._visible):
            self._lay_out()
        else:
            self._repaint_changed()

    # Where things are

    @property
    def _width(self) -> int:
        """Cells of a line, the scroll bar left out."""
        # Asked for several times a line, and only another size changes it: the bar is fixed.
        size, width = self._measured
        if size != self.outer_size:
            width = self.scrollable_content_region.width
            self._measured = (self.outer_size, width)
        return width

    @property
    def _page(self) -> int:
        return max(0, self.size.height - HEADER_LINES)

    @property
    def _visible(self) -> range:
        top = self.scroll_offset.y
        return range(top, max(top, min(self._source.row_count(), top + self._page)))

    def _take_columns(self) -> bool:
        """True when the columns are others than before: a new data set."""
        columns = tuple(self._source.columns())
        if columns == self._columns:
            return False
        self._columns = columns
        self._live = tuple(i for i, column in enumerate(columns) if column.live)
        self._rows.clear()
        return True

    def _repaint_source(self, fresh: bool) -> None:
        """Repaints what differs after the source changed; all only where columns moved."""
        header = tuple(self._source.header())
        header_changed = header != self._header
        self._header = header
        if fresh or not self._widths.natural:
            self._measure_anew()
        elif self._measure_rows(self._visible) or (
            header_changed and self._widths.add_header(header)
        ):
            self._lay_out()
        else:
            if header_changed:
                self.refresh(Region(0, 0, self._width, HEADER_LINES))
            self._repaint_changed()

    def scroll_to_row(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, force=True)

    def scroll_by_rows(self, rows: int) -> None:
        self.scroll_to_row(self.scroll_offset.y + rows)

    def scroll_by_pages(self, pages: int) -> None:
        self.scroll_by_rows(pages * self._page)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self.vertical_scrollbar.position = new_value
        if round(old_value) == round(new_value):
            return
        seen = set(self._window)
        visible = self._visible
        self._window = [self._source.key_at(row) for row in visible]
        # Rows that stay have been measured.
        new = [row for row, key in zip(visible, self._window, strict=True) if key not in seen]
        if self._measure_rows(new):
            self._lay_out()
        else:
            self.refresh(Region(0, HEADER_LINES, self._width, self._page))

    # How wide things are

    def _cells(self, index: int) -> Sequence[CellText]:
        key = (self._source.key_at(index), self._source.row_version(index))
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._source.cells_at(index)
        return row

    def _measure(self, rows: Iterable[int]) -> bool:
        grown = False
        for index in rows:
            grown |= self._widths.add_row(self._cells(index))
        return grown

    def _measure_live(self, rows: Iterable[int]) -> bool:
        grown = False
        for index in rows:
            for column in self._live:
                grown |= self._widths.add_cell(column, self._source.cell_at(index, column))
        return grown

    def _measure_rows(self, rows: Sequence[int]) -> bool:
        """True when a cell of these visible rows needs more room than there is."""
        if not self._widths.natural:
            return False
        grown = self._measure(rows)
        return self._measure_live(rows) or grown

    def _measure_anew(self) -> None:
        """Takes the widths from the titles, the first screens and what is visible."""
        if not self._columns or not self.size:
            # Measured when it is shown; widths of other columns would not fit these.
            self._widths = Widths()
            return
        self._widths.reset(self._columns, self._header)
        self._measure(range(min(self._source.row_count(), 2 * self._page)))
        self._measure_rows(self._visible)
        self._lay_out()

    def _lay_out(self) -> None:
        """Places the columns and repaints the page."""
        room = self._width - 1
        self._layout = self._widths.fit(self._columns, room)
        self._stops = self._widths.stops(self._columns, room) if self._is_cut() else [Stop(0)]
        self._stop = min(self._stop, len(self._stops) - 1)
        if self._stop:
            self._layout = self._widths.scrolled(self._columns, room, self._stops[self._stop])
        self._strips.clear()
        self.refresh(self.size.region)

    def _is_cut(self) -> bool:
        natural = self._widths.natural
        return self._layout.hidden > 0 or any(
            place.width < natural[place.column] for place in self._layout.placed
        )

    def _fit_caches(self) -> None:
        """Keeps about four screens of rows, and forgets what was painted in another size."""
        size = 4 * max(16, self.size.height)
        self._rows = LRUCache(size)
        self._strips = LRUCache(size)
        self._painted.clear()

    # Painting

    def _line_at(self, y: int) -> _Line:
        """What the screen's line `y` (below the header) shows."""
        source = self._source
        count = source.row_count()
        index = self.scroll_offset.y + y - HEADER_LINES
        if not count:
            return notice_part(self._notice, y - HEADER_LINES, width=self._width)
        if not 0 <= index < count:
            return None
        key = source.key_at(index)
        return RowLine(
            key,
            source.row_version(index),
            source.marked(key),
            key == self._cursor_key,
            tuple([source.cell_at(index, column) for column in self._live]),
        )

    def _repaint_changed(self) -> None:
        """Repaints the visible lines that differ from what is on the screen."""
        width = self._width
        for y in range(HEADER_LINES, self.size.height):
            if y not in self._painted:
                continue
            before, line = self._painted[y], self._line_at(y)
            if line == before:
                continue
            end = width
            if isinstance(before, RowLine) and isinstance(line, RowLine):
                end = self._live_end(before, line)
            self.refresh(Region(0, y, end, 1))

    def _live_end(self, before: RowLine, line: RowLine) -> int:
        """Where the last changed live column ends, where nothing but live columns changed."""
        if before._replace(live=line.live) != line:
            return self._width
        changed = {
            column
            for column, old, new in zip(self._live, before.live, line.live, strict=True)
            if old != new
        }
        ends = [place.x + place.width for place in self._layout.placed if place.column in changed]
        return max(ends, default=0)

    def render_line(self, y: int) -> Strip:
        width = self._width
        if y < HEADER_LINES:
            more_right = self._layout.hidden > 0 and self._stop < len(self._stops) - 1
            return header_strip(self._header, self._layout, more_right, width, self._style_of)
        line = self._painted[y] = self._line_at(y)
        if isinstance(line, RowLine):
            strip = self._strips.get(line)
            if strip is None:
                index = self.scroll_offset.y + y - HEADER_LINES
                strip = self._strips[line] = self._row_strip(line, index)
            return strip
        if line is None:
            return Strip.blank(width, self._style_of())
        return notice_strip(line, width, self._style_of)

    def _row_strip(self, line: RowLine, index: int) -> Strip:
        row = list(self._cells(index))
        for column, cell in zip(self._live, line.live, strict=True):
            row[column] = cell
        return row_strip(
            line,
            row,
            self._source.row_tone(index),
            columns=self._columns,
            layout=self._layout,
            width=self._width,
            focused=self.has_focus,
            style_of=self._style_of,
        )

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

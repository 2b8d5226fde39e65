"""A table that draws only the rows on the screen, and of those only what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message

from k8stui.ui._textual_compat.views import move_offset, resize_virtual
from k8stui.ui.widgets.row_window import HEADER_LINES, RowWindow
from k8stui.ui.widgets.table_anchor import anchored_top, nearest_survivor
from k8stui.viewmodels.table_source import TableSource


class ResourceTable(RowWindow):
    """Rows of a `TableSource`, with a cursor that stays with its row.

    The owner calls `refresh_rows` when the source changed and `tick` as time passes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Row up", show=False),
        Binding("down,j", "cursor_down", "Row down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page_down", "Page down", show=False),
        Binding("home,g", "first_row", "First row", show=False),
        Binding("end,G", "last_row", "Last row", show=False),
        Binding("left", "columns_left", "Columns to the left", show=False),
        Binding("right", "columns_right", "Columns to the right", show=False),
        Binding("enter", "activate", "Open", show=False),
    ]

    @dataclass
    class RowHighlighted(Message):
        """The cursor stands on another row than before."""

        table: ResourceTable
        key: str | None
        """None when there are no rows."""

        @property
        def control(self) -> ResourceTable:
            return self.table

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, type(self)) and message.table is self.table

    @dataclass
    class RowActivated(Message):
        """A row was opened (enter, double click)."""

        table: ResourceTable
        key: str

        @property
        def control(self) -> ResourceTable:
            return self.table

    @dataclass
    class HeaderSelected(Message):
        """A column's title was clicked."""

        table: ResourceTable
        column_id: str

        @property
        def control(self) -> ResourceTable:
            return self.table

    def __init__(
        self,
        source: TableSource,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(source, name=name, id=id, classes=classes)
        self._wanted_key = ""
        self._cursor_index = 0

    # What the owner calls

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor, None when there are no rows."""
        return self._cursor_key

    def show_source(self, source: TableSource, cursor_key: str | None = None) -> None:
        """Shows another source from its top, or from the row with this key."""
        self._source = source
        self._rows.clear()
        self._columns = ()
        self._window = []
        self._stop = 0
        self._wanted_key = cursor_key or ""
        self._cursor_index = 0
        move_offset(self, 0)
        self.refresh_rows()
        self._bring_into_view(self._cursor_index)

    def move_cursor(self, key: str) -> bool:
        """Puts the cursor on the row with this key; False when it is not there."""
        index = self._source.index_of(key)
        if index is None:
            return False
        self._put_cursor(index)
        return True

    def refresh_rows(self) -> None:
        """Takes up what changed in the source; paints the visible lines that differ."""
        fresh = self._take_columns()
        self._follow_rows()
        self._repaint_source(fresh)

    def _follow_rows(self) -> None:
        """Finds the cursor's row and the offset again, so that what is read does not move."""
        source = self._source
        count = source.row_count()
        top = self.scroll_offset.y
        cursor_line = self._cursor_index - top
        cursor_seen = not self._window or 0 <= cursor_line < self._page
        index = self._cursor_after_change(count, top)
        if top and cursor_seen and source.index_of(self._wanted_key) is not None:
            top = max(0, index - cursor_line)
        elif top:
            top = anchored_top(self._window, top, source.index_of)
        resize_virtual(self, Size(self._width, count + HEADER_LINES))
        if cursor_seen and self._page:
            top = min(max(top, index - self._page + 1), index)
        move_offset(self, top)
        self._window = [source.key_at(row) for row in self._visible]
        self._set_cursor(index if count else None)

    def _cursor_after_change(self, count: int, top: int) -> int:
        """The cursor's new index: its row's, or its nearest surviving neighbour's."""
        index_of = self._source.index_of
        index = index_of(self._wanted_key)
        if index is None:
            index = nearest_survivor(self._window, self._cursor_index - top, index_of)
        if index is None:
            index = self._cursor_index
        return max(0, min(index, count - 1))

    def _set_cursor(self, index: int | None) -> None:
        key = None if index is None else self._source.key_at(index)
        self._cursor_index = index or 0
        # A filter that shows no row for a moment does not lose the cursor's row.
        self._wanted_key = key or self._wanted_key
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.RowHighlighted(self, key))

    def _put_cursor(self, index: int) -> None:
        count = self._source.row_count()
        if not count:
            return
        index = max(0, min(index, count - 1))
        top = self.scroll_offset.y
        self._set_cursor(index)
        self._bring_into_view(index)
        self._repaint_cursor_of(top)

    def _bring_into_view(self, index: int) -> None:
        top = self.scroll_offset.y
        if self._page:
            self.scroll_to_row(min(max(top, index - self._page + 1), index))

    def on_resize(self) -> None:
        self._fit_caches()
        if not self._columns:
            self.refresh_rows()
            return
        self._follow_rows()
        self._bring_into_view(self._cursor_index)
        self._measure_anew()

    # Keys and mouse

    def action_cursor_up(self) -> None:
        self._put_cursor(self._cursor_index - 1)

    def action_cursor_down(self) -> None:
        self._put_cursor(self._cursor_index + 1)

    def action_page_up(self) -> None:
        self._turn_page(-self._page)

    def action_page_down(self) -> None:
        self._turn_page(self._page)

    def _turn_page(self, rows: int) -> None:
        top = self.scroll_offset.y
        self._set_cursor_row(self._cursor_index + rows)
        self.scroll_to_row(top + rows)
        self._bring_into_view(self._cursor_index)
        self._repaint_cursor_of(top)

    def _repaint_cursor_of(self, top: int) -> None:
        """Repaints what differs, if the page still begins where it did: all of another one is."""
        if self.scroll_offset.y == top:
            self._repaint_changed()

    def _set_cursor_row(self, index: int) -> None:
        count = self._source.row_count()
        if count:
            self._set_cursor(max(0, min(index, count - 1)))

    def action_first_row(self) -> None:
        self._put_cursor(0)

    def action_last_row(self) -> None:
        self._put_cursor(self._source.row_count() - 1)

    def action_columns_left(self) -> None:
        self._scroll_columns(-1)

    def action_columns_right(self) -> None:
        self._scroll_columns(1)

    def scroll_sideways(self, by: int) -> None:
        self._scroll_columns(1 if by > 0 else -1)

    def _scroll_columns(self, by: int) -> None:
        stop = max(0, min(self._stop + by, len(self._stops) - 1))
        if stop != self._stop:
            self._stop = stop
            self._lay_out()

    def action_activate(self) -> None:
        if self._cursor_key is not None:
            self.post_message(self.RowActivated(self, self._cursor_key))

    def on_focus(self) -> None:
        self._repaint_cursor()

    def on_blur(self) -> None:
        self._repaint_cursor()

    def _repaint_cursor(self) -> None:
        """The cursor's glyph tells whether keys come here."""
        self._strips.clear()
        y = self._cursor_index - self.scroll_offset.y + HEADER_LINES
        if HEADER_LINES <= y < self.size.height:
            self.refresh(Region(0, y, self._width, 1))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < HEADER_LINES:
            for place in self._layout.placed:
                if place.x <= offset.x < place.x + place.width + self._layout.gap:
                    column_id = self._columns[place.column].id
                    self.post_message(self.HeaderSelected(self, column_id))
            return
        index = self.scroll_offset.y + offset.y - HEADER_LINES
        if index < self._source.row_count():
            self._put_cursor(index)
            if event.chain == 2:
                self.action_activate()

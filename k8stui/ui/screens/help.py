"""All keys, by what they are for."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen

from k8stui.actions.key_text import key_text
from k8stui.actions.registry import ACTIONS
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.ui._textual_compat.screens import Dialog
from k8stui.ui.widgets.log_view import LogView
from k8stui.ui.widgets.rollout_pane import RolloutPane
from k8stui.ui.widgets.text_view import TextView

_MOVING = (
    ("↑ ↓ j k", "Move the cursor"),
    ("PgUp PgDn ^b ^f", "A page up or down"),
    ("Home End g G", "To the first or last row"),
    ("← →", "Scroll sideways to columns that have no room"),
    ("⏎", "Go down: workload → pods → containers; elsewhere describe"),
    ("^p", "All actions by name, and the themes"),
)
_LOGS = (
    ("/", "timeout | refused !health /5\\d\\d/ : what to show, and what not"),
    (
        "0 c n s Space",
        "Only in the log mean this; elsewhere: all namespaces, copy name, namespace, scale, mark",
    ),
)
_DIALOGS = (
    ("⏎ Esc", "Confirm or choose; leave"),
    ("y", "Do it, where ⏎ was not enough and Sure? is asked"),
    ("c", "In a preview: copy the kubectl command"),
    ("f p", "Go past a budget or the grace period; choose what becomes of what is owned"),
    ("^z", "When it has ended: take it back, where that can be"),
    ("↑ ↓ PgUp PgDn", "In a list: move; what is typed narrows it"),
    ("⏎ Space a +", "In the log's streams: only this one, hide or show, all, open more"),
    ("← → p n c", "In a log line: the one before, the next one, copy"),
    ("v", "In a diff: beside each other, or one below the other"),
)
_FILTERS = (
    ("web", "rows that contain it anywhere, in either case"),
    ("!web", "rows that do not"),
    ("/^web-\\d/", "a regular expression"),
    ("~wb7", "fuzzy: these characters in this order"),
    ("app=web", "a label selector"),
    ("restarts>3", "a comparison on a column; also cpu>500m, mem>=100Mi, age<2h"),
)


def help_document() -> Document:
    """The help screen's text, from the registry of actions."""
    lines: list[Line] = []

    def section(title: str, rows: list[tuple[str, str]]) -> None:
        if lines:
            lines.append(Line(""))
        lines.append(Line(title, kind="heading", tone=Tone.ACCENT))
        lines.extend(_row(keys, text) for keys, text in rows)

    groups = dict.fromkeys(spec.group for spec in ACTIONS)
    for group in groups:
        section(
            group,
            [
                (" ".join(key_text(key) for key in spec.keys), spec.help)
                for spec in ACTIONS
                if spec.group == group and spec.keys
            ],
        )
        if group == "Logs":
            lines.extend(_row(keys, text) for keys, text in _LOGS)
        if group == "Move":
            lines.extend(_row(keys, text) for keys, text in _MOVING)
    section("Dialogs", list(_DIALOGS))
    section("Filters", list(_FILTERS))
    return Document("Help", tuple(lines))


def _row(keys: str, text: str) -> Line:
    return Line(f"{keys:<16}  {text}", hanging=18, indent=1)


def section_for(screen: Screen[Any]) -> str:
    """The heading of the keys of what has the focus, "" where they are at the top."""
    if isinstance(screen, Dialog):
        return "Dialogs"
    focused = screen.focused
    if isinstance(focused, LogView):
        return "Logs"
    if focused is not None and any(isinstance(one, RolloutPane) for one in focused.ancestors):
        return "Change"
    return ""


class TextScreen(Dialog[None]):
    """A text to be read over everything else; Escape and `q` leave, `?` is help as everywhere.

    Args:
        document: The text.
        at: The line that it opens with, "" for the first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Leave", show=False),
    ]

    def __init__(self, document: Document, at: str = "") -> None:
        super().__init__()
        self._document = document
        self._at = at

    def compose(self) -> ComposeResult:
        with Vertical(id="text") as box:
            box.border_title = Content(self._document.title)
            box.border_subtitle = "Esc closes"
            yield TextView(id="text-body")

    def on_mount(self) -> None:
        view = self.query_one(TextView)
        view.wrap = True
        texts = [line.text for line in self._document.lines]
        view.show_document(self._document, at=texts.index(self._at) if self._at else 0)
        view.focus()

    def action_leave(self) -> None:
        self.dismiss(None)


class HelpScreen(TextScreen):
    """All keys; the key that opened it closes it too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "leave", "Leave", show=False),
    ]

    def __init__(self, section: str = "") -> None:
        super().__init__(help_document(), section)

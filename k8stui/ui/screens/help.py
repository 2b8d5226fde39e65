"""All keys, by what they are for."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from k8stui.actions.key_text import key_text
from k8stui.actions.registry import ACTIONS
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.ui._textual_compat import Dialog
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
    section("Filters", list(_FILTERS))
    return Document("Help", tuple(lines))


def _row(keys: str, text: str) -> Line:
    return Line(f"{keys:<16}  {text}", hanging=18, indent=1)


class TextScreen(Dialog[None]):
    """A text to be read over everything else; Escape and `q` leave, `?` is help as everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Leave", show=False),
    ]

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document

    def compose(self) -> ComposeResult:
        with Vertical(id="text") as box:
            box.border_title = Content(self._document.title)
            box.border_subtitle = "Esc closes"
            yield TextView(id="text-body")

    def on_mount(self) -> None:
        view = self.query_one(TextView)
        view.wrap = True
        view.show_document(self._document)
        view.focus()

    def action_leave(self) -> None:
        self.dismiss(None)


class HelpScreen(TextScreen):
    """All keys; the key that opened it closes it too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "leave", "Leave", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(help_document())

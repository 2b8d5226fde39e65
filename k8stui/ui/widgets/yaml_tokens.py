"""Colours one line of YAML, without a look at the lines round it."""

from __future__ import annotations

import re

from k8stui.ui.widgets.line_text import Span

_LINE = re.compile(r"\s*(?P<dash>(?:- +)*(?:-$)?)")
_KEY = re.compile(
    r"(?P<key>\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s#\"'\[\]{},|>&*!-][^#]*?|-[^\s:]+)"
    r"(?P<colon>:)(?=\s|$)"
)
_WORDS = re.compile(r"(?:true|false|null|~|yes|no|on|off)$", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*)(?:\.\d+)?(?:[eE][-+]?\d+)?$")


def yaml_spans(line: str) -> tuple[Span, ...]:
    """The roles in a line: `marker`, `key`, `string`, `number`, `literal` and `comment`.

    A line of a block scalar is read as if it stood alone, so a "word: " in a script is taken for
    a key; following the text from its beginning would cost every line.
    """
    spans: list[Span] = []
    lead = _LINE.match(line)
    at = lead.end() if lead else 0
    if lead and lead.group("dash"):
        spans.append(Span(lead.start("dash"), at, "marker"))
    if line.startswith(("---", "...")) and not line[3:].strip():
        return (Span(0, len(line), "marker"),)
    key = _KEY.match(line, at)
    if key:
        spans.append(Span(key.start("key"), key.end("key"), "key"))
        spans.append(Span(key.start("colon"), key.end("colon"), "marker"))
        at = key.end()
    while at < len(line) and line[at] == " ":
        at += 1
    if at < len(line):
        spans.extend(_value(line, at))
    return tuple(spans)


def _value(line: str, at: int) -> list[Span]:
    """The roles of a value and of a comment behind it."""
    if line[at] == "#":
        return [Span(at, len(line), "comment")]
    end = len(line)
    comment = -1 if line[at] in "\"'" else line.find(" #", at)
    spans: list[Span] = []
    if comment >= 0:
        spans.append(Span(comment + 1, len(line), "comment"))
        end = comment
    text = line[at:end].rstrip()
    role = "string"
    if text in {"|", "|-", "|+", ">", ">-", ">+", "{}", "[]"}:
        role = "marker"
    elif _NUMBER.match(text):
        role = "number"
    elif _WORDS.match(text):
        role = "literal"
    return [Span(at, at + len(text), role), *spans]

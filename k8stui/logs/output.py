"""How `k8stui logs` prints a line: stern's formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from k8stui.errors import UsageError
from k8stui.logs.arguments import Output, Stamps
from k8stui.logs.content import plain_text
from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import RawLine
from k8stui.logs.stamps import NANOSECONDS

_POD_COLOURS = (96, 92, 95, 93, 94, 91)
_CONTAINER_COLOURS = (36, 32, 35, 33, 34, 31)


class LineOrigin(NamedTuple):
    """Whose line it is."""

    namespace: str
    pod: str
    container: str
    node: str
    labels: tuple[str, ...]
    colour: int


class Style(NamedTuple):
    """What holds for all lines."""

    output: Output = "default"
    timestamps: Stamps = ""
    namespaces: bool = False
    """Whether the namespace is printed: where there may be several."""
    colour: bool = False
    terminal: bool = False
    """A terminal gets clean text, anything else the bytes as they came."""
    highlight: tuple[Pattern, ...] = ()


Format = Callable[[RawLine, LineOrigin], bytes]


def stamp_text(nanoseconds: int, form: Stamps) -> str:
    """RFC 3339 with nine decimals in the local zone, or `MM-DD hh:mm:ss`."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    moment = datetime.fromtimestamp(seconds).astimezone()
    if form == "short":
        return moment.strftime("%m-%d %H:%M:%S")
    zone = moment.strftime("%z")
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}{zone[:3]}:{zone[3:]}"


def make_format(style: Style, template: str = "") -> Format:
    """What turns a line into the bytes to print, line feed included.

    Raises:
        UsageError: the template can't be understood.
    """
    if template:
        return _Template(template, style)
    if style.output == "raw":
        return lambda line, _: _message(line, style) + b"\n"
    if style.output in ("json", "extjson"):
        return lambda line, origin: _json(line, origin, style)
    return lambda line, origin: _default(line, origin, style)


def _message(line: RawLine, style: Style) -> bytes:
    if not style.terminal:
        return line.message
    text = plain_text(line.message)
    if style.colour and style.highlight:
        text = _highlighted(text, style.highlight)
    return text.encode("utf-8", "replace")


def _highlighted(text: str, patterns: tuple[Pattern, ...]) -> str:
    spans = sorted(span for pattern in patterns for span in pattern.spans(text))
    parts: list[str] = []
    at = 0
    for start, end in spans:
        if end <= at:
            continue
        start = max(start, at)
        parts += [text[at:start], "\x1b[1;31m", text[start:end], "\x1b[0m"]
        at = end
    return "".join([*parts, text[at:]])


def _default(line: RawLine, origin: LineOrigin, style: Style) -> bytes:
    names = [origin.namespace] if style.namespaces else []
    pod, container = origin.pod, origin.container
    if style.colour:
        number = origin.colour % len(_POD_COLOURS)
        pod = f"\x1b[{_POD_COLOURS[number]}m{pod}\x1b[0m"
        container = f"\x1b[{_CONTAINER_COLOURS[number]}m{container}\x1b[0m"
    names += [pod, container]
    if style.timestamps:
        names.append(stamp_text(line.time, style.timestamps))
    return " ".join(names).encode() + b" " + _message(line, style) + b"\n"


def _fields(line: RawLine, origin: LineOrigin, style: Style) -> dict[str, object]:
    fields: dict[str, object] = {"message": line.message.decode("utf-8", "replace")}
    if style.timestamps:
        fields["timestamp"] = stamp_text(line.time, style.timestamps)
    fields |= {
        "nodeName": origin.node,
        "namespace": origin.namespace,
        "podName": origin.pod,
        "containerName": origin.container,
    }
    if origin.labels:
        fields["labels"] = dict(label.partition("=")[::2] for label in origin.labels)
    return fields


def _json(line: RawLine, origin: LineOrigin, style: Style) -> bytes:
    fields = _fields(line, origin, style)
    if style.output == "extjson":
        raw = line.message.strip()
        try:
            msgspec.json.decode(raw)
            fields["message"] = msgspec.Raw(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
    return msgspec.json.encode(fields) + b"\n"


_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.S)
_COLOURS = {
    name: code
    for code, name in enumerate(
        ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"), start=30
    )
}


class _Template:
    """The part of Go's templates that log lines need: fields, literals, json and colours."""

    def __init__(self, source: str, style: Style) -> None:
        self._style = style
        self._parts: list[str | Callable[[dict[str, str]], str]] = []
        at = 0
        for action in _ACTION.finditer(source):
            self._parts.append(source[at : action.start()])
            self._parts.append(self._action(action.group(1)))
            at = action.end()
        self._parts.append(source[at:])

    def __call__(self, line: RawLine, origin: LineOrigin) -> bytes:
        message = line.message.decode("utf-8", "replace")
        values = {
            "Message": plain_text(line.message) if self._style.terminal else message,
            "Timestamp": stamp_text(line.time, self._style.timestamps or "default"),
            "NodeName": origin.node,
            "Namespace": origin.namespace,
            "PodName": origin.pod,
            "ContainerName": origin.container,
            "PodColor": str(_POD_COLOURS[origin.colour % len(_POD_COLOURS)]),
            "ContainerColor": str(_CONTAINER_COLOURS[origin.colour % len(_CONTAINER_COLOURS)]),
        }
        text = "".join(part if isinstance(part, str) else part(values) for part in self._parts)
        return text.encode("utf-8", "replace")

    def _action(self, text: str) -> str | Callable[[dict[str, str]], str]:
        if text.startswith('"'):
            try:
                return str(json.loads(text))
            except ValueError:
                raise UsageError(f"--template: {text} is no string") from None
        words = text.split()
        match words:
            case [field] if field.startswith("."):
                return self._field(field)
            case ["json", field]:
                value = self._field(field)
                return lambda values: json.dumps(value(values), ensure_ascii=False)
            case ["color", colour, field]:
                code, shown = self._field(colour), self._field(field)
                return lambda values: self._coloured(code(values), shown(values))
            case [name, field] if name in _COLOURS:
                shown = self._field(field)
                return lambda values: self._coloured(str(_COLOURS[name]), shown(values))
        raise UsageError(
            f"--template: can't do {{{{{text}}}}}",
            "fields (.Message, .Timestamp, .NodeName, .Namespace, .PodName, .ContainerName), "
            '"text", json, color and the names of colours are understood',
        )

    def _field(self, text: str) -> Callable[[dict[str, str]], str]:
        name = text.removeprefix(".")
        known = ("Message", "Timestamp", "NodeName", "Namespace", "PodName", "ContainerName")
        if not text.startswith(".") or name not in (*known, "PodColor", "ContainerColor"):
            raise UsageError(
                f"--template: there is no field {text}", "there are " + ", ".join(known)
            )
        return lambda values: values[name]

    def _coloured(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._style.colour else text

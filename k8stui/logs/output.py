"""How `k8stui logs` prints a line: stern's formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

import msgspec

from k8stui.logs.arguments import Output, Stamps
from k8stui.logs.content import plain_text
from k8stui.logs.patterns import Pattern
from k8stui.logs.stamps import NANOSECONDS
from k8stui.logs.template import Template
from k8stui.logs.template_functions import Message, TemplateFailed, functions
from k8stui.resources.text import clean_text

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
    context: str = ""


class Style(NamedTuple):
    """What holds for all lines."""

    output: Output = "default"
    timestamps: Stamps = ""
    zone: tzinfo | None = None
    """Of times; None for this machine's own."""
    contexts: bool = False
    """Whether the cluster is printed: where there are several."""
    namespaces: bool = False
    """Whether the namespace is printed: where there may be several."""
    colour: bool = False
    terminal: bool = False
    """A terminal gets clean text, anything else the bytes as they came."""
    highlight: tuple[Pattern, ...] = ()


Format = Callable[[Sequence[int], Sequence[bytes], LineOrigin], bytes]
"""Takes the times and messages of lines of one stream."""


def stamp_text(nanoseconds: int, form: Stamps, zone: tzinfo | None = None) -> str:
    """RFC 3339 with nine decimals, UTC as `Z`, or `MM-DD hh:mm:ss`; without a zone local."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    before, after = _second_text(seconds, form, zone)
    return before if form == "short" else f"{before}.{rest:09d}{after}"


@lru_cache(maxsize=4096)
def _second_text(seconds: int, form: Stamps, zone: tzinfo | None) -> tuple[str, str]:
    """What stands before and after the fraction."""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    if form == "short":
        return moment.strftime("%m-%d %H:%M:%S"), ""
    offset = moment.strftime("%z")
    offset = "Z" if not moment.utcoffset() else f"{offset[:3]}:{offset[3:]}"
    return moment.strftime("%Y-%m-%dT%H:%M:%S"), offset


def make_format(
    style: Style, template: str = "", report: Callable[[str], None] = lambda _text: None
) -> Format:
    """What turns lines into the bytes to print, line feeds included.

    Args:
        style: What holds for all lines.
        template: What is printed for each line instead.
        report: Is told of lines for which the template can't be done.

    Raises:
        UsageError: the template can't be understood.
    """
    if template:
        return _of_template(template, style, report)
    if style.output in ("json", "extjson", "ppextjson"):
        one = _json if style.output == "json" else _embedding
        return lambda times, messages, origin: b"".join(
            one(time, message, origin, style) for time, message in zip(times, messages, strict=True)
        )
    return lambda times, messages, origin: _lines(times, messages, origin, style)


def _lines(
    times: Sequence[int], messages: Sequence[bytes], origin: LineOrigin, style: Style
) -> bytes:
    """The default and the raw form."""
    if style.terminal:
        messages = [_shown(message, style) for message in messages]
    elif style.colour and style.highlight:
        messages = [_marked(message, style) for message in messages]
    if style.output == "raw":
        return b"\n".join(messages) + b"\n"
    head = _head(origin, style)
    if not style.timestamps:
        return head + (b"\n" + head).join(messages) + b"\n"
    return b"".join(
        b"%s%s %s\n" % (head, stamp_text(time, style.timestamps, style.zone).encode(), message)
        for time, message in zip(times, messages, strict=True)
    )


def _shown(message: bytes, style: Style) -> bytes:
    text = plain_text(message)
    if style.colour and style.highlight:
        text = _highlighted(text, style.highlight)
    return text.encode("utf-8", "replace")


def _marked(message: bytes, style: Style) -> bytes:
    """The bytes as they came, but for the highlights; what is no text has none."""
    try:
        return _highlighted(message.decode(), style.highlight).encode()
    except UnicodeDecodeError:
        return message


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


def _head(origin: LineOrigin, style: Style) -> bytes:
    """What stands before the timestamp and the line, a space at its end."""
    pod, container = origin.pod, origin.container
    if style.colour:
        number = origin.colour % len(_POD_COLOURS)
        pod = f"\x1b[{_POD_COLOURS[number]}m{pod}\x1b[0m"
        container = f"\x1b[{_CONTAINER_COLOURS[number]}m{container}\x1b[0m"
    names = [origin.context] if style.contexts else []
    names += [origin.namespace] if style.namespaces else []
    return (" ".join([*names, pod, container]) + " ").encode()


def _json(time: int, message: bytes, origin: LineOrigin, style: Style) -> bytes:
    fields: dict[str, object] = {"message": message.decode("utf-8", "replace")}
    if style.timestamps:
        fields["timestamp"] = stamp_text(time, style.timestamps, style.zone)
    if style.contexts:
        fields["context"] = origin.context
    fields |= {
        "nodeName": origin.node,
        "namespace": origin.namespace,
        "podName": origin.pod,
        "containerName": origin.container,
    }
    if origin.labels:
        fields["labels"] = dict(label.partition("=")[::2] for label in origin.labels)
    return _safe(msgspec.json.encode(fields), style) + b"\n"


def _embedding(time: int, message: bytes, origin: LineOrigin, style: Style) -> bytes:
    """stern's `extjson`: other names of fields, and a message that is JSON as such."""
    text = message.decode("utf-8", "replace")
    fields = {"context": origin.context} if style.contexts else {}
    if style.namespaces:
        fields["namespace"] = origin.namespace
    fields |= {"pod": origin.pod, "container": origin.container}
    if style.timestamps:
        fields["timestamp"] = stamp_text(time, style.timestamps, style.zone)
    parts = [(name, msgspec.json.encode(value)) for name, value in fields.items()]
    parts.append(("message", _json_of(message) or msgspec.json.encode(text)))
    written = (b'"%s": %s' % (name.encode(), _safe(value, style)) for name, value in parts)
    if style.output == "ppextjson":
        return b"{\n  " + b",\n  ".join(written) + b"\n}\n"
    return b"{" + b", ".join(written) + b"}\n"


def _json_of(message: bytes) -> bytes:
    """The message where it is JSON, empty otherwise."""
    try:
        msgspec.json.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return b""
    return message.strip()


def _safe(encoded: bytes, style: Style) -> bytes:
    return _ascii(encoded) if style.terminal else encoded


def _ascii(encoded: bytes) -> bytes:
    """The same JSON without a character that a terminal would obey, or that can't be seen."""
    if encoded.isascii() and not _UNSAFE.search(encoded):
        return encoded
    # Between values JSON has white space as it came; inside strings there is none of it.
    text = encoded.decode("utf-8", "replace").translate({9: " ", 10: " ", 13: " "})
    return "".join(
        code if code.isprintable() and clean_text(code) == code else json.dumps(code)[1:-1]
        for code in text
    ).encode()


_UNSAFE = re.compile(rb"[\x00-\x1f\x7f]")
_FIELDS = (
    "Message",
    "Timestamp",
    "NodeName",
    "Namespace",
    "PodName",
    "ContainerName",
    "Context",
)


def _of_template(source: str, style: Style, report: Callable[[str], None]) -> Format:
    """Turns each line into what the template makes of it; what fails is told, as stern does."""
    named = functions(terminal=style.terminal, colour=style.colour)
    template = Template(source, named, (*_FIELDS, "Labels", "PodColor", "ContainerColor"))

    def one(time: int, message: bytes, origin: LineOrigin) -> bytes:
        raw = message.decode("utf-8", "replace")
        values: dict[str, object] = {
            "Message": Message.of(plain_text(message) if style.terminal else raw, raw),
            "Timestamp": stamp_text(time, style.timestamps or "default", style.zone),
            "Context": origin.context,
            "NodeName": origin.node,
            "Namespace": origin.namespace,
            "PodName": origin.pod,
            "ContainerName": origin.container,
            "Labels": dict(label.partition("=")[::2] for label in origin.labels),
            "PodColor": str(_POD_COLOURS[origin.colour % len(_POD_COLOURS)]),
            "ContainerColor": str(_CONTAINER_COLOURS[origin.colour % len(_CONTAINER_COLOURS)]),
        }
        try:
            return template(values).encode("utf-8", "replace")
        except TemplateFailed as error:
            report(f"! {origin.pod} › {origin.container}: --template: {error}")
            return b""

    return lambda times, messages, origin: b"".join(
        one(time, message, origin) for time, message in zip(times, messages, strict=True)
    )

"""What a line says: its level, and JSON and logfmt in a form to be read."""

from __future__ import annotations

import codecs
import json
import re
from enum import StrEnum
from typing import Literal

from k8stui.logs.sgr import RAW_SGR, SGR, Painted, painted_text
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text

LONGEST_SHOWN = 16 << 10
"""Characters of one line that go to the screen; the rest is told as a count."""
_LONGEST_READ = 8 * LONGEST_SHOWN
"""Bytes of one line that are looked at for them; the rest may be colour codes or no UTF-8 at all,
which takes a hundred times as long as text."""
_PIECE = 8 << 10
"""Bytes of a line that are made clean at once, some milliseconds at most."""
_LONGEST_SEQUENCE = 64
"""Characters of a colour code; what is longer is none that anything writes."""
_CONTINUED = bytes(range(0x80, 0xC0))
"""Bytes that don't begin a character."""
_MOST_NESTED = 64
"""Levels of JSON that are spread out: it is done level by level, and the stack is not endless."""
_LONGEST_PARSED = 1 << 15
"""Bytes; what is longer is shown as it came, since to spread it out would stop the screen."""

Form = Literal["raw", "compact", "pretty", "fields"]


class Level(StrEnum):
    TRACE = "trace"
    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    FATAL = "fatal"


TONES = {
    Level.TRACE: Tone.MUTED,
    Level.DEBUG: Tone.MUTED,
    Level.WARN: Tone.WARN,
    Level.ERROR: Tone.ERROR,
    Level.FATAL: Tone.ERROR,
}

_NAMES: dict[str, Level] = {
    "trace": Level.TRACE,
    "debug": Level.DEBUG,
    "info": Level.INFO,
    "information": Level.INFO,
    "notice": Level.INFO,
    "warn": Level.WARN,
    "warning": Level.WARN,
    "err": Level.ERROR,
    "error": Level.ERROR,
    "severe": Level.ERROR,
    "fatal": Level.FATAL,
    "critical": Level.FATAL,
    "crit": Level.FATAL,
    "alert": Level.FATAL,
    "emerg": Level.FATAL,
    "emergency": Level.FATAL,
    "panic": Level.FATAL,
    "dpanic": Level.FATAL,
    "10": Level.TRACE,
    "20": Level.DEBUG,
    "30": Level.INFO,
    "40": Level.WARN,
    "50": Level.ERROR,
    "60": Level.FATAL,
}
_KLOG = {"I": Level.INFO, "W": Level.WARN, "E": Level.ERROR, "F": Level.FATAL}
_FIELD = re.compile(
    rb"""(?:^|[\s{,])"?(?:level|lvl|severity|loglevel|log\.level|@level)"?\s*[:=]\s*"?(\w+)""", re.I
)
_KLOG_LINE = re.compile(rb"([IWEF])\d{4} \d\d:\d\d:\d\d")
_WORD = re.compile(
    rb"\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|SEVERE|FATAL|CRIT(?:ICAL)?|PANIC)\b"
    rb"|\[(trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal)\]"
    rb"|^(trace|debug|info|warn(?:ing)?|error|fatal|panic):"
)
_LEVEL_LOOKS_AT = 400
_LOGFMT = re.compile(r'(?<!\S)([A-Za-z_@][\w.@/-]*+)=("(?:[^"\\]|\\.)*+"|[^\s"]*+)(?=\s|$)')
_MESSAGE_KEYS = ("msg", "message", "@message", "event", "text", "log")
_TIME_KEYS = ("time", "ts", "timestamp", "@timestamp", "t")
_LEVEL_KEYS = ("level", "lvl", "severity", "@level", "log.level", "loglevel")


def level_of(message: bytes) -> Level | None:
    """The level that a line names: a field of JSON or logfmt, klog's letter, or a word in it."""
    head = message[:_LEVEL_LOOKS_AT]
    if b"\x1b" in head:
        head = RAW_SGR.sub(b"", head)
    field = _FIELD.search(head)
    if field is not None:
        level = _NAMES.get(field.group(1).decode().lower())
        if level is not None:
            return level
    klog = _KLOG_LINE.match(head)
    if klog is not None:
        return _KLOG[klog.group(1).decode()]
    word = _WORD.search(head)
    if word is not None:
        found = next(group for group in word.groups() if group)
        return _NAMES.get(found.decode().lower())
    return None


def plain_text(message: bytes) -> str:
    """A line as it is shown: one clean line without colour codes.

    Of a progress bar's many states, parted by carriage returns, the last one is shown.
    """
    text, more = _last_state(message)
    if "\x1b" in text:
        text = SGR.sub("", text)
    return clean_text(_cut(text, more))


def whole_text(message: bytes) -> str:
    """The same without an end: all that the line says, for a file.

    A piece at a time: other threads have their say between two of them, and what is no UTF-8 at all
    takes a hundred times as long as text.
    """
    if b"\r" in message:
        message = message.rstrip(b"\r").rpartition(b"\r")[2]
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pieces: list[str] = []
    rest = ""
    for start in range(0, len(message), _PIECE):
        last = start + _PIECE >= len(message)
        text = rest + decoder.decode(message[start : start + _PIECE], last)
        # A sequence may go on in the next piece.
        cut = -1 if last else text.rfind("\x1b", -_LONGEST_SEQUENCE)
        text, rest = (text, "") if cut < 0 else (text[:cut], text[cut:])
        pieces.append(clean_text(SGR.sub("", text) if "\x1b" in text else text))
    return "".join(pieces)


def own_colours(message: bytes) -> tuple[str, tuple[Painted, ...]]:
    """The same, with the colours that the line brings itself."""
    text, more = _last_state(message)
    if "\x1b" not in text:
        return clean_text(_cut(text, more)), ()
    clean, painted = painted_text(text, LONGEST_SHOWN)
    return clean + _rest(len(SGR.sub("", text)), more), painted


def _last_state(message: bytes) -> tuple[str, int]:
    """The start of it, and how many characters follow."""
    if b"\r" in message:
        message = message.rstrip(b"\r").rpartition(b"\r")[2]
    rest = message[_LONGEST_READ:]
    text = message[:_LONGEST_READ].decode("utf-8", "replace")
    return text, len(rest.translate(None, _CONTINUED))


class _Number(str):
    """A number in the digits that it was written in."""

    __slots__ = ()


Fields = dict[str, object]


def parse_fields(message: bytes) -> Fields | None:
    """The fields of a JSON object or of logfmt in their order, None for any other line."""
    if len(message) > _LONGEST_PARSED:
        return None
    text = message.decode("utf-8", "replace").strip()
    if text.startswith("{") and text.endswith("}"):
        try:
            value = json.loads(text, parse_float=_Number, parse_int=_Number, strict=False)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) and _is_flat_enough(text, value) else None
    if "=" not in text:
        return None
    pairs = _LOGFMT.findall(text)
    if len(pairs) < 2 or len(_LOGFMT.sub("", text).strip()) > 0:
        return None
    return {key: _unquoted(value) for key, value in pairs}


def _is_flat_enough(text: str, value: object) -> bool:
    if text.count("{") + text.count("[") <= _MOST_NESTED:
        return True
    level = [value]
    for _ in range(_MOST_NESTED):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return not level


def shown_lines(message: bytes, form: Form, fields: tuple[str, ...] = ()) -> list[str]:
    """The clean lines that one log line takes in this form; lines without fields stay as they are.

    Args:
        message: The raw line.
        form: raw as it came; compact: message first, then `key=value`; pretty: indented JSON;
            fields: only those of `fields`.
        fields: Paths such as `http.status`.
    """
    if form == "raw":
        return [plain_text(message)]
    values = parse_fields(message)
    if values is None:
        return [plain_text(message)]
    if form == "pretty":
        lines = _pretty(values, "")
        return [clean_text(_cut(line)) for line in lines]
    if form == "fields" and fields:
        found = [(path, _at(values, path)) for path in fields]
        text = "  ".join(_scalar(value) for _, value in found if value is not None)
        return [clean_text(_cut(text))] if text else [plain_text(message)]
    return [clean_text(_cut(_compact(values)))]


def _cut(text: str, more: int = 0) -> str:
    """The start of a text that has so many characters more."""
    return text[:LONGEST_SHOWN] + _rest(len(text), more)


def _rest(length: int, more: int) -> str:
    """What stands behind the shown part of a text that has so many characters, and more."""
    count = max(0, length - LONGEST_SHOWN) + more
    return f" … +{count} characters" if count else ""


def _compact(values: Fields) -> str:
    parts: list[str] = []
    level = next((key for key in _LEVEL_KEYS if key in values), None)
    message = next((key for key in _MESSAGE_KEYS if isinstance(values.get(key), str)), None)
    if level is not None:
        named = _NAMES.get(_scalar(values[level]).lower())
        parts.append((named.value if named else _scalar(values[level])).upper().ljust(5))
    if message is not None:
        parts.append(str(values[message]))
    skipped = {level, message, *_TIME_KEYS}
    parts += [f"{key}={_quoted(value)}" for key, value in values.items() if key not in skipped]
    return " ".join(parts)


def _at(values: Fields, path: str) -> object:
    if path in values:
        return values[path]
    here: object = values
    for part in path.split("."):
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return None
    return here


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    return _flat(value)


def _quoted(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, str):
        plain = value and not any(code in value for code in ' "=\n\t')
        return value if plain else json.dumps(value, ensure_ascii=False)
    return _flat(value)


def _flat(value: object) -> str:
    """JSON on one line."""
    match value:
        case _Number():
            return str(value)
        case dict():
            inner = ",".join(
                f"{json.dumps(key, ensure_ascii=False)}:{_flat(one)}" for key, one in value.items()
            )
            return "{" + inner + "}"
        case list():
            return "[" + ",".join(_flat(one) for one in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _pretty(value: object, indent: str) -> list[str]:
    """JSON with two spaces of indent, keys in their order and numbers as they were written."""
    deeper = indent + "  "
    lines: list[str] = []
    if isinstance(value, dict) and value:
        lines.append("{")
        for number, (key, one) in enumerate(value.items()):
            inner = _pretty(one, deeper)
            inner[0] = f"{deeper}{json.dumps(key, ensure_ascii=False)}: {inner[0]}"
            inner[-1] += "," if number < len(value) - 1 else ""
            lines += inner
        lines.append(indent + "}")
    elif isinstance(value, list) and value:
        lines.append("[")
        for number, one in enumerate(value):
            inner = _pretty(one, deeper)
            inner[0] = deeper + inner[0]
            inner[-1] += "," if number < len(value) - 1 else ""
            lines += inner
        lines.append(indent + "]")
    else:
        lines.append(_flat(value))
    return lines


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value, strict=False))
        except ValueError:
            return value[1:-1]
    return value

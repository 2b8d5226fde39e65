"""The functions of `--template`: stern's, and those of Go's templates that need no other types."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import partial

from k8stui.logs.zones import zone_of
from k8stui.resources.text import clean_text

_COLOURS = {
    name: str(code)
    for code, name in enumerate(
        ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"), start=30
    )
}
_LEVELS = {
    "debug": "magenta",
    "info": "blue",
    "warn": "yellow",
    "warning": "yellow",
    "error": "red",
    "dpanic": "red",
    "panic": "red",
    "fatal": "cyan",
    "critical": "cyan",
}
_BUNYAN = {10: "magenta", 20: "magenta", 30: "blue", 40: "yellow", 50: "red", 60: "cyan"}
_LAYOUT = re.compile(
    r"2006|January|Jan|Monday|Mon|MST|Z07:00|-07:00|-0700|PM|\.0+|\.9+|01|02|03|04|05|06|15"
)
_DIRECTIVES = {
    "2006": "%Y",
    "06": "%y",
    "01": "%m",
    "Jan": "%b",
    "January": "%B",
    "02": "%d",
    "Mon": "%a",
    "Monday": "%A",
    "15": "%H",
    "03": "%I",
    "PM": "%p",
    "04": "%M",
    "05": "%S",
    "MST": "%Z",
    "-0700": "%z",
}
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?([Zz]|[+-]\d\d:\d\d)"
)

Function = Callable[..., object]


class TemplateFailed(ValueError):
    """A template can't be done for this line; the text says why."""


class Number(str):
    """A number of a JSON text, in the digits that it was written in."""

    __slots__ = ()


class Message(str):
    """A line as it is printed, and as it came."""

    raw: str

    @classmethod
    def of(cls, shown: str, raw: str) -> Message:
        """Both forms of one line."""
        message = cls(shown)
        message.raw = raw
        return message


def text_of(value: object) -> str:
    """A value as Go prints it."""
    match value:
        case None:
            return "<no value>"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}" if abs(value) >= 1e21 else repr(value).removesuffix(".0")
        case dict():
            return f"map[{' '.join(f'{key}:{text_of(value[key])}' for key in sorted(value))}]"
        case list():
            return f"[{' '.join(text_of(each) for each in value)}]"
    return str(value)


def number_of(value: object) -> float:
    """Raises TemplateFailed for what is no number."""
    try:
        return float(str(value))
    except ValueError:
        raise TemplateFailed(f"{text_of(value)[:40]!r} is no number") from None


class _Json:
    """Reading and writing JSON; on a terminal without a character that it would obey."""

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def parse(self, text: object) -> object:
        """Raises TemplateFailed for what is no JSON object."""
        raw = text.raw if isinstance(text, Message) else str(text)
        try:
            found = json.loads(raw, parse_int=Number, parse_float=Number)
        except (ValueError, RecursionError) as error:
            raise TemplateFailed(f"no JSON: {error}") from None
        if not isinstance(found, dict):
            raise TemplateFailed("no JSON object")
        return self._clean(found) if self._terminal else found

    def _clean(self, value: object) -> object:
        match value:
            case Number():
                return value
            case str():
                return clean_text(value)
            case dict():
                return {clean_text(str(key)): self._clean(each) for key, each in value.items()}
            case list():
                return [self._clean(each) for each in value]
        return value

    def try_parse(self, text: object) -> object:
        """None for what is no JSON object."""
        try:
            return self.parse(text)
        except TemplateFailed:
            return None

    def write(self, value: object, indent: int | None = None) -> str:
        """JSON text; numbers in the digits that they came in."""
        separators = (",", ": ") if indent else (",", ":")
        text = json.dumps(
            value, ensure_ascii=self._terminal, indent=indent, separators=separators, default=str
        )
        return _QUOTED_NUMBER.sub(r"\1", text) if _holds_number(value) else text

    def extended(self, text: object) -> str:
        """The text where it is JSON, as a JSON string otherwise."""
        found = self.try_parse(text)
        return self.write(str(text)) if found is None else self.write(_marked(found))

    def pretty(self, text: object) -> str:
        """A JSON object over several lines, other text as it is."""
        found = text if isinstance(text, dict) else self.try_parse(text)
        return str(text) if found is None else self.write(_marked(found), indent=2)

    def parts(self, text: object, *keys: object) -> str:
        """The fields with these names, parted by commas."""
        found = self.parse(text)
        assert isinstance(found, dict)
        return ", ".join(text_of(found.get(str(key))) for key in keys if str(key) in found)

    def try_parts(self, text: object, *keys: object) -> str:
        """The same, and the whole text where it is no JSON object."""
        try:
            return self.parts(text, *keys)
        except TemplateFailed:
            return str(text)


_MARK = "\ue000k8stui-number:"
_QUOTED_NUMBER = re.compile(r'"(?:\ue000|\\ue000)k8stui-number:([-+0-9.eE]+)"')


def _holds_number(value: object) -> bool:
    match value:
        case dict():
            return any(_holds_number(each) for each in value.values())
        case list():
            return any(_holds_number(each) for each in value)
    return isinstance(value, str) and value.startswith(_MARK)


def _marked(value: object) -> object:
    """The value with its numbers told from texts that look like them."""
    match value:
        case Number():
            return _MARK + value
        case dict():
            return {key: _marked(each) for key, each in value.items()}
        case list():
            return [_marked(each) for each in value]
    return value


def _moment(value: object) -> tuple[datetime, int]:
    """A time and its nanoseconds, of RFC 3339 or of seconds since the epoch."""
    text = str(value)
    found = _RFC_3339.fullmatch(text)
    try:
        if found is not None:
            whole, fraction, zone = found.groups()
            moment = datetime.fromisoformat(whole + ("+00:00" if zone in "Zz" else zone))
            return moment, int((fraction or "0").ljust(9, "0"))
        seconds, _, fraction = text.partition(".")
        return datetime.fromtimestamp(int(seconds), UTC), int((fraction or "0")[:9].ljust(9, "0"))
    except (ValueError, OverflowError, OSError):
        raise TemplateFailed(f"{text[:40]!r} is no time") from None


def _offset(moment: datetime) -> str:
    zone = moment.strftime("%z")
    return f"{zone[:3]}:{zone[3:5]}" if moment.utcoffset() else "Z"


def _written(moment: datetime, nanoseconds: int) -> str:
    fraction = f".{nanoseconds:09d}".rstrip("0").rstrip(".")
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + _offset(moment)


def _rfc_3339(value: object) -> str:
    return _written(*_moment(value))


def _utc(value: object) -> str:
    moment, nanoseconds = _moment(value)
    return _written(moment.astimezone(UTC), nanoseconds)


def _timestamp(value: object, layout: object, zone: object = "") -> str:
    """A time in one of Go's layouts, in a zone of the IANA's list, in local time without one."""
    moment, nanoseconds = _moment(value)
    wanted: tzinfo | None = None
    if str(zone):
        try:
            wanted = zone_of(str(zone))
        except ValueError as error:
            raise TemplateFailed(str(error)) from None
    moment = moment.astimezone(wanted)

    def part(token: re.Match[str]) -> str:
        text = token.group()
        if text[0] == ".":
            digits = f"{nanoseconds:09d}"[: len(text) - 1]
            digits = digits if text[1] == "0" else digits.rstrip("0")
            return f".{digits}" if digits else ""
        if text == "Z07:00":
            return _offset(moment)
        if text == "-07:00":
            return _offset(moment).replace("Z", "+00:00")
        return moment.strftime(_DIRECTIVES[text])

    return _LAYOUT.sub(part, str(layout))


def _formatted(form: object, *values: object) -> str:
    """Go's printf as far as `%s %v %d %q %f` with a width go."""
    left = list(values)

    def part(found: re.Match[str]) -> str:
        flags, verb = found.groups()
        if verb == "%":
            return "%"
        if not left:
            raise TemplateFailed("printf has too few values")
        value = left.pop(0)
        if verb in "df":
            number = number_of(value)
            return f"%{flags}{verb}" % (int(number) if verb == "d" else number)
        text = json.dumps(text_of(value)) if verb == "q" else text_of(value)
        return f"%{flags}s" % text

    return re.sub(r"%([-+0#]*\d{0,4}(?:\.\d{1,4})?)([svdqf%])", part, str(form))


_Key = tuple[float, str]


def _compared(left: object, right: object) -> tuple[_Key, _Key]:
    """What to compare the two by: their numbers where one of them is a number, else their texts."""
    numeric = (int, float, Number)
    if isinstance(left, numeric) or isinstance(right, numeric):
        return (number_of(left), ""), (number_of(right), "")
    return (0.0, text_of(left)), (0.0, text_of(right))


def _equal(value: object, *others: object) -> bool:
    pairs = (_compared(value, other) for other in others)
    return any(one == two for one, two in pairs)


def _less(left: object, right: object) -> bool:
    one, two = _compared(left, right)
    return one < two


def _index(value: object, *keys: object) -> object:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(str(key))
        elif isinstance(value, list) and 0 <= number_of(key) < len(value):
            value = value[int(number_of(key))]
        else:
            return None
    return value


def is_true(value: object) -> bool:
    """As Go's `if` sees it."""
    return bool(number_of(value)) if isinstance(value, Number) else bool(value)


def _named_colours(paint: Function) -> dict[str, Function]:
    """stern's `colorRed` and so on, and the bare names."""
    named: dict[str, Function] = {name: partial(paint, code) for name, code in _COLOURS.items()}
    return named | {f"color{name.title()}": function for name, function in named.items()}


def functions(*, terminal: bool, colour: bool) -> dict[str, Function]:
    """By their names in templates.

    Args:
        terminal: Whether what they return goes to a terminal.
        colour: Whether colours are wanted.
    """

    def painted(code: object, value: object) -> str:
        number = re.fullmatch(r"\d{1,3}(?:;\d{1,3})*", str(code))
        return (
            f"\x1b[{number.group()}m{text_of(value)}\x1b[0m"
            if colour and number
            else text_of(value)
        )

    def custom(*codes_and_text: object) -> str:
        *codes, value = codes_and_text
        return painted(";".join(str(code) for code in codes), value)

    def level(value: object) -> str:
        name = _LEVELS.get(str(value).lower(), "")
        return painted(_COLOURS.get(name, ""), value)

    def bunyan(value: object) -> str:
        name = _BUNYAN.get(int(number_of(value)), "")
        return painted(_COLOURS.get(name, ""), value)

    texts = _Json(terminal)
    found: dict[str, Function] = {
        "json": lambda value: texts.write(_marked(value)),
        "parseJSON": texts.parse,
        "tryParseJSON": texts.try_parse,
        "extractJSONParts": texts.parts,
        "tryExtractJSONParts": texts.try_parts,
        "extjson": texts.extended,
        "prettyJSON": texts.pretty,
        "toRFC3339Nano": _rfc_3339,
        "toUTC": _utc,
        "toTimestamp": _timestamp,
        "color": painted,
        "colorCustom": custom,
        "levelColor": level,
        "bunyanLevelColor": bunyan,
        "printf": _formatted,
        "print": lambda *values: "".join(text_of(value) for value in values),
        "println": lambda *values: " ".join(text_of(value) for value in values) + "\n",
        "len": lambda value: len(value) if isinstance(value, str | list | dict) else 0,
        "index": _index,
        "not": lambda value: not is_true(value),
        "and": lambda *values: next((one for one in values if not is_true(one)), values[-1]),
        "or": lambda *values: next((one for one in values if is_true(one)), values[-1]),
        "eq": _equal,
        "ne": lambda left, right: not _equal(left, right),
        "lt": _less,
        "le": lambda left, right: not _less(right, left),
        "gt": lambda left, right: _less(right, left),
        "ge": lambda left, right: not _less(left, right),
    }
    return found | _named_colours(painted)

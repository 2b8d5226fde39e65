"""The language of `labelSelector`, read as Kubernetes' own parser reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from k8stui.demo.errors import bad_request

Labels = dict[str, str]
Test = Callable[[Labels], bool]

_SPECIAL: Final = "=!(),><"
_SYMBOLS: Final = ("(", ")", ",", "!", "!=", "=", "==", ">", "<")
_OPERATORS: Final = ("=", "==", "!=", "in", "notin", ">", "<")
_PART = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_NAME: Final = re.compile(_PART)
_VALUE: Final = re.compile(rf"({_PART})?")
_PREFIX: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LONGEST: Final = 63
_RULE: Final = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)


def key_problem(key: str) -> str:
    """What is wrong with the key of a label, "" when nothing is."""
    prefix, slash, name = key.rpartition("/")
    if slash and not _PREFIX.fullmatch(prefix):
        return "prefix part must be a DNS-1123 subdomain" if prefix else (
            "prefix part must be non-empty"
        )  # fmt: skip
    if len(name) > LONGEST:
        return f"name part must be no more than {LONGEST} characters"
    if not _NAME.fullmatch(name):
        return (
            f"name part {_RULE} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
            f"validation is '{_PART}')"
        )
    return ""


def value_problem(value: str) -> str:
    """What is wrong with the value of a label, "" when nothing is."""
    if len(value) > LONGEST:
        return f"must be no more than {LONGEST} characters"
    if not _VALUE.fullmatch(value):
        rule = _RULE.removeprefix("must ")
        return (
            f"a valid label must be an empty string or {rule} (e.g. 'MyValue',  or 'my_value',  or "
            f"'12345', regex used for validation is '({_PART})?')"
        )
    return ""


def label_query(text: str) -> Test:
    """A `labelSelector` parameter as a test.

    Raises:
        ApiError: 400, when it can't be parsed.
    """
    try:
        tests = list(_Parser(text).requirements())
    except ValueError as error:
        raise bad_request(str(error)) from error
    return lambda labels: all(test(labels) for test in tests)


def _tokens(text: str) -> Iterator[str]:
    """The words and symbols; "" at the end."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        end = at + 1
        if text[at] in _SPECIAL:
            while text[at : end + 1] in _SYMBOLS and end < len(text):
                end += 1
        else:
            while end < len(text) and text[end] not in _SPECIAL and not text[end].isspace():
                end += 1
        yield text[at:end]
        at = end
    yield ""


class _Parser:
    """Takes one token after the other; ValueErrors are worded as the server's."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _take(self) -> str:
        token = self._peek()
        self._at += bool(token)
        return token

    def requirements(self) -> Iterator[Test]:
        while token := self._peek():
            if not _is_word(token) and token != "!":
                raise ValueError(f"found '{token}', expected: !, identifier, or 'end of string'")
            try:
                yield self._requirement()
            except ValueError as error:
                raise ValueError(f"unable to parse requirement: {error}") from error
            token = self._take()
            if not token:
                return
            if token != ",":
                raise ValueError(f"found '{token}', expected: ',' or 'end of string'")
            following = self._peek()
            if not _is_word(following) and following != "!":
                raise ValueError(f"found '{following}', expected: identifier after ','")

    def _requirement(self) -> Test:
        key = self._take()
        absent = key == "!"
        if absent:
            key = self._take()
        if not _is_word(key):
            raise ValueError(f"found '{key}', expected: identifier")
        problem = key_problem(key)
        if problem:
            raise ValueError(f'invalid label key "{key}": {problem}')
        if absent:
            return lambda labels: key not in labels
        if self._peek() in ("", ","):
            return lambda labels: key in labels
        operator = self._take()
        if operator not in _OPERATORS:
            expected = "expected: '=', '!=', '==', 'in', notin'"
            raise ValueError(f"found '{operator}', {expected}")
        values = self._values() if operator in ("in", "notin") else {self._value()}
        for value in sorted(values):
            problem = value_problem(value)
            if problem:
                raise ValueError(f'invalid label value: "{value}": at key: "{key}": {problem}')
        return _test(key, operator, values)

    def _values(self) -> set[str]:
        token = self._take()
        if token != "(":
            raise ValueError(f"found '{token}' expected: '('")
        values: set[str] = set()
        while True:
            token = self._peek()
            values.add(self._take() if _is_word(token) else "")
            token = self._take()
            if token == ")":
                return values
            if token != ",":
                raise ValueError(f"found '{token}', expected: ',' or ')'")

    def _value(self) -> str:
        if self._peek() in ("", ","):
            return ""
        token = self._take()
        if not _is_word(token):
            raise ValueError(f"found '{token}', expected: identifier")
        return token


def _is_word(token: str) -> bool:
    return bool(token) and token not in _SYMBOLS


def _test(key: str, operator: str, values: set[str]) -> Test:
    if operator in (">", "<"):
        (value,) = values
        if not re.fullmatch(r"[+-]?\d+", value):
            raise ValueError("for 'Gt', 'Lt' operators, the value must be an integer")
        bound, sign = int(value), 1 if operator == ">" else -1

        def compared(labels: Labels) -> bool:
            found = labels.get(key, "")
            return found.lstrip("+-").isdigit() and (int(found) - bound) * sign > 0

        return compared
    if operator in ("!=", "notin"):
        return lambda labels: labels.get(key) not in values
    return lambda labels: labels.get(key) in values

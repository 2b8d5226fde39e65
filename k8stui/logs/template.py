"""The part of Go's templates that log lines need.

Fields, variables, pipelines, `if`, `with` and `range` with `else`, and the functions of
`template_functions`. A template is turned into closures once and then runs for each line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from k8stui.errors import UsageError
from k8stui.logs.template_functions import Function, TemplateFailed, is_true, text_of

_ACTION = re.compile(r"\{\{(-?)((?:\"(?:\\.|[^\"\\])*\"|`[^`]*`|(?!\}\}).)*?)(-?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:\\.|[^"\\])*"|`[^`]*`)|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<variable>\$\w*(?:\.\w+)*)|(?P<field>(?:\.\w+)+|\.)|(?P<name>\w+)"""
    r"""|(?P<sign>:=|=|\||\(|\)|,))"""
)
_DEEPEST = 50


class _Scope(NamedTuple):
    dot: object
    variables: dict[str, object]


_Value = Callable[[_Scope], object]
_Node = Callable[[_Scope], str]


class Template:
    """A template, understood.

    Args:
        source: As it is written on the command line.
        functions: By their names.
        fields: What `.Name` may be at the top.

    Raises:
        UsageError: it can't be understood.
    """

    def __init__(
        self, source: str, functions: Mapping[str, Function], fields: tuple[str, ...]
    ) -> None:
        self._functions = functions
        self._fields = fields
        self._pieces = _pieces(source)
        self._at = 0
        self._depth = 0
        self._node, end = self._block()
        if end:
            raise _refused(end)

    def __call__(self, values: Mapping[str, object]) -> str:
        """The text for one line. Raises TemplateFailed where it can't be done for it."""
        return self._node(_Scope(values, {"$": values}))

    # -- blocks -------------------------------------------------------------------------------

    def _block(self) -> tuple[_Node, str]:
        """What comes up to `end` or `else`, and that action."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UsageError("--template: too deep")
        nodes: list[_Node] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if piece.literal:
                nodes.append(_literal(piece.text))
                continue
            word = piece.text.split(maxsplit=1)[0] if piece.text else ""
            if word in ("end", "else"):
                self._depth -= 1
                return _joined(nodes), piece.text
            if word in ("if", "with", "range"):
                nodes.append(self._control(word, piece.text[len(word) :]))
            elif not piece.text.startswith("/*"):
                nodes.append(self._output(piece.text))
        self._depth -= 1
        return _joined(nodes), ""

    def _control(self, word: str, condition: str) -> _Node:
        names, value = self._assignment(condition)
        body, end = self._block()
        otherwise: _Node = lambda _scope: ""  # noqa: E731
        if end.startswith("else"):
            rest = end.removeprefix("else").strip()
            if rest.startswith("if "):
                otherwise, end = self._control("if", rest.removeprefix("if")), "end"
            else:
                otherwise, end = self._block()
        if end != "end":
            raise UsageError(f"--template: {{{{{word}}}}} has no {{{{end}}}}")
        if word == "range":
            return _range(names, value, body, otherwise)
        return _conditional(word == "with", names, value, body, otherwise)

    def _output(self, text: str) -> _Node:
        names, value = self._assignment(text)
        if not names:
            return lambda scope: text_of(value(scope))

        def assign(scope: _Scope) -> str:
            scope.variables[names[0]] = value(scope)
            return ""

        return assign

    # -- pipelines ----------------------------------------------------------------------------

    def _assignment(self, text: str) -> tuple[list[str], _Value]:
        tokens = _tokens(text)
        names: list[str] = []
        signs = [at for at, (kind, word) in enumerate(tokens) if (kind, word) == ("sign", ":=")]
        signs += [at for at, (kind, word) in enumerate(tokens) if (kind, word) == ("sign", "=")]
        if signs:
            names = [word for kind, word in tokens[: signs[0]] if kind == "variable"]
            tokens = tokens[signs[0] + 1 :]
            if not names:
                raise _refused(text)
        value = self._pipeline(tokens, text)
        if tokens:
            raise _refused(text)
        return names, value

    def _pipeline(self, tokens: list[tuple[str, str]], text: str) -> _Value:
        value = self._command(tokens, text, None)
        while tokens and tokens[0] == ("sign", "|"):
            tokens.pop(0)
            value = self._command(tokens, text, value)
        return value

    def _command(self, tokens: list[tuple[str, str]], text: str, piped: _Value | None) -> _Value:
        if not tokens:
            raise _refused(text)
        kind, word = tokens[0]
        if kind == "name" and word not in ("true", "false", "nil"):
            tokens.pop(0)
            function = self._functions.get(word)
            if function is None:
                known = ", ".join(sorted(self._functions))
                raise UsageError(f"--template: there is no function {word}", f"there are {known}")
            arguments: list[_Value] = []
            while (tokens and tokens[0][0] != "sign") or tokens[:1] == [("sign", "(")]:
                arguments.append(self._operand(tokens, text))
            return _call(word, function, [*arguments, *([piped] if piped else [])])
        if piped:
            raise _refused(text)
        return self._operand(tokens, text)

    def _operand(self, tokens: list[tuple[str, str]], text: str) -> _Value:
        kind, word = tokens.pop(0)
        match kind:
            case "text":
                constant = word[1:-1] if word[0] == "`" else _unquoted(word)
                return lambda _scope: constant
            case "number":
                number = float(word) if "." in word else int(word)
                return lambda _scope: number
            case "variable":
                name, *path = word.split(".")
                return lambda scope: _walk(scope.variables.get(name), path)
            case "field":
                return self._field(word)
            case "name":
                if word in self._functions:
                    return _call(word, self._functions[word], [])
                named = {"true": True, "false": False}.get(word)
                return lambda _scope: named
        if (kind, word) != ("sign", "("):
            raise _refused(text)
        value = self._pipeline(tokens, text)
        if not tokens or tokens.pop(0) != ("sign", ")"):
            raise _refused(text)
        if tokens and tokens[0][0] == "field":
            path = tokens.pop(0)[1].split(".")[1:]
            return lambda scope: _walk(value(scope), path)
        return value

    def _field(self, word: str) -> _Value:
        if word == ".":
            return lambda scope: scope.dot
        path = word.split(".")[1:]
        if self._depth == 1 and path[0] not in self._fields:
            raise UsageError(
                f"--template: there is no field .{path[0]}", "there are " + ", ".join(self._fields)
            )
        return lambda scope: _walk(scope.dot, path)


class _Piece(NamedTuple):
    text: str
    literal: bool


def _pieces(source: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    at, trim = 0, False
    for action in _ACTION.finditer(source):
        text = source[at : action.start()]
        text = text.lstrip() if trim else text
        text = text.rstrip() if action.group(1) else text
        pieces += [_Piece(text, literal=True), _Piece(action.group(2).strip(), literal=False)]
        at, trim = action.end(), bool(action.group(3))
    rest = source[at:]
    if "{{" in rest:
        raise UsageError(f"--template: {rest[rest.index('{{') :].strip()} has no }}}}")
    return [*pieces, _Piece(rest.lstrip() if trim else rest, literal=True)]


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _refused(text)
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        at = found.end()
    return tokens


def _unquoted(word: str) -> str:
    try:
        return str(ast.literal_eval(word))
    except (ValueError, SyntaxError):
        raise _refused(word) from None


def _refused(text: str) -> UsageError:
    return UsageError(f"--template: can't do {{{{{text.strip()}}}}}")


def _literal(text: str) -> _Node:
    return lambda _scope: text


def _joined(nodes: list[_Node]) -> _Node:
    if len(nodes) == 1:
        return nodes[0]
    return lambda scope: "".join([node(scope) for node in nodes])


def _walk(value: object, path: list[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _call(name: str, function: Function, arguments: list[_Value]) -> _Value:
    def call(scope: _Scope) -> object:
        values = [argument(scope) for argument in arguments]
        try:
            return function(*values)
        except TemplateFailed as error:
            raise TemplateFailed(f"{name}: {error}") from None
        except (TypeError, AttributeError, IndexError, OverflowError, ValueError):
            raise TemplateFailed(f"{name}: can't do this with {len(values)} such values") from None

    return call


def _conditional(
    moves: bool, names: list[str], value: _Value, body: _Node, otherwise: _Node
) -> _Node:
    def conditional(scope: _Scope) -> str:
        found = value(scope)
        inner = _Scope(
            found if moves else scope.dot,
            scope.variables | dict.fromkeys(names, found),
        )
        return body(inner) if is_true(found) else otherwise(scope)

    return conditional


def _range(names: list[str], value: _Value, body: _Node, otherwise: _Node) -> _Node:
    def loop(scope: _Scope) -> str:
        found = value(scope)
        if isinstance(found, Mapping):
            pairs = sorted(found.items())
        else:
            pairs = list(enumerate(found)) if isinstance(found, list) else []
        if not pairs:
            return otherwise(scope)
        texts = []
        for key, each in pairs:
            given = dict(zip(names, (key, each) if len(names) > 1 else (each,), strict=False))
            texts.append(body(_Scope(each, scope.variables | given)))
        return "".join(texts)

    return loop

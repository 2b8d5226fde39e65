"""Reads YAML field by field and tells file, line and field of whatever has the wrong type."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TYPE_NAMES = {
    "tag:yaml.org,2002:bool": "true or false",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:seq": "a list",
    "tag:yaml.org,2002:map": "a mapping",
}
_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_MERGE = "tag:yaml.org,2002:merge"
_BASE_60 = re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?")
_DEEPEST = 50


def read_document(path: Path) -> YamlMap:
    """The first YAML (or JSON) document of a file; an empty file is an empty mapping.

    Raises:
        FileNotFoundError: there is no such file.
        UsageError: it can't be read, is not YAML or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a kubeconfig: it is not text") from None
    except OSError as error:
        raise UsageError(f"can't read the kubeconfig {path}: {error.strerror}") from error
    if text.lstrip().startswith("{"):
        text = text.expandtabs(1)  # JSON may be indented with tabs, which YAML forbids
    try:
        root = next(iter(yaml.compose_all(text, Loader=_Loader)), None)
    except yaml.MarkedYAMLError as error:
        # The error's own text quotes the line, which may hold a token.
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        problem = clean_text(error.problem or error.context or "wrong syntax")
        raise UsageError(f"{path}{line} is not valid YAML: {problem}") from None
    except yaml.YAMLError:
        raise UsageError(f"{path} is not valid YAML: it holds a character that can't be") from None
    if root is None or root.tag == _NULL:
        return YamlMap.empty(path)
    if not isinstance(root, yaml.MappingNode):
        raise UsageError(f"{path} is not a kubeconfig: it holds {_type_name(root)}, not a mapping")
    return YamlMap(root, path, "")


class YamlMap:
    """A mapping of a YAML file, whose fields are read by the type that they must have.

    Every method gives the type's empty value for a field that is missing or null, and raises
    UsageError, with file, line and field, for one that has another type.
    """

    def __init__(self, node: yaml.MappingNode, path: Path, field: str) -> None:
        self.path = path
        self.line = _line(node)
        self._field = field
        self._fields = _fields_of(node)

    @classmethod
    def empty(cls, path: Path) -> YamlMap:
        """A mapping without fields."""
        return cls(yaml.MappingNode("tag:yaml.org,2002:map", []), path, "")

    def names(self) -> list[str]:
        """The names of the fields that are there and not null."""
        return [name for name, node in self._fields.items() if node.tag != _NULL]

    def text(self, name: str) -> str:
        """A text."""
        node = self._fields.get(name)
        return self._text_of(node, self._name(name)) if node is not None else ""

    def flag(self, name: str) -> bool:
        """A truth value."""
        node = self._fields.get(name)
        if node is None or node.tag == _NULL:
            return False
        truth = _truth(node)
        if truth is None:
            raise self._wrong(node, self._name(name), "true or false")
        return truth

    def decoded(self, name: str) -> str:
        """A text that the file holds as base64."""
        written = self.text(name)
        try:
            plain = base64.b64decode(re.sub(r"[\r\n]", "", written), validate=True)
        except (binascii.Error, ValueError):
            problem = "is not valid base64"
        else:
            try:
                return plain.decode("utf-8")
            except UnicodeDecodeError:
                problem = "holds no text once decoded from base64 (PEM is expected)"
        raise UsageError(f"{self._place(self._fields[name])}: {self._name(name)} {problem}")

    def map(self, name: str) -> YamlMap | None:
        """A mapping, or None where there is none."""
        node = self._fields.get(name)
        return self._map_of(node, self._name(name)) if node is not None else None

    def maps(self, name: str) -> Iterator[YamlMap]:
        """The mappings of a list; null items are left out."""
        for index, node in enumerate(self._items(name)):
            item = self._map_of(node, f"{self._name(name)}[{index}]")
            if item is not None:
                yield item

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list."""
        items = enumerate(self._items(name))
        return tuple(self._text_of(node, f"{self._name(name)}[{index}]") for index, node in items)

    def plain(self, name: str) -> object:
        """The field as JSON would have it, whatever its type; None where it is missing."""
        node = self._fields.get(name)
        return self._plain_of(node, self._name(name), 0) if node is not None else None

    def error(self, problem: str, hint: str = "") -> UsageError:
        """An error about this mapping as a whole."""
        return UsageError(f"{self.path}, line {self.line}: {problem}", hint)

    def _name(self, name: str) -> str:
        return f"{self._field}.{name}" if self._field else name

    def _items(self, name: str) -> list[yaml.Node]:
        node = self._fields.get(name)
        if node is None or node.tag == _NULL:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(node, self._name(name), "a list")
        return list(node.value)

    def _map_of(self, node: yaml.Node, field: str) -> YamlMap | None:
        if node.tag == _NULL:
            return None
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, field, "a mapping")
        return YamlMap(node, self.path, field)

    def _text_of(self, node: yaml.Node, field: str) -> str:
        if node.tag == _NULL:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            raise self._wrong(node, field, "a text")
        value = str(node.value)
        # 12:30 is a number to YAML 1.1 and PyYAML, and a text to kubectl, as a date is.
        if node.tag == _BOOL or (node.tag in _NUMBERS and not _BASE_60.fullmatch(value)):
            raise self._wrong(node, field, "a text", "put the value in quotes")
        return value

    def _plain_of(self, node: yaml.Node, field: str, depth: int) -> object:
        if depth > _DEEPEST:
            raise UsageError(f"{self._place(node)}: {field} is nested too deeply")
        if isinstance(node, yaml.MappingNode):
            fields = _fields_of(node).items()
            return {name: self._plain_of(item, field, depth + 1) for name, item in fields}
        if isinstance(node, yaml.SequenceNode):
            return [self._plain_of(item, field, depth + 1) for item in node.value]
        value = str(node.value)
        if node.tag == _NULL:
            return None
        if (truth := _truth(node)) is not None:
            return truth
        if node.tag in _NUMBERS:
            for number in (int, float):
                try:
                    return number(value)
                except ValueError:
                    continue
        return value

    def _wrong(self, node: yaml.Node, field: str, wanted: str, hint: str = "") -> UsageError:
        return UsageError(
            f"{self._place(node)}: {field} must be {wanted}, not {_type_name(node)}", hint
        )

    def _place(self, node: yaml.Node) -> str:
        return f"{self.path}, line {_line(node)}"


def _fields_of(node: yaml.MappingNode) -> dict[str, yaml.Node]:
    """The fields by name: the last one counts, as to kubectl, and before those merged by `<<`."""
    own: dict[str, yaml.Node] = {}
    merged: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in sources:
                if isinstance(source, yaml.MappingNode) and source is not node:
                    merged = _fields_of(source) | merged
        elif isinstance(key, yaml.ScalarNode):
            own[str(key.value)] = value
    return merged | own


def _truth(node: yaml.Node) -> bool | None:
    """A truth value as kubectl reads it, y and n too; None for everything else."""
    written = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
    if node.tag == _BOOL or (written in ("y", "n") and not getattr(node, "style", None)):
        return written in ("true", "yes", "on", "y")
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1 if node.start_mark else 1


def _type_name(node: yaml.Node) -> str:
    return _TYPE_NAMES.get(str(node.tag), "a text")

"""Bodies in YAML, read as a server reads them: turned into JSON first."""

from __future__ import annotations

from typing import Any, Final

import yaml

_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """YAML as JSON can hold it: a moment in time is a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def loads(raw: bytes) -> Any:
    """A YAML value; keys are texts, as they are in JSON.

    Raises:
        ValueError: for what is none, as Go's parser words it: `yaml: line 1: …`.
    """
    try:
        return _keyed(yaml.load(raw.decode(errors="replace"), _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(f"yaml: {where}{error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"yaml: {error}") from error


def _keyed(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _keyed(inner) for key, inner in value.items()}
    return [_keyed(inner) for inner in value] if isinstance(value, list) else value


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)

"""YAML text of an object, to be read, copied or saved."""

from __future__ import annotations

import yaml

from k8stui.resources.manifest import JsonObject

_TEXT = "tag:yaml.org,2002:str"


class _Dumper(yaml.SafeDumper):
    """Writes every text of several lines as a block, which is how people write them."""

    def analyze_scalar(self, scalar: str) -> yaml.emitter.ScalarAnalysis:
        analysis = super().analyze_scalar(scalar)
        # PyYAML quotes a text that has spaces at a line's end; a literal block holds them as well.
        if analysis.multiline and _is_block(scalar):
            analysis.allow_block = True
        return analysis

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if not text.isprintable():
        # Only a double-quoted text can hold every control character and come back unchanged.
        style = "|" if _is_block(text) else '"'
    elif _tag(dumper, text) != _TEXT:
        # A number, a date or a word like `yes` in disguise: kubectl uses these quotes.
        style = '"'
    return dumper.represent_scalar(_TEXT, text, style=style)


def _tag(dumper: yaml.SafeDumper, text: str) -> object:
    """What the bare text would be read as. The stubs of PyYAML leave `resolve` untyped."""
    return dumper.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]


def _is_block(text: str) -> bool:
    return "\n" in text and all(line.isprintable() for line in text.split("\n"))


_Dumper.add_representer(str, _represent_text)


def manifest_text(obj: JsonObject) -> str:
    """The object as YAML with its keys in alphabetical order, as `kubectl get -o yaml` has it.

    Reading the text as YAML gives an equal object. The text is not clean: what goes to the screen
    goes through `resources.manifest.manifest_document`.
    """
    return yaml.dump(
        obj,
        Dumper=_Dumper,
        default_flow_style=False,
        allow_unicode=True,
        sort_keys=True,
        width=float("inf"),
    )

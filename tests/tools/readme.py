"""Writes README's table of keys from the registry of actions: `python -m tests.tools.readme`."""

from __future__ import annotations

import re
from pathlib import Path

from k8stui.actions.key_text import key_text
from k8stui.actions.registry import ACTIONS

README = Path(__file__).parents[2] / "README.md"
_TABLE = re.compile(r"(<!-- keys: [^>]* -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def keys_table() -> str:
    """The keys in Markdown, by what they are for, in the order of the registry."""
    lines = ["| | Key | What it does |", "|---|---|---|"]
    shown = ""
    for group in dict.fromkeys(spec.group for spec in ACTIONS):
        for spec in ACTIONS:
            if spec.group != group or not spec.keys:
                continue
            keys = " ".join(f"`{key_text(key)}`" for key in spec.keys)
            text = f"**{spec.title}**: {spec.help[0].lower()}{spec.help[1:]}".replace("|", "\\|")
            lines.append(f"| {group if group != shown else ''} | {keys} | {text} |")
            shown = group
    return "\n".join(lines) + "\n"


def with_keys(text: str) -> str:
    """README's text with the table as the registry has it."""
    return _TABLE.sub(lambda found: found[1] + keys_table() + found[2], text)


if __name__ == "__main__":
    README.write_text(with_keys(README.read_text(encoding="utf-8")), encoding="utf-8")

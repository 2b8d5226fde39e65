"""The kind that a word of the command line names: `deploy`, `deployments`, `deployment.apps`."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.errors import UsageError
from k8stui.resources.text import clean_text


def kind_named(word: str, kinds: Mapping[str, str], hint: str = "") -> str:
    """The key of the kind, or "" where no kind is named so.

    Args:
        word: With its group behind it or not, as `kubectl get -o name` prints it.
        kinds: Keys by names in the singular and short ones.
        hint: What to do about a wrong group.

    Raises:
        UsageError: there is such a kind, but not in that group.
    """
    name, dot, group = word.lower().partition(".")
    key = kinds.get(name) or kinds.get(name.removesuffix("s"), "")
    own = key.partition(".")[2]
    if not key or not dot or group == own:
        return key
    there = f"is of the group {own}" if own else "has no group"
    raise UsageError(f"{clean_text(word)}: {clean_text(name)} {there}", hint)

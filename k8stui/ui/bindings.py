"""Textual's bindings, made from the registry of actions."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from k8stui.actions.registry import ACTIONS, ActionSpec

_APP_ACTIONS = ("help", "quit", "low_bandwidth", "meter")
OPENS_PROMPT = ("command", "filter")
"""Taken before the focused widget sees the key, so that what is typed right after it, or pasted
with it, reaches the prompt and not a table."""


def bound_action(spec: ActionSpec) -> str:
    """The action as Textual runs it for a screen: the app's own with their namespace."""
    return f"app.{spec.binding}" if spec.id in _APP_ACTIONS else spec.binding


def registry_bindings() -> list[BindingType]:
    """A binding for each action that has keys: the app's own, and the screen's."""
    return [
        Binding(
            ",".join(spec.keys),
            bound_action(spec),
            spec.title,
            show=False,
            tooltip=spec.help,
            priority=spec.id in OPENS_PROMPT,
            id=f"k8stui.{spec.id}.{spec.parameters.strip(chr(39))}",
        )
        for spec in ACTIONS
        if spec.keys
    ]

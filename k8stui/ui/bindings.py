"""Textual's bindings, made from the registry of actions."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from k8stui.actions.registry import ACTIONS, ActionSpec, Place

_APP_ACTIONS = ("help", "quit", "low_bandwidth", "meter")
OPENS_PROMPT = ("command", "filter")
"""Taken before the focused widget sees the key, so that what is typed right after it, or pasted
with it, reaches the prompt and not a table."""


_OPENS_LINE = ("log_highlight", "log_zone", "log_jump", "log_fields", "log_containers")
"""The same within the log pane."""


def bound_action(spec: ActionSpec) -> str:
    """The action as Textual runs it for a screen: the app's own with their namespace."""
    return f"app.{spec.binding}" if spec.id in _APP_ACTIONS else spec.binding


def registry_bindings() -> list[BindingType]:
    """A binding for each action that has keys and is offered everywhere."""
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
        if spec.keys and spec.place != "logs"
    ]


def place_bindings(place: Place) -> list[BindingType]:
    """The bindings of a widget for the actions that its screen offers while it has the focus."""
    return [
        Binding(
            ",".join(spec.keys),
            f"screen.{spec.binding}",
            spec.title,
            show=False,
            tooltip=spec.help,
            priority=spec.id in _OPENS_LINE,
        )
        for spec in ACTIONS
        if spec.keys and spec.place == place and spec.binds
    ]

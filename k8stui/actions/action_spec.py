"""What an action is, before there is a list of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from k8stui.actions.key_text import key_text

Place = Literal["app", "cockpit", "browse", "pane", "text", "logs"]
"""Where an action is offered: everywhere, on a screen, or in one sort of pane."""


class ActionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One action."""

    id: str
    """Names the handler: `action_<id>` of whoever offers it."""
    title: str
    """Two or three words, for footer and palette."""
    help: str
    """One sentence, for the help screen and the palette."""
    keys: tuple[str, ...]
    """In Textual's spelling; the first is the one that is shown."""
    place: Place
    group: str
    """The heading in the help screen."""
    footer: int = 0
    """Order in the footer, 0 is not there."""
    footer_ease: int = 0
    """How soon it leaves the footer where there is no room; those with 0 stay the longest."""
    parameters: str = ""
    """Arguments of the handler, as written in a binding: `'pods'`."""
    binds: bool = True
    """False where a widget has the key itself."""
    danger: Literal["", "change", "loss"] = ""
    """Whether it changes the cluster, and so that something is lost."""
    verb: str = ""
    """What one must be allowed to do to the object, empty for what anybody may."""
    subresource: str = ""
    """Of which subresource, empty for the object itself."""

    @property
    def binding(self) -> str:
        """The action string for a binding."""
        return f"{self.id}({self.parameters})"

    @property
    def key_text(self) -> str:
        """The first key as a person reads it."""
        return key_text(self.keys[0]) if self.keys else ""

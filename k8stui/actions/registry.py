"""Every action a person can take, in one table: keys, footer, help and palette derive from it."""

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


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="command",
        title="Go to",
        help="Go to any kind the cluster serves, a namespace or a context: :svc, :ns shop, :ctx",
        keys=("colon",),
        place="app",
        group="Go",
        footer=3,
    ),
    ActionSpec(
        id="filter",
        title="Filter",
        help="Filter the rows or search the text of the pane that has the focus",
        keys=("slash",),
        place="app",
        group="Find",
        footer=4,
    ),
    ActionSpec(
        id="show_detail",
        title="Logs",
        help="Show the logs of the selection",
        keys=("l",),
        place="app",
        group="Look",
        parameters="'logs'",
        footer=5,
    ),
    ActionSpec(
        id="show_detail",
        title="Describe",
        help="Describe the selected object: everything kubectl describe tells",
        keys=("d",),
        place="app",
        group="Look",
        parameters="'describe'",
        footer=6,
    ),
    ActionSpec(
        id="show_detail",
        title="YAML",
        help="Show the selected object as YAML",
        keys=("y",),
        place="app",
        group="Look",
        parameters="'yaml'",
        footer=7,
        footer_ease=3,
    ),
    ActionSpec(
        id="show_detail",
        title="Events",
        help="Show the events of the selection",
        keys=("e",),
        place="app",
        group="Look",
        parameters="'events'",
        footer=8,
        footer_ease=5,
    ),
    ActionSpec(
        id="actions",
        title="Actions",
        help="All that can be done to the selection, with the reason beside what can't",
        keys=("a",),
        place="app",
        group="Change",
        footer=9,
    ),
    ActionSpec(
        id="rollback",
        title="Roll back",
        help="Roll back to the revision before, or to the selected one, after a look at the diff",
        keys=("u", "ctrl+l"),
        place="app",
        group="Change",
        danger="change",
        verb="patch",
        footer=10,
        footer_ease=1,
    ),
    ActionSpec(
        id="restart",
        title="Restart",
        help="Replace every pod of the workload, as kubectl rollout restart",
        keys=("r",),
        place="app",
        group="Change",
        danger="change",
        verb="patch",
        footer=11,
        footer_ease=2,
    ),
    ActionSpec(
        id="pause_resume",
        title="Pause / resume",
        help="Pause the Deployment's rollout, or let it go on",
        keys=("P",),
        place="app",
        group="Change",
        danger="change",
        verb="patch",
    ),
    ActionSpec(
        id="scale",
        title="Scale",
        help="Set the number of replicas: 5, +1 or -2",
        keys=("s",),
        place="app",
        group="Change",
        danger="change",
        verb="patch",
        subresource="scale",
        footer=12,
        footer_ease=6,
    ),
    ActionSpec(
        id="set_image",
        title="Set image",
        help="Set the image of a container, from the history or typed",
        keys=("i",),
        place="app",
        group="Change",
        danger="change",
        verb="patch",
    ),
    ActionSpec(
        id="delete",
        title="Delete",
        help="Delete the selected or marked objects",
        keys=("ctrl+d",),
        place="app",
        group="Change",
        danger="loss",
        verb="delete",
    ),
    ActionSpec(
        id="evict",
        title="Evict",
        help="Move a pod off its node; disruption budgets have a say",
        keys=("ctrl+k",),
        place="app",
        group="Change",
        danger="loss",
        verb="create",
        subresource="eviction",
    ),
    ActionSpec(
        id="diff",
        title="Diff",
        help="Compare what is there now with the selected revision, or two marked revisions",
        keys=("D",),
        place="app",
        group="Look",
    ),
    ActionSpec(
        id="mark",
        title="Mark",
        help="Mark the row, so that an action is for all that are marked",
        keys=("space",),
        place="app",
        group="Change",
    ),
    ActionSpec(
        id="undo",
        title="Undo",
        help="Take the last action back, where that can be: scale back, roll forward, resume",
        keys=("ctrl+z",),
        place="app",
        group="Change",
    ),
    ActionSpec(
        id="next_pane",
        title="Next pane",
        help="Move to the next pane",
        keys=("tab",),
        place="app",
        group="Move",
        footer=1,
    ),
    ActionSpec(
        id="previous_pane",
        title="Previous pane",
        help="Move to the previous pane",
        keys=("shift+tab",),
        place="app",
        group="Move",
    ),
    ActionSpec(
        id="zoom",
        title="Zoom",
        help="Give the whole screen to the pane that has the focus, and back",
        keys=("z",),
        place="app",
        group="Move",
        footer=2,
        footer_ease=4,
    ),
    ActionSpec(
        id="back",
        title="Back",
        help="Go back up: clear the filter, leave the zoom, the pane or the screen",
        keys=("escape",),
        place="app",
        group="Move",
    ),
    ActionSpec(
        id="sort",
        title="Sort",
        help="Sort the rows by any column; the same column again turns the order round",
        keys=("o",),
        place="app",
        group="Find",
    ),
    ActionSpec(
        id="namespaces",
        title="Namespaces",
        help="Switch the namespace, the recent ones first",
        keys=("n",),
        place="app",
        group="Go",
    ),
    ActionSpec(
        id="all_namespaces",
        title="All namespaces",
        help="Show all namespaces",
        keys=("0",),
        place="app",
        group="Go",
    ),
    ActionSpec(
        id="contexts",
        title="Contexts",
        help="Switch to another cluster, the recent ones first",
        keys=("x",),
        place="app",
        group="Go",
    ),
    ActionSpec(
        id="previous_tab",
        title="Previous tab",
        help="Show the tab to the left",
        keys=("left_square_bracket",),
        place="app",
        group="Look",
    ),
    ActionSpec(
        id="next_tab",
        title="Next tab",
        help="Show the tab to the right",
        keys=("right_square_bracket",),
        place="app",
        group="Look",
    ),
    ActionSpec(
        id="copy_name",
        title="Copy name",
        help="Copy the selected object's name to the clipboard, over SSH too (OSC 52)",
        keys=("c",),
        place="app",
        group="Look",
    ),
    ActionSpec(
        id="log_times",
        title="Log times",
        help="Show the times of log lines short, full, relative to now, or not at all",
        keys=("t",),
        place="app",
        group="Logs",
    ),
    ActionSpec(
        id="log_form",
        title="Log form",
        help="Show JSON and logfmt lines as they are, compact or spread out",
        keys=("m",),
        place="app",
        group="Logs",
    ),
    ActionSpec(
        id="log_save",
        title="Save logs",
        help="Save the log lines that are shown to a private file",
        keys=("ctrl+s",),
        place="app",
        group="Logs",
    ),
    ActionSpec(
        id="reveal",
        title="Reveal secret",
        help="Show or hide the values of the Secret on the screen",
        keys=("R",),
        place="app",
        group="Look",
    ),
    ActionSpec(
        id="reconnect",
        title="Try now",
        help="Try to reach the cluster now instead of waiting for the next try",
        keys=("ctrl+r",),
        place="app",
        group="Go",
    ),
    ActionSpec(
        id="low_bandwidth",
        title="Low bandwidth",
        help="Send less to the terminal (fewer frames, 16 colours, no trends), or all again",
        keys=("B",),
        place="app",
        group="Program",
    ),
    ActionSpec(
        id="meter",
        title="Traffic meter",
        help="Show in the header how many bytes a second go to the terminal, or no longer",
        keys=("b",),
        place="app",
        group="Program",
    ),
    ActionSpec(
        id="help",
        title="Help",
        help="Show all keys",
        keys=("question_mark", "f1"),
        place="app",
        group="Program",
        footer=13,
    ),
    ActionSpec(
        id="quit",
        title="Quit",
        help="Leave k8stui",
        keys=("q", "ctrl+c"),
        place="app",
        group="Program",
        footer=14,
    ),
)


def actions_for(*places: Place) -> tuple[ActionSpec, ...]:
    """The actions offered in these places, in the order of the table."""
    return tuple(action for action in ACTIONS if action.place in places)

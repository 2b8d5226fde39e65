"""The actions that change something, with what each must be allowed to do.

They stand apart until the screens have handlers for them: then `registry.ACTIONS` takes them in.
"""

from __future__ import annotations

from typing import Final

from k8stui.actions.intents import (
    Delete,
    Evict,
    Intent,
    Pause,
    Restart,
    Rollback,
    Scale,
    SetImage,
)
from k8stui.actions.registry import ActionSpec

GROUP: Final = "Change"

WRITE_ACTIONS: Final[tuple[ActionSpec, ...]] = (
    ActionSpec(
        id="rollback",
        title="Roll back",
        help="Roll back to the revision before, or to the selected one, after a look at the diff",
        keys=("u", "ctrl+l"),
        place="app",
        group=GROUP,
        danger="change",
        verb="patch",
    ),
    ActionSpec(
        id="restart",
        title="Restart",
        help="Replace every pod of the workload, as kubectl rollout restart",
        keys=("r",),
        place="app",
        group=GROUP,
        danger="change",
        verb="patch",
    ),
    ActionSpec(
        id="pause_resume",
        title="Pause / resume",
        help="Pause the Deployment's rollout, or let it go on",
        keys=("P",),
        place="app",
        group=GROUP,
        danger="change",
        verb="patch",
    ),
    ActionSpec(
        id="scale",
        title="Scale",
        help="Set the number of replicas: 5, +1 or -2",
        keys=("s",),
        place="app",
        group=GROUP,
        danger="change",
        verb="patch",
        subresource="scale",
    ),
    ActionSpec(
        id="set_image",
        title="Set image",
        help="Set the image of a container, from the history or typed",
        keys=("i",),
        place="app",
        group=GROUP,
        danger="change",
        verb="patch",
    ),
    ActionSpec(
        id="delete",
        title="Delete",
        help="Delete the selected or marked objects",
        keys=("ctrl+d",),
        place="app",
        group=GROUP,
        danger="loss",
        verb="delete",
    ),
    ActionSpec(
        id="evict",
        title="Evict",
        help="Move a pod off its node; disruption budgets have a say",
        keys=("ctrl+k",),
        place="app",
        group=GROUP,
        danger="loss",
        verb="create",
        subresource="eviction",
    ),
)

LOOK_ACTIONS: Final[tuple[ActionSpec, ...]] = (
    ActionSpec(
        id="diff",
        title="Diff",
        help="Compare two revisions by meaning, or a revision with what is there now",
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
        group=GROUP,
    ),
    ActionSpec(
        id="undo",
        title="Undo",
        help="Take the last action back, where that can be: scale back, roll forward, resume",
        keys=("ctrl+z",),
        place="app",
        group=GROUP,
    ),
)
"""What goes with them and changes nothing by itself."""

_SAMPLES: Final[dict[str, Intent]] = {
    "rollback": Rollback(),
    "restart": Restart(),
    "pause_resume": Pause(),
    "scale": Scale(1),
    "set_image": SetImage(()),
    "delete": Delete(),
    "evict": Evict(),
}


def sample_of(spec: ActionSpec) -> Intent:
    """An intent of the action's sort: what it needs and what it fits doesn't depend on more."""
    return _SAMPLES[spec.id]

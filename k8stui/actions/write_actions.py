"""The actions that change something, with what each must be allowed to do.

The registry names them; what intent each has stands here, away from what every start loads.
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
from k8stui.actions.registry import ACTIONS, ActionSpec

WRITE_ACTIONS: Final[tuple[ActionSpec, ...]] = tuple(spec for spec in ACTIONS if spec.danger)

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

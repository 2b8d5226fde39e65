"""What a person wants done to an object: values without any power of their own."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from k8stui.resources.registry import TYPED

Propagation = Literal["Background", "Foreground", "Orphan"]

DEPLOYMENTS: Final = "deployments.apps"
STATEFULSETS: Final = "statefulsets.apps"
DAEMONSETS: Final = "daemonsets.apps"
REPLICASETS: Final = "replicasets.apps"
PODS: Final = "pods"
ROLLABLE: Final = (DEPLOYMENTS, STATEFULSETS, DAEMONSETS)
"""Kinds with a history of revisions."""


class Subject(NamedTuple):
    """The object that something is to be done to."""

    kind: str
    """The kind's key: `deployments.apps`."""
    namespace: str
    """Empty for cluster-scoped objects."""
    name: str
    uid: str = ""
    """The uid that the person saw: another object of the same name is not touched. Empty where
    it was named by hand."""

    @property
    def text(self) -> str:
        """`deploy/web`, the kind's plural for kinds without a short word."""
        typed = TYPED.get(self.kind)
        short = typed.short or typed.kind.lower() if typed else self.kind.partition(".")[0]
        return f"{short}/{self.name}"


class Intent(msgspec.Struct, frozen=True):
    """One thing to do; says nothing of what it is to be done to."""


class Rollback(Intent, frozen=True):
    """As `kubectl rollout undo`."""

    to_revision: int = 0
    """0 is the previous one."""


class Restart(Intent, frozen=True):
    """As `kubectl rollout restart`."""


class Pause(Intent, frozen=True):
    """As `kubectl rollout pause`."""


class Resume(Intent, frozen=True):
    """As `kubectl rollout resume`."""


class Scale(Intent, frozen=True):
    """As `kubectl scale`."""

    amount: int
    relative: bool = False
    """`amount` is added to what is asked for now."""


class SetImage(Intent, frozen=True):
    """As `kubectl set image`."""

    images: tuple[tuple[str, str], ...]
    """(container, image); init containers too."""


class Delete(Intent, frozen=True):
    """As `kubectl delete`."""

    propagation: Propagation = "Background"
    grace_seconds: int | None = None
    """None leaves it to the object."""
    force: bool = False
    """Grace 0: nobody waits for the kubelet to say that it is gone."""


class Evict(Intent, frozen=True):
    """As `kubectl drain` does with each pod: disruption budgets are kept."""

    grace_seconds: int | None = None
    force: bool = False
    """Past the budgets: the pod is deleted, as `kubectl drain --disable-eviction` does."""


class Request(NamedTuple):
    """One thing to do to one object."""

    intent: Intent
    subject: Subject


def parse_scale(text: str) -> Scale | None:
    """`3`, `+1` or `-2` as it is typed; None for anything else."""
    stripped = text.strip()
    digits = stripped.removeprefix("+") if stripped[:1] == "+" else stripped.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return None
    return Scale(int(stripped), relative=stripped[0] in "+-")

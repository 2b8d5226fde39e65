"""PodDisruptionBudgets (policy/v1, v1beta1)."""

from __future__ import annotations

from typing import Final

import msgspec

from k8stui.resources.columns import age_column, name_column, number_column, text_column
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.record import Column, Record
from k8stui.resources.selectors import LabelSelector, selector_query
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, head

Requirement = tuple[str, str, tuple[str, ...]]
"""(label, operator, values) of a selector; `matchLabels` are `In` with one value."""

_NOT_SET: Final = "N/A"


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: LabelSelector | None = None


class _Status(msgspec.Struct, gc=False, rename="camel"):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0


class _Budget(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class PodDisruptionBudget(Record, frozen=True, gc=False, kw_only=True):
    """What is kept of a PodDisruptionBudget."""

    min_available: str = _NOT_SET
    """As written: `2` or `50%`."""
    max_unavailable: str = _NOT_SET
    allowed: int = 0
    """Evictions that it would let through now."""
    healthy: int = 0
    needed: int = 0
    """Pods that must stay healthy."""
    expected: int = 0
    selector: str = ""
    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: tuple[str, ...]) -> bool:
        """Whether a pod with these labels (`key=value`) counts for it.

        An empty selector takes no pod in v1beta1 and every pod in v1; by its own count it tells.
        """
        if not self.requirements:
            return self.expected > 0
        own = dict(label.partition("=")[::2] for label in labels)
        return all(_meets(one, own) for one in self.requirements)


def _meets(requirement: Requirement, labels: dict[str, str]) -> bool:
    key, operator, values = requirement
    match operator:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False


def _requirements(selector: LabelSelector | None) -> tuple[Requirement, ...]:
    if selector is None:
        return ()
    found = [(key, "In", (value,)) for key, value in (selector.match_labels or {}).items()]
    return (
        *found,
        *(
            (one.key, one.operator, tuple(one.values or ()))
            for one in selector.match_expressions or ()
        ),
    )


def _amount(value: int | str | None) -> str:
    return _NOT_SET if value is None else clean_text(str(value))


_decoder = LenientDecoder(_Budget)


def decode(raw: bytes) -> PodDisruptionBudget:
    """One budget's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _decoder.decode(raw)
    spec, status = wire.spec, wire.status
    return PodDisruptionBudget(
        **head(wire.metadata),
        min_available=_amount(spec.min_available),
        max_unavailable=_amount(spec.max_unavailable),
        allowed=status.disruptions_allowed,
        healthy=status.current_healthy,
        needed=status.desired_healthy,
        expected=status.expected_pods,
        selector=selector_query(spec.selector),
        requirements=_requirements(spec.selector),
    )


COLUMNS: tuple[Column[PodDisruptionBudget], ...] = (
    name_column(),
    text_column("min_available", "MIN AVAILABLE", lambda one: one.min_available),
    text_column("max_unavailable", "MAX UNAVAILABLE", lambda one: one.max_unavailable),
    number_column("allowed", "ALLOWED DISRUPTIONS", lambda one: one.allowed),
    age_column(),
    number_column("healthy", "HEALTHY", lambda one: one.healthy, priority=2),
    number_column("needed", "NEEDED", lambda one: one.needed, priority=2),
    text_column("selector", "SELECTOR", lambda one: one.selector, priority=3),
)

KIND: Final = TypedKind(
    group="policy",
    versions=("v1", "v1beta1"),
    plural="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    decode=decode,
    columns=COLUMNS,
    short="pdb",
)

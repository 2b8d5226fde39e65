"""The kinds that k8stui knows by heart."""

from __future__ import annotations

from k8stui.resources import pods
from k8stui.resources.kinds import TypedKind

_KINDS: tuple[TypedKind, ...] = (pods.KIND,)

TYPED: dict[str, TypedKind] = {kind.key: kind for kind in _KINDS}
"""By key: `pods`, `deployments.apps`."""

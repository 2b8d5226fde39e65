"""What the user may do here, as the server tells: yes, no, or not known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from k8stui.cluster.reviews import SelfReviews
from k8stui.cluster.transport import Transport
from k8stui.errors import K8sTuiError

_KEPT_SECONDS: Final = 600.0
_DENIED_SECONDS: Final = 120.0
_AT_ONCE: Final = 4
_ALL: Final = "*"


class Right(StrEnum):
    """UNKNOWN stays allowed: the server has the last word."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Access(NamedTuple):
    """One thing that one may be allowed to do."""

    verb: str
    group: str
    resource: str
    """The plural, with the subresource: `deployments/scale`."""
    namespace: str

    @property
    def text(self) -> str:
        """`patch deployments/scale.apps in namespace shop`."""
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {kind}" + (f" in namespace {self.namespace}" * bool(self.namespace))


class _Rule(msgspec.Struct, rename="camel"):
    verbs: list[str] = []
    api_groups: list[str] | None = None
    resources: list[str] | None = None
    resource_names: list[str] | None = None

    def covers(self, access: Access) -> bool:
        return (
            bool({_ALL, access.verb} & set(self.verbs))
            and bool({_ALL, access.group} & set(self.api_groups or ()))
            and _covers_resource(self.resources or (), access.resource)
        )


class _RulesStatus(msgspec.Struct, rename="camel"):
    resource_rules: list[_Rule] | None = None
    incomplete: bool = False


class _RulesReview(msgspec.Struct):
    status: _RulesStatus


class _AccessStatus(msgspec.Struct):
    allowed: bool = False
    evaluation_error: str = msgspec.field(default="", name="evaluationError")


class _AccessReview(msgspec.Struct):
    status: _AccessStatus


class _Rules(NamedTuple):
    rules: tuple[_Rule, ...]
    incomplete: bool
    until: float


def _covers_resource(resources: Sequence[str], wanted: str) -> bool:
    """As the RBAC authorizer matches: `*`, the resource itself, or `*/subresource`."""
    _, slash, subresource = wanted.partition("/")
    return any(
        one in (_ALL, wanted) or (slash and one == f"{_ALL}/{subresource}") for one in resources
    )


class Rights:
    """Asks the server and remembers: rules of a namespace at once, single accesses for the rest.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, transport: Transport, clock: Callable[[], float] = time.monotonic) -> None:
        self._reviews = SelfReviews(transport)
        self._clock = clock
        self._rules: dict[str, _Rules] = {}
        self._single: dict[Access, tuple[Right, float]] = {}
        self._asking = asyncio.Semaphore(_AT_ONCE)
        self._locks: dict[str, asyncio.Lock] = {}

    def known(self, access: Access) -> Right:
        """What has been told so far."""
        if self._asked(access):
            return self._single[access][0]
        rules = self._rules.get(access.namespace)
        if rules is None or rules.until <= self._clock():
            return Right.UNKNOWN
        covering = [rule for rule in rules.rules if rule.covers(access)]
        if any(not rule.resource_names for rule in covering):
            return Right.ALLOWED
        # A rule for single names, or an authorizer that lists no rules: only asking tells.
        return Right.UNKNOWN if covering or rules.incomplete else Right.DENIED

    async def learn(self, accesses: Iterable[Access]) -> None:
        """Asks for what isn't known. Never raises: what can't be asked stays unknown."""
        wanted = tuple(dict.fromkeys(accesses))
        namespaces = {one.namespace for one in wanted if one.namespace}
        await asyncio.gather(*(self._learn_rules(namespace) for namespace in namespaces))
        unclear = [
            one for one in wanted if not self._asked(one) and self.known(one) is Right.UNKNOWN
        ]
        await asyncio.gather(*(self._review(one) for one in unclear))

    async def ask(self, access: Access) -> Right:
        """What the server says to one access."""
        await self.learn((access,))
        return self.known(access)

    def denied(self, access: Access) -> None:
        """A real refusal goes before every review."""
        self._single[access] = (Right.DENIED, self._clock() + _DENIED_SECONDS)

    def forget(self) -> None:
        """All is asked anew: for another user."""
        self._rules.clear()
        self._single.clear()

    def _asked(self, access: Access) -> bool:
        """Whether the server was asked for this one lately, though it may not have told."""
        single = self._single.get(access)
        return single is not None and single[1] > self._clock()

    async def _learn_rules(self, namespace: str) -> None:
        async with self._locks.setdefault(namespace, asyncio.Lock()):
            present = self._rules.get(namespace)
            if present is not None and present.until > self._clock():
                return
            try:
                answer = await self._reviews.rules(namespace)
                status = msgspec.json.decode(answer, type=_RulesReview).status
            except (K8sTuiError, msgspec.MsgspecError):
                return
            self._rules[namespace] = _Rules(
                tuple(status.resource_rules or ()),
                status.incomplete,
                self._clock() + _KEPT_SECONDS,
            )

    async def _review(self, access: Access) -> None:
        resource, _, subresource = access.resource.partition("/")
        attributes = {
            "verb": access.verb,
            "group": access.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": access.namespace,
        }
        right = Right.UNKNOWN
        async with self._asking:
            try:
                answer = await self._reviews.access(attributes)
                status = msgspec.json.decode(answer, type=_AccessReview).status
            except (K8sTuiError, msgspec.MsgspecError):
                pass
            else:
                named = self._named(access)
                if status.allowed:
                    right = Right.ALLOWED
                elif not status.evaluation_error and not named:
                    right = Right.DENIED
        kept = _KEPT_SECONDS if right is Right.ALLOWED else _DENIED_SECONDS
        self._single[access] = (right, self._clock() + kept)

    def _named(self, access: Access) -> bool:
        """Whether a rule for single names covers it: those names may be allowed all the same."""
        rules = self._rules.get(access.namespace)
        return rules is not None and any(rule.covers(access) for rule in rules.rules)

"""What pods ask for and may use, summed up as the scheduler does."""

from __future__ import annotations

from typing import NamedTuple

from k8stui.resources.describe.values import JsonObject, mapping, objects, pairs, string
from k8stui.resources.quantity import millicores

_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("", "k", "M", "G", "T", "P", "E")


class Amount(NamedTuple):
    """A quantity in thousandths, and whether it is written in powers of two."""

    milli: int = 0
    binary: bool = False

    def __str__(self) -> str:
        """The shortest exact form, as the API writes quantities: `1088Mi`, `1500m`, `2`."""
        value, rest = divmod(self.milli, 1000)
        if rest:
            return f"{self.milli}m"
        base, suffixes = (1024, ("", *_BINARY)) if self.binary else (1000, _DECIMAL)
        if self.binary and abs(value) < base:
            return str(value)
        step = 0
        while value and value % base == 0 and step < len(suffixes) - 1:
            value //= base
            step += 1
        return f"{value}{suffixes[step]}"

    def plus(self, other: Amount) -> Amount:
        return Amount(self.milli + other.milli, other.binary if not self.milli else self.binary)

    def percent_of(self, whole: Amount) -> int:
        """Of `whole`, without the fraction; 0 where the whole is nothing."""
        return int(self.milli / whole.milli * 100) if whole.milli else 0


Amounts = dict[str, Amount]


def amount(quantity: str) -> Amount:
    """A quantity's text as an amount; what is none counts as nothing."""
    return Amount(millicores(quantity) or 0, quantity.endswith(_BINARY))


def divided(quantity: str, divisor: str) -> str:
    """How many of `divisor` (1 when empty or zero) there are in `quantity`, rounded up."""
    unit = millicores(divisor) or 1000
    milli = millicores(quantity)
    return "" if milli is None else str(-(-milli // unit))


def amounts(value: object, *path: str) -> Amounts:
    """The resource list at `path`."""
    return {name: amount(quantity) for name, quantity in pairs(value, *path)}


def pod_amounts(spec: JsonObject, which: str) -> Amounts:
    """What a pod counts for on its node.

    Containers and sidecars add up; an ordinary init container runs alone, so the largest counts;
    amounts of the pod itself take the place of its containers'; overhead comes on top.

    Args:
        which: `requests` or `limits`.
    """
    total: Amounts = {}
    for container in objects(spec, "containers"):
        _add(total, amounts(container, "resources", which))
    sidecars: Amounts = {}
    largest: Amounts = {}
    for container in objects(spec, "initContainers"):
        own = amounts(container, "resources", which)
        if string(container, "restartPolicy") == "Always":
            _add(sidecars, own)
            _keep_largest(largest, sidecars)
        else:
            for name, value in sidecars.items():
                own[name] = own.get(name, Amount()).plus(value)
            _keep_largest(largest, own)
    _add(total, sidecars)
    _keep_largest(total, largest)
    total |= amounts(spec, "resources", which)
    for name, value in amounts(mapping(spec, "overhead")).items():
        if which == "requests" or total.get(name, Amount()).milli:
            total[name] = total.get(name, Amount()).plus(value)
    return total


def total_amounts(pods: list[JsonObject], which: str) -> Amounts:
    """The sum over pods. `which` is `requests` or `limits`."""
    total: Amounts = {}
    for pod in pods:
        _add(total, pod_amounts(mapping(pod, "spec"), which))
    return total


def _add(total: Amounts, more: Amounts) -> None:
    for name, value in more.items():
        total[name] = total.get(name, Amount()).plus(value)


def _keep_largest(total: Amounts, other: Amounts) -> None:
    for name, value in other.items():
        if value.milli > total.get(name, Amount(-1)).milli:
            total[name] = value

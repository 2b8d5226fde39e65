"""The metrics of a HorizontalPodAutoscaler in both of the API's shapes, as kubectl prints them.

autoscaling/v2 and v2beta2 put amounts under `target` and `current`; v2beta1, and the annotations
by which v1 carries metrics other than CPU, have a field for each amount.
"""

from __future__ import annotations

import msgspec

from k8stui.resources.age import UNKNOWN


class _Amount(msgspec.Struct, gc=False, rename="camel"):
    average_utilization: int | None = None
    average_value: str | None = None
    value: str | None = None


class _Source(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    # An object metric of the older shape has the object's reference here, without any amount.
    target: _Amount | None = None
    current: _Amount | None = None
    average_value: str | None = None
    target_average_utilization: int | None = None
    target_average_value: str | None = None
    target_value: str | None = None
    current_average_utilization: int | None = None
    current_average_value: str | None = None
    current_value: str | None = None

    def wanted(self) -> _Amount:
        new = self.target or _Amount()
        return _Amount(
            _either(new.average_utilization, self.target_average_utilization),
            new.average_value or self.target_average_value or self.average_value,
            new.value or self.target_value,
        )

    def measured(self) -> _Amount:
        new = self.current or _Amount()
        return _Amount(
            _either(new.average_utilization, self.current_average_utilization),
            new.average_value or self.current_average_value or self.average_value,
            new.value or self.current_value,
        )


class _Metric(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    resource: _Source | None = None
    container_resource: _Source | None = None
    pods: _Source | None = None
    object: _Source | None = None
    external: _Source | None = None

    def source(self) -> _Source | None:
        """The part that the type names, None for a type that isn't known."""
        match self.type:
            case "Resource":
                return self.resource
            case "ContainerResource":
                return self.container_resource
            case "Pods":
                return self.pods
            case "Object":
                return self.object
            case "External":
                return self.external
            case _:
                return None


class MetricSpec(_Metric, gc=False, rename="camel"):
    """One metric to scale by."""


class MetricStatus(_Metric, gc=False, rename="camel"):
    """The same metric as it was last measured."""


def cpu_spec(percent: int) -> MetricSpec:
    """The CPU target of autoscaling/v1."""
    return MetricSpec(
        type="Resource", resource=_Source(name="cpu", target_average_utilization=percent)
    )


def cpu_status(percent: int) -> MetricStatus:
    """The measured CPU use of autoscaling/v1."""
    return MetricStatus(
        type="Resource", resource=_Source(name="cpu", current_average_utilization=percent)
    )


def metric_target(spec: MetricSpec, status: MetricStatus | None) -> str:
    """One entry of kubectl's TARGETS: `cpu: 12%/80%`, `<unknown>/30 (avg)`. Not clean yet."""
    source = spec.source()
    if source is None:
        return "<unknown type>"
    wanted = source.wanted()
    # The status counts by position; one of another type belongs to a spec that has just changed.
    found = status.source() if status is not None and status.type == spec.type else None
    measured = found.measured() if found is not None else _Amount()
    if spec.type in ("Resource", "ContainerResource"):
        return f"{source.name}: {_resource(wanted, measured)}"
    if spec.type == "Pods":
        return f"{measured.average_value or UNKNOWN}/{wanted.average_value or UNKNOWN}"
    if wanted.average_value is not None:
        return f"{measured.average_value or UNKNOWN}/{wanted.average_value} (avg)"
    return f"{measured.value or UNKNOWN}/{wanted.value or UNKNOWN}"


def _resource(wanted: _Amount, measured: _Amount) -> str:
    if wanted.average_value is not None:
        return f"{measured.average_value or UNKNOWN}/{wanted.average_value}"
    target = "<auto>" if wanted.average_utilization is None else f"{wanted.average_utilization}%"
    use = measured.average_utilization
    return f"{UNKNOWN if use is None else f'{use}%'}/{target}"


def _either(one: int | None, other: int | None) -> int | None:
    return other if one is None else one

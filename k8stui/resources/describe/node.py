"""A node: conditions and taints first, then what it has and what its pods take of it."""

from __future__ import annotations

from k8stui.resources.describe.allocation import (
    Amount,
    Amounts,
    amounts,
    pod_amounts,
    total_amounts,
)
from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import (
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.scheduling import taint_text
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    UNSET,
    JsonObject,
    flag,
    joined,
    mapping,
    moment,
    objects,
    pairs,
    show,
    since,
    string,
    strings,
)
from k8stui.resources.record import Tone

_ROLE = "node-role.kubernetes.io/"
_SYSTEM = (
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Kernel Version", "kernelVersion"),
    ("Container Runtime", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
    ("Kube-Proxy Version", "kubeProxyVersion"),
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
)


def describe_node(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe node`."""
    write_head(out, subject)
    out.field("Roles", joined(_roles(subject.metadata), ","))
    cordoned = flag(subject.spec, "unschedulable")
    out.field("Unschedulable", show(cordoned), Tone.WARN if cordoned else Tone.PLAIN)
    taints = sorted(
        objects(subject.spec, "taints"),
        key=lambda taint: (string(taint, "effect"), string(taint, "key")),
    )
    out.lines("Taints", [taint_text(taint) for taint in taints])
    write_conditions(out, subject)
    _write_lease(out, subject)
    _write_addresses(out, subject)
    _write_capacity(out, subject)
    _write_pods(out, subject)
    out.heading("System Info")
    with out.nested():
        for label, key in _SYSTEM:
            out.optional(label, string(subject.status, "nodeInfo", key))
    write_labels(out, subject)
    write_events(out, subject)


def _roles(metadata: JsonObject) -> list[str]:
    roles = {
        key.removeprefix(_ROLE) if key.startswith(_ROLE) else value
        for key, value in pairs(metadata, "labels")
        if key.startswith(_ROLE) or key == "kubernetes.io/role"
    }
    return sorted(role for role in roles if role)


def _write_lease(out: DocumentBuilder, subject: Subject) -> None:
    leases = subject.related.leases
    if not leases:
        refusal = dict(subject.related.refused).get("leases")
        if refusal or leases is not None:
            out.field("Lease", refusal or "<none>", Tone.WARN)
        return
    spec = mapping(leases[0], "spec")
    out.heading("Lease")
    with out.nested():
        out.field("Holder Identity", string(spec, "holderIdentity") or UNSET)
        out.field("Acquired", moment(spec, subject.now, "acquireTime") or UNSET)
        out.field("Renewed", moment(spec, subject.now, "renewTime") or UNSET)


def _write_addresses(out: DocumentBuilder, subject: Subject) -> None:
    out.heading("Addresses")
    with out.nested():
        for address in objects(subject.status, "addresses"):
            out.field(string(address, "type"), string(address, "address"))
        ranges = strings(subject.spec, "podCIDRs") or strings(subject.spec, "podCIDR")
        out.optional("PodCIDR", string(subject.spec, "podCIDR"))
        if ranges:
            out.field("PodCIDRs", ",".join(ranges))
        out.optional("Provider ID", string(subject.spec, "providerID"))


def _write_capacity(out: DocumentBuilder, subject: Subject) -> None:
    capacity = dict(pairs(subject.status, "capacity"))
    allocatable = dict(pairs(subject.status, "allocatable"))
    names = sorted({*capacity, *allocatable})
    if not names:
        return
    out.heading("Capacity")
    with out.nested():
        rows = [Row(name, capacity.get(name, ""), allocatable.get(name, "")) for name in names]
        out.table(["RESOURCE", "CAPACITY", "ALLOCATABLE"], rows)


def _write_pods(out: DocumentBuilder, subject: Subject) -> None:
    pods = subject.related.pods
    if pods is None:
        refusal = dict(subject.related.refused).get("pods")
        if refusal:
            out.field("Non-terminated Pods", f"not to be had: {refusal}", Tone.WARN)
        return
    there = amounts(subject.status, "allocatable") or amounts(subject.status, "capacity")
    requests, limits = total_amounts(list(pods), "requests"), total_amounts(list(pods), "limits")
    out.heading("Allocated Resources")
    with out.nested():
        out.text("Limits may add up to more than 100%: overcommitted.", Tone.MUTED)
        rows = [_total_row(name, requests, limits, there) for name in _counted(there)]
        out.table(["RESOURCE", "REQUESTS", "LIMITS"], rows)
    out.heading(f"Non-terminated Pods ({len(pods)} in total)")
    columns = ["NAMESPACE", "NAME", "CPU REQ", "CPU LIM", "MEM REQ", "MEM LIM", "AGE"]
    with out.nested():
        out.table(columns, [_pod_row(pod, there, subject.now) for pod in pods])


def _counted(there: Amounts) -> list[str]:
    first = ["cpu", "memory", "ephemeral-storage"]
    huge = sorted(name for name in there if name.startswith("hugepages-"))
    others = sorted(name for name in there if name not in (*first, *huge, "pods", "storage"))
    return [*first, *huge, *others]


def _total_row(name: str, requests: Amounts, limits: Amounts, there: Amounts) -> Row:
    whole = there.get(name, Amount())
    asked, capped = requests.get(name, Amount()), limits.get(name, Amount())
    if "/" in name:
        return Row(name, asked, capped)
    tone = Tone.WARN if asked.percent_of(whole) >= 90 else Tone.PLAIN
    return Row(name, _share(asked, whole), _share(capped, whole), tone=tone)


def _share(part: Amount, whole: Amount) -> str:
    return f"{part} ({part.percent_of(whole)}%)"


def _pod_row(pod: JsonObject, there: Amounts, now: float) -> Row:
    spec = mapping(pod, "spec")
    requests, limits = pod_amounts(spec, "requests"), pod_amounts(spec, "limits")
    cells = [
        _share(found.get(name, Amount()), there.get(name, Amount()))
        for name in ("cpu", "memory")
        for found in (requests, limits)
    ]
    metadata = mapping(pod, "metadata")
    return Row(
        string(metadata, "namespace"),
        string(metadata, "name"),
        *cells,
        since(metadata, now, "creationTimestamp"),
    )

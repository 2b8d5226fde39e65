"""All that `kubectl describe` printed for objects of a real cluster is in our description."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from k8stui.resources.describe import JsonObject, Related, describe
from k8stui.resources.describe.plain import plain_lines
from k8stui.resources.document import Document

DATA = Path(__file__).parents[2] / "data" / "describe"
RECORDED = sorted(DATA.glob("*.txt"))

_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
_LABEL = re.compile(r"^[A-Za-z][A-Za-z0-9 /._()-]*:(\s+|$)")
_RULE = re.compile(r"^\s*-{3,}(\s+-{3,})*\s*$|^=+$")
_MANAGED = re.compile(r"^( *)Managed Fields:\n(?:\1 .*\n)*", re.MULTILINE)
_WINDOW = 8
"""Lines of ours within which all words of one line of kubectl's must stand."""


class Excuse(NamedTuple):
    """A line of kubectl's that need not be found, and why."""

    pattern: str
    reason: str


EXCUSES = (
    Excuse(r"^Type\s+Status$", "a table's head"),
    Excuse(r"^\( current / target \)$", "a table's head"),
    Excuse(r"^\(Total limits may be over 100 percent", "a remark, said in other words"),
    Excuse(r"^0x[0-9a-f]+$", "kubectl prints a pointer's address for a number"),
    Excuse(r"^<nil>$", "Go's word for null, which we leave empty"),
    Excuse(r"\(not found\)$", "the names of a namespace's Secrets are not listed for this"),
    Excuse(r"<error: the server could not find the requested", "kubectl too new for the cluster"),
    Excuse(r"^autoscaling\.alpha\.kubernetes\.io/|^\[?\{\"", "shown as metrics and conditions"),
    Excuse(r"^<none>$", "there is nothing to tell"),
    Excuse(r"^Not affecting egress traffic$", "policyTypes, in the tree, tells it"),
    Excuse(r"^16777216 \(limits|^\d+ \(requests\.memory\)$", "kubectl ignores containerName"),
)


class Wording(NamedTuple):
    """The same fact in other words: kubectl's, and ours."""

    pattern: str
    ours: str


WORDINGS = (
    Wording(r"^(\w+) \((an? |bare ).*\)$", r"\1"),
    Wording(r"&\w*LocalObjectReference\{Name:([^,]*),\}", r"\1"),
    Wording(r"map\[group:vg size:1000m\]", "group=vg,size=1000m"),
    Wording(r"<set to the key '(\S+)' (?:of|in) .* '(\S+)'>", r"from key '\1' of '\2'"),
    Wording(r"- Type: (\w+)\s+Value: (\d+)\s+Period: (\d+)", r"\1 \2 in \3"),
    Wording(r"\(<error: endpoints \"(\w+)\" not found>\)", r'service "\1" not found'),
    Wording(r"^(\d+) Running / (\d+ Succeeded / \d+ Failed)$", r"\1 Active / \2"),
    Wording(r"(\d\d:\d\d:\d\d) \+0000 UTC$", r"\1"),
    Wording(r"^(volume\.beta\S+)=", r"\1: "),
    Wording(r"^(\d+)/(TCP|UDP)$", r"\1 \2"),
    Wording(r"^ISCSIInterface\s+", ""),
    Wording(r"^<unknown>%$", "<unknown>"),
    # When the kubelet last reported is told as an age; its exact time is the lease's.
    Wording(r"\d{4}-\d\d-\d\d [\d:]{8}\s+(\d{4}-\d\d-\d\d)", r"\1"),
)


class Fact(NamedTuple):
    """What one line of kubectl's text tells."""

    label: str
    """Empty for a line without one, or with one that anything may have (a volume's `Path`)."""
    value: str


def _facts(text: str) -> list[Fact]:
    """The lines of kubectl's text that tell something."""
    lines = _MANAGED.sub("", text).splitlines()
    facts = []
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _RULE.match(line) or _RULE.match(following):
            continue
        found = _LABEL.match(line.strip())
        label = found[0].rstrip(": ") if found else ""
        if line.startswith(" ") and label not in CONTAINER_LABELS:
            label = ""
        value = _LABEL.sub("", line.strip())
        if value:
            facts.append(Fact(label, _normal(value)))
    return facts


def _normal(text: str) -> str:
    """Dates as we write them."""
    return _DATE.sub(
        lambda found: parsedate_to_datetime(found[0]).strftime("%Y-%m-%d %H:%M:%S"), text
    )


def _reworded(fact: str) -> str:
    for wording in WORDINGS:
        fact = re.sub(wording.pattern, wording.ours, fact)
    return fact


def _words(text: str) -> list[str]:
    parts = (part.strip(":;()[]\"'") for part in re.split(r"[\s,]+", text.lower()))
    return [part for part in parts if part not in ("", "/", "-")]


# Kubectl's label, and ours where they differ. What stands behind one of these must be found behind
# ours; what has another label (volumes, tables, maps) must stand close together somewhere.
_STATES = ("State", "Last State", "Reason", "Message")
CONTAINER_LABELS: dict[str, tuple[str, ...]] = {
    "Container ID": (),
    "Image": ("Image", "image"),
    "Image ID": (),
    "Port": ("Ports",),
    "Ports": (),
    "Host Port": ("Host Ports",),
    "Host Ports": (),
    "State": (),
    "Last State": (),
    "Reason": (*_STATES, "reason"),
    "Message": (*_STATES, "message"),
    "Exit Code": _STATES,
    "Started": (),
    "Finished": (),
    "Ready": ("Ready", "Conditions"),
    "Restart Count": (),
    "Liveness": (),
    "Readiness": (),
    "Startup": (),
}
LABELS: dict[str, tuple[str, ...]] = CONTAINER_LABELS | {
    "IP": ("IP", "Desired LoadBalancer IP"),
    "IPs": ("IP", "IPs"),
    "Selector": ("Selector", "selector"),
    "Port": ("Port", "Ports"),
    "CreationTimestamp": ("Created",),
    "StrategyType": ("Strategy",),
    "MinReadySeconds": ("Min Ready Seconds",),
    "RollingUpdateStrategy": ("Rolling Update",),
    "VolumeMode": ("Volume Mode",),
    "Min replicas": ("Min Replicas",),
    "Max replicas": ("Max Replicas",),
    "Last Schedule Time": ("Last Schedule",),
    "Service Name": ("Service Name", "serviceName"),
    "Default backend": ("Default Backend",),
    "Node-Selector": ("Node-Selector", "Node-Selectors"),
}
for _same in (
    """
    Name|Namespace|Priority|Service Account|Node|Start Time|Status|Controlled By|QoS Class|Labels
    Node-Selectors|Selector|Replicas|Parallelism|Completions|Backoff Limit|Active Deadline Seconds
    Completed At|Duration|Pods Statuses|Pods Status|Schedule|Concurrency Policy|Suspend|IP
    Successful Job History Limit|Failed Job History Limit|Starting Deadline Seconds|Active Jobs
    Type|TargetPort|NodePort|Endpoints|Session Affinity|External Traffic Policy|Reference
    StorageClass|Claim|Reclaim Policy|Access Modes|Capacity|Volume|Finalizers|Roles|Unschedulable
    PodCIDR|PodCIDRs|Update Strategy|Ingress Class|AddressType|Termination Grace Period|Annotations
    TTL Seconds After Finished|Deployment pods|Desired LoadBalancer IP|External IPs|External Name
    HealthCheck NodePort|LoadBalancer Source Ranges|IP Families|Tolerations|Pod Management Policy
    Topology Spread Constraints|Taints|Used By
""".strip()
    .replace("\n", "|")
    .split("|")
):
    LABELS.setdefault(_same.strip(), ())


class Description:
    """Our document, ready to be searched."""

    def __init__(self, document: Document) -> None:
        self._lines = [document.title, *plain_lines(document)]
        words = [set(_words(line)) for line in self._lines]
        starts = range(len(words))
        self._windows = [set().union(*words[start : start + _WINDOW]) for start in starts]
        self._fields: dict[str, list[set[str]]] = {}
        for line in document.lines:
            if line.kind == "field":
                if line.label:
                    found: set[str] = set()
                    self._fields.setdefault(line.label, []).append(found)
                found |= set(_words(line.text))

    def lacks(self, fact: Fact) -> bool:
        said = [set(_words(fact.value)), set(_words(_reworded(fact.value)))]
        if fact.label in LABELS:
            labels = LABELS[fact.label] or (fact.label,)
            places = [words for label in labels for words in self._fields.get(label, ())]
            return not any(one <= place for one in said for place in places)
        whole = fact.value.removesuffix("...")
        if any(whole in line for line in self._lines):
            return False
        return not any(one <= window for one in said for window in self._windows)


@cache
def _record(path: Path) -> JsonObject:
    record: JsonObject = json.loads(path.read_text())
    return record


def _excused(fact: Fact) -> bool:
    return any(re.search(excuse.pattern, fact.value) for excuse in EXCUSES)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_every_fact_of_kubectl_is_described(path: Path) -> None:
    stem, version = path.name.removesuffix(".txt").rsplit(".", 2)[0], path.name[-8:-4]
    record = _record(DATA / f"{stem}.json")
    around: dict[str, Any] = {key: tuple(items) for key, items in record["related"].items()}
    facts = [fact for fact in _facts(path.read_text()) if not _excused(fact)]
    taken = record["taken"][version]
    for now in (taken, taken - 1, taken - 2, taken + 1):
        document = describe(record["kind_key"], record["object"], Related(**around), now)
        ours = Description(document)
        facts = [fact for fact in facts if ours.lacks(fact)]
    assert not facts

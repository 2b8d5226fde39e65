"""All that `kubectl describe` printed for objects of a real cluster is in our description."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from k8stui.resources.describe import JsonObject, Related, describe
from k8stui.resources.describe.plain import plain_lines

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


def _facts(text: str) -> list[str]:
    """The lines of kubectl's text that tell something, without their labels."""
    lines = _MANAGED.sub("", text).splitlines()
    facts = []
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _RULE.match(line) or _RULE.match(following):
            continue
        fact = _LABEL.sub("", line.strip())
        if fact:
            facts.append(_normal(fact))
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


@cache
def _record(path: Path) -> JsonObject:
    record: JsonObject = json.loads(path.read_text())
    return record


def _ours(record: JsonObject, now: int) -> list[str]:
    related = Related(**{key: tuple(items) for key, items in record["related"].items()})
    document = describe(record["kind_key"], record["object"], related, now)
    return [document.title, *plain_lines(document)]


def _missing(fact: str, lines: list[str], windows: list[set[str]]) -> bool:
    whole = fact.removesuffix("...")
    if any(whole in line for line in lines):
        return False
    return not any(
        set(_words(said)) <= window for said in (fact, _reworded(fact)) for window in windows
    )


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_every_fact_of_kubectl_is_described(path: Path) -> None:
    stem, version = re.fullmatch(r"(.+)\.(\d+\.\d+)\.txt", path.name).groups()  # type: ignore[union-attr]
    record = _record(DATA / f"{stem}.json")
    facts = [
        fact
        for fact in _facts(path.read_text())
        if not any(re.search(excuse.pattern, fact) for excuse in EXCUSES)
    ]
    taken = record["taken"][version]
    for now in (taken, taken - 1, taken - 2, taken + 1):
        lines = _ours(record, now)
        words = [set(_words(line)) for line in lines]
        windows = [set().union(*words[start : start + _WINDOW]) for start in range(len(words))]
        facts = [fact for fact in facts if _missing(fact, lines, windows)]
    assert not facts

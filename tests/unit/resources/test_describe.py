"""Descriptions: nothing that an object holds makes them fail, or gets to the terminal unclean."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from k8stui.resources.describe import DESCRIBED, JsonObject, Related, describe, related_queries
from k8stui.resources.describe.plain import plain_lines
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text

DATA = Path(__file__).parents[2] / "data" / "describe"
RECORDED = sorted(DATA.glob("*.json"))
NOW = 1_800_000_000.0
WRONG: tuple[Any, ...] = (None, "", "text", "•\x1b[31m", -1, 0, 3.5, True, [], {}, [None, 7], [[]])
HOSTILE = (
    "\x1b]0;title\x07\x1b[2J",
    "\x9b31m",
    "a\u202eb\u2066c",
    "[red]x[/red][@click=app.quit]y[/]",
    "nul\x00bell\x07",
    "two\nlines\r\n\tthree",
    "\ud800",
    "\u200bzero\ufeff",
)


def related_of(record: JsonObject) -> Related:
    around: dict[str, Any] = {key: tuple(items) for key, items in record["related"].items()}
    return Related(**around)


def load(name: str) -> JsonObject:
    record: JsonObject = json.loads((DATA / f"{name}.json").read_text())
    return record


def described(name: str, **changes: Any) -> list[str]:
    record = load(name)
    related = Related(**changes) if changes else related_of(record)
    return plain_lines(describe(record["kind_key"], record["object"], related, NOW))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each (container, key) inside a JSON value."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def assert_clean(document: Document) -> None:
    assert document.title == clean_text(document.title)
    for line in document.lines:
        assert line.text == clean_text(line.text)
        assert line.label == clean_text(line.label)
        assert line.indent >= 0


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_missing_null_or_mistyped_field_never_fails(path: Path) -> None:
    record: JsonObject = json.loads(path.read_text())
    obj, related, kind_key = record["object"], related_of(record), record["kind_key"]
    chance = random.Random(path.stem)
    spots = list(places(obj))
    for spot, key in chance.sample(spots, min(len(spots), 25)):
        before = spot[key]
        for wrong in chance.sample(WRONG, 3):
            spot[key] = wrong
            assert describe(kind_key, obj, related, NOW, reveal=True).lines
            related_queries(kind_key, obj)
        spot[key] = before
        if isinstance(spot, dict):
            del spot[key]
            assert describe(kind_key, obj, related, NOW).lines
            spot[key] = before


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_mistyped_neighbour_never_fails(path: Path) -> None:
    record: JsonObject = json.loads(path.read_text())
    chance = random.Random(path.stem)
    spots = list(places(record["related"]))
    for spot, key in chance.sample(spots, min(len(spots), 20)):
        before = spot[key]
        spot[key] = chance.choice(WRONG)
        lists = {name: found for name, found in record["related"].items() if type(found) is list}
        kept = {name: [one for one in lists[name] if type(one) is dict] for name in lists}
        related = related_of({"related": kept})
        assert describe(record["kind_key"], record["object"], related, NOW).lines
        spot[key] = before


@pytest.mark.parametrize("kind_key", [*DESCRIBED, "widgets.example.com"])
@pytest.mark.parametrize("obj", [{}, {"metadata": None, "spec": [], "status": "x"}])
def test_an_empty_object_is_described(kind_key: str, obj: JsonObject) -> None:
    assert describe(kind_key, obj, Related(), NOW).title.startswith(kind_key)
    related_queries(kind_key, obj)


def poisoned(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        return {
            key if chance.random() < 0.9 else key + chance.choice(HOSTILE): poisoned(item, chance)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [poisoned(item, chance) for item in value]
    return value + chance.choice(HOSTILE) if isinstance(value, str) else value


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_hostile_text_comes_out_clean(path: Path) -> None:
    record: JsonObject = json.loads(path.read_text())
    for seed in range(2):
        chance = random.Random(seed)
        obj, around = poisoned(record["object"], chance), poisoned(record["related"], chance)
        kept = {key: around[key] for key in record["related"] if key in around}
        refused = (("pods", HOSTILE[0]), ("leases", HOSTILE[1]))
        related = structs.replace(related_of({"related": kept}), refused=refused)
        assert_clean(describe(record["kind_key"], obj, related, NOW, reveal=True))


def test_markup_is_shown_as_it_is() -> None:
    obj = {"metadata": {"name": "x", "annotations": {"note": "[red]x[/red]"}}}
    lines = plain_lines(describe("configmaps", obj, Related(), NOW))
    assert any("note: [red]x[/red]" in line for line in lines)


def test_a_tree_deeper_than_anyone_reads_is_cut() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = {"a": [deep]}
    lines = describe("widgets.example.com", {"spec": deep}, Related(), NOW).lines
    assert len(lines) < 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "pods-crash",
            "main: Waiting: CrashLoopBackOff; before that Terminated: Error, exit code 3",
        ),
        ("pods-oom", "hog: Terminated: OOMKilled, exit code 137 (SIGKILL)"),
        ("pods-nopull", "main: Waiting: ErrImageNeverPull"),
        ("pods-initfail", "second: Waiting: CrashLoopBackOff"),
        ("pods-toobig", "didn't match Pod's node affinity"),
        ("pods-stuckvol", 'secret "nowhere" not found'),
        ("pods-leaving", "Held By Finalizers:        example.com/hold"),
    ],
)
def test_what_ails_a_pod_stands_before_its_containers(name: str, expected: str) -> None:
    lines = described(name)
    top = lines[: next(n for n, line in enumerate(lines) if line.endswith("ontainers:"))]
    assert any(expected in line for line in top), "\n".join(top)


def test_a_well_pod_has_no_list_of_ailments() -> None:
    assert "Not well:" not in described("pods-done")


def secret_lines(reveal: bool) -> list[str]:
    record = load("secrets-creds")
    return plain_lines(describe("secrets", record["object"], Related(), NOW, reveal=reveal))


def test_a_secret_tells_sizes_and_no_values() -> None:
    lines = secret_lines(reveal=False)
    assert "  password:  ••• 14 bytes" in lines
    assert not any("not-a-real-one" in line for line in lines)


def test_a_revealed_secret_tells_its_values() -> None:
    assert "    not-a-real-one" in secret_lines(reveal=True)


@pytest.mark.parametrize("value", ["/w==", "not base64!", 7, None])
def test_a_secret_value_that_is_no_text_is_not_shown(value: object) -> None:
    obj = {"metadata": {"name": "x"}, "data": {"key": value}}
    lines = plain_lines(describe("secrets", obj, Related(), NOW, reveal=True))
    assert any("key" in line for line in lines)
    assert not any("not base64!" in line for line in lines)


def tone_of(document: Document, wanted: Callable[[Line], bool]) -> Tone:
    return next(line.tone for line in document.lines if wanted(line))


def test_tones_say_what_is_not_as_it_should_be() -> None:
    record = load("pods-crash")
    document = describe("pods", record["object"], related_of(record), NOW)
    assert tone_of(document, lambda line: line.label == "State") is Tone.ERROR
    assert tone_of(document, lambda line: line.label == "Restart Count") is Tone.WARN
    assert tone_of(document, lambda line: line.label == "Image") is Tone.PLAIN
    assert tone_of(document, lambda line: "BackOff" in line.text and line.kind == "columns") is (
        Tone.WARN
    )


def test_an_ingress_tells_which_service_is_not_there() -> None:
    assert any(
        '! service "gone" not found' in line
        for line in described("ingresses-networking-k8s-io-shop")
    )


def test_what_the_cluster_refused_is_said() -> None:
    refused = (("events", 'events is forbidden: User "bob"'), ("pods", "pods is forbidden"))
    lines = described("deployments-apps-web", refused=refused)
    assert any('Not to be had: events is forbidden: User "bob"' in line for line in lines)
    assert any("Pods Status" in line and "pods is forbidden" in line for line in lines)


def test_events_come_last() -> None:
    lines = described("pods-crash")
    assert [line for line in lines if not line.startswith(" ")][-1] == "Events:"

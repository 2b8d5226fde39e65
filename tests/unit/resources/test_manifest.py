"""What of an object its YAML shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from k8stui.resources.manifest import MASK, JsonObject, manifest, manifest_document
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text

LAST = "kubectl.kubernetes.io/last-applied-configuration"
SECRET: JsonObject = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "creds",
        "namespace": "shop",
        "annotations": {LAST: '{"data":{"password":"aHVudGVyMg=="}}', "a": "b"},
        "managedFields": [{"manager": "kubectl"}],
    },
    "data": {"password": "aHVudGVyMg=="},
    "stringData": {"user": "hunter2"},
}


def test_a_secret_is_masked_with_its_last_applied_configuration() -> None:
    shown = manifest("secrets", SECRET)
    assert shown["data"] == {"password": MASK}
    assert shown["stringData"] == {"user": MASK}
    assert shown["metadata"]["annotations"] == {LAST: MASK, "a": "b"}
    assert "hunter2" not in json.dumps(shown)
    assert "aHVudGVyMg" not in json.dumps(shown)


def test_a_revealed_secret_is_as_it_is() -> None:
    assert manifest("secrets", SECRET, reveal=True, managed_fields=True) == SECRET


@pytest.mark.parametrize("kind_key", ["secrets", ""])
def test_a_secret_is_known_by_either_name(kind_key: str) -> None:
    given = {key: value for key, value in SECRET.items() if key != "kind" or not kind_key}
    assert manifest(kind_key, given)["data"] == {"password": MASK}


@pytest.mark.parametrize(
    "listed",
    [
        {"kind": "SecretList", "items": [{"data": {"a": "b"}}]},
        {"kind": "List", "items": [SECRET, "odd"]},
    ],
)
def test_secrets_in_a_list_are_masked(listed: JsonObject) -> None:
    assert set(manifest("", listed)["items"][0]["data"].values()) == {MASK}


def test_managed_fields_are_left_out_unless_asked_for() -> None:
    assert "managedFields" not in manifest("secrets", SECRET)["metadata"]
    assert "managedFields" in manifest("secrets", SECRET, managed_fields=True)["metadata"]


def test_a_config_map_keeps_its_last_applied_configuration() -> None:
    given = {"kind": "ConfigMap", "metadata": {"annotations": {LAST: "{}"}}, "data": {"a": "b"}}
    assert manifest("configmaps", given) == given


def test_the_object_itself_is_left_as_it_is() -> None:
    before = json.dumps(SECRET)
    manifest("secrets", SECRET)
    assert json.dumps(SECRET) == before


@pytest.mark.parametrize("wrong", [None, [], "x", 7, {"annotations": None}, {"annotations": []}])
@pytest.mark.parametrize("data", [None, [], "x", 7])
def test_a_mistyped_secret_never_fails_nor_leaks(wrong: Any, data: Any) -> None:
    shown = manifest("secrets", {"kind": "Secret", "metadata": wrong, "data": data, "items": "x"})
    assert shown["data"] in (None, MASK)


def test_a_document_keeps_the_indent_and_is_clean() -> None:
    text = f"kind: Secret\ndata:\n  password: {MASK}\n  note: |\n     odd\x1b[31m\u202e\n"
    document = manifest_document("secrets", SECRET, lambda _obj: text)
    assert document.title == "Secret shop/creds"
    assert [(line.indent, line.text) for line in document.lines[:3]] == [
        (0, "kind: Secret"),
        (0, "data:"),
        (1, f"password: {MASK}"),
    ]
    assert document.lines[2].tone is Tone.MUTED
    assert document.lines[4].text.startswith(" odd")
    assert all(line.text == clean_text(line.text) for line in document.lines)

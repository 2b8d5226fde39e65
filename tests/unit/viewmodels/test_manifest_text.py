"""YAML of an object: as kubectl writes it, and read back the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from k8stui.viewmodels.manifest_text import manifest_text


def test_keys_lists_and_nulls_as_kubectl_has_them() -> None:
    obj = {
        "spec": {"containers": [{"name": "web", "image": "web:1"}], "paused": False},
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "web", "creationTimestamp": None},
        "status": {},
    }
    assert manifest_text(obj) == (
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "metadata:\n"
        "  creationTimestamp: null\n"
        "  name: web\n"
        "spec:\n"
        "  containers:\n"
        "  - image: web:1\n"
        "    name: web\n"
        "  paused: false\n"
        "status: {}\n"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb\n", "k: |\n  a\n  b\n"),
        ("a\nb", "k: |-\n  a\n  b\n"),
        ("trailing \nspaces\n", "k: |\n  trailing \n  spaces\n"),
        ("2", 'k: "2"\n'),
        ("yes", 'k: "yes"\n'),
        ("", 'k: ""\n'),
        ("2026-11-21T08:22:26Z", 'k: "2026-11-21T08:22:26Z"\n'),
        ("word " * 60 + "end", f"k: {'word ' * 60}end\n"),
        ("é😀", "k: é😀\n"),
        ("\x1b[31m", 'k: "\\e[31m"\n'),
    ],
)
def test_texts(value: str, expected: str) -> None:
    assert manifest_text({"k": value}) == expected


def test_one_list_in_two_places_is_written_twice() -> None:
    shared = ["a"]
    assert manifest_text({"x": shared, "y": shared}) == "x:\n- a\ny:\n- a\n"


def test_any_text_is_read_back_the_same() -> None:
    chance = random.Random(20)
    letters = [*"a -:#'\"|>{}[]%@&*!?,0~\n\r\t", "  ", "é", "😀", "\x00", "\x1b", "\x7f"]
    letters += ["\x85", "\u2028", "\u202e", "\ufeff", "---", "...\n", "null", "<<"]
    for _ in range(1500):
        text = "".join(chance.choice(letters) for _ in range(chance.randint(0, 8)))
        obj: dict[str, Any] = {"key": text, text: [text, {"in": text}]}
        assert yaml.safe_load(manifest_text(obj)) == obj, repr(text)

"""The table that keys, footer, help and palette derive from."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.binding import Binding, BindingType
from textual.keys import _get_key_aliases, key_to_character

from k8stui.actions.key_text import key_text
from k8stui.actions.registry import ACTIONS, ActionSpec, actions_for
from k8stui.ui.app import CockpitApp
from k8stui.ui.screens.browse import BrowseScreen
from k8stui.ui.screens.cockpit import CockpitScreen
from k8stui.ui.screens.main_screen import MainScreen
from k8stui.ui.widgets.log_view import LogView

EACH_ACTION = pytest.mark.parametrize(
    "spec", ACTIONS, ids=[f"{spec.id}-{spec.parameters}" for spec in ACTIONS]
)


_COVERED = ("0", "c", "n", "s", "space")


def test_no_key_does_two_things_in_one_place() -> None:
    used = Counter((spec.place, key) for spec in ACTIONS for key in spec.keys)
    everywhere = {key for place, key in used if place == "app"}
    assert [key for key, times in used.items() if times > 1] == []
    covered = {(place, key) for place, key in used if place != "app" and key in everywhere}
    # Within the logs these are what k9s has there; what changes the cluster is never put on a key
    # that only looks elsewhere.
    assert covered == {("logs", key) for key in _COVERED}
    assert not [spec.title for spec in ACTIONS if spec.place != "app" and spec.danger]


def test_no_two_footer_places_are_the_same() -> None:
    places = [(spec.place == "logs", spec.footer) for spec in ACTIONS if spec.footer]
    assert len(places) == len(set(places))


def test_no_action_stands_twice() -> None:
    names = Counter((spec.id, spec.parameters, spec.place) for spec in ACTIONS)
    assert [name for name, times in names.items() if times > 1] == []


@EACH_ACTION
def test_each_action_explains_itself(spec: ActionSpec) -> None:
    assert spec.title
    assert len(spec.title.split()) <= 3
    assert spec.help
    assert spec.help[0].isupper()
    assert not spec.help.endswith(".")
    assert len(spec.help) <= 100
    assert spec.group
    assert spec.keys


@EACH_ACTION
def test_each_key_is_one_that_a_terminal_sends(spec: ActionSpec) -> None:
    for key in spec.keys:
        assert key == key.strip()
        letters = key_to_character(key) or key
        assert len(letters) == 1 or _get_key_aliases(key) or "+" in key


@EACH_ACTION
def test_each_action_is_answered_on_every_screen(spec: ActionSpec) -> None:
    handler = f"action_{spec.id}"
    for screen in (CockpitScreen, BrowseScreen):
        assert hasattr(screen, handler) or hasattr(CockpitApp, handler), screen.__name__


def _keys(binding: BindingType) -> list[str]:
    return (binding.key if isinstance(binding, Binding) else binding[0]).split(",")


def test_the_screens_bind_what_the_table_says() -> None:
    bound = {key for binding in MainScreen.BINDINGS for key in _keys(binding)}
    assert {key for spec in ACTIONS if spec.place != "logs" for key in spec.keys} <= bound


def test_the_log_view_binds_the_keys_of_its_place() -> None:
    bound = {
        key
        for widget in LogView.__mro__
        for binding in vars(widget).get("BINDINGS", ())
        for key in _keys(binding)
    }
    assert {key for spec in ACTIONS if spec.place == "logs" for key in spec.keys} <= bound


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("colon", ":"),
        ("slash", "/"),
        ("question_mark", "?"),
        ("ctrl+r", "^r"),
        ("shift+tab", "⇧Tab"),
        ("escape", "Esc"),
        ("R", "R"),
        ("0", "0"),
    ],
)
def test_keys_are_written_as_people_write_them(key: str, text: str) -> None:
    assert key_text(key) == text


def test_actions_are_found_by_place() -> None:
    assert actions_for("app") == tuple(spec for spec in ACTIONS if spec.place == "app")
    assert actions_for() == ()

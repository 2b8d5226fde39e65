"""Two revisions beside each other in columns."""

from __future__ import annotations

from k8stui.actions.interface import Comparison
from k8stui.ui.screens.comparison import beside_document


def compared(before: dict[str, object], after: dict[str, object]) -> list[str]:
    comparison = Comparison(
        before_title="revision 6",
        after_title="now",
        changes=(),
        before=before,
        after=after,
    )
    return [line.text.rstrip() for line in beside_document("web", comparison, 14).lines]


def test_what_was_and_what_is_stand_in_one_line() -> None:
    assert compared({"a": 1, "image": "web:1.7"}, {"a": 1, "image": "web:1.8"}) == [
        "revision 6       now",
        "a: 1             a: 1",
        "image: web:1.7 ~ image: web:1.8",
    ]
    assert compared({"a": 1, "gone": 1}, {"a": 1})[2:] == ["gone: 1        -"]


def test_what_has_no_room_goes_on_in_the_next_line() -> None:
    assert compared({"name": "a"}, {"name": "a", "note": "longer than it is wide"}) == [
        "revision 6       now",
        "name: a          name: a",
        "               + note: longer",
        "               + than it is",
        "               + wide",
    ]


def test_only_what_is_near_a_change_is_shown() -> None:
    many: dict[str, object] = {f"k{number:02}": number for number in range(30)}
    shown = compared(many, many | {"k02": 99, "k25": 99})
    assert "k02: 2         ~ k02: 99" in shown
    assert "⋮                ⋮" in shown
    assert not any("k15" in line for line in shown)


def test_two_that_are_the_same() -> None:
    assert compared({"a": 1}, {"a": 1}) == ["revision 6       now", "nothing differs"]


def test_what_the_cluster_says_can_not_reach_the_terminal() -> None:
    assert not any("\x1b" in line for line in compared({"a": "\x1b[31m"}, {"a": 1}))

"""How a rollout stands and how it ended, as the pane tells it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.resources.rollouts import RolloutProgress
from k8stui.viewmodels.rollout_notes import progress_bar, rollout_notes
from k8stui.viewmodels.rollout_story import RolloutStories, clock_text

NOW = 1_700_000_000.0
ROLLING = RolloutProgress(
    state="progressing",
    revision=7,
    desired=4,
    updated=3,
    ready=2,
    available=1,
    old=1,
    percent=25,
    deadline=int(NOW) + 461,
    deadline_left=461,
    waits=("web-a: starting (ContainerCreating)",),
    budget="surge 1 of max 1 (25%) · unavailable 0 of max 1 (25%)",
    target="new",
    began=int(NOW) - 20,
    seconds_allowed=600,
)
ALL = {"updated": 4, "ready": 4, "available": 4, "percent": 100}


def like(**changes: Any) -> RolloutProgress:
    return msgspec.structs.replace(ROLLING, **changes)


def test_all_that_there_is_to_tell_of_a_rollout() -> None:
    stuck = like(
        state="stuck",
        waits=(),
        blocked=("web-b: can't be scheduled",),
        last_healthy=6,
        last_healthy_image="web:1.7",
        notes=("pdb/web allows no eviction now",),
    )
    assert [note.text for note in rollout_notes(stuck, NOW)] == [
        "! stuck ████▓▓▓▓▒▒▒▒░░░░ 25% · deadline in 7m41s",
        "of 4: 3 updated▒ · 2 ready▓ · 1 available█ · 1 old",
        "blocked: web-b: can't be scheduled",
        "last fully healthy: revision 6 (web:1.7)",
        "surge 1 of max 1 (25%) · unavailable 0 of max 1 (25%)",
        "pdb/web allows no eviction now",
    ]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {},
            (
                "▶ rolling out ████▓▓▓▓▒▒▒▒░░░░ 25% · deadline in 7m41s",
                "nothing wrong yet: web-a: starting (ContainerCreating)",
            ),
        ),
        ({"waits": ()}, ("nothing wrong yet",)),
        ({"early": ("web-a: not ready yet",)}, ("not yet: web-a: not ready yet",)),
        ({"deadline_left": 0}, ("▶ rolling out ████▓▓▓▓▒▒▒▒░░░░ 25% · the deadline is over",)),
        # A StatefulSet has no deadline: for how long nothing moved is told instead.
        (
            {
                "state": "stuck",
                "deadline_left": None,
                "seconds_allowed": 0,
                "last_progress": int(NOW) - 420,
            },
            ("! stuck ████▓▓▓▓▒▒▒▒░░░░ 25% · no progress for 7m, no deadline",),
        ),
        (
            {"state": "deadline exceeded", "deadline_left": None, "ended": int(NOW) - 60},
            (
                "✗ failed at the deadline · " + clock_text(NOW - 60, NOW),
                "of 4: 3 updated · 2 ready · 1 available · 1 old",
            ),
        ),
        ({"state": "done", **ALL}, ("✓ rolled out · 4/4 available",)),
        ({"state": "done"}, ("! rolled out, but 1 of 4 available",)),
        (
            {"state": "done", "ailing": ("web-1: container app keeps crashing",)},
            ("! rolled out, but 1 of 4 available", "web-1: container app keeps crashing"),
        ),
    ],
)
def test_each_state_in_words(changes: dict[str, Any], lines: tuple[str, ...]) -> None:
    told = [note.text for note in rollout_notes(like(**changes), NOW)]
    assert [line for line in lines if line not in told] == [], told


def test_nothing_is_called_well_while_something_may_be_wrong() -> None:
    told = rollout_notes(like(early=("web-a: probe failed",)), NOW)
    assert not any("nothing wrong" in note.text for note in told)


@pytest.mark.parametrize(
    ("counts", "bar"),
    [
        ((0, 0, 0), "░░░░░░░░░░░░░░░░"),
        ((4, 4, 4), "████████████████"),
        ((4, 4, 3), "████████████▓▓▓▓"),
        ((1, 2, 0), "▓▓▓▓▓▓▓▓░░░░░░░░"),
    ],
)
def test_the_bar(counts: tuple[int, int, int], bar: str) -> None:
    updated, ready, available = counts
    assert progress_bar(like(updated=updated, ready=ready, available=available)) == bar


def test_the_verdict_of_a_rollout_that_was_watched() -> None:
    stories = RolloutStories()
    assert stories.verdict("web", ROLLING, NOW) == ""
    done = like(state="done", **ALL)
    told = f"done in 41s at {clock_text(NOW + 21, NOW)}"
    assert stories.verdict("web", done, NOW + 21) == told
    assert stories.verdict("web", done, NOW + 500) == told
    assert rollout_notes(done, NOW, told)[0].text == f"✓ {told} · 4/4 available"


def test_one_that_is_overtaken() -> None:
    stories = RolloutStories()
    stories.verdict("web", ROLLING, NOW)
    newer = like(target="newer", revision=8, began=int(NOW) + 10)
    assert stories.verdict("web", newer, NOW + 10) == (
        "revision 7 superseded by revision 8 after 30s"
    )
    done = like(state="done", target="newer", revision=8, **ALL)
    assert stories.verdict("web", done, NOW + 15).startswith("done in 5s at ")


@pytest.mark.parametrize("first", [True, False])
def test_what_was_done_is_not_overtaken_by_the_next(first: bool) -> None:
    """Between the change of the spec and the new target the old one only looks as if it rolled."""
    stories = RolloutStories()
    if first:
        assert stories.verdict("web", like(state="done", ended=int(NOW), **ALL), NOW)
    assert stories.verdict("web", like(observed=False), NOW + 10) == ""
    newer = like(target="newer", revision=8, began=int(NOW) + 10)
    assert stories.verdict("web", newer, NOW + 10) == ""
    newest = like(target="newest", revision=9, began=int(NOW) + 12)
    assert stories.verdict("web", newest, NOW + 12) == (
        "revision 8 superseded by revision 9 after 2s"
    )


def test_one_that_nobody_watched_is_told_from_what_the_cluster_noted() -> None:
    done = like(state="done", ended=int(NOW) - 60, began=int(NOW) - 75, **ALL)
    assert RolloutStories().verdict("web", done, NOW) == (
        f"done in 15s at {clock_text(NOW - 60, NOW)}"
    )
    # Of an old template that came back nobody knows when it began.
    back = msgspec.structs.replace(done, began=0)
    assert RolloutStories().verdict("web", back, NOW) == f"done at {clock_text(NOW - 60, NOW)}"
    assert RolloutStories().verdict("db", like(state="done", **ALL), NOW) == ""

"""What a rollout's notes know beside the workload itself."""

from __future__ import annotations

from k8stui.resources.pods import Pod
from k8stui.viewmodels.surroundings import Surroundings
from tests.ui.fake_cluster import FakeCluster
from tests.ui.objects import NOW
from tests.ui.shop import CRASHER

_CRASHED = [pod for pod in (CRASHER,) if isinstance(pod, Pod)]


def test_a_last_line_that_was_not_had_is_asked_for_again_and_not_for_ever() -> None:
    surroundings = Surroundings(FakeCluster(), lambda: None)
    asked = [at for at in range(120) if surroundings.to_ask(_CRASHED, NOW + at)]
    assert asked == [0, 3, 9, 18]


def test_a_last_line_that_is_known_is_asked_for_once() -> None:
    told: list[None] = []
    surroundings = Surroundings(FakeCluster(), lambda: told.append(None))
    (crashed,) = surroundings.to_ask(_CRASHED, NOW)
    surroundings.learned(crashed.run, "")
    assert not told
    (crashed,) = surroundings.to_ask(_CRASHED, NOW + 3)
    surroundings.learned(crashed.run, "cannot read /etc/app.conf")
    assert len(told) == 1
    assert not surroundings.to_ask(_CRASHED, NOW + 60)

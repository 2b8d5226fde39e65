"""The scheduler's message, as it stands where there is little room."""

from __future__ import annotations

import pytest

from k8stui.resources.scheduler_message import scheduler_message

NOT_HELPFUL = "preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "0/4 nodes are available: 1 node(s) had untolerated taint {dedicated: batch}, "
            f"3 node(s) didn't match Pod's node affinity/selector. {NOT_HELPFUL}",
            "0/4 nodes are available: 1 had untolerated taint {dedicated: batch}, "
            "3 didn't match Pod's node affinity/selector.",
        ),
        (
            "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: "
            "1 No preemption victims found for incoming pod, "
            "1 Preemption is not helpful for scheduling.",
            "0/2 nodes are available: 2 Insufficient cpu.",
        ),
        # That nothing may be preempted is news.
        (
            "0/2 nodes are available: 2 Insufficient cpu. "
            "preemption: not eligible due to preemptionPolicy=Never.",
            "0/2 nodes are available: 2 Insufficient cpu. "
            "preemption: not eligible due to preemptionPolicy=Never.",
        ),
        ('persistentvolumeclaim "data" not found', 'persistentvolumeclaim "data" not found'),
        ("", ""),
    ],
)
def test_the_reasons_by_node_and_nothing_vain(said: str, shown: str) -> None:
    assert scheduler_message(said) == shown

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from k8stui.resources.record import Record
from k8stui.resources.registry import TYPED

DATA = Path(__file__).parents[3] / "data" / "workloads"


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], tuple[float, list[Record]]]:
    """The moment (epoch seconds) and the objects of one recorded namespace of a real cluster."""
    kinds = {kind.kind: kind for kind in TYPED.values()}

    def load(name: str) -> tuple[float, list[Record]]:
        bag: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
        now = float(bag.pop("now"))
        return now, [
            kinds[kind].decode(json.dumps(item).encode())
            for kind, items in bag.items()
            for item in items
        ]

    return load

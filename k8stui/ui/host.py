"""What a screen asks of the app that it is shown in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from textual.worker import Worker

from k8stui.viewmodels.command_line import GoToKind
from k8stui.viewmodels.live import Clusters, LiveCluster
from k8stui.viewmodels.status_parts import Part


class Host(Protocol):
    """The app, as screens see it: `ui.app.CockpitApp`."""

    @property
    def clusters(self) -> Clusters:
        """What can be opened."""
        ...

    @property
    def state_directory(self) -> Path:
        """Where files go that a person asks for."""
        ...

    @property
    def low_bandwidth(self) -> bool:
        """Whether little is to be sent to the terminal."""
        ...

    def line_parts(self) -> list[Part]:
        """What the header says of the line to the terminal."""
        ...

    def look_at_line(self) -> None:
        """A second has passed: the line may have turned out to be slow."""
        ...

    def hold_keys_for(self, worker: Worker[Any]) -> None:
        """Keys wait for what this worker opens, and then belong to it."""
        ...

    def open_cluster(self, context: str | None, namespace: str | None) -> None:
        """Shows the cockpit of another context or namespace."""
        ...

    async def browse(self, cluster: LiveCluster, command: GoToKind) -> None:
        """Shows all objects of a kind."""
        ...

"""Lends the terminal to a credential plugin that has to ask the person something."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App, SuspendNotSupported

from k8stui.errors import LoginFailed


class PluginTerminal:
    """Runs one plugin at a time, with the screen suspended.

    Args:
        app: Whose screen it is.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._one = asyncio.Lock()

    async def run(self, argv: Sequence[str], env: Mapping[str, str]) -> bytes:
        """What the plugin printed to stdout; its questions went to the terminal.

        Raises:
            LoginFailed: there is no terminal to lend, or the plugin failed or was interrupted.
        """
        async with self._one:
            try:
                with self._app.suspend():
                    done = await asyncio.to_thread(
                        subprocess.run,
                        list(argv),
                        env=dict(env),
                        stdout=subprocess.PIPE,
                        check=False,
                    )
            except (SuspendNotSupported, OSError) as error:
                raise LoginFailed(f"{argv[0]} can't ask for a login here: {error}") from error
        if done.returncode:
            raise LoginFailed(f"{argv[0]} failed with exit code {done.returncode}")
        return done.stdout

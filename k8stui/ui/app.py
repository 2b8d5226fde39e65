"""Wires the program together: themes, screens, signals and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from k8stui.actions.registry import ACTIONS, ActionSpec
from k8stui.errors import K8sTuiError, UsageError
from k8stui.paths import state_directory, styles_directory
from k8stui.settings import ChosenTheme
from k8stui.ui._textual_compat.app import FirstTheme, QuietCrash
from k8stui.ui._textual_compat.keys import KeysInOrder
from k8stui.ui._textual_compat.screens import Palette
from k8stui.ui.bindings import bound_action
from k8stui.ui.low_bandwidth import ThriftyApp
from k8stui.ui.screens.start import StartScreen
from k8stui.ui.themes import DEFAULT_THEME, THEMES
from k8stui.viewmodels.ownership import WORKLOAD_KEYS
from k8stui.viewmodels.status_parts import Part

if TYPE_CHECKING:
    from k8stui.viewmodels.command_line import GoToKind
    from k8stui.viewmodels.live import Clusters, LiveCluster

_FIRST_STYLES = ("app",)
_LATER_STYLES = ("cockpit", "modals")
"""Of what the first frame does not show: parsing them would keep it waiting."""
_LAST_GRACE_SECONDS = 3.0
_MOST_HELD = 1.0
"""Seconds for which lists wait for a screen's first frame."""


class CockpitApp(QuietCrash, FirstTheme, KeysInOrder, ThriftyApp, App[None]):
    """The terminal program. What it needs beside a first frame is loaded after that frame.

    Args:
        start: Gives the clusters that can be opened; called once, in a thread, and may take long.
        loaded: Called, in a thread, when all is loaded that the first cockpit needs.
        title: What the header says until then.
        theme: The theme to begin with; None is the default.
        clock: Epoch seconds, by which ages are told.
        low_bandwidth: Send little to the terminal; None is only where the line is slow.

    Raises:
        UsageError: there is no such theme.
    """

    TITLE = "k8stui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True, system=True),
        Binding("q", "quit", "Quit", show=False),
    ]

    def __init__(
        self,
        start: Callable[[], Clusters],
        title: Sequence[Part] = (),
        theme: ChosenTheme | None = None,
        clock: Callable[[], float] = time.time,
        low_bandwidth: bool | None = None,
        loaded: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(css_path=_sheets(_FIRST_STYLES))
        # One animated page of scrolling is 464 kB over SSH; without, 13.
        self.animation_level = "none"
        for each in THEMES:
            self.register_theme(each)
        self.begin_with_theme(self._theme_named(theme or ChosenTheme()))
        self.want_low_bandwidth(low_bandwidth)
        self._start = start
        self._loaded = loaded
        self._clock = clock
        self._opening = asyncio.Lock()
        self._header = title
        self._clusters: Clusters | None = None
        self.cluster: LiveCluster | None = None
        self.failure: K8sTuiError | None = None
        """Why nothing could be opened at start."""

    def _theme_named(self, theme: ChosenTheme) -> str:
        name = theme.name or DEFAULT_THEME
        for candidate in (name, f"k8stui-{name}"):
            if candidate in self.available_themes:
                return candidate
        where = f"{theme.chosen_by}: " if theme.chosen_by else ""
        hint = f"there are: {', '.join(theme_names(self))}"
        raise UsageError(f"{where}there is no theme {name!r}", hint)

    @property
    def state_directory(self) -> Path:
        """Where files go that a person asks for."""
        return state_directory(os.environ)

    @property
    def clusters(self) -> Clusters:
        """What can be opened; only asked for once something is."""
        assert self._clusters is not None
        return self._clusters

    def get_default_screen(self) -> Screen[None]:
        return StartScreen(self._header)

    def on_load(self) -> None:
        # From the moment the terminal is taken: a signal must give it back.
        self._handle_signals()

    def on_mount(self) -> None:
        self.call_after_refresh(self._open_first)

    async def _open_first(self) -> None:
        try:
            self._clusters = await asyncio.to_thread(self._start)
            opened = await self._clusters.open(None, None)
            opened.hold()
            # The cluster answers while the screens are loaded; the longest list is begun first.
            for key in ("pods", *WORKLOAD_KEYS):
                opened.collection(key)
            await asyncio.to_thread(self._load)
            self.stylesheet.read_all(_sheets(_LATER_STYLES))
            await self._show(opened)
        except K8sTuiError as error:
            self.failure = error
            self.exit(return_code=error.exit_code)

    def _load(self) -> None:
        """Imports what the first frame did not need."""
        importlib.import_module("k8stui.ui.screens.cockpit")
        self._loaded()

    def open_cluster(self, context: str | None, namespace: str | None) -> None:
        """Shows the cockpit of another context or namespace soon; the old one is closed after."""
        # Whoever asks may be a screen that goes, and can't wait for its own end.
        self.hold_keys_for(self.run_worker(self._open(context, namespace), group="clusters"))

    async def _open(self, context: str | None, namespace: str | None) -> None:
        async with self._opening:
            try:
                opened = await self.clusters.open(context, namespace)
            except K8sTuiError as error:
                self.notify("\n".join(error.lines()), severity="error", markup=False, timeout=10)
                return
            await self._show(opened)

    async def _show(self, opened: LiveCluster) -> None:
        from k8stui.ui.screens.cockpit import CockpitScreen

        previous, self.cluster = self.cluster, opened
        self.keep_pace(opened.news)
        # A long list leaves the loop few turns to compose a screen in.
        opened.hold()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        screen = CockpitScreen(opened, self._clock)
        await self.push_screen(screen)
        screen.call_after_refresh(opened.read_on)
        screen.set_timer(_MOST_HELD, opened.read_on)
        if previous is not None:
            await previous.close()

    async def browse(self, cluster: LiveCluster, command: GoToKind) -> None:
        """Shows all objects of a kind; without a namespace those of the present one."""
        from k8stui.ui.screens.browse import BrowseScreen

        kind, namespace, selector, filter_text, sort = command
        where = cluster.namespace if namespace is None else namespace
        feed = cluster.open_table(kind, where, selector)
        await self.push_screen(
            BrowseScreen(cluster, feed, selector, filter_text, sort, self._clock)
        )

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the registry, and the themes."""
        from k8stui.ui.screens.acting import ActingScreen

        refused = screen.refusals() if isinstance(screen, ActingScreen) else {}
        for spec in ACTIONS:
            run = partial(self._run_spec, spec)
            keys = f" ({spec.key_text})" if spec.keys else ""
            told = f"✗ {refused[spec.id]}" if spec.id in refused else spec.help
            yield SystemCommand(f"{spec.title}{keys}", told, run)
        for name in theme_names(self):
            choose = partial(setattr, self, "theme", name)
            yield SystemCommand(f"Theme: {name}", "Change the colours", choose)

    async def _run_spec(self, spec: ActionSpec) -> None:
        await self.run_action(bound_action(spec), default_namespace=self.screen)

    def action_help(self) -> None:
        from k8stui.ui.screens.help import HelpScreen, section_for

        self.push_screen(HelpScreen(section_for(self.screen)))

    def action_command_palette(self) -> None:
        if not Palette.is_open(self):
            self.push_screen(Palette(id="--command-palette"))

    async def action_quit(self) -> None:
        self.exit()

    # -- how it ends --------------------------------------------------------------------------

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(getattr(signal, name), self._end, getattr(signal, name))

    def _end(self, number: signal.Signals) -> None:
        end_within(_LAST_GRACE_SECONDS, 128 + number)
        self.exit(return_code=128 + number)


def _sheets(names: Iterable[str]) -> list[PurePath]:
    """The paths of these style sheets."""
    directory = styles_directory()
    return [directory / f"{name}.tcss" for name in names]


def end_within(seconds: float, code: int) -> None:
    """Ends the process after so long, if it has not ended by itself.

    A terminal that has hung up may never take the last bytes, and Textual waits for it in the
    event loop's own thread: only another one can still act then.
    """
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


def theme_names(app: App[None]) -> list[str]:
    """The program's own themes first, then Textual's."""
    own = [theme.name for theme in THEMES]
    return own + sorted(name for name in app.available_themes if name not in own)

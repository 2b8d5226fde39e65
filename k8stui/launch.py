"""Puts the program together from its options and runs it."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from logging import StreamHandler
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

import msgspec

from k8stui.cluster.kubeconfig import KubeConfig, kubeconfig_paths, load_kubeconfig
from k8stui.cluster.lean_http import load_http
from k8stui.cluster.target import Overrides, resolve_target, resolve_targets
from k8stui.errors import EXIT_ERROR, K8sTuiError, UsageError
from k8stui.paths import config_file, log_file, open_private
from k8stui.resources.text import clean_text
from k8stui.settings import ChosenTheme, Settings, load_settings

if TYPE_CHECKING:
    from k8stui.demo.launch import Child
    from k8stui.session.session import Session
    from k8stui.ui.app import CockpitApp

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Options(msgspec.Struct, frozen=True):
    """What the command line, the environment and the configuration file say."""

    overrides: Overrides
    kubeconfig: str | None
    all_namespaces: bool
    selector: str
    request_timeout: float | None
    read_only: bool
    theme: ChosenTheme
    low_bandwidth: bool | None
    """None leaves it to what the line to the terminal can carry."""
    log_path: Path
    demo: bool
    environ: Mapping[str, str]
    settings: Settings

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace, environ: Mapping[str, str]) -> Options:
        """Raises UsageError when the configuration file or the environment can't be."""
        given = vars(arguments)
        settings = load_settings(config_file(environ))
        themes = (
            ChosenTheme(given.get("theme") or "", "--theme"),
            ChosenTheme(environ.get("K8STUI_THEME", ""), "K8STUI_THEME"),
            ChosenTheme(settings.theme, f"{config_file(environ)}: theme"),
        )
        overrides = Overrides(
            context=given.get("context") or "",
            namespace=given.get("namespace") or "",
            as_user=given.get("as_user") or "",
            as_groups=tuple(given.get("as_group") or ()),
            as_uid=given.get("as_uid") or "",
        )
        return cls(
            overrides=overrides,
            kubeconfig=given.get("kubeconfig"),
            all_namespaces=given.get("all_namespaces", False),
            selector=given.get("selector", ""),
            request_timeout=given.get("request_timeout"),
            read_only=given.get("read_only", False)
            or settings.read_only
            or _is_yes("K8STUI_READ_ONLY", environ),
            theme=next((each for each in themes if each.name), ChosenTheme()),
            low_bandwidth=_first_said(
                given.get("low_bandwidth"),
                _yes_or_no("K8STUI_LOW_BANDWIDTH", environ),
                settings.low_bandwidth,
            ),
            log_path=Path(given.get("log_file") or log_file(environ)),
            demo=given.get("demo", False),
            environ=environ,
            settings=settings,
        )

    def config(self) -> KubeConfig:
        """The kubeconfig.

        Raises:
            UsageError: it can't be read or understood.
        """
        return load_kubeconfig(kubeconfig_paths(self.kubeconfig, self.environ))

    def session(self, config: KubeConfig) -> Session:
        """The clusters that these options lead to; loads the network's libraries."""
        load_http()
        from k8stui.session.session import Session

        return Session(
            config,
            self.overrides,
            self.environ,
            selector=self.selector,
            all_namespaces=self.all_namespaces,
            read_only=self.read_only,
            read_only_contexts=self.settings.read_only_contexts,
            request_timeout=self.request_timeout,
            demo=self.demo,
            log_hold_back=self.settings.log_hold_back_ms / 1000,
        )


def on_demo(options: Options, child: Child) -> Options:
    """The options to go on with on a demo cluster, once that has a kubeconfig.

    Raises:
        K8sTuiError: the demo cluster did not come up.
    """
    from k8stui.demo.launch import DemoError

    try:
        child.wait_listening()
    except DemoError as error:
        raise K8sTuiError(f"the demo cluster did not come up: {error}") from error
    return msgspec.structs.replace(
        options,
        kubeconfig=child.path,
        all_namespaces=options.all_namespaces or not options.overrides.namespace,
    )


def _first_said(*answers: bool | None) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)


def _is_yes(variable: str, environ: Mapping[str, str]) -> bool:
    return bool(_yes_or_no(variable, environ))


def _yes_or_no(variable: str, environ: Mapping[str, str]) -> bool | None:
    text = environ.get(variable, "").strip().lower()
    if not text:
        return None
    if text in ("0", "false", "no", "off"):
        return False
    if text in ("1", "true", "yes", "on"):
        return True
    raise UsageError(f"{variable} is {text!r}: it may be 1 or 0")


def _open_log(options: Options) -> StreamHandler[TextIO]:
    """The program's own log. Raises UsageError when it can't be written."""
    try:
        descriptor = open_private(options.log_path, os.O_WRONLY | os.O_APPEND)
    except OSError as error:
        raise UsageError(
            f"can't write the log {options.log_path}: {error.strerror}",
            "choose another place with --log-file",
        ) from error
    handler: StreamHandler[TextIO] = StreamHandler(
        os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    return handler


def _calm_collector() -> None:
    """Spares the screen full collections, 60 ms each, of what is loaded by now and stays.

    Records are not tracked, so that even 10,000 pods give the collector little to do. What is
    young is looked at before it is so much that a key would have to wait for it.
    """
    gc.freeze()
    gc.set_threshold(15_000, 30, 50)
    gc.enable()


def run_cockpit(options: Options, demo: Child | None = None) -> int:
    """Runs the cockpit in the terminal; returns the exit code.

    Args:
        demo: A demo cluster that is starting, to be shown instead of the kubeconfig's.
    """
    _open_log(options)
    if demo is not None:

        def started() -> tuple[Options, KubeConfig]:
            found = on_demo(options, demo)
            return found, found.config()

        return _run_app(options, ("demo", options.overrides.namespace, ""), started)
    config = options.config()
    # What is wrong with the kubeconfig is said before the screen is taken.
    target = resolve_target(config, options.overrides, options.environ)
    namespace = "" if options.all_namespaces else target.namespace
    return _run_app(options, (target.context, namespace, target.user), lambda: (options, config))


def _run_app(
    options: Options,
    place: tuple[str, str, str],
    ready: Callable[[], tuple[Options, KubeConfig]],
) -> int:
    """Runs the app until it ends, and says what went wrong.

    Args:
        place: Context, namespace and user for the first frame.
        ready: Gives what to open; called in a thread after the first frame.
    """
    from k8stui.ui.app import CockpitApp
    from k8stui.ui.plugin_terminal import PluginTerminal
    from k8stui.viewmodels.status_parts import place_parts

    sessions: list[Session] = []

    def start() -> Session:
        found, config = ready()
        session = found.session(config)
        session.terminal = PluginTerminal(app)
        sessions.append(session)
        return session

    title = place_parts(*place, options.read_only, options.demo, options.selector)
    app = CockpitApp(
        start,
        title,
        options.theme,
        low_bandwidth=options.low_bandwidth,
        loaded=_calm_collector,
    )
    try:
        with _painting_on_the_terminal():
            asyncio.run(_run_and_close(app, sessions))
    except Exception:
        logger.exception("crashed")
        return _say_crash(options)
    if app.crash is not None:
        logger.error("crashed", exc_info=app.crash)
        return _say_crash(options)
    failure = app.failure or (sessions[0].failure if sessions else None)
    if failure is not None:
        print("\n".join(failure.lines()), file=sys.stderr)
        return failure.exit_code
    return app.return_code or 0


@contextmanager
def _painting_on_the_terminal() -> Iterator[None]:
    """Textual paints on standard error: that may lead elsewhere (`2>file`), the screen may not."""
    if sys.stderr.isatty():
        yield
        return
    sys.stderr.flush()
    elsewhere = os.dup(2)
    os.dup2(sys.stdout.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(elsewhere, 2)
        os.close(elsewhere)


def _crash_text(options: Options) -> str:
    return f"k8stui crashed; what happened is in {options.log_path}"


def _say_crash(options: Options) -> int:
    print(_crash_text(options), file=sys.stderr)
    return EXIT_ERROR


def _completed(options: Options, work: Coroutine[None, None, T]) -> T:
    """What the coroutine returns; a traceback, which may hold text of the cluster, is only logged.

    Raises:
        K8sTuiError: it raised that, or it crashed.
    """
    try:
        return asyncio.run(work)
    except (K8sTuiError, BrokenPipeError):
        raise
    except Exception as error:
        logger.exception("crashed")
        raise K8sTuiError(_crash_text(options)) from error


async def _run_and_close(app: CockpitApp, sessions: list[Session]) -> None:
    try:
        await app.run_async()
    finally:
        for session in sessions:
            await session.close()


def run_snapshot(options: Options, output: str, size: tuple[int, int], wait: float) -> int:
    """Prints one frame of the cockpit and returns the exit code."""
    _open_log(options)
    config = options.config()
    resolve_target(config, options.overrides, options.environ)
    from k8stui.ui.snapshot import Snapshot, take_snapshot

    session = options.session(config)

    async def run() -> Snapshot:
        try:
            return await take_snapshot(session, options.theme, size, wait)
        finally:
            await session.close()

    taken = _completed(options, run())
    failure = session.failure
    said = "\n".join(failure.lines()) if failure else taken.failure
    if said:
        print(said, file=sys.stderr)
    if taken.rendered(output):
        print(taken.rendered(output))
    return failure.exit_code if failure else taken.exit_code


def run_logs(options: Options, arguments: argparse.Namespace) -> int:
    """Prints the logs that the arguments ask for; returns the exit code."""
    _open_log(options)
    targets = resolve_targets(options.config(), options.overrides, options.environ)
    load_http()
    from k8stui.logs import headless
    from k8stui.logs.cluster_logs import Cluster
    from k8stui.session.connection import Connection

    arguments.selector = options.selector
    arguments.namespace = options.overrides.namespace
    arguments.all_namespaces = options.all_namespaces

    async def run() -> int:
        async with AsyncExitStack() as stack:
            clusters = []
            for target in targets:
                connection = Connection(target, options.environ, options.request_timeout)
                stack.push_async_callback(connection.close)
                clusters.append(
                    Cluster(
                        clean_text(target.context),
                        connection.transport,
                        connection.log_transport,
                        target.namespace,
                    )
                )
            return await headless.run(arguments, clusters, environ=options.environ)

    return _completed(options, run())


def run_rollout(options: Options, arguments: argparse.Namespace) -> int:
    """Shows or changes the rollout that the arguments name; returns the exit code."""
    _open_log(options)
    config = options.config()
    target = resolve_target(config, options.overrides, options.environ)
    load_http()
    from k8stui.actions import headless
    from k8stui.actions.gate import why_read_only
    from k8stui.session.connection import Connection

    if options.all_namespaces or options.selector:
        raise UsageError("rollout is about one workload: -A and -l mean nothing to it")
    read_only = why_read_only(
        target.context, options.settings.read_only_contexts, everywhere=options.read_only
    )

    async def run() -> int:
        connection = Connection(
            target, options.environ, options.request_timeout, read_only=read_only
        )
        try:
            return await headless.run(
                arguments,
                connection.transport,
                connection.kind,
                connection.actions,
                namespace=target.namespace,
            )
        finally:
            await connection.close()

    return _completed(options, run())

"""The command line: flags as kubectl has them, and what each subcommand starts.

Nothing heavy is imported before it is known to be needed: `--help` and `--version` answer at once.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from k8stui import __version__
from k8stui.errors import EXIT_PIPE, EXIT_USAGE, K8sTuiError

if TYPE_CHECKING:
    from k8stui.demo.launch import Child

_EPILOG = """\
exit codes: 0 ok, 1 error, 2 wrong usage, 3 the cluster can't be reached or refuses the login,
4 refused by read-only mode or for want of rights
"""
_BEFORE = ("--demo", "--version")
"""Flags that only stand before the subcommand."""
Subcommands: TypeAlias = "argparse._SubParsersAction[_Parser]"
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)(ms|h|m|s))")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in two lines, where argparse would print all flags before it."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown and self._subparsers is None:
            # The whole command line's parser would say so too, but knows other flags.
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        import difflib

        words = re.findall(r"(?<=unrecognized arguments: )(--[\w-]+)", message)
        near = difflib.get_close_matches(words[0], self._option_string_actions, 1) if words else []
        hint = f"did you mean {near[0]}? " if near else ""
        if words and words[0] in _BEFORE:
            hint = f"{words[0]} goes before the command; "
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n{hint}{self.prog} --help lists all\n")


def duration(text: str) -> float | None:
    """Seconds of kubectl's `--request-timeout`: `30`, `1m30s`; 0 is None, no limit.

    Raises:
        argparse.ArgumentTypeError: it is no duration.
    """
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) or None
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 30s or 1m30s")
    scale = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    return sum(float(number) * scale[unit] for number, unit in parts) or None


def size(text: str) -> tuple[int, int]:
    """(columns, lines) of `160x50`.

    Raises:
        argparse.ArgumentTypeError: it is no size, or one that can't be drawn.
    """
    match = re.fullmatch(r"(\d{1,4})[xX×](\d{1,4})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: write columns x lines, as 160x50")
    columns, lines = int(match[1]), int(match[2])
    if not (20 <= columns <= 1000 and 5 <= lines <= 500):
        raise argparse.ArgumentTypeError(f"{text!r} can't be drawn: 20x5 to 1000x500 can")
    return columns, lines


def waiting(text: str) -> float:
    """The seconds of `--wait`: a number, or a duration as `--request-timeout` has it.

    Raises:
        argparse.ArgumentTypeError: it is no duration, or none at all.
    """
    seconds = duration(text)
    if seconds is None:
        raise argparse.ArgumentTypeError("it can't be 0: nothing would be read")
    return seconds


class _Listed(argparse.Action):
    """A flag that may be given several times, as stern's: its values become a list with commas."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        _option: str | None = None,
    ) -> None:
        known = getattr(namespace, self.dest, None)
        setattr(namespace, self.dest, f"{known},{values}" if known else values)


def _connection_flags(*, listed: bool = False) -> _Parser:
    """kubectl's flags that say which cluster, where in it, and as whom.

    Args:
        listed: Whether several contexts and namespaces may be named.
    """
    # Without defaults: a flag before the subcommand must not be undone by its absence after it.
    flags = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = flags.add_argument_group("cluster (as kubectl)")
    group.add_argument("--kubeconfig", metavar="PATH", help="the kubeconfig file to use")
    several: type[argparse.Action] | str = _Listed if listed else "store"
    more = "; repeatable, or a list with commas" if listed else ""
    group.add_argument(
        "--context", metavar="NAME", action=several, help=f"the kubeconfig context to use{more}"
    )
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "-n",
        "--namespace",
        metavar="NAME",
        action=several,
        help=f"the namespace to show{more}",
    )
    where.add_argument("-A", "--all-namespaces", action="store_true", help="show all namespaces")
    group.add_argument("-l", "--selector", metavar="QUERY", help="only what has these labels")
    group.add_argument("--as", dest="as_user", metavar="USER", help="the user to impersonate")
    group.add_argument(
        "--as-group", action="append", metavar="GROUP", help="a group to impersonate; repeatable"
    )
    group.add_argument("--as-uid", metavar="UID", help="the uid to impersonate")
    group.add_argument(
        "--request-timeout",
        type=duration,
        metavar="TIME",
        help="give up on one request after this long (30s, 2m); 0 never does",
    )
    own = flags.add_argument_group("k8stui")
    own.add_argument(
        "--read-only", action="store_true", help="never write to the cluster, whatever is pressed"
    )
    own.add_argument("--theme", metavar="NAME", help="a theme's name; --theme help lists them")
    own.add_argument(
        "--low-bandwidth",
        action=argparse.BooleanOptionalAction,
        help="send little to the terminal: fewer frames, 16 colours, no trends;"
        " by default where the line is slow",
    )
    own.add_argument("--log-file", metavar="PATH", help="where the program's own log goes")
    return flags


def build_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The whole command line.

    Args:
        argv: What will be parsed: a subcommand with many flags has them only when it is named.
    """
    flags = _connection_flags()
    parser = _Parser(
        prog=_program(),
        description="A terminal cockpit for Kubernetes: workloads, pods, rollouts and logs, live.",
        epilog=_EPILOG,
        parents=[flags],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--demo", action="store_true", help="open a small cluster of its own, to try k8stui on"
    )
    parser.add_argument("--version", action="version", version=f"k8stui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_snapshot(commands, flags)
    _add_logs(commands, argv)
    _add_rollout(commands, flags, argv)
    commands.add_parser(
        "demo",
        help="serve the demo cluster only: k8stui demo --serve --help tells more",
        add_help=False,
    )
    return parser


def _add_snapshot(commands: Subcommands, flags: _Parser) -> None:
    snapshot = commands.add_parser(
        "snapshot",
        parents=[flags],
        help="print one full frame of the cockpit and exit",
        description="Prints one full frame of the cockpit, without a terminal, and exits.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    snapshot.add_argument(
        "-o", "--output", choices=("text", "svg", "json"), default="text", help="default: text"
    )
    snapshot.add_argument(
        "--size", type=size, default=(160, 50), metavar="COLSxLINES", help="default: 160x50"
    )
    snapshot.add_argument(
        "--wait",
        type=waiting,
        default=15.0,
        metavar="TIME",
        help="how long to wait until everything is read; default: 15s",
    )


def _add_logs(commands: Subcommands, argv: Sequence[str]) -> None:
    logs = commands.add_parser(
        "logs",
        parents=[_connection_flags(listed=True)],
        help="follow the logs of many pods, as stern does",
        description="Follows the logs of every pod and container that the query names, and of"
        " those that come later.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if "logs" in argv:
        from k8stui.logs.arguments import add_arguments

        add_arguments(logs)


def _stamped(words: Sequence[str]) -> list[str]:
    """The words with `-t` as stern reads it: its value needs a `=`, the next word is not one."""
    end = words.index("--") if "--" in words else len(words)
    alone = ("-t", "--timestamps")
    plain = ["--timestamps=default" if word in alone else word for word in words[:end]]
    return [*plain, *words[end:]]


def _add_rollout(commands: Subcommands, flags: _Parser, argv: Sequence[str]) -> None:
    rollout = commands.add_parser(
        "rollout",
        parents=[flags],
        help="history, diff, status, undo, restart, pause or resume of a rollout",
        description="Shows a workload's rollout, or changes it: previewed, tried dry by the"
        " server, done once it is confirmed, and followed to its end.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if "rollout" in argv:
        from k8stui.actions.arguments import add_arguments

        add_arguments(rollout)


def _program() -> str:
    """The name to show: `kubectl k8stui` when kubectl started it."""
    return "kubectl k8stui" if Path(sys.argv[0]).name.startswith("kubectl-") else "k8stui"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program; returns its exit code. Never prints a traceback.

    Raises:
        SystemExit: after `--help`, `--version` and flags that can't be, as argparse does.
    """
    # A terminal or file of another encoding gets question marks instead of an error.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = sys.argv[1:] if argv is None else argv
    try:
        if words[:1] == ["demo"]:
            from k8stui.demo.serve import main as serve

            return serve(list(words[1:]))
        if "logs" in words:
            words = _stamped(words)
        exit_code = _run(build_parser(words).parse_args(words))
        # Here and not at the interpreter's end, where a reader that is gone makes an error.
        sys.stdout.flush()
        return exit_code
    except K8sTuiError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    if getattr(arguments, "theme", "") == "help":
        from k8stui.ui.themes import theme_names

        print("\n".join(theme_names()))
        return 0
    with ExitStack() as stack:
        child = None
        if arguments.demo and (arguments.command or _has_terminal()):
            from k8stui.demo.launch import begun

            # Before anything heavy is loaded here: the two get ready side by side.
            child = stack.enter_context(begun())
        return _launched(arguments, child)


def _launched(arguments: argparse.Namespace, demo: Child | None) -> int:
    if not arguments.command:
        # What is loaded from here on stays: looking for garbage in it is a seventh of the start.
        # `launch` switches the collector on again, when it has told it so.
        gc.disable()
    from k8stui.launch import (
        Options,
        on_demo,
        run_cockpit,
        run_logs,
        run_rollout,
        run_snapshot,
    )

    options = Options.from_arguments(arguments, os.environ)
    if arguments.command and demo is not None:
        options = on_demo(options, demo)
    if arguments.command == "snapshot":
        return run_snapshot(options, arguments.output, arguments.size, arguments.wait)
    if arguments.command == "logs":
        return run_logs(options, arguments)
    if arguments.command == "rollout":
        return run_rollout(options, arguments)
    if not _has_terminal():
        print(
            "k8stui needs a terminal; for one frame without one: k8stui snapshot", file=sys.stderr
        )
        return EXIT_USAGE
    return run_cockpit(options, demo)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()

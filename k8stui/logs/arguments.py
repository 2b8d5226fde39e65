"""The flags of `k8stui logs`, with stern's names and meanings."""

from __future__ import annotations

import argparse
import re
from datetime import tzinfo
from pathlib import Path
from typing import Literal, get_args

import msgspec

from k8stui.errors import UsageError
from k8stui.logs.patterns import Filter, Pattern
from k8stui.logs.selection import ALL_ROLES, ALL_STATES, Start
from k8stui.logs.targets import Role, State
from k8stui.logs.zones import zone_of

Output = Literal["default", "raw", "json", "extjson", "ppextjson"]
Stamps = Literal["", "default", "short"]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s|d)")
_FOLLOWED_MOST = 50
_READ_MOST = 5


def duration(text: str) -> int:
    """Whole seconds of `48h`, `1h30m`, `90s`, at least 1.

    Raises:
        argparse.ArgumentTypeError: it is no duration.
    """
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 48h, 1h30m or 90s")
    scale = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    return max(1, int(sum(float(number) * scale[unit] for number, unit in parts)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `logs`; those that say which cluster and namespace are there already."""
    parser.add_argument(
        "query",
        nargs="?",
        default="",
        metavar="QUERY",
        help="a regular expression on pods' names, or kind/name: deploy/web, cronjob/report",
    )
    _add_containers(parser.add_argument_group("which containers"))
    _add_lines(parser.add_argument_group("which lines"))
    _add_output(parser.add_argument_group("how they are printed"))


def _add_containers(which: argparse._ArgumentGroup) -> None:
    which.add_argument("-c", "--container", default="", metavar="REGEX", help="only these")
    which.add_argument(
        "-E",
        "--exclude-container",
        action="append",
        default=[],
        metavar="REGEX",
        help="not these; repeatable",
    )
    which.add_argument(
        "--exclude-pod",
        action="append",
        default=[],
        metavar="REGEX",
        help="none of these pods; repeatable",
    )
    which.add_argument(
        "--container-state",
        action="append",
        default=[],
        metavar="STATE",
        help="running, waiting, terminated or all, of a container seen first; default: all",
    )
    for role in ("init", "ephemeral"):
        which.add_argument(
            f"--{role}-containers",
            type=_yes,
            default=True,
            metavar="true|false",
            help=f"whether {role} containers are among them; default: true",
        )
    which.add_argument("--node", default="", metavar="NAME", help="only pods of this node")
    which.add_argument("--field-selector", default="", metavar="QUERY")
    which.add_argument(
        "--max-log-requests",
        type=int,
        default=None,
        metavar="N",
        help=f"streams at once, more wait for their turn; default: {_FOLLOWED_MOST}, "
        f"{_READ_MOST} with --no-follow",
    )


def _add_lines(lines: argparse._ArgumentGroup) -> None:
    for short, name, what in (
        ("-i", "include", "only lines with a match, which is highlighted"),
        ("-e", "exclude", "no lines with a match"),
        ("-H", "highlight", "highlight matches"),
    ):
        lines.add_argument(
            short,
            f"--{name}",
            action="append",
            default=[],
            metavar="REGEX",
            help=f"{what}; repeatable",
        )
    lines.add_argument(
        "-s",
        "--since",
        type=duration,
        default=48 * 3600,
        metavar="TIME",
        help="not older than this (15m, 2h); default: 48h",
    )
    lines.add_argument(
        "--tail", type=int, default=-1, metavar="N", help="lines from the end; -1 is all (default)"
    )
    lines.add_argument(
        "--no-follow", action="store_true", help="print what there is, then come to an end"
    )
    # As `kubectl logs -f`: it is what is done anyway.
    lines.add_argument("-f", "--follow", action="store_true", help=argparse.SUPPRESS)


def _add_output(how: argparse._ArgumentGroup) -> None:
    how.add_argument(
        "-o",
        "--output",
        choices=get_args(Output),
        default="default",
        metavar="FORM",
        help=", ".join(get_args(Output)),
    )
    how.add_argument(
        "-t",
        "--timestamps",
        nargs="?",
        const="default",
        default="",
        choices=("default", "short"),
        metavar="=short",
        help="print the times too; =short: MM-DD hh:mm:ss",
    )
    how.add_argument(
        "--timezone",
        type=_zone,
        default=None,
        metavar="ZONE",
        help="of printed times: Europe/Berlin, UTC; default: Local",
    )
    how.add_argument(
        "--template", default="", metavar="TEMPLATE", help="for example '{{.PodName}} {{.Message}}'"
    )
    how.add_argument("-T", "--template-file", default="", metavar="PATH", help="one from a file")
    how.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto, always or never",
    )
    how.add_argument(
        "--only-log-lines",
        action="store_true",
        help="tell nothing of streams that begin, end or restart",
    )


class LogOptions(msgspec.Struct, frozen=True):
    """What the command line asks for, checked."""

    query: str
    all_namespaces: bool
    namespaces: tuple[str, ...]
    """Empty where none is named: the cluster's own one, or all, is meant."""
    label_selector: str
    field_selector: str
    node: str
    container: Pattern | None
    exclude_containers: tuple[Pattern, ...]
    exclude_pods: tuple[Pattern, ...]
    roles: frozenset[Role]
    states: frozenset[State]
    filter: Filter
    highlight: tuple[Pattern, ...]
    start: Start
    follow: bool
    most_streams: int
    output: Output
    timestamps: Stamps
    zone: tzinfo | None
    """None for this machine's own."""
    template: str
    color: Literal["auto", "always", "never"]
    only_log_lines: bool


def check_arguments(arguments: argparse.Namespace) -> LogOptions:
    """Options from parsed arguments.

    Raises:
        UsageError: a value that can't be, or values that exclude each other.
    """
    given = vars(arguments)
    selector, field_selector = given.get("selector") or "", arguments.field_selector
    if not (arguments.query or selector or field_selector):
        raise UsageError("which pods? give a query, -l or --field-selector", "k8stui logs --help")
    if "/" in arguments.query and selector:
        raise UsageError("kind/name and -l exclude each other")
    follow = not arguments.no_follow
    if not follow and arguments.tail == 0:
        raise UsageError("--no-follow and --tail=0 would print nothing")
    most = arguments.max_log_requests
    if most is not None and most < 1:
        raise UsageError("--max-log-requests needs at least 1")
    return LogOptions(
        query=arguments.query,
        all_namespaces=bool(given.get("all_namespaces")),
        namespaces=_namespaces(given),
        label_selector=selector,
        field_selector=field_selector,
        node=arguments.node,
        container=Pattern(arguments.container) if arguments.container else None,
        exclude_containers=_patterns(arguments.exclude_container),
        exclude_pods=_patterns(arguments.exclude_pod),
        roles=_roles(arguments),
        states=_states(arguments.container_state),
        filter=Filter(_patterns(arguments.include), _patterns(arguments.exclude)),
        # As in stern, what is included is highlighted too.
        highlight=_patterns([*arguments.highlight, *arguments.include]),
        start=Start(tail=None if arguments.tail < 0 else arguments.tail, since=arguments.since),
        follow=follow,
        most_streams=most or (_FOLLOWED_MOST if follow else _READ_MOST),
        output=arguments.output,
        timestamps=arguments.timestamps,
        zone=arguments.timezone,
        template=_template(arguments.template, arguments.template_file),
        color=arguments.color,
        only_log_lines=arguments.only_log_lines,
    )


def _namespaces(given: dict[str, object]) -> tuple[str, ...]:
    if given.get("all_namespaces"):
        return ()
    named = given.get("namespace")
    return names_in(str(named)) if named else ()


def names_in(text: str) -> tuple[str, ...]:
    """The names in a list with commas, each once."""
    return tuple(dict.fromkeys(part for part in text.split(",") if part))


def _roles(arguments: argparse.Namespace) -> frozenset[Role]:
    left_out: set[Role] = set()
    if not arguments.init_containers:
        left_out.add("init")
    if not arguments.ephemeral_containers:
        left_out.add("ephemeral")
    return ALL_ROLES - left_out


def _states(given: list[str]) -> frozenset[State]:
    names = {part for text in given for part in text.split(",") if part}
    if not names or "all" in names:
        return ALL_STATES
    states = frozenset(state for state in get_args(State) if state in names)
    unknown = names - states
    if unknown:
        raise UsageError(
            f"--container-state: {', '.join(sorted(unknown))} is no state",
            "running, waiting, terminated and all are",
        )
    return states


def _patterns(sources: list[str]) -> tuple[Pattern, ...]:
    return tuple(Pattern(source) for source in sources)


def _template(text: str, path: str) -> str:
    """As in stern, a file goes before what the command line says."""
    if not path:
        return text
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"--template-file {path}: {why}") from None


def _zone(name: str) -> tzinfo | None:
    try:
        return zone_of(name)
    except ValueError as error:
        hint = "write Local, UTC or a name as Europe/Berlin"
        raise argparse.ArgumentTypeError(f"{error}: {hint}") from None


def _yes(text: str) -> bool:
    if text.lower() in ("true", "1", "t"):
        return True
    if text.lower() in ("false", "0", "f"):
        return False
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")

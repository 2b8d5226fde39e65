"""The flags of `k8stui rollout`, with kubectl's names where kubectl has them."""

from __future__ import annotations

import argparse
import re
from typing import Final, Literal, get_args

import msgspec

from k8stui.actions.intents import DAEMONSETS, DEPLOYMENTS, STATEFULSETS, Subject
from k8stui.errors import UsageError
from k8stui.resources.kind_words import kind_named

Verb = Literal["history", "diff", "status", "undo", "restart", "pause", "resume"]
LOOKING: Final = ("history", "diff", "status")
"""Verbs that change nothing."""

_KINDS: Final = {
    **dict.fromkeys(("deploy", "deployment"), DEPLOYMENTS),
    **dict.fromkeys(("sts", "statefulset"), STATEFULSETS),
    **dict.fromkeys(("ds", "daemonset"), DAEMONSETS),
}
_WRITE: Final = "write deploy/NAME, sts/NAME or ds/NAME"
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(h|m|s)")


class RolloutOptions(msgspec.Struct, frozen=True):
    """What the command line asks for, checked."""

    verb: Verb
    subject: Subject
    to_revision: int
    from_revision: int
    dry_run: bool
    yes: bool
    follow: bool
    timeout: float | None
    """Seconds to follow, None without end."""
    json: bool


class _OnlyServer(argparse.Action):
    """Refuses kubectl's other values of --dry-run."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        _values: object,
        option: str | None = None,
    ) -> None:
        parser.error(f"{option} is not known: --dry-run, or --dry-run=server, asks the server")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `rollout`; those that say which cluster and namespace are there already."""
    parser.add_argument(
        "verb", choices=get_args(Verb), metavar="VERB", help=", ".join(get_args(Verb))
    )
    parser.add_argument("workload", metavar="KIND/NAME", help="deploy/web, sts/db or ds/agent")
    parser.add_argument(
        "--to-revision",
        type=_number,
        default=0,
        metavar="N",
        help="the revision to go back to or to compare with; default: the one before",
    )
    parser.add_argument(
        "--from-revision",
        type=_number,
        default=0,
        metavar="N",
        help="with diff: compare from this one instead of what is there now",
    )
    # kubectl's value is part of the flag's name here: a flag whose value may be missing would take
    # the workload behind it.
    parser.add_argument(
        "--dry-run",
        "--dry-run=server",
        action="store_true",
        help="show what would be done, tried dry by the server",
    )
    for other in ("client", "none"):
        parser.add_argument(
            f"--dry-run={other}",
            action=_OnlyServer,
            nargs=0,
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )
    parser.add_argument("-y", "--yes", action="store_true", help="do it without asking")
    parser.add_argument(
        "--no-follow", action="store_true", help="don't wait until the rollout has ended"
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=None, metavar="TIME", help="follow no longer than this"
    )
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")


def check_arguments(arguments: argparse.Namespace, namespace: str) -> RolloutOptions:
    """Options from parsed arguments; `namespace` is where the workload is.

    Raises:
        UsageError: a value that can't be, or values that exclude each other.
    """
    word, slash, name = arguments.workload.partition("/")
    kind = kind_named(word, _KINDS, _WRITE)
    if not slash or not name or not kind:
        raise UsageError(f"{arguments.workload!r} is no workload with a rollout", _WRITE)
    verb: Verb = arguments.verb
    if arguments.to_revision and verb not in ("diff", "undo"):
        hint = "diff shows what another revision would change" if verb == "history" else ""
        raise UsageError(f"--to-revision means nothing to {verb}", hint)
    if arguments.from_revision and verb != "diff":
        raise UsageError(f"--from-revision means nothing to {verb}")
    if verb in LOOKING and (arguments.yes or arguments.dry_run):
        raise UsageError(f"{verb} changes nothing: --yes and --dry-run mean nothing to it")
    return RolloutOptions(
        verb=verb,
        subject=Subject(kind, namespace, name),
        to_revision=arguments.to_revision,
        from_revision=arguments.from_revision,
        dry_run=arguments.dry_run,
        yes=arguments.yes,
        follow=not arguments.no_follow,
        timeout=arguments.timeout,
        json=arguments.output == "json",
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 19):
        raise argparse.ArgumentTypeError(f"{text!r} is no revision's number")
    return int(text)


def _seconds(text: str) -> float:
    """`90s`, `5m`, `90`; 0 is no limit, as in kubectl."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90s or 5m")
    scale = {"h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(number) * scale[unit] for number, unit in parts)

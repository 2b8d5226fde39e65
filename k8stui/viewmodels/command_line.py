"""What is typed after `:`: a kind, a namespace, a context or a word of the program's own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

from k8stui.resources.kinds import ResourceType

MOST_COMPLETIONS = 12


class CommandError(Exception):
    """What was typed can't be done; the text says why."""


class GoToKind(NamedTuple):
    """Show all objects of a kind."""

    kind: ResourceType
    namespace: str | None
    """None keeps the present one, "" is all."""
    selector: str
    filter: str
    sort: str = ""
    """Column id to sort by, the largest first."""


class GoToNamespace(NamedTuple):
    """Show the cockpit of another namespace."""

    namespace: str
    """"" is all; None can't be: without a name the namespaces are listed."""


class GoToContext(NamedTuple):
    context: str


class ProgramCommand(NamedTuple):
    name: Literal["quit", "help", "namespaces", "contexts", "cockpit", "audit"]


Command = GoToKind | GoToNamespace | GoToContext | ProgramCommand

_PROGRAM: dict[str, Literal["quit", "help", "cockpit", "audit"]] = {
    "q": "quit",
    "quit": "quit",
    "exit": "quit",
    "h": "help",
    "help": "help",
    "home": "cockpit",
    "cockpit": "cockpit",
    "workloads": "cockpit",
    "audit": "audit",
}
_NAMESPACE_WORDS = ("ns", "namespace", "namespaces")
_CONTEXT_WORDS = ("ctx", "context", "contexts")
_ALIASES = {
    "dp": "deployments",
    "sec": "secrets",
    "jo": "jobs",
    "cr": "clusterroles",
    "crb": "clusterrolebindings",
    "ro": "roles",
    "rb": "rolebindings",
    "np": "networkpolicies",
}
"""Of k9s, where the cluster has no such name of its own."""
_FILTER = re.compile(r"\s/")
_ALL = ("all", "-A", "--all-namespaces", "*")


class Vocabulary(NamedTuple):
    """The names that can be completed."""

    kinds: Sequence[ResourceType] = ()
    namespaces: Sequence[str] = ()
    """Recent ones first."""
    contexts: Sequence[str] = ()
    every_namespace: Sequence[str] | None = None
    """None where they can't be listed, or are not read yet: any name may be right then."""


def find_kind(word: str, kinds: Sequence[ResourceType]) -> ResourceType | None:
    """The kind that kubectl would take for this word, else k9s.

    Plural, singular, short name or kind in any case, with or without `.group` or `.version.group`;
    where several groups have it, the core group and then the server's order decide.
    """
    wanted = word.lower()
    name, _, qualifier = wanted.partition(".")
    matches = [
        kind
        for kind in kinds
        if name in (kind.plural, kind.singular, kind.kind.lower(), *kind.short_names)
        and qualifier in ("", kind.group, kind.version, f"{kind.version}.{kind.group}")
    ]
    exact = [kind for kind in matches if name in (kind.plural, kind.singular)]
    for candidates in (exact, matches):
        core = [kind for kind in candidates if not kind.group]
        if core or candidates:
            return (core or candidates)[0]
    return find_kind(_ALIASES[wanted], kinds) if wanted in _ALIASES else None


def parse_command(text: str, vocabulary: Vocabulary) -> Command:
    """The command that a line means.

    Raises:
        CommandError: it means nothing; the text says what is wrong and what is near.
    """
    # A filter has quotes and backslashes of its own.
    line, *filters = _FILTER.split(text.strip().removeprefix(":"), maxsplit=1)
    filter_text = "".join(filters)
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise CommandError(f"unbalanced quotes in: {text.strip()}") from error
    if not words:
        raise CommandError("nothing to go to: type a kind, such as pods or svc")
    first, rest = words[0], words[1:]
    if first in _PROGRAM and not rest:
        return ProgramCommand(_PROGRAM[first])
    if first in _NAMESPACE_WORDS and len(rest) <= 1:
        if not rest:
            return ProgramCommand("namespaces")
        return _namespace(rest[0], vocabulary.every_namespace)
    if first in _CONTEXT_WORDS and len(rest) <= 1:
        return _context(rest, vocabulary)
    if first == "top":
        kind, *rest = rest or ["pods"]
        return _kind(kind, rest, vocabulary)._replace(filter=filter_text, sort="cpu")
    return _kind(first, rest, vocabulary)._replace(filter=filter_text)


def entered_command(text: str, completion: str, vocabulary: Vocabulary) -> Command:
    """The command that a line means, else the completion that it is a part of.

    Completions are offered by group too: nobody who typed that has named a kind.

    Raises:
        CommandError: as for `parse_command`.
    """
    try:
        return parse_command(text, vocabulary)
    except CommandError:
        typed, whole = text.removeprefix(":").split(), completion.split()
        if not typed or len(typed) != len(whole):
            raise
        kind = find_kind(whole[-1], vocabulary.kinds) if len(whole) == 1 else None
        names = _names(kind) if kind else (whole[-1],)
        wanted = typed[-1].lower()
        begun = whole[-1].lower().startswith(wanted)
        if not begun and not any(wanted in name.lower() for name in names):
            raise
        return parse_command(completion, vocabulary)


def is_namespace(text: str) -> bool:
    """Whether a line names a namespace to go to."""
    words = text.removeprefix(":").split()
    return len(words) == 2 and words[0] in _NAMESPACE_WORDS


def _namespace(name: str, known: Sequence[str] | None) -> GoToNamespace:
    if name in _ALL:
        return GoToNamespace("")
    if known is not None and name not in known:
        raise CommandError(f"no namespace {name!r}" + _near(name, known))
    return GoToNamespace(name)


def _context(rest: Sequence[str], vocabulary: Vocabulary) -> Command:
    if not rest:
        return ProgramCommand("contexts")
    if rest[0] in vocabulary.contexts:
        return GoToContext(rest[0])
    raise CommandError(
        f"no context {rest[0]!r} in the kubeconfig" + _near(rest[0], vocabulary.contexts)
    )


def _kind(word: str, rest: Sequence[str], vocabulary: Vocabulary) -> GoToKind:
    kind = find_kind(word, vocabulary.kinds)
    if kind is None:
        names = [name for each in vocabulary.kinds for name in _names(each)]
        raise CommandError(f"the cluster serves no kind {word!r}" + _near(word.lower(), names))
    namespace: str | None = None
    selector = ""
    words = iter(rest)
    for each in words:
        flag, equals, value = each.partition("=")
        if each in _ALL:
            namespace = ""
        elif flag in ("-n", "--namespace"):
            namespace = value if equals else next(words, "")
            if not namespace:
                raise CommandError(f"{flag} needs a namespace")
        elif flag in ("-l", "--selector"):
            selector = value if equals else next(words, "")
            if not selector:
                raise CommandError(f"{flag} needs a selector, as app=web")
        elif each.startswith("-"):
            raise CommandError(f"there is no flag {flag}: -n, -A and -l may follow a kind")
        elif "=" in each:
            selector = f"{selector},{each}" if selector else each
        elif namespace is None:
            namespace = each
        else:
            raise CommandError(f"what is {each!r}? As in: {word} shop app=web /text")
    return GoToKind(kind, namespace, selector, "")


def _near(word: str, names: Sequence[str]) -> str:
    near = get_close_matches(word, names, 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _names(kind: ResourceType) -> tuple[str, ...]:
    return tuple(name for name in (kind.plural, kind.singular, *kind.short_names) if name)


class Completion(NamedTuple):
    """One way to go on."""

    text: str
    """The whole line as it would be."""
    note: str
    """What it is, beside it."""


def complete(text: str, vocabulary: Vocabulary) -> tuple[Completion, ...]:
    """Ways to go on from what is typed so far, the likeliest first, at most 12."""
    line = text.removeprefix(":").lstrip()
    words = line.split()
    typed = "" if not words or line.endswith(" ") else words[-1]
    before = words[:-1] if typed else words
    if not before:
        found = _complete_first(typed.lower(), vocabulary)
    elif before == ["top"]:
        found = _by_prefix(typed, ("pods", "nodes"), "sorted by CPU")
    elif before[0] in _CONTEXT_WORDS:
        found = _by_prefix(typed, vocabulary.contexts, "context")
    else:
        found = _by_prefix(typed, vocabulary.namespaces, "namespace")
    start = " ".join(before) + (" " if before else "")
    return tuple(each._replace(text=start + each.text) for each in found[:MOST_COMPLETIONS])


def _complete_first(typed: str, vocabulary: Vocabulary) -> list[Completion]:
    ranked: list[tuple[int, int, Completion]] = []
    meant = find_kind(typed, vocabulary.kinds)
    for order, kind in enumerate(vocabulary.kinds):
        rank = 0 if kind is meant else _rank(typed, kind)
        if rank is not None:
            short = f" ({', '.join(kind.short_names)})" if kind.short_names else ""
            clash = sum(other.plural == kind.plural for other in vocabulary.kinds) > 1
            name = kind.key if clash and kind.group else kind.plural
            where = kind.group or "core"
            ranked.append((rank, order, Completion(name, f"{kind.kind}{short} · {where}")))
    for word, note in (("ctx", "switch the context"), ("ns", "switch the namespace")):
        if word.startswith(typed):
            ranked.append((0 if word == typed else 1, -1, Completion(word, note)))
    return [each for *_, each in sorted(ranked, key=lambda entry: entry[:2])]


def _rank(typed: str, kind: ResourceType) -> int | None:
    if typed in _names(kind):
        return 0
    if any(name.startswith(typed) for name in _names(kind)):
        return 1 if kind.short_names else 2
    if typed in kind.plural or (kind.group and kind.group.startswith(typed)):
        return 3
    return None


def _by_prefix(typed: str, names: Sequence[str], note: str) -> list[Completion]:
    starts = [name for name in names if name.startswith(typed)]
    inside = [name for name in names if typed in name and name not in starts]
    return [Completion(name, note) for name in starts + inside]

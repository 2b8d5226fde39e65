"""What is said when `k8stui logs` finds no container to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from k8stui.errors import K8sTuiError
from k8stui.logs.arguments import LogOptions
from k8stui.logs.query import Query
from k8stui.logs.selection import Selection
from k8stui.logs.targets import LogPod
from k8stui.resources.text import clean_text

_BY_CONTAINER = "their containers are left out by -c, -E, --container-state or the like"


class NoMatch(K8sTuiError):
    """No container is what was asked for."""


def no_match(
    options: LogOptions,
    query: Query,
    context: str,
    namespaces: Sequence[str],
    pods: Collection[LogPod],
    selection: Selection,
) -> NoMatch:
    """What was looked for, where, how far it got, and what to do.

    Args:
        options: What the command line asks for.
        query: What is looked for.
        context: Where; clean.
        namespaces: Where in it; `("",)` is all of them.
        pods: What the server gave for it.
        selection: What was wanted of them.
    """
    where = f"{in_namespaces(namespaces)} of context {context}"
    taken = [pod for pod in pods if selection.takes_pod(pod)]
    if taken:
        found = f"{_counted(len(taken), 'pod')} found, but {_BY_CONTAINER}"
    elif _is_owner(query):
        found = "it has no pods"
    elif pods:
        found = f"{_counted(len(pods), 'other pod')} there"
    else:
        found = "no pods there"
    return NoMatch(
        clean_text(f"no container matches {_asked(options)} in {where}: {found}"),
        clean_text(_hint(query, namespaces, matched=bool(taken))),
    )


def in_namespaces(namespaces: Sequence[str]) -> str:
    """`namespace shop`, `namespaces shop, web`, or `all namespaces`."""
    if namespaces == ("",):
        return "all namespaces"
    return f"namespace{'s' if len(namespaces) > 1 else ''} {', '.join(namespaces)}"


def _asked(options: LogOptions) -> str:
    given = [
        options.query,
        options.label_selector and f"-l {options.label_selector}",
        options.field_selector and f"--field-selector {options.field_selector}",
        options.node and f"--node {options.node}",
        *_flags("--exclude-pod", (pattern.source for pattern in options.exclude_pods)),
        options.container and f"-c {options.container.source}",
        *_flags("-E", (pattern.source for pattern in options.exclude_containers)),
    ]
    return " ".join(part for part in given if part)


def _flags(name: str, values: Iterable[str]) -> list[str]:
    return [f"{name} {value}" for value in values]


def _is_owner(query: Query) -> bool:
    return query.kind not in ("", "pods", "nodes", "namespaces")


def _hint(query: Query, namespaces: Sequence[str], *, matched: bool) -> str:
    everywhere = namespaces == ("",)
    scope = "-A" if everywhere else f"-n {namespaces[0]}"
    if matched:
        return "without those flags all containers of these pods are read"
    if _is_owner(query):
        plural = query.kind.partition(".")[0]
        return f"kubectl describe {plural} {query.name} {scope} tells why"
    listed = f"kubectl get pods {scope} lists what is there"
    if everywhere:
        return f"--context NAME looks in another cluster; {listed}"
    return f"-A looks in all namespaces, -n NAME in another; {listed}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

"""Which cluster to talk to, as whom and in which namespace: kubeconfig and flags, resolved."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from k8stui.cluster.in_cluster import IN_CLUSTER, in_pod, pod_cluster, pod_namespace, pod_user
from k8stui.cluster.kubeconfig_spec import (
    NO_FILE,
    ClusterSpec,
    ContextSpec,
    KubeConfig,
    UserSpec,
)
from k8stui.cluster.masked import Masked
from k8stui.cluster.user_check import check_user
from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HEADER_LETTERS = frozenset(string.ascii_letters + string.digits + "!#$&'*+-.^_`|~")
_MOST_NAMES = 8


class Impersonation(msgspec.Struct, frozen=True):
    """Whom to act as; an empty user means nobody else."""

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Keys as they stand in the header's name `Impersonate-Extra-KEY`, escaped as there."""


class Tls(msgspec.Struct, frozen=True):
    """How to be sure that the server is the right one."""

    ca_data: str | None = None
    """PEM of the only authorities to trust; None for those of the system."""
    insecure: bool = False
    server_name: str | None = None
    """The name that the certificate must be for, where it is not the server's own."""
    ca_source: str = ""
    """Where the authorities come from, for errors: field, cluster and file."""


class Target(Masked, frozen=True):
    """One cluster as one user: all that is needed to connect, and nothing more is looked up."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"proxy_url"})  # it may hold a password

    context: str
    cluster: str
    server: str
    """A URL without a trailing slash; it may have a path."""
    namespace: str
    user: str
    """The user's name in the kubeconfig; "" for nobody."""
    tls: Tls
    user_spec: UserSpec
    proxy_url: str | None = None
    impersonation: Impersonation = Impersonation()
    disable_compression: bool = False
    exec_config: str = ""
    """JSON that the cluster has for the user's exec plugin, or ""."""


class Overrides(msgspec.Struct, frozen=True):
    """kubectl's flags: what the kubeconfig says instead where they are empty."""

    context: str = ""
    namespace: str = ""
    as_user: str = ""
    as_groups: tuple[str, ...] = ()
    as_uid: str = ""


def resolve_target(config: KubeConfig, overrides: Overrides, environ: Mapping[str, str]) -> Target:
    """The cluster, user and namespace that kubectl would use with the same files and flags.

    Unlike kubectl it never falls back to localhost:8080 and never asks for a user name: a
    context, cluster or user that is named but not there is an error.

    Raises:
        UsageError: something is missing or contradicts itself; names file, context and field.
    """
    name = overrides.context or config.current_context
    if not name:
        if not in_pod(environ):
            raise _no_context(config)
        context = ContextSpec(IN_CLUSTER, namespace=pod_namespace(environ))
        cluster, user = pod_cluster(environ), pod_user()
    else:
        context = _context(config, name, overrides)
        cluster, user = _cluster(config, context), _user(config, context)
    server = _server(cluster)
    check_user(user)
    return Target(
        context=context.name,
        cluster=cluster.name,
        server=server,
        namespace=_namespace(context, overrides),
        user=user.name,
        tls=_tls(cluster) if server.startswith("https:") else Tls(),
        user_spec=user,
        proxy_url=cluster.proxy_url or None,
        impersonation=_impersonation(user, overrides),
        disable_compression=cluster.disable_compression,
        exec_config=cluster.exec_config,
    )


def resolve_targets(
    config: KubeConfig, overrides: Overrides, environ: Mapping[str, str]
) -> list[Target]:
    """The clusters of a list of contexts with commas, each with the first of listed namespaces.

    Raises as `resolve_target`, for any of the contexts and namespaces.
    """
    contexts = [overrides.context]
    if overrides.context not in config.contexts:
        contexts = overrides.context.split(",")
    targets = []
    for context in dict.fromkeys(contexts):
        each = [
            resolve_target(
                config,
                msgspec.structs.replace(overrides, context=context, namespace=namespace),
                environ,
            )
            for namespace in overrides.namespace.split(",")
        ]
        targets.append(each[0])
    return targets


def _no_context(config: KubeConfig) -> UsageError:
    places = _listed(str(path) for path in config.paths)
    if config.contexts:
        names = _listed(config.contexts, quote=True)
        return UsageError(
            f"no current-context is set in {places}", f"choose one with --context: {names}"
        )
    hint = "give a file with --kubeconfig, or look at a cluster of its own: k8stui --demo"
    if not config.paths:
        return UsageError("there is no kubeconfig: KUBECONFIG names no file", hint)
    if any(path.exists() for path in config.paths):
        return UsageError(f"the kubeconfig has no contexts: {places}", hint)
    return UsageError(f"there is no kubeconfig: looked for {places}", hint)


def _context(config: KubeConfig, name: str, overrides: Overrides) -> ContextSpec:
    if found := config.contexts.get(name):
        return found
    places = _listed(str(path) for path in config.paths)
    if overrides.context:
        problem = f"there is no context {_quoted(name)} in {places}"
    else:
        problem = (
            f"current-context of {config.current_context_origin} names a context that is not "
            f"there: {_quoted(name)}"
        )
    raise UsageError(problem, _suggestion(name, config.contexts, "contexts"))


def _cluster(config: KubeConfig, context: ContextSpec) -> ClusterSpec:
    if not context.cluster:
        raise UsageError(f"{_whose(context)} names no cluster")
    if found := config.clusters.get(context.cluster):
        return found
    raise UsageError(
        f"{_whose(context)} names a cluster that is not there: {_quoted(context.cluster)}",
        _suggestion(context.cluster, config.clusters, "clusters"),
    )


def _user(config: KubeConfig, context: ContextSpec) -> UserSpec:
    if not context.user:
        return UserSpec("", origin=context.origin)
    if found := config.users.get(context.user):
        return found
    raise UsageError(
        f"{_whose(context)} names a user that is not there: {_quoted(context.user)}",
        _suggestion(context.user, config.users, "users"),
    )


def _server(cluster: ClusterSpec) -> str:
    """The API server's URL; without a scheme it is plain HTTP, as for client-go."""
    where = f"server of cluster {_quoted(cluster.name)} in {cluster.origin}"
    written = cluster.server
    if not written:
        raise UsageError(f"cluster {_quoted(cluster.name)} in {cluster.origin} has no server")
    try:
        parts = urlsplit(written if "://" in written else f"http://{written}")
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    usable = parts.scheme in ("http", "https") and parts.hostname and written.isprintable()
    if not usable or " " in written:
        raise UsageError(
            f"{where} is not a URL: {_quoted(_without_login(written))}",
            "it looks like https://host:6443",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{where} must not hold a user name or password")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _without_login(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//***@", url)


def _namespace(context: ContextSpec, overrides: Overrides) -> str:
    name = overrides.namespace or context.namespace or "default"
    if not _NAMESPACE.fullmatch(name):
        origin = "--namespace" if overrides.namespace else f"namespace of {_whose(context)}"
        raise UsageError(
            f"{origin} is not the name of a namespace: {_quoted(name)}",
            "names have lower-case letters, digits and hyphens only",
        )
    return name


def _tls(cluster: ClusterSpec) -> Tls:
    where = f"of cluster {_quoted(cluster.name)} in {cluster.origin}"
    data, path = cluster.certificate_authority_data, cluster.certificate_authority
    if cluster.insecure_skip_tls_verify and (data or path):
        raise UsageError(
            f"insecure-skip-tls-verify {where} is set, and so is a certificate-authority",
            "remove one of the two: a connection is checked, or it is not",
        )
    server_name = cluster.tls_server_name or None
    if data:
        return Tls(data, server_name=server_name, ca_source=f"certificate-authority-data {where}")
    if not path:
        return Tls(None, cluster.insecure_skip_tls_verify, server_name)
    source = f"certificate-authority {where} ({path})"
    if cluster.origin == NO_FILE:
        source = path
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{source} can't be read: {error.strerror}") from error
    return Tls(text, server_name=server_name, ca_source=source)


def _impersonation(user: UserSpec, overrides: Overrides) -> Impersonation:
    """Each flag goes before the field that says the same, and leaves the others, as in kubectl."""
    groups = tuple(overrides.as_groups) or user.impersonate_groups
    merged = Impersonation(
        user=overrides.as_user or user.impersonate,
        uid=overrides.as_uid or user.impersonate_uid,
        groups=groups,
        extra=tuple((_header_key(key), values) for key, values in user.impersonate_extra),
    )
    if not merged.user and (merged.uid or merged.groups or merged.extra):
        raise UsageError(
            "a uid, group or extra field is to be impersonated, but no user",
            "say whom with --as, or with as: in the kubeconfig",
        )
    texts = (merged.user, merged.uid, *groups, *(v for _, values in merged.extra for v in values))
    for text in texts:
        if not text.isprintable():
            raise UsageError(f"{_quoted(text)} can't be impersonated: it holds a control character")
    return merged


def _header_key(key: str) -> str:
    """A key as part of a header's name: what can't stand there is percent-encoded."""
    return "".join(
        chr(byte) if chr(byte) in _HEADER_LETTERS else f"%{byte:02X}" for byte in key.encode()
    )


def _suggestion(name: str, known: Iterable[str], what: str) -> str:
    names = list(known)
    if near := get_close_matches(name, names, 3):
        return f"did you mean {' or '.join(_quoted(found) for found in near)}?"
    return f"{what}: {_listed(names, quote=True)}" if names else f"it has no {what} at all"


def _listed(names: Iterable[str], *, quote: bool = False) -> str:
    shown = [_quoted(name) if quote else clean_text(name) for name in names]
    more = f" and {len(shown) - _MOST_NAMES} more" if len(shown) > _MOST_NAMES else ""
    return ", ".join(shown[:_MOST_NAMES]) + more


def _whose(context: ContextSpec) -> str:
    return f"context {_quoted(context.name)} of {context.origin}"


def _quoted(name: str) -> str:
    return f'"{clean_text(name)}"'

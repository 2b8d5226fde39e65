"""Finds and reads kubeconfig files as kubectl does; never writes one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from k8stui.cluster.kubeconfig_node import YamlMap, read_document
from k8stui.cluster.kubeconfig_spec import (
    NO_FILE,
    AuthProviderSpec,
    ClusterSpec,
    ContextSpec,
    ExecSpec,
    KubeConfig,
    UserSpec,
)
from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

EXEC_EXTENSION = "client.authentication.k8s.io/exec"

_V1BETA1 = "client.authentication.k8s.io/v1beta1"

Spec = TypeVar("Spec", ContextSpec, ClusterSpec, UserSpec)


def kubeconfig_paths(flag: str | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where to look: the file of `--kubeconfig`, else those of $KUBECONFIG, else ~/.kube/config.

    Empty and repeated parts of $KUBECONFIG are left out. Files need not exist, except the
    flag's, as for kubectl.

    Raises:
        UsageError: the flag names a file that is not there.
    """
    if flag:
        if not os.path.lexists(flag):
            raise UsageError(f"--kubeconfig names a file that is not there: {clean_text(flag)}")
        return (Path(flag),)
    if listed := environ.get("KUBECONFIG", ""):
        return tuple(Path(part) for part in dict.fromkeys(listed.split(os.pathsep)) if part)
    home = environ.get("HOME", "")
    return ((Path(home) if home else Path.home()) / ".kube" / "config",)


def load_kubeconfig(paths: Iterable[Path]) -> KubeConfig:
    """All files as one, by client-go's rules.

    The first file that defines a name has it, whole; the first that sets current-context has
    that. Missing files are skipped, empty ones are fine. Relative paths, and an exec command
    with a slash, start at the directory of the file that they stand in.

    Raises:
        UsageError: a file can't be read, is not YAML, or has a field of a wrong type; it names
            file, line and field.
    """
    paths = tuple(paths)
    contexts: dict[str, ContextSpec] = {}
    clusters: dict[str, ClusterSpec] = {}
    users: dict[str, UserSpec] = {}
    current, current_origin = "", NO_FILE
    warnings: list[str] = []
    for path in paths:
        try:
            document = read_document(path)
        except FileNotFoundError:
            continue
        _check_kind(document)
        contexts = _named(document, "contexts", "context", _context, warnings) | contexts
        clusters = _named(document, "clusters", "cluster", _cluster, warnings) | clusters
        users = _named(document, "users", "user", _user, warnings) | users
        stated = document.text("current-context")
        if stated and not current:
            current, current_origin = stated, path
    return KubeConfig(paths, contexts, clusters, users, current, current_origin, tuple(warnings))


def reread_user(user: UserSpec) -> UserSpec:
    """The user as its file has it now, or as it was where the file can't tell.

    Somebody who logs in anew in another window changes the file.
    """
    if user.origin == NO_FILE:
        return user
    try:
        return load_kubeconfig([user.origin]).users.get(user.name, user)
    except UsageError:
        return user


def _check_kind(document: YamlMap) -> None:
    kind, version = document.text("kind"), document.text("apiVersion")
    if kind not in ("", "Config") or version not in ("", "v1"):
        written = clean_text(f"{version} {kind}".strip())
        raise document.error(f"this is not a kubeconfig: it says {written}, not v1 Config")


def _named(
    document: YamlMap,
    field: str,
    inner: str,
    read: Callable[[str, YamlMap, Path], Spec],
    warnings: list[str],
) -> dict[str, Spec]:
    """The specs of one of the file's lists; of those with one name the first."""
    empty = YamlMap.empty(document.path)
    found: dict[str, Spec] = {}
    for item in document.maps(field):
        name = item.text("name")
        if name in found:
            warnings.append(
                f"{document.path}, line {item.line}: the {inner} {clean_text(name)} is there "
                "already, so this one is left out (kubectl refuses such a file)"
            )
            continue
        found[name] = read(name, item.map(inner) or empty, document.path)
    return found


def _context(name: str, fields: YamlMap, origin: Path) -> ContextSpec:
    return ContextSpec(
        name=name,
        cluster=fields.text("cluster"),
        user=fields.text("user"),
        namespace=fields.text("namespace"),
        origin=origin,
    )


def _cluster(name: str, fields: YamlMap, origin: Path) -> ClusterSpec:
    return ClusterSpec(
        name=name,
        server=fields.text("server"),
        tls_server_name=fields.text("tls-server-name"),
        insecure_skip_tls_verify=fields.flag("insecure-skip-tls-verify"),
        certificate_authority=_absolute(fields.text("certificate-authority"), origin),
        certificate_authority_data=fields.decoded("certificate-authority-data"),
        proxy_url=fields.text("proxy-url"),
        disable_compression=fields.flag("disable-compression"),
        exec_config=_exec_config(fields),
        origin=origin,
    )


def _exec_config(fields: YamlMap) -> str:
    for item in fields.maps("extensions"):
        if item.text("name") == EXEC_EXTENSION:
            return msgspec.json.encode(item.plain("extension")).decode()
    return ""


def _user(name: str, fields: YamlMap, origin: Path) -> UserSpec:
    return UserSpec(
        name=name,
        client_certificate=_absolute(fields.text("client-certificate"), origin),
        client_certificate_data=fields.decoded("client-certificate-data"),
        client_key=_absolute(fields.text("client-key"), origin),
        client_key_data=fields.decoded("client-key-data"),
        token=fields.text("token"),
        token_file=_absolute(fields.text("tokenFile"), origin),
        username=fields.text("username"),
        password=fields.text("password"),
        exec=_exec(fields.map("exec"), origin),
        auth_provider=_auth_provider(fields.map("auth-provider")),
        impersonate=fields.text("as"),
        impersonate_uid=fields.text("as-uid"),
        impersonate_groups=fields.texts("as-groups"),
        impersonate_extra=_user_extra(fields.map("as-user-extra")),
        origin=origin,
    )


def _exec(fields: YamlMap | None, origin: Path) -> ExecSpec | None:
    if fields is None:
        return None
    command = fields.text("command")
    version = fields.text("apiVersion")
    default_mode = "IfAvailable" if version == _V1BETA1 else ""
    return ExecSpec(
        command=_absolute(command, origin) if "/" in command else command,
        api_version=version,
        args=fields.texts("args"),
        env=tuple((item.text("name"), item.text("value")) for item in fields.maps("env")),
        install_hint=fields.text("installHint"),
        interactive_mode=fields.text("interactiveMode") or default_mode,
        provide_cluster_info=fields.flag("provideClusterInfo"),
    )


def _auth_provider(fields: YamlMap | None) -> AuthProviderSpec | None:
    if fields is None:
        return None
    config = fields.map("config")
    settings = tuple((key, config.text(key)) for key in config.names()) if config else ()
    return AuthProviderSpec(fields.text("name"), settings)


def _user_extra(fields: YamlMap | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((key, fields.texts(key)) for key in sorted(fields.names())) if fields else ()


def _absolute(path: str, origin: Path) -> str:
    return os.path.normpath(origin.absolute().parent / path) if path else ""


__all__ = [
    "EXEC_EXTENSION",
    "NO_FILE",
    "AuthProviderSpec",
    "ClusterSpec",
    "ContextSpec",
    "ExecSpec",
    "KubeConfig",
    "UserSpec",
    "kubeconfig_paths",
    "load_kubeconfig",
    "reread_user",
]

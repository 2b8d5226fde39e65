"""What stands between a new object and the store: limit ranges, webhooks, quotas."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from k8stui.demo.errors import ApiError, forbidden
from k8stui.demo.kinds import Kind
from k8stui.demo.model import Obj, dig, quantity
from k8stui.demo.quota import refused_by_quota
from k8stui.demo.selectors import matches, tolerates
from k8stui.demo.store import Store

_CONFIGURATIONS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
_STANDARDS: Final[Obj] = {
    "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
}
_PATIENCE: Final = tuple(
    {
        "key": f"node.kubernetes.io/{what}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 300,
    }
    for what in ("not-ready", "unreachable")
)


def admitted(store: Store, kind: Kind, obj: Obj) -> Obj:
    """A new object as it may be stored: a pod with the defaults of its namespace's limit ranges.

    Raises:
        ApiError: something refuses it, in the words of a real server.
    """
    if kind.plural == "pods":
        obj = _with_standards(obj)
    _ask_webhooks(store, _CONFIGURATIONS[0], kind, obj)
    if kind.plural == "pods":
        obj = _limited(store, kind, obj)
    _ask_webhooks(store, _CONFIGURATIONS[1], kind, obj)
    refused = refused_by_quota(store, kind, obj)
    if refused is not None:
        raise refused
    return obj


def _with_standards(pod: Obj) -> Obj:
    """What a server's own plugins give each pod: an account, a priority, patience with nodes."""
    given = pod["spec"]
    account = given.get("serviceAccountName") or "default"
    spec = {**_STANDARDS, **given, "serviceAccountName": account, "serviceAccount": account}
    added = [each for each in _PATIENCE if not tolerates(pod, each)]
    if added:
        spec["tolerations"] = [*(given.get("tolerations") or ()), *added]
    return {**pod, "spec": spec}


def _limited(store: Store, kind: Kind, pod: Obj) -> Obj:
    """The pod with default limits; what is above a maximum or below a minimum is refused."""
    for bounds in store.sorted("limitranges", pod["metadata"].get("namespace", "")):
        for limit in dig(bounds, "spec", "limits") or ():
            if limit.get("type") != "Container":
                continue
            containers = [_with_defaults(c, limit) for c in pod["spec"]["containers"]]
            pod = {**pod, "spec": {**pod["spec"], "containers": containers}}
            problems = [text for each in containers for text in _out_of_bounds(each, limit)]
            if problems:
                text = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
                raise forbidden(kind, pod["metadata"]["name"], text)
    return pod


def _with_defaults(container: Obj, limit: Obj) -> Obj:
    given = container.get("resources") or {}
    limits = {**(limit.get("default") or {}), **(given.get("limits") or {})}
    # A limit of one's own is a request of one's own, too.
    requests = {
        **(limit.get("defaultRequest") or limit.get("default") or {}),
        **(given.get("limits") or {}),
        **(given.get("requests") or {}),
    }
    parts = {"limits": limits, "requests": requests}
    resources = {**given, **{name: part for name, part in parts.items() if part}}
    return {**container, "resources": resources} if resources else container


def _out_of_bounds(container: Obj, limit: Obj) -> list[str]:
    resources = container.get("resources") or {}
    found = []
    for name, least in (limit.get("min") or {}).items():
        asked = (resources.get("requests") or {}).get(name)
        if quantity(asked) < quantity(least):
            found.append(f"minimum {name} usage per Container is {least}, {_but('request', asked)}")
    for name, most in (limit.get("max") or {}).items():
        asked = (resources.get("limits") or {}).get(name)
        if asked is None or quantity(asked) > quantity(most):
            found.append(f"maximum {name} usage per Container is {most}, {_but('limit', asked)}")
    return found


def _but(what: str, asked: object) -> str:
    return f"but no {what} is specified" if asked is None else f"but {what} is {asked}"


def _ask_webhooks(store: Store, configurations: str, kind: Kind, obj: Obj) -> None:
    """Nobody answers webhooks here: one that must agree refuses, as one that can't be reached."""
    for configuration in store.sorted(configurations):
        for hook in configuration.get("webhooks") or ():
            if hook.get("failurePolicy", "Fail") == "Fail" and _concerns(store, hook, kind, obj):
                why = f'failed calling webhook "{hook["name"]}": {_no_answer(store, hook)}'
                message = f"Internal error occurred: {why}"
                raise ApiError(500, "InternalError", message, {"causes": [{"message": why}]})


def _concerns(store: Store, hook: Obj, kind: Kind, obj: Obj) -> bool:
    namespace = store.get("namespaces", "", obj["metadata"].get("namespace", ""))
    labels = ((namespace or {}).get("metadata") or {}).get("labels") or {}
    if kind.namespaced and not matches(hook.get("namespaceSelector") or {}, labels):
        return False
    if not matches(hook.get("objectSelector") or {}, obj["metadata"].get("labels") or {}):
        return False
    return any(
        {"*", given} & set(rule.get(name) or ())
        for rule in hook.get("rules") or ()
        if {"*", "CREATE"} & set(rule.get("operations") or ())
        and {"*", kind.group} & set(rule.get("apiGroups") or ())
        for name, given in (("resources", kind.plural),)
    )


def _no_answer(store: Store, hook: Obj) -> str:
    """What a server says that tried to reach the webhook."""
    client, seconds = hook.get("clientConfig") or {}, hook.get("timeoutSeconds", 10)
    url = client.get("url")
    if url:
        parts = urlsplit(url)
        port = parts.port or 443
        address = f"{'127.0.0.1' if parts.hostname == 'localhost' else parts.hostname}:{port}"
        return f'Post "{url}?timeout={seconds}s": dial tcp {address}: connect: connection refused'
    service = client.get("service") or {}
    namespace, name, port = service.get("namespace", ""), service.get("name", ""), 443
    port = service.get("port", port)
    url = f"https://{name}.{namespace}.svc:{port}{service.get('path') or '/'}"
    found = store.get("services", namespace, name)
    if found is None:
        return f'Post "{url}?timeout={seconds}s": service "{name}" not found'
    address = dig(found, "spec", "clusterIP") or ""
    dial = f"dial tcp {address}:{port}: connect: connection refused"
    return f'Post "{url}?timeout={seconds}s": {dial}'

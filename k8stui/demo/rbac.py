"""Who asks, and what the Roles and ClusterRoles in the store let them do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from k8stui.demo.model import Obj
from k8stui.demo.store import Store


class User(NamedTuple):
    """An authenticated user."""

    name: str
    groups: tuple[str, ...]


class Ask(NamedTuple):
    """What a request wants to do."""

    verb: str
    group: str = ""
    resource: str = ""
    """With its subresource: `pods/log`."""
    namespace: str = ""
    name: str = ""
    path: str = ""
    """For requests that concern no resource."""


def allowed(store: Store, user: User, ask: Ask) -> bool:
    """Whether some rule that is bound to the user lets the request through."""
    return any(_permits(rule, ask) for rule in rules(store, user, ask.namespace))


def rules(store: Store, user: User, namespace: str) -> Iterator[Obj]:
    """The rules that hold for a user, cluster-wide and (unless "") in a namespace."""
    for binding in store.all("clusterrolebindings"):
        if _binds(binding, user):
            yield from _role_rules(store, binding, "")
    if namespace:
        for binding in store.all("rolebindings", namespace):
            if _binds(binding, user):
                yield from _role_rules(store, binding, namespace)


def _binds(binding: Obj, user: User) -> bool:
    for subject in binding.get("subjects") or ():
        if subject["kind"] == "User" and subject["name"] == user.name:
            return True
        if subject["kind"] == "Group" and subject["name"] in user.groups:
            return True
    return False


def _role_rules(store: Store, binding: Obj, namespace: str) -> list[Obj]:
    ref = binding["roleRef"]
    if ref["kind"] == "ClusterRole":
        role = store.get("clusterroles", "", ref["name"])
    else:
        role = store.get("roles", namespace, ref["name"])
    return list((role or {}).get("rules") or [])


def _permits(rule: Obj, ask: Ask) -> bool:
    if not _in(rule.get("verbs"), ask.verb):
        return False
    if ask.path:
        urls = rule.get("nonResourceURLs") or ()
        return any(
            url == "*" or url == ask.path or (url.endswith("*") and ask.path.startswith(url[:-1]))
            for url in urls
        )
    resources = rule.get("resources") or ()
    _, slash, sub = ask.resource.partition("/")
    named = _in(resources, ask.resource) or bool(slash and f"*/{sub}" in resources)
    names = rule.get("resourceNames")
    return named and _in(rule.get("apiGroups"), ask.group) and (not names or ask.name in names)


def _in(values: list[str] | tuple[str, ...] | None, value: str) -> bool:
    return bool(values) and ("*" in (values or ()) or value in (values or ()))


_READABLE = [
    {
        "apiGroups": [""],
        "resources": [
            "pods", "pods/log", "pods/status", "services", "configmaps", "endpoints", "events",
            "namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes",
            "replicationcontrollers", "resourcequotas", "limitranges", "serviceaccounts",
        ],
        "verbs": ["get", "list", "watch"],
    },
    {
        "apiGroups": [
            "apps", "batch", "autoscaling", "discovery.k8s.io", "networking.k8s.io", "policy",
            "storage.k8s.io", "cert-manager.io", "metrics.k8s.io", "events.k8s.io",
            "scheduling.k8s.io", "coordination.k8s.io", "apiextensions.k8s.io",
        ],
        "resources": ["*"],
        "verbs": ["get", "list", "watch"],
    },
]  # fmt: skip
_BASIC = [
    {
        "apiGroups": ["authorization.k8s.io", "authentication.k8s.io"],
        "resources": [
            "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews",
        ],
        "verbs": ["create"],
    },
    {
        "nonResourceURLs": [
            "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version",
            "/version/", "/healthz", "/livez", "/readyz",
        ],
        "verbs": ["get"],
    },
]  # fmt: skip
_READ, _CHANGE = (
    ["get", "list", "watch"],
    ["create", "delete", "deletecollection", "patch", "update"],
)
_NAMESPACED = [
    ("", "pods configmaps endpoints persistentvolumeclaims replicationcontrollers services"
         " serviceaccounts replicationcontrollers/scale"),
    ("apps", "daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets"
             " statefulsets/scale"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("batch", "cronjobs jobs"),
    ("networking.k8s.io", "ingresses networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("cert-manager.io", "certificates issuers"),
]  # fmt: skip
_ONLY_READ = [
    ("", "bindings events limitranges namespaces namespaces/status pods/log pods/status"
         " resourcequotas resourcequotas/status services/status persistentvolumeclaims/status"),
    ("apps", "controllerrevisions daemonsets/status deployments/status replicasets/status"
             " statefulsets/status"),
    ("autoscaling", "horizontalpodautoscalers/status"),
    ("batch", "cronjobs/status jobs/status"),
    ("discovery.k8s.io", "endpointslices"),
    ("networking.k8s.io", "ingresses/status"),
    ("policy", "poddisruptionbudgets/status"),
    ("metrics.k8s.io", "pods nodes"),
]  # fmt: skip
_BEYOND_READING = [
    ("", "secrets", [*_READ, *_CHANGE]),
    ("", "pods/attach pods/exec pods/portforward pods/proxy services/proxy", ["get", *_CHANGE]),
    ("", "pods/eviction serviceaccounts/token", ["create"]),
    ("", "serviceaccounts", ["impersonate"]),
    ("coordination.k8s.io", "leases", [*_READ, *_CHANGE]),
]


def _rule(group: str, resources: str, verbs: list[str]) -> Obj:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs}


_VIEW = [_rule(group, names, _READ) for group, names in [*_NAMESPACED, *_ONLY_READ]]
"""What Kubernetes' own roles of these names hold: of the cluster itself, nothing but namespaces."""
_EDIT = [
    *_VIEW,
    *(_rule(group, names, _CHANGE) for group, names in _NAMESPACED),
    *(_rule(*entry) for entry in _BEYOND_READING),
]
_ALL = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]
USERS: dict[str, User] = {
    "admin": User("admin@demo", ("system:masters", "system:authenticated")),
    "viewer": User("viewer@demo", ("demo:viewers", "system:authenticated")),
    "tenant": User("tenant@demo", ("demo:shop-team", "system:authenticated")),
}
TENANT_NAMESPACE = "shop"


def install(store: Store) -> None:
    """Create the roles and bindings of the built-in users."""
    roles = {
        "cluster-admin": _ALL,
        "system:basic-user": _BASIC,
        "view": _VIEW,
        "edit": _EDIT,
        "demo:reader": _READABLE,
    }
    for name, rule_list in roles.items():
        _create(store, "clusterroles", "ClusterRole", {"name": name}, {"rules": rule_list})
    for name, role, group in (
        ("cluster-admin", "cluster-admin", "system:masters"),
        ("system:basic-user", "system:basic-user", "system:authenticated"),
        ("viewers", "demo:reader", "demo:viewers"),
    ):
        body = _binding("ClusterRole", role, group)
        _create(store, "clusterrolebindings", "ClusterRoleBinding", {"name": name}, body)
    meta = {"name": "shop-team", "namespace": TENANT_NAMESPACE}
    body = _binding("ClusterRole", "edit", "demo:shop-team")
    _create(store, "rolebindings", "RoleBinding", meta, body)


def _binding(kind: str, role: str, group: str) -> Obj:
    api = "rbac.authorization.k8s.io"
    return {
        "roleRef": {"apiGroup": api, "kind": kind, "name": role},
        "subjects": [{"apiGroup": api, "kind": "Group", "name": group}],
    }


def _create(store: Store, plural: str, kind: str, meta: Obj, body: Obj) -> None:
    api_version = "rbac.authorization.k8s.io/v1"
    store.create(plural, {"apiVersion": api_version, "kind": kind, "metadata": meta, **body})

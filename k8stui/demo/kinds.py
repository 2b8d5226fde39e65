"""The kinds that the demo cluster serves, as one table."""

from __future__ import annotations

from typing import NamedTuple

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_VERBS = ("get", "list")
CREATE_VERBS = ("create",)


class Kind(NamedTuple):
    """One kind of the API, in one of its versions."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    hidden: bool = False
    """Served for old clients but left out of discovery."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The resource as messages name it: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        return self.kind.lower()


_ROWS = """
v1 pods Pod ns po all log,exec,attach,portforward,eviction,status,binding,ephemeralcontainers
v1 services Service ns svc all status
v1 configmaps ConfigMap ns cm - -
v1 secrets Secret ns - - -
v1 endpoints Endpoints ns ep - -
v1 events Event ns ev - -
v1 namespaces Namespace cluster ns - status,finalize
v1 nodes Node cluster no - status
v1 persistentvolumeclaims PersistentVolumeClaim ns pvc - status
v1 persistentvolumes PersistentVolume cluster pv - status
v1 replicationcontrollers ReplicationController ns rc all status,scale
v1 resourcequotas ResourceQuota ns quota - status
v1 limitranges LimitRange ns limits - -
v1 serviceaccounts ServiceAccount ns sa - -
apps/v1 deployments Deployment ns deploy all status,scale
apps/v1 replicasets ReplicaSet ns rs all status,scale
apps/v1 statefulsets StatefulSet ns sts all status,scale
apps/v1 daemonsets DaemonSet ns ds all status
apps/v1 controllerrevisions ControllerRevision ns - - -
batch/v1 jobs Job ns - all status
batch/v1 cronjobs CronJob ns cj all status
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler ns hpa all status
autoscaling/v1 horizontalpodautoscalers HorizontalPodAutoscaler ns hpa all status
discovery.k8s.io/v1 endpointslices EndpointSlice ns - - -
networking.k8s.io/v1 ingresses Ingress ns ing - status
networking.k8s.io/v1 ingressclasses IngressClass cluster - - -
networking.k8s.io/v1 networkpolicies NetworkPolicy ns netpol - -
policy/v1 poddisruptionbudgets PodDisruptionBudget ns pdb - status
rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster - - -
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster - - -
rbac.authorization.k8s.io/v1 roles Role ns - - -
rbac.authorization.k8s.io/v1 rolebindings RoleBinding ns - - -
storage.k8s.io/v1 storageclasses StorageClass cluster sc - -
scheduling.k8s.io/v1 priorityclasses PriorityClass cluster pc - -
admissionregistration.k8s.io/v1 validatingwebhookconfigurations \
ValidatingWebhookConfiguration cluster - - -
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations \
MutatingWebhookConfiguration cluster - - -
coordination.k8s.io/v1 leases Lease ns - - -
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster crd,crds - status
cert-manager.io/v1 certificates Certificate ns cert,certs cert-manager status
events.k8s.io/v1 events Event ns ev - -
"""
_READ_ONLY = (
    Kind("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=READ_VERBS),
    Kind("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", False, verbs=READ_VERBS),
)
_REVIEWS = tuple(
    Kind(f"{group}.k8s.io", "v1", f"{kind.lower()}s", kind, False, verbs=CREATE_VERBS)
    for group, kind in (
        ("authorization", "SelfSubjectAccessReview"),
        ("authorization", "SelfSubjectRulesReview"),
        ("authentication", "SelfSubjectReview"),
    )
)
# Typed clients of Kubernetes 1.20 ask for these paths whatever discovery says.
_OLD_VERSIONS = {
    "cronjobs": "v1beta1",
    "poddisruptionbudgets": "v1beta1",
    "endpointslices": "v1beta1",
}


def _parts(text: str) -> tuple[str, ...]:
    return () if text == "-" else tuple(text.split(","))


def _kind_of(row: str) -> Kind:
    api_version, plural, kind, scope, *rest = row.split()
    group, _, version = api_version.rpartition("/")
    short, categories, subresources = rest
    return Kind(
        group,
        version,
        plural,
        kind,
        scope == "ns",
        _parts(short),
        _parts(subresources),
        _parts(categories),
    )


BUILTIN = tuple(_kind_of(row) for row in _ROWS.strip().splitlines()) + _READ_ONLY + _REVIEWS
OLD = tuple(
    kind._replace(version=_OLD_VERSIONS[kind.plural], hidden=True)
    for kind in BUILTIN
    if kind.plural in _OLD_VERSIONS
)
_BY_PATH = {(k.group, k.version, k.plural): k for k in BUILTIN + OLD}
_BY_PLURAL = {k.plural: k for k in reversed(BUILTIN)}
_BY_KIND = {k.kind: k for k in reversed(BUILTIN)}


def find(group: str, version: str, plural: str) -> Kind | None:
    """The kind at a path of the API, None when the cluster has no such."""
    return _BY_PATH.get((group, version, plural))


def of_plural(plural: str) -> Kind:
    """The kind with that plural; the core group wins where two groups share a name."""
    return _BY_PLURAL[plural]


def of_kind(kind: str) -> Kind | None:
    """The kind with that name, in the core group or the first that has it."""
    return _BY_KIND.get(kind)


def registered(api_version: str, kind: str) -> bool:
    """Whether the cluster knows a kind of that name in that version."""
    return any(k.api_version == api_version and k.kind == kind for k in BUILTIN + OLD)


def served(group: str, version: str) -> bool:
    """Whether the cluster has anything at all in that version of a group."""
    return any((k.group, k.version) == (group, version) for k in BUILTIN + OLD)


def stored_as(kind: Kind) -> str:
    """The name under which the store keeps objects of the kind."""
    return kind.plural

"""The cells of each kind's table: (columns, with `*` before wide ones; cells of an object)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8stui.demo.cells import (
    NONE,
    age,
    cronjob_cells,
    daemonset_cells,
    deployment_cells,
    job_cells,
    joined,
    name_of,
    pod_cells,
    replicaset_cells,
    selector_text,
    since,
    statefulset_cells,
)
from k8stui.demo.model import Obj, condition, dig

_Printer = Callable[[Obj, float], list[Any]]


def _service(obj: Obj, now: float) -> list[Any]:
    spec = obj["spec"]
    external = [str(address) for address in spec.get("externalIPs") or ()]
    if spec.get("type") == "LoadBalancer":
        ingress = dig(obj, "status", "loadBalancer", "ingress") or []
        external = [i.get("ip") or i.get("hostname") for i in ingress] + external or ["<pending>"]
    elif spec.get("type") == "ExternalName":
        external = [spec["externalName"]]
    ports = []
    for port in spec.get("ports") or ():
        node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
        ports.append(f"{port['port']}{node_port}/{port.get('protocol', 'TCP')}")
    return [
        name_of(obj),
        spec.get("type", "ClusterIP"),
        spec.get("clusterIP") or NONE,
        joined(external),
        joined(ports),
        age(obj, now),
        selector_text(spec.get("selector")),
    ]


def _node(obj: Obj, now: float) -> list[Any]:
    info = dig(obj, "status", "nodeInfo") or {}
    state = "Ready" if condition(obj, "Ready").get("status") == "True" else "NotReady"
    if dig(obj, "spec", "unschedulable"):
        state += ",SchedulingDisabled"
    prefix = "node-role.kubernetes.io/"
    roles = [
        k.removeprefix(prefix) for k in obj["metadata"].get("labels") or {} if k.startswith(prefix)
    ]
    addresses = {a["type"]: a["address"] for a in dig(obj, "status", "addresses") or ()}
    return [
        name_of(obj),
        state,
        joined(sorted(roles)),
        age(obj, now),
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        info.get("osImage", ""),
        info.get("kernelVersion", ""),
        info.get("containerRuntimeVersion", ""),
    ]


def _event(obj: Obj, now: float) -> list[Any]:
    involved = obj["involvedObject"]
    origin = obj.get("source") or {}
    source = ", ".join(v for v in (origin.get("component"), origin.get("host")) if v)
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    last = obj.get("lastTimestamp") or first
    return [
        since(last, now),
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{involved['kind'].lower()}/{involved['name']}",
        involved.get("fieldPath", ""),
        source,
        (obj.get("message") or "").strip(),
        since(first, now),
        obj.get("count", 1),
        name_of(obj),
    ]


def _hpa(obj: Obj, now: float) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    targets = []
    for metric in spec.get("metrics") or ():
        name, want = (
            metric["resource"]["name"],
            dig(metric, "resource", "target", "averageUtilization"),
        )
        got = [
            dig(m, "resource", "current", "averageUtilization")
            for m in status.get("currentMetrics") or ()
            if dig(m, "resource", "name") == name
        ]
        targets.append(f"{name}: {f'{got[0]}%' if got else '<unknown>'}/{want}%")
    ref = spec["scaleTargetRef"]
    return [
        name_of(obj),
        f"{ref['kind']}/{ref['name']}",
        ", ".join(targets) or NONE,
        str(spec.get("minReplicas", 1)),
        str(spec["maxReplicas"]),
        status.get("currentReplicas", 0),
        age(obj, now),
    ]


def _endpoints(obj: Obj, now: float) -> list[Any]:
    found = [
        f"{a['ip']}:{p['port']}"
        for s in obj.get("subsets") or ()
        for a in s.get("addresses") or ()
        for p in s.get("ports") or ()
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return [name_of(obj), joined(found[:3]) + more, age(obj, now)]


def _slice(obj: Obj, now: float) -> list[Any]:
    found = [a for e in obj.get("endpoints") or () for a in e["addresses"]]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    ports = joined(p.get("port") for p in obj.get("ports") or ())
    return [
        name_of(obj),
        obj["addressType"],
        ports,
        (joined(found[:3]) if found else "<unset>") + more,
        age(obj, now),
    ]


def _pvc(obj: Obj, now: float) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    phase = "Terminating" if obj["metadata"].get("deletionTimestamp") else status.get("phase", "")
    return [
        name_of(obj),
        phase,
        spec.get("volumeName", ""),
        dig(status, "capacity", "storage") or "",
        _modes(status.get("accessModes")),
        spec.get("storageClassName") or "",
        "<unset>",
        age(obj, now),
        spec.get("volumeMode", "Filesystem"),
    ]


def _modes(modes: list[str] | None) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX"}
    return ",".join(short.get(m, m) for m in modes or ())


def _pv(obj: Obj, now: float) -> list[Any]:
    spec, claim = obj["spec"], dig(obj, "spec", "claimRef") or {}
    return [
        name_of(obj),
        dig(spec, "capacity", "storage"),
        _modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        dig(obj, "status", "phase") or "",
        f"{claim.get('namespace')}/{claim.get('name')}" if claim else "",
        spec.get("storageClassName", ""),
        "<unset>",
        "",
        age(obj, now),
        "Filesystem",
    ]


def _ingress(obj: Obj, now: float) -> list[Any]:
    spec = obj["spec"]
    hosts = joined(r.get("host", "*") for r in spec.get("rules") or ())
    address = ",".join(i.get("ip", "") for i in dig(obj, "status", "loadBalancer", "ingress") or ())
    ports = "80, 443" if spec.get("tls") else "80"
    return [
        name_of(obj),
        spec.get("ingressClassName") or NONE,
        hosts,
        address,
        ports,
        age(obj, now),
    ]


def _pdb(obj: Obj, now: float) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    return [
        name_of(obj),
        str(spec.get("minAvailable", "N/A")),
        str(spec.get("maxUnavailable", "N/A")),
        status.get("disruptionsAllowed", 0),
        age(obj, now),
    ]


def _revision(obj: Obj, now: float) -> list[Any]:
    refs = obj["metadata"].get("ownerReferences") or [{}]
    ref = refs[0]
    group = ref.get("apiVersion", "/").partition("/")[0]
    owner = f"{ref.get('kind', '').lower()}.{group}/{ref.get('name')}"
    return [name_of(obj), owner, obj["revision"], age(obj, now)]


def _binding(obj: Obj, now: float) -> list[Any]:
    ref, subjects = obj["roleRef"], obj.get("subjects") or []
    by_kind = [
        _join_plain(s["name"] for s in subjects if s["kind"] == k)
        for k in ("User", "Group", "ServiceAccount")
    ]
    return [name_of(obj), f"{ref['kind']}/{ref['name']}", age(obj, now), *by_kind]


def _join_plain(values: Any) -> str:
    return ", ".join(values)


def _quota(obj: Obj, now: float) -> list[Any]:
    hard, used = (
        dig(obj, "status", "hard") or obj["spec"].get("hard", {}),
        dig(obj, "status", "used"),
    )
    text = ", ".join(f"{k}: {(used or {}).get(k, '0')}/{v}" for k, v in sorted(hard.items()))
    return [name_of(obj), text, "", age(obj, now)]


def _webhooks(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), len(obj.get("webhooks") or ()), age(obj, now)]


def _certificate(obj: Obj, now: float) -> list[Any]:
    state = condition(obj, "Ready")
    return [
        name_of(obj),
        state.get("status", ""),
        obj["spec"].get("secretName", ""),
        dig(obj, "spec", "issuerRef", "name") or "",
        state.get("message", ""),
        age(obj, now),
    ]


def _dated(*paths: str) -> Callable[[Obj, float], list[Any]]:
    """Name, the values at some paths, age."""

    def cells(obj: Obj, now: float) -> list[Any]:
        values = [dig(obj, *path.split(".")) for path in paths]
        return [name_of(obj), *(NONE if v is None else v for v in values), age(obj, now)]

    return cells


def _data(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), len(obj.get("data") or {}), age(obj, now)]


def _secret(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), obj.get("type", "Opaque"), len(obj.get("data") or {}), age(obj, now)]


def _role(obj: Obj, _now: float) -> list[Any]:
    return [name_of(obj), obj["metadata"].get("creationTimestamp")]


def _storage_class(obj: Obj, now: float) -> list[Any]:
    marked = obj["metadata"].get("annotations") or {}
    default = marked.get("storageclass.kubernetes.io/is-default-class") == "true"
    return [
        name_of(obj) + (" (default)" if default else ""),
        obj["provisioner"],
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        str(bool(obj.get("allowVolumeExpansion"))).lower(),
        age(obj, now),
    ]


PRINTERS: dict[str, tuple[str, _Printer]] = {
    "Pod": ("Name,Ready,Status,Restarts,Age,*IP,*Node,*Nominated Node,*Readiness Gates", pod_cells),
    "Deployment": (
        "Name,Ready,Up-to-date,Available,Age,*Containers,*Images,*Selector",
        deployment_cells,
    ),
    "ReplicaSet": (
        "Name,Desired,Current,Ready,Age,*Containers,*Images,*Selector",
        replicaset_cells,
    ),
    "ReplicationController": (
        "Name,Desired,Current,Ready,Age,*Containers,*Images,*Selector",
        replicaset_cells,
    ),
    "StatefulSet": ("Name,Ready,Age,*Containers,*Images", statefulset_cells),
    "DaemonSet": (
        "Name,Desired,Current,Ready,Up-to-date,"
        "Available,Node Selector,Age,*Containers,*Images,*Selector",
        daemonset_cells,
    ),
    "Job": ("Name,Status,Completions,Duration,Age,*Containers,*Images,*Selector", job_cells),
    "CronJob": (
        "Name,Schedule,Timezone,Suspend,Active,Last Schedule,Age,*Containers,*Images,*Selector",
        cronjob_cells,
    ),
    "Service": ("Name,Type,Cluster-IP,External-IP,Port(s),Age,*Selector", _service),
    "Node": (
        "Name,Status,Roles,Age,Version,"
        "*Internal-IP,*External-IP,*OS-Image,*Kernel-Version,*Container-Runtime",
        _node,
    ),
    "Event": (
        "Last Seen,Type,Reason,Object,*Subobject,*Source,Message,*First Seen,*Count,*Name",
        _event,
    ),
    "HorizontalPodAutoscaler": ("Name,Reference,Targets,MinPods,MaxPods,Replicas,Age", _hpa),
    "Endpoints": ("Name,Endpoints,Age", _endpoints),
    "EndpointSlice": ("Name,AddressType,Ports,Endpoints,Age", _slice),
    "PersistentVolumeClaim": (
        "Name,Status,Volume,Capacity,"
        "Access Modes,StorageClass,VolumeAttributesClass,Age,*VolumeMode",
        _pvc,
    ),
    "PersistentVolume": (
        "Name,Capacity,Access Modes,Reclaim Policy,Status,"
        "Claim,StorageClass,VolumeAttributesClass,Reason,Age,*VolumeMode",
        _pv,
    ),
    "Ingress": ("Name,Class,Hosts,Address,Ports,Age", _ingress),
    "PodDisruptionBudget": (
        "Name,Min Available,Max Unavailable,Allowed Disruptions,Age",
        _pdb,
    ),
    "ControllerRevision": ("Name,Controller,Revision,Age", _revision),
    "ClusterRoleBinding": ("Name,Role,Age,*Users,*Groups,*ServiceAccounts", _binding),
    "RoleBinding": ("Name,Role,Age,*Users,*Groups,*ServiceAccounts", _binding),
    "Role": ("Name,Created At", _role),
    "ClusterRole": ("Name,Created At", _role),
    "CustomResourceDefinition": ("Name,Created At", _role),
    "ConfigMap": ("Name,Data,Age", _data),
    "Secret": ("Name,Type,Data,Age", _secret),
    "Namespace": ("Name,Status,Age", _dated("status.phase")),
    "ServiceAccount": ("Name,Secrets,Age", lambda o, now: [name_of(o), 0, age(o, now)]),
    "ResourceQuota": ("Name,Request,Limit,Age", _quota),
    "LimitRange": ("Name,Created At", _role),
    "ValidatingWebhookConfiguration": ("Name,Webhooks,Age", _webhooks),
    "MutatingWebhookConfiguration": ("Name,Webhooks,Age", _webhooks),
    "Lease": ("Name,Holder,Age", _dated("spec.holderIdentity")),
    "StorageClass": (
        "Name,Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age",
        _storage_class,
    ),
    "PriorityClass": ("Name,Value,Global-Default,Age", _dated("value", "globalDefault")),
    "IngressClass": (
        "Name,Controller,Parameters,Age",
        _dated("spec.controller", "spec.parameters"),
    ),
    "NetworkPolicy": (
        "Name,Pod-Selector,Age",
        lambda o, now: [name_of(o), selector_text(o["spec"].get("podSelector")), age(o, now)],
    ),
    "Certificate": ("Name,Ready,Secret,*Issuer,*Status,Age", _certificate),
}

"""Short ways to write down the objects of a scenario, and the stage that plays them in time."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.demo.defaults import filled
from k8stui.demo.kinds import of_kind, of_plural
from k8stui.demo.model import Obj, clone, stamp
from k8stui.demo.patch import strategic_merge
from k8stui.demo.world import World

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
UNHEARD = 40.0
"""How long a node is silent before it counts as lost."""


class Stage:
    """Plays actions at set times before now, so that all that follows from them is as old.

    Args:
        world: A world whose time begins before the earliest action.
        now: The moment at which the audience comes, epoch seconds.
    """

    def __init__(self, world: World, now: float) -> None:
        self.world = world
        self.now = now

    def at(self, age: float, action: Callable[[], object]) -> None:
        """Do something `age` seconds before the audience comes."""
        self.world.after(self.now - age - self.world.now(), lambda: _ignore(action()))

    def add(self, age: float, *objects: Obj) -> None:
        """Create objects `age` seconds before the audience comes."""
        for obj in objects:
            self.at(age, lambda obj=obj: self.create(obj))  # type: ignore[misc]

    def create(self, obj: Obj) -> Obj:
        """Create an object now, with its defaults."""
        kind = of_kind(obj["kind"])
        if kind is None:
            raise ValueError(obj["kind"])
        full = filled(kind, obj)
        if "spec" in full:
            full["metadata"]["generation"] = 1
        return self.world.store.create(kind.plural, full)

    def change(self, age: float, plural: str, namespace: str, name: str, patch: Obj) -> None:
        """Apply a strategic merge patch to an object `age` seconds before the audience comes."""

        def act() -> None:
            old = self.world.store.get(plural, namespace, name)
            if old is None:
                return
            new: Obj = filled(of_plural(plural), strategic_merge(clone(old), patch))
            if new.get("spec") != old.get("spec") and "generation" in old["metadata"]:
                new["metadata"]["generation"] = old["metadata"]["generation"] + 1
            self.world.store.update(plural, new)

        self.at(age, act)

    def release(self, age: float, namespace: str, name: str, image: str, cause: str) -> None:
        """Set a Deployment's first image, with its change cause."""

        def act() -> None:
            container = self.world.store.get("deployments", namespace, name)
            if container is None:
                return
            first = container["spec"]["template"]["spec"]["containers"][0]["name"]
            meta = {"annotations": {"kubernetes.io/change-cause": cause}}
            spec = {"template": {"spec": {"containers": [{"name": first, "image": image}]}}}
            self.change(age, "deployments", namespace, name, {"metadata": meta, "spec": spec})

        self.at(age, act)


def _ignore(_result: object) -> None:
    return None


def meta(namespace: str, name: str, **labels: str) -> Obj:
    out: Obj = {"name": name, "namespace": namespace}
    return {**out, "labels": labels} if labels else out


def container(
    name: str,
    image: str,
    *,
    cpu: str = "50m",
    memory: str = "64Mi",
    limit: str = "",
    port: int = 0,
    probes: bool = False,
    **more: object,
) -> Obj:
    """A container that asks for `cpu` and `memory`; `limit` is its memory limit."""
    asked = {"cpu": cpu, "memory": memory} if cpu else {}
    resources: Obj = {"requests": asked} if asked else {}
    if limit:
        resources["limits"] = {"memory": limit}
    out: Obj = {"name": name, "image": image, "resources": resources, **more}
    if port:
        out["ports"] = [{"containerPort": port, "name": "http"}]
    if probes:
        get = {"path": "/healthz", "port": port or 8080, "scheme": "HTTP"}
        out["readinessProbe"] = {"httpGet": get, "periodSeconds": 5}
        out["livenessProbe"] = {"httpGet": get, "initialDelaySeconds": 15}
    return out


def workload(
    kind: str, namespace: str, name: str, *containers: Obj, replicas: int = 1,
    pod: Obj | None = None, **spec: object,
) -> Obj:  # fmt: skip
    """A Deployment, StatefulSet or DaemonSet whose pods are labelled `app=<name>`."""
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": list(containers), **(pod or {})},
    }
    body: Obj = {"selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    if kind != "DaemonSet":
        body["replicas"] = replicas
    if kind == "StatefulSet":
        body["serviceName"] = name
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": meta(namespace, name, app=name),
        "spec": body,
    }


def service(
    namespace: str, name: str, port: int = 80, target: int | str = "http", **app: str
) -> Obj:
    """A Service that selects `app=<name>`, or the labels given."""
    ports = [{"name": "http", "port": port, "targetPort": target}]
    spec = {"selector": app or {"app": name}, "ports": ports}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(namespace, name, app=name),
        "spec": spec,
    }


def config_map(namespace: str, name: str, **data: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta(namespace, name),
        "data": data,
    }


def job_spec(*containers: Obj, **more: object) -> Obj:
    """The spec of a Job."""
    template = {"spec": {"restartPolicy": "Never", "containers": list(containers)}}
    return {"template": template, **more}


def node(name: str, number: int, cpu: int, memory: int, *, taint: Obj | None = None) -> Obj:
    """A node with its capacity in cores and GiB."""
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/zone": f"eu-west-1{'abc'[number % 3]}",
        "node.kubernetes.io/instance-type": f"c{cpu}.m{memory}",
    }
    capacity = {
        "cpu": str(cpu),
        "memory": f"{memory}Gi",
        "pods": "110",
        "ephemeral-storage": "98Gi",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": f"10.244.{number}.0/24", **({"taints": [taint]} if taint else {})},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [
                {"type": "InternalIP", "address": f"10.20.0.{number + 10}"},
                {"type": "Hostname", "address": name},
            ],
            "nodeInfo": {
                "kubeletVersion": "v1.34.1",
                "kubeProxyVersion": "v1.34.1",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "kernelVersion": "6.1.0-26-amd64",
                "containerRuntimeVersion": "containerd://2.0.4",
                "operatingSystem": "linux",
                "architecture": "amd64",
                "machineID": f"{number:032x}",
                "systemUUID": f"{number:032x}",
                "bootID": f"{number:032x}",
            },
            "conditions": [],
            "images": [],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        },
    }


def set_node_ready(world: World, name: str, *, is_ready: bool) -> None:
    """Write a node's conditions as its kubelet, or the lack of it, would."""
    old = world.store.get("nodes", "", name)
    if old is None:
        return
    now = world.now()
    heard = now if is_ready else now - UNHEARD
    rows = [
        (
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
    if not is_ready:
        text = "Kubelet stopped posting node status."
        rows = [(kind, "Unknown", "NodeStatusUnknown", text) for kind, *_ in rows]
    conditions = [
        {
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": stamp(heard), "lastTransitionTime": stamp(now),
        }
        for kind, status, reason, message in rows
    ]  # fmt: skip
    status = {**old["status"], "conditions": conditions}
    world.store.update("nodes", {**old, "status": status})
    title = f"Node {name} status is now: {'NodeReady' if is_ready else 'NodeNotReady'}"
    reason = "NodeReady" if is_ready else "NodeNotReady"
    world.events(old, reason, title, source="kubelet" if is_ready else "node-controller", host=name)

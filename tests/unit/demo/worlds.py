"""Worlds for the tests of the demo cluster: two nodes, a namespace, and time that we move."""

from __future__ import annotations

from typing import Any

from k8stui.demo import rbac
from k8stui.demo.build import Stage, container, meta, node, set_node_ready, workload
from k8stui.demo.cells import pod_reason
from k8stui.demo.cluster import install
from k8stui.demo.model import Obj, clone
from k8stui.demo.world import World

NOW = 1_767_225_600.0
NS = "team"
SHOP = "registry.shop.example"


class Small:
    """A small cluster, stepped by hand."""

    def __init__(self, nodes: int = 2) -> None:
        self.world = World(NOW)
        self.store = self.world.store
        install(self.world)
        rbac.install(self.store)
        self.stage = Stage(self.world, NOW)
        for name in ("default", NS):
            self.stage.create({"kind": "Namespace", "metadata": {"name": name}})
        for number in range(nodes):
            self.stage.create(node(f"node-{number + 1}", number, 4, 8))
            set_node_ready(self.world, f"node-{number + 1}", is_ready=True)

    def deploy(self, image: str, name: str = "web", replicas: int = 3, **spec: Any) -> Obj:
        main = container("main", image, port=8080, probes=True)
        return self.stage.create(workload("Deployment", NS, name, main, replicas=replicas, **spec))

    def pod(self, *command: str, name: str = "one", image: str = "busybox:1", **spec: Any) -> Obj:
        main = (
            container("main", image, command=list(command)) if command else container("main", image)
        )
        body = {"containers": [main], **spec}
        return self.stage.create(
            {"kind": "Pod", "metadata": meta(NS, name, app=name), "spec": body}
        )

    def change(self, plural: str, name: str, patch: Obj, namespace: str = NS) -> None:
        self.stage.now = self.world.now()
        self.stage.change(0.0, plural, namespace, name, patch)
        self.world.advance(0.0)

    def image(self, image: str, name: str = "web") -> None:
        """As `kubectl set image`."""
        one = {"name": "main", "image": image}
        self.change("deployments", name, {"spec": {"template": {"spec": {"containers": [one]}}}})

    def get(self, plural: str, name: str, namespace: str = NS) -> Obj:
        found = self.store.get(plural, namespace, name)
        assert found is not None, f"{plural}/{name}"
        return clone(found)

    def pods(self) -> list[Obj]:
        return self.store.sorted("pods", NS)

    def statuses(self) -> list[str]:
        """The STATUS column of every pod."""
        return [pod_reason(pod) for pod in self.pods()]

    def reasons(self, name: str = "") -> list[str]:
        """The reasons of the events, oldest first, of one object or of all."""
        events = sorted(
            self.store.all("events", NS), key=lambda e: int(e["metadata"]["resourceVersion"])
        )
        return [e["reason"] for e in events if not name or e["involvedObject"]["name"] == name]

    def run(self, seconds: float) -> None:
        self.world.advance(seconds)

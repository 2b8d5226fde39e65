"""What a server fills in, and what it refuses, when objects are written."""

from __future__ import annotations

import re
from typing import Any, Final

from k8stui.demo.errors import Cause
from k8stui.demo.kinds import Kind
from k8stui.demo.labelquery import key_problem, value_problem
from k8stui.demo.model import Obj, clone, dig, digest
from k8stui.demo.podstatus import qos_class
from k8stui.demo.selectors import matches

_NAME: Final = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_LONGEST_NAME: Final = 253
_NAME_RULE: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_CONFIG_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_CONFIG_RULE: Final = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',"
    "  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_NO_ROLLING: Final = "RollingUpdate:(*apps.RollingUpdateDeployment)(nil)"
_FREE_NAMES: Final = {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
WORKLOADS: Final = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"}
IMMUTABLE: Final[dict[str, tuple[str, ...]]] = {
    "Deployment": ("spec.selector",),
    "ReplicaSet": ("spec.selector",),
    "DaemonSet": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    "Job": ("spec.selector", "spec.template", "spec.completions"),
    "ConfigMap": (),
}


def filled(kind: Kind, obj: Obj) -> Obj:
    """A copy of an object with the defaults of its kind."""
    out: Obj = clone(obj)
    out["apiVersion"], out["kind"] = kind.api_version, kind.kind
    spec = out.get("spec")
    if not isinstance(spec, dict):
        return out
    match kind.kind:
        case "Pod":
            _fill_pod(spec)
            out.setdefault("status", {"phase": "Pending", "qosClass": qos_class(spec)})
        case "Service":
            _fill_service(out, spec)
        case "CronJob":
            for name, value in (
                ("concurrencyPolicy", "Allow"), ("suspend", False),
                ("successfulJobsHistoryLimit", 3), ("failedJobsHistoryLimit", 1),
            ):  # fmt: skip
                spec.setdefault(name, value)
            _fill_template(dig(spec, "jobTemplate", "spec", "template"))
        case "PersistentVolumeClaim":
            spec.setdefault("volumeMode", "Filesystem")
            out.setdefault("status", {"phase": "Pending"})
        case "HorizontalPodAutoscaler":
            spec.setdefault("minReplicas", 1)
        case "Namespace":
            out.setdefault("status", {"phase": "Active"})
        case _ if kind.kind in WORKLOADS:
            _fill_workload(kind.kind, spec)
    return out


def _fill_workload(kind: str, spec: Obj) -> None:
    if kind in ("Deployment", "ReplicaSet", "StatefulSet"):
        spec.setdefault("replicas", 1)
    if kind == "Deployment":
        spec.setdefault("revisionHistoryLimit", 10)
        spec.setdefault("progressDeadlineSeconds", 600)
        strategy = spec.setdefault("strategy", {})
        strategy.setdefault("type", "RollingUpdate")
        if strategy["type"] == "RollingUpdate":
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxSurge", "25%")
            rolling.setdefault("maxUnavailable", "25%")
    elif kind in ("StatefulSet", "DaemonSet"):
        spec.setdefault("revisionHistoryLimit", 10)
        update = spec.setdefault("updateStrategy", {})
        update.setdefault("type", "RollingUpdate")
        if update["type"] == "RollingUpdate":
            rolling = {"partition": 0} if kind == "StatefulSet" else {
                "maxSurge": 0, "maxUnavailable": 1,
            }  # fmt: skip
            update["rollingUpdate"] = {**rolling, **(update.get("rollingUpdate") or {})}
        if kind == "StatefulSet":
            spec.setdefault("podManagementPolicy", "OrderedReady")
    elif kind == "Job":
        spec.setdefault("backoffLimit", 6)
        spec.setdefault("parallelism", 1)
        if "parallelism" not in spec or spec["parallelism"] == 1:
            spec.setdefault("completions", 1)
        spec.setdefault("completionMode", "NonIndexed")
        spec.setdefault("suspend", False)
    _fill_template(spec.get("template"))


def _fill_template(template: Any) -> None:
    if isinstance(template, dict) and isinstance(template.get("spec"), dict):
        template.setdefault("metadata", {})
        _fill_pod(template["spec"])


def _fill_pod(spec: Obj) -> None:
    for name, value in (
        ("restartPolicy", "Always"), ("terminationGracePeriodSeconds", 30),
        ("dnsPolicy", "ClusterFirst"), ("securityContext", {}),
        ("schedulerName", "default-scheduler"),
    ):  # fmt: skip
        spec.setdefault(name, clone(value))
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        if not isinstance(container, dict):
            continue
        tagless = ":" not in str(container.get("image", "")).rsplit("/", 1)[-1]
        latest = str(container.get("image", "")).endswith(":latest") or tagless
        container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
        container.setdefault("resources", {})
        container.setdefault("terminationMessagePath", "/dev/termination-log")
        container.setdefault("terminationMessagePolicy", "File")
        for port in container.get("ports") or ():
            port.setdefault("protocol", "TCP")
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            if isinstance(container.get(name), dict):
                for field, value in (
                    ("timeoutSeconds", 1), ("periodSeconds", 10),
                    ("successThreshold", 1), ("failureThreshold", 3),
                ):  # fmt: skip
                    container[name].setdefault(field, value)


def _fill_service(out: Obj, spec: Obj) -> None:
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    for port in spec.get("ports") or ():
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    if spec["type"] != "ExternalName" and not spec.get("clusterIP"):
        number = digest("service", out["metadata"].get("namespace"), out["metadata"].get("name"))
        spec["clusterIP"] = f"10.96.{number % 250}.{number // 250 % 250 + 2}"
    if spec.get("clusterIP"):
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
    out.setdefault("status", {"loadBalancer": {}})


def problems(kind: Kind, obj: Obj, old: Obj | None) -> list[Cause]:
    """What is wrong with an object, in the order in which a server tells it."""
    causes: list[Cause] = []
    name = obj["metadata"].get("name", "")
    if not name:
        text = "Required value: name or generateName is required"
        causes.append(("FieldValueRequired", text, "metadata.name"))
    elif kind.kind not in _FREE_NAMES and not _NAME.match(name):
        causes.append(_wrong("metadata.name", f'"{name}"', _NAME_RULE))
    if len(name) > _LONGEST_NAME:
        text = f"must be no more than {_LONGEST_NAME} characters"
        causes.append(_wrong("metadata.name", f'"{name}"', text))
    causes += _label_problems(obj)
    spec = obj.get("spec")
    if kind.kind in WORKLOADS:
        causes += _workload_problems(kind, spec or {})
    elif kind.kind == "Pod" and isinstance(spec, dict):
        causes += _pod_problems(spec, "spec")
    elif kind.kind == "Service" and isinstance(spec, dict) and not spec.get("ports"):
        portless = spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None"
        causes += [] if portless else [("FieldValueRequired", "Required value", "spec.ports")]
    if old is not None:
        for path in IMMUTABLE.get(kind.kind, ()):
            if dig(obj, *path.split(".")) != dig(old, *path.split(".")):
                shown = _go(dig(obj, *path.split("."))) if path == "spec.selector" else "{…}"
                causes.append(_wrong(path, shown, "field is immutable"))
    return causes


def _go(selector: Obj | None) -> str:
    """A LabelSelector as Go prints it."""
    labels = (selector or {}).get("matchLabels") or {}
    inside = ", ".join(f'"{key}":"{value}"' for key, value in labels.items())
    text = f"map[string]string{{{inside}}}" if labels else "map[string]string(nil)"
    return (
        f"v1.LabelSelector{{MatchLabels:{text}, "
        "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}"
    )


def _wrong(field: str, value: str, why: str) -> Cause:
    return ("FieldValueInvalid", f"Invalid value: {value}: {why}", field)


def _label_problems(obj: Obj) -> list[Cause]:
    causes: list[Cause] = []
    for key, value in (obj["metadata"].get("labels") or {}).items():
        for shown, why in ((key, key_problem(key)), (value, value_problem(value))):
            causes += [_wrong("metadata.labels", f'"{shown}"', why)] if why else []
    for field in ("data", "binaryData") if obj["kind"] in ("ConfigMap", "Secret") else ():
        for key in obj.get(field) or {}:
            if not _CONFIG_KEY.fullmatch(key):
                causes.append(_wrong(f"{field}[{key}]", f'"{key}"', _CONFIG_RULE))
    return causes


def _workload_problems(kind: Kind, spec: Obj) -> list[Cause]:
    causes: list[Cause] = []
    template = spec.get("template") or {}
    if kind.kind != "Job":
        labels = dig(template, "metadata", "labels") or {}
        selector = spec.get("selector")
        if not selector:
            causes.append(("FieldValueRequired", "Required value", "spec.selector"))
        if selector is None or not matches(selector, labels):
            inside = ", ".join(f'"{k}":"{v}"' for k, v in labels.items())
            text = f"map[string]string{{{inside}}}" if labels else "map[string]string(nil)"
            why = "`selector` does not match template `labels`"
            causes.append(_wrong("spec.template.metadata.labels", text, why))
    replicas = spec.get("replicas", 0)
    if isinstance(replicas, int) and replicas < 0:
        why = "must be greater than or equal to 0"
        causes.append(_wrong("spec.replicas", str(replicas), why))
    strategy = dig(spec, "strategy", "type")
    if kind.kind == "Deployment" and strategy not in ("Recreate", "RollingUpdate", None):
        text = f'apps.DeploymentStrategy{{Type:"{strategy}", {_NO_ROLLING}}}'
        known = 'supported values: "Recreate", "RollingUpdate"'
        causes.append(
            ("FieldValueNotSupported", f"Unsupported value: {text}: {known}", "spec.strategy")
        )
    causes += _pod_problems(template.get("spec") or {}, "spec.template.spec")
    policy = dig(template, "spec", "restartPolicy")
    wanted = ("OnFailure", "Never") if kind.kind == "Job" else ("Always",)
    if policy not in (*wanted, None):
        supported = ", ".join(f'"{w}"' for w in wanted)
        text = f'Unsupported value: "{policy}": supported values: {supported}'
        causes.append(("FieldValueNotSupported", text, "spec.template.spec.restartPolicy"))
    return causes


def _pod_problems(spec: Obj, path: str) -> list[Cause]:
    containers = spec.get("containers")
    if not containers:
        return [("FieldValueRequired", "Required value", f"{path}.containers")]
    causes: list[Cause] = []
    seen: set[str] = set()
    for at, container in enumerate(containers):
        where = f"{path}.containers[{at}]"
        if not container.get("name"):
            causes.append(("FieldValueRequired", "Required value", f"{where}.name"))
        elif container["name"] in seen:
            text = f'Duplicate value: "{container["name"]}"'
            causes.append(("FieldValueDuplicate", text, f"{where}.name"))
        seen.add(str(container.get("name")))
        if not container.get("image"):
            causes.append(("FieldValueRequired", "Required value", f"{where}.image"))
    return causes

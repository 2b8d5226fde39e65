"""What a container's environment variables hold, as far as the pod tells."""

from __future__ import annotations

import re

from k8stui.resources.describe.allocation import divided
from k8stui.resources.describe.values import (
    JsonObject,
    flag,
    get,
    joined,
    mapping,
    objects,
    pairs,
    show,
    string,
    strings,
)

_KEYED = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")
_FIELDS = {
    "metadata.name": ("metadata", "name"),
    "metadata.namespace": ("metadata", "namespace"),
    "metadata.uid": ("metadata", "uid"),
    "spec.nodeName": ("spec", "nodeName"),
    "spec.serviceAccountName": ("spec", "serviceAccountName"),
    "status.hostIP": ("status", "hostIP"),
    "status.podIP": ("status", "podIP"),
}


def environment_lines(
    container: JsonObject, containers: list[JsonObject], pod: object
) -> list[str]:
    """`NAME: value` of each variable, with where the value comes from.

    Args:
        containers: All containers of the pod, which a variable's resourceFieldRef may name.
        pod: The pod that gives the values of field references, None for a template.
    """
    lines = []
    for variable in objects(container, "env"):
        name, source = string(variable, "name"), mapping(variable, "valueFrom")
        if source:
            lines.append(f"{name}: {_from(source, container, containers, pod)}")
        else:
            first, *rest = show(get(variable, "value")).split("\n")
            lines += [f"{name}: {first}".rstrip(), *(f"  {line}" for line in rest)]
    return lines


def environment_from_lines(container: JsonObject) -> list[str]:
    """The ConfigMaps and Secrets whose keys all become variables."""
    lines = []
    for source in objects(container, "envFrom"):
        prefix = string(source, "prefix")
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = mapping(source, key)
            if reference:
                text = f"{kind} {string(reference, 'name')}"
                text += f" with prefix '{prefix}'" if prefix else ""
                lines.append(f"{text}, optional: {show(flag(reference, 'optional'))}")
    return lines


def _from(
    source: JsonObject, container: JsonObject, containers: list[JsonObject], pod: object
) -> str:
    for key, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        reference = mapping(source, key)
        if reference:
            optional = show(flag(reference, "optional"))
            where = f"key '{string(reference, 'key')}' of {kind} '{string(reference, 'name')}'"
            return f"from {where}, optional: {optional}"
    field = mapping(source, "fieldRef")
    if field:
        path = string(field, "fieldPath")
        origin = f"({string(field, 'apiVersion') or 'v1'}:{path})"
        return f"{_field(pod, path)} {origin}".lstrip()
    resource = mapping(source, "resourceFieldRef")
    if resource:
        named = string(resource, "containerName")
        owner = next(
            (item for item in containers if named and item.get("name") == named), container
        )
        return f"{_resource(owner, resource)} ({string(resource, 'resource')})"
    return joined(source)


def _field(pod: object, path: str) -> str:
    if pod is None:
        return ""
    if path in _FIELDS:
        return string(pod, *_FIELDS[path])
    if path == "status.podIPs":
        return ",".join(string(item, "ip") for item in objects(pod, "status", "podIPs"))
    if path == "status.hostIPs":
        return ",".join(string(item, "ip") for item in objects(pod, "status", "hostIPs"))
    if path in ("metadata.labels", "metadata.annotations"):
        return ", ".join(f'{key}="{value}"' for key, value in pairs(pod, *path.split(".")))
    keyed = _KEYED.fullmatch(path)
    return string(pod, "metadata", keyed[1], keyed[2]) if keyed else ""


def _resource(container: JsonObject, reference: JsonObject) -> str:
    """A resource in units of the divisor, rounded up (downward API)."""
    place, _, name = string(reference, "resource").partition(".")
    quantity = string(container, "resources", place, name)
    if not quantity:
        return "node allocatable" if place == "limits" and name in ("cpu", "memory") else "0"
    return divided(quantity, string(reference, "divisor"))


def mounts(container: JsonObject) -> list[str]:
    """`/path from volume (ro,path="sub")` of each mount, sorted by path as kubectl has them."""
    lines = []
    for mount in objects(container, "volumeMounts"):
        flags = ["ro" if flag(mount, "readOnly") else "rw"]
        for key, title in (("subPath", "path"), ("subPathExpr", "pathExpr")):
            if string(mount, key):
                flags.append(f'{title}="{string(mount, key)}"')
        if string(mount, "mountPropagation"):
            flags.append(string(mount, "mountPropagation"))
        lines.append(
            f"{string(mount, 'mountPath')} from {string(mount, 'name')} ({','.join(flags)})"
        )
    return sorted(lines)


def devices(container: JsonObject) -> list[str]:
    """`/dev/path from volume` of each block device."""
    return sorted(
        f"{string(device, 'devicePath')} from {string(device, 'name')}"
        for device in objects(container, "volumeDevices")
    )


def handler_text(handler: object) -> str:
    """A probe's or a lifecycle hook's action in one line: `http-get http://:8080/healthz`."""
    if mapping(handler, "exec"):
        return f"exec [{' '.join(strings(handler, 'exec', 'command'))}]"
    http = mapping(handler, "httpGet")
    if http:
        scheme, host = (string(http, "scheme") or "HTTP").lower(), string(http, "host")
        path = string(http, "path")
        path = path if not path or path.startswith("/") else f"/{path}"
        headers = [string(header, "name") for header in objects(http, "httpHeaders")]
        text = f"http-get {scheme}://{host}:{string(http, 'port')}{path}"
        return f"{text} headers={','.join(headers)}" if headers else text
    tcp = mapping(handler, "tcpSocket")
    if tcp:
        return f"tcp-socket {string(tcp, 'host')}:{string(tcp, 'port')}"
    grpc = mapping(handler, "grpc")
    if grpc:
        return f"grpc <pod>:{string(grpc, 'port')} {string(grpc, 'service')}".rstrip()
    if get(handler, "sleep") is not None:
        return f"sleep {string(handler, 'sleep', 'seconds')}s"
    return "unknown"


def probe_text(probe: JsonObject) -> str:
    """A probe in one line, with kubectl's short names for its numbers."""
    delay = string(probe, "initialDelaySeconds") or "0"
    return (
        f"{handler_text(probe)} delay={delay}s timeout={string(probe, 'timeoutSeconds') or '1'}s "
        f"period={string(probe, 'periodSeconds') or '10'}s "
        f"#success={string(probe, 'successThreshold') or '1'} "
        f"#failure={string(probe, 'failureThreshold') or '3'}"
    )

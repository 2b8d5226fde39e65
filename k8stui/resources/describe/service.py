"""Services, Endpoints and EndpointSlices."""

from __future__ import annotations

from typing import NamedTuple

from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import (
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.related import Related
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    NONE,
    UNSET,
    JsonObject,
    flag,
    get,
    joined,
    kind_name,
    mapping,
    objects,
    pairs,
    pairs_text,
    show,
    string,
    strings,
)
from k8stui.resources.record import Tone


class Backend(NamedTuple):
    """One address behind a service's port."""

    port_name: str
    address: str
    """`10.0.0.1:8080`, or without a port where the service has none."""
    ready: bool


def backends(related: Related, service: str) -> list[Backend] | None:
    """The addresses behind a service, from its slices or else its endpoints; None if not known."""
    slices = [
        item
        for item in related.endpointslices or ()
        if string(item, "metadata", "labels", "kubernetes.io/service-name") == service
    ]
    if slices:
        found = [backend for item in slices for backend in _of_slice(item)]
    elif related.endpoints is not None:
        found = [
            backend
            for item in related.endpoints
            if string(item, "metadata", "name") == service
            for subset in objects(item, "subsets")
            for backend in _of_subset(subset)
        ]
    elif related.endpointslices is not None:
        found = []
    else:
        return None
    return list(dict.fromkeys(found))


def addresses_text(found: list[Backend]) -> str:
    """The ready addresses, and how many aren't, `<none>` for neither."""
    ready = [backend.address for backend in found if backend.ready]
    waiting = len(found) - len(ready)
    text = joined(ready, ",")
    return f"{text} ({waiting} not ready)" if waiting else text


def describe_service(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe service`; all addresses, those not ready counted."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    out.field("Type", string(spec, "type"))
    out.field("Selector", pairs_text(spec, "selector"))
    out.field("IP", string(spec, "clusterIP") or NONE)
    out.field("IPs", joined(strings(spec, "clusterIPs"), ","))
    out.optional("IP Family Policy", string(spec, "ipFamilyPolicy"))
    families = strings(spec, "ipFamilies") or [string(spec, "ipFamily")]
    out.field("IP Families", joined((family for family in families if family), ","))
    for label, key in (
        ("External IPs", "externalIPs"),
        ("LoadBalancer Source Ranges", "loadBalancerSourceRanges"),
    ):
        if strings(spec, key):
            out.field(label, ",".join(strings(spec, key)))
    out.optional("Desired LoadBalancer IP", string(spec, "loadBalancerIP"))
    out.optional("External Name", string(spec, "externalName"))
    if string(spec, "type") == "LoadBalancer":
        given = load_balancer_text(status)
        out.field("LoadBalancer Ingress", given or "<pending>", Tone.PLAIN if given else Tone.WARN)
    _write_ports(out, subject)
    out.field("Session Affinity", string(spec, "sessionAffinity"))
    timeout = string(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds")
    out.optional("Session Affinity Timeout", f"{timeout}s" if timeout else "")
    for label, key in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("Traffic Distribution", "trafficDistribution"),
        ("LoadBalancer Class", "loadBalancerClass"),
        ("HealthCheck NodePort", "healthCheckNodePort"),
    ):
        if get(spec, key) != 0:
            out.optional(label, string(spec, key))
    if flag(spec, "publishNotReadyAddresses"):
        out.field("Publish Not Ready", "true")
    write_conditions(out, subject)
    write_labels(out, subject)
    write_events(out, subject)


def load_balancer_text(status: object) -> str:
    """The addresses that a load balancer gave, empty while there are none."""
    found = []
    for item in objects(status, "loadBalancer", "ingress"):
        mode = string(item, "ipMode")
        address = string(item, "ip") or string(item, "hostname")
        found.append(f"{address} ({mode})" if mode else address)
    return ", ".join(found)


def _write_ports(out: DocumentBuilder, subject: Subject) -> None:
    found = backends(subject.related, subject.name)
    ports = objects(subject.spec, "ports")
    out.heading("Ports")
    with out.nested():
        for port in ports or ([{}] if found else []):
            name, protocol = string(port, "name"), string(port, "protocol") or "TCP"
            if port:
                out.field("Port", f"{name or UNSET} {string(port, 'port')}/{protocol}")
            with out.nested():
                target = string(port, "targetPort")
                out.optional("TargetPort", f"{target}/{protocol}" if target else "")
                out.optional("AppProtocol", string(port, "appProtocol"))
                node_port = string(port, "nodePort")
                if node_port not in ("", "0"):
                    out.field("NodePort", f"{name or UNSET} {node_port}/{protocol}")
                if found is not None:
                    mine = [backend for backend in found if backend.port_name == name]
                    served = any(backend.ready for backend in mine)
                    selects = bool(mapping(subject.spec, "selector"))
                    tone = Tone.ERROR if selects and not served else Tone.PLAIN
                    out.field("Endpoints", addresses_text(mine), tone)
        if not ports and not found:
            out.text(NONE, Tone.MUTED)


def _of_slice(item: JsonObject) -> list[Backend]:
    found = []
    for port in objects(item, "ports") or [{}]:
        for endpoint in objects(item, "endpoints"):
            ready = get(endpoint, "conditions", "ready") is not False
            found += [
                Backend(string(port, "name"), _with_port(address, port), ready)
                for address in strings(endpoint, "addresses")
            ]
    return found


def _of_subset(subset: JsonObject) -> list[Backend]:
    found = []
    for port in objects(subset, "ports") or [{}]:
        for key in ("addresses", "notReadyAddresses"):
            for address in objects(subset, key):
                place = _with_port(string(address, "ip"), port)
                found.append(Backend(string(port, "name"), place, key == "addresses"))
    return found


def _with_port(address: str, port: JsonObject) -> str:
    number = string(port, "port")
    if not number:
        return address
    return f"[{address}]:{number}" if ":" in address else f"{address}:{number}"


def describe_endpoints(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe endpoints`."""
    write_head(out, subject)
    subsets = objects(subject.obj, "subsets")
    out.heading("Subsets")
    with out.nested():
        for subset in subsets:
            ready = [_target(address) for address in objects(subset, "addresses")]
            waiting = [_target(address) for address in objects(subset, "notReadyAddresses")]
            out.lines("Addresses", ready, Tone.PLAIN if ready else Tone.WARN)
            out.lines("Not Ready Addresses", waiting, Tone.WARN if waiting else Tone.PLAIN)
            _write_endpoint_ports(out, objects(subset, "ports"))
        if not subsets:
            out.text(NONE, Tone.WARN)
    write_labels(out, subject)
    write_events(out, subject)


def _target(address: JsonObject) -> str:
    reference = mapping(address, "targetRef")
    text = string(address, "ip")
    if reference:
        text += f"  {kind_name(reference)}"
    node = string(address, "nodeName")
    return f"{text} on {node}" if node else text


def _write_endpoint_ports(out: DocumentBuilder, ports: list[JsonObject]) -> None:
    if ports:
        rows = [
            Row(
                string(port, "name") or UNSET,
                string(port, "port") or UNSET,
                string(port, "protocol"),
            )
            for port in ports
        ]
        out.table(["PORT NAME", "PORT", "PROTOCOL"], rows)
    else:
        out.field("Ports", UNSET)


def describe_endpointslice(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe endpointslice`."""
    write_head(out, subject)
    out.field("AddressType", string(subject.obj, "addressType"))
    out.heading("Ports")
    with out.nested():
        _write_endpoint_ports(out, objects(subject.obj, "ports"))
    out.heading("Endpoints")
    with out.nested():
        for endpoint in objects(subject.obj, "endpoints"):
            ready = get(endpoint, "conditions", "ready")
            tone = Tone.WARN if ready is False else Tone.PLAIN
            out.field("Addresses", joined(strings(endpoint, "addresses")), tone)
            with out.nested():
                for key in ("ready", "serving", "terminating"):
                    state = get(endpoint, "conditions", key)
                    if state is not None or key == "ready":
                        out.field(key.capitalize(), UNSET if state is None else show(state))
                reference = mapping(endpoint, "targetRef")
                out.optional("TargetRef", kind_name(reference) if reference else "")
                out.field("Hostname", string(endpoint, "hostname") or UNSET)
                topology = mapping(endpoint, "topology")
                node = string(endpoint, "nodeName") or string(topology, "kubernetes.io/hostname")
                zone = string(endpoint, "zone") or string(topology, "topology.kubernetes.io/zone")
                out.field("NodeName", node or UNSET)
                out.field("Zone", zone or UNSET)
                if topology:
                    out.lines("Topology", [f"{key}={value}" for key, value in pairs(topology)])
    write_labels(out, subject)
    write_events(out, subject)

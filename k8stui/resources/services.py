"""Services: their record, health and columns."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.columns import NONE, age_column, name_column, text_column
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.selectors import format_labels
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, head

PENDING = "<pending>"


class Service(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Text is as `kubectl get services -o wide` prints it where it has such a column."""

    type: str = ""
    cluster_ip: str = NONE
    external_ip: str = NONE
    """`<pending>` while a load balancer has no address."""
    ports: str = NONE
    """`80/TCP,443:30443/TCP`."""
    port_names: tuple[str, ...] = ()
    """Name of each port in their order, empty for one without; an Ingress may refer to it."""
    port_numbers: tuple[int, ...] = ()
    target_ports: tuple[str, ...] = ()
    """Number or name of the containers' port behind each port."""
    selector: tuple[str, ...] = ()
    """`key=value`, sorted; empty for a Service whose endpoints something else maintains."""
    selector_text: str = NONE
    headless: bool = False


class _Port(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    node_port: int = 0
    target_port: int | str = ""


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    cluster_ips: list[str] | None = msgspec.field(default=None, name="clusterIPs")
    external_ips: list[str] | None = msgspec.field(default=None, name="externalIPs")
    external_name: str = ""
    ports: list[_Port] | None = None
    selector: dict[str, str] | None = None


class _Ingress(msgspec.Struct, gc=False):
    ip: str = ""
    hostname: str = ""


class _LoadBalancer(msgspec.Struct, gc=False):
    ingress: list[_Ingress] | None = None


class _Status(msgspec.Struct, gc=False, rename="camel"):
    load_balancer: _LoadBalancer = msgspec.field(default_factory=_LoadBalancer)


class _Service(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_SERVICE = LenientDecoder(_Service)


def decode(raw: bytes) -> Service:
    """A Service's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _SERVICE.decode(raw)
    spec = wire.spec
    ports = spec.ports or ()
    # clusterIPs came with 1.20.
    cluster_ip = spec.cluster_ips[0] if spec.cluster_ips else spec.cluster_ip
    selector = sorted((spec.selector or {}).items())
    return Service(
        type=intern(clean_text(spec.type)),
        cluster_ip=clean_text(cluster_ip) or NONE,
        external_ip=clean_text(_external_ip(spec, wire.status)),
        ports=intern(clean_text(",".join(map(_port, ports)))) or NONE,
        port_names=tuple(intern(clean_text(one.name)) for one in ports),
        port_numbers=tuple(one.port for one in ports),
        target_ports=tuple(intern(clean_text(str(one.target_port))) for one in ports),
        selector=tuple(intern(clean_text(f"{key}={value}")) for key, value in selector),
        selector_text=format_labels(spec.selector),
        headless=cluster_ip == "None",
        **head(wire.metadata),
    )


def health(service: Service, _now: float) -> Health:
    """What can be told without its endpoints: only that a load balancer has no address yet."""
    if service.external_ip == PENDING:
        return Health(Tone.WARN, "Pending")
    return Health(Tone.OK, service.type)


def _external_ip(spec: _Spec, status: _Status) -> str:
    external = spec.external_ips or []
    match spec.type:
        case "ClusterIP" | "NodePort":
            return ",".join(external) or NONE
        case "LoadBalancer":
            given = {one.ip or one.hostname for one in status.load_balancer.ingress or ()} - {""}
            return ",".join([*sorted(given), *external]) or PENDING
        case "ExternalName":
            return spec.external_name
        case _:
            return "<unknown>"


def _port(port: _Port) -> str:
    node_port = f":{port.node_port}" if port.node_port > 0 else ""
    return f"{port.port}{node_port}/{port.protocol}"


def _external_tone(service: Service, _context: Context) -> Tone:
    return Tone.WARN if service.external_ip == PENDING else Tone.PLAIN


COLUMNS: tuple[Column[Service], ...] = (
    name_column(),
    text_column("type", "TYPE", lambda service: service.type),
    text_column("cluster_ip", "CLUSTER-IP", lambda service: service.cluster_ip, priority=1),
    text_column(
        "external_ip",
        "EXTERNAL-IP",
        lambda service: service.external_ip,
        priority=2,
        tone=_external_tone,
    ),
    text_column("ports", "PORT(S)", lambda service: service.ports),
    age_column(),
    text_column("selector", "SELECTOR", lambda service: service.selector_text, priority=3),
)

KIND = TypedKind(
    group="",
    versions=("v1",),
    plural="services",
    kind="Service",
    decode=decode,
    columns=COLUMNS,
    short="svc",
)

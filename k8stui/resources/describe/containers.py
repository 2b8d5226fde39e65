"""Containers of a pod or a template: state first, then what they run, need and see."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.environment import (
    devices,
    environment_from_lines,
    environment_lines,
    handler_text,
    mounts,
    probe_text,
)
from k8stui.resources.describe.values import (
    NONE,
    JsonObject,
    between,
    flag,
    integer,
    joined,
    mapping,
    moment,
    objects,
    pairs,
    show,
    string,
    strings,
)
from k8stui.resources.record import Tone

GROUPS = (
    ("Init Containers", "initContainers", "initContainerStatuses"),
    ("Containers", "containers", "containerStatuses"),
    ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
)
_STARTING = ("ContainerCreating", "PodInitializing")
_SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
}


def write_containers(
    out: DocumentBuilder, spec: JsonObject, pod: JsonObject | None = None, now: float = 0
) -> None:
    """All containers of a pod's spec, under a heading for each group.

    Args:
        spec: A pod's spec, its own or a template's.
        pod: The pod, which has the states; None for a template.
        now: Epoch seconds.
    """
    everyone = [item for _, key, _ in GROUPS for item in objects(spec, key)]
    for title, key, statuses_key in GROUPS:
        containers = objects(spec, key)
        if not containers:
            if key == "containers":
                out.field(title, NONE)
            continue
        statuses = {
            string(status, "name"): status for status in objects(pod, "status", statuses_key)
        }
        out.heading(title)
        with out.nested():
            for container in containers:
                status = statuses.get(string(container, "name"))
                out.heading(string(container, "name"), container_tone(status))
                with out.nested():
                    if status is not None:
                        _write_status(out, status, now)
                    _write_container(out, container, everyone, pod)


def container_tone(status: JsonObject | None) -> Tone:
    """How a container is: ERROR when it is down against its will, WARN when it is not ready."""
    if status is None:
        return Tone.PLAIN
    state = mapping(status, "state")
    waiting, terminated = mapping(state, "waiting"), mapping(state, "terminated")
    if waiting:
        reason = string(waiting, "reason")
        if reason in _STARTING and not mapping(status, "lastState", "terminated"):
            return Tone.PLAIN
        return Tone.WARN if reason in _STARTING or not reason else Tone.ERROR
    if terminated:
        return Tone.PLAIN if integer(terminated, "exitCode") == 0 else Tone.ERROR
    return Tone.PLAIN if flag(status, "ready") or not mapping(state, "running") else Tone.WARN


def exit_text(terminated: JsonObject) -> str:
    """`137 (SIGKILL)`: an exit code, with the signal that it stands for."""
    code = integer(terminated, "exitCode")
    if code is None:
        return string(terminated, "exitCode")
    name = _SIGNALS.get(code - 128)
    return f"{code} ({name})" if name else str(code)


def state_text(state: JsonObject) -> str:
    """`Waiting: CrashLoopBackOff`, `Terminated: Error, exit code 1`, `Running`."""
    if mapping(state, "running") or state.get("running") == {}:
        return "Running"
    terminated = mapping(state, "terminated")
    if terminated:
        reason = string(terminated, "reason")
        exit_code = f"exit code {exit_text(terminated)}"
        signal = integer(terminated, "signal")
        exit_code += f", signal {_SIGNALS.get(signal, signal)}" if signal else ""
        return f"Terminated: {reason}, {exit_code}" if reason else f"Terminated: {exit_code}"
    reason = string(state, "waiting", "reason")
    return f"Waiting: {reason}" if reason else "Waiting"


def _write_status(out: DocumentBuilder, status: JsonObject, now: float) -> None:
    restarts = integer(status, "restartCount") or 0
    _write_state(out, "State", mapping(status, "state"), now, container_tone(status))
    last = mapping(status, "lastState")
    if mapping(last, "terminated"):
        clean = integer(last, "terminated", "exitCode") == 0
        _write_state(out, "Last State", last, now, Tone.PLAIN if clean else Tone.WARN)
    out.field("Ready", "True" if flag(status, "ready") else "False")
    out.field("Restart Count", restarts, Tone.WARN if restarts else Tone.PLAIN)


def _write_state(
    out: DocumentBuilder, label: str, state: JsonObject, now: float, tone: Tone
) -> None:
    out.field(label, state_text(state), tone)
    details = mapping(state, "terminated") or mapping(state, "running") or mapping(state, "waiting")
    with out.nested():
        out.optional("Message", string(details, "message").rstrip("\n"), tone)
        out.optional("Started", moment(details, now, "startedAt"))
        out.optional("Finished", moment(details, now, "finishedAt"))
        out.optional("Duration", between(details, "startedAt", "finishedAt"))


def _write_container(
    out: DocumentBuilder, container: JsonObject, everyone: list[JsonObject], pod: JsonObject | None
) -> None:
    out.field("Image", string(container, "image"))
    _write_identity(out, container, pod)
    ports = objects(container, "ports")
    out.field("Ports", joined(_port(port, "containerPort") for port in ports))
    out.field("Host Ports", joined(_port(port, "hostPort") for port in ports))
    for label, key in (("Command", "command"), ("Args", "args")):
        if strings(container, key):
            out.lines(label, strings(container, key))
    out.optional("Working Directory", string(container, "workingDir"))
    for label, key in (("Limits", "limits"), ("Requests", "requests")):
        amounts = pairs(container, "resources", key)
        if amounts:
            out.field(label, joined(f"{name}: {amount}" for name, amount in amounts))
    for label, key in (
        ("Liveness", "livenessProbe"),
        ("Readiness", "readinessProbe"),
        ("Startup", "startupProbe"),
    ):
        if mapping(container, key):
            out.field(label, probe_text(mapping(container, key)))
    for label, key in (("After Start", "postStart"), ("Before Stop", "preStop")):
        if mapping(container, "lifecycle", key):
            out.field(label, handler_text(mapping(container, "lifecycle", key)))
    if objects(container, "envFrom"):
        out.lines("Environment From", environment_from_lines(container))
    out.lines("Environment", environment_lines(container, everyone, pod))
    out.lines("Mounts", mounts(container))
    if objects(container, "volumeDevices"):
        out.lines("Devices", devices(container))
    _write_rest(out, container)


def _write_identity(out: DocumentBuilder, container: JsonObject, pod: JsonObject | None) -> None:
    name = string(container, "name")
    for _, _, key in GROUPS:
        for status in objects(pod, "status", key):
            if string(status, "name") == name:
                out.optional("Image ID", string(status, "imageID"))
                out.optional("Container ID", string(status, "containerID"))
                return


def _write_rest(out: DocumentBuilder, container: JsonObject) -> None:
    """What kubectl leaves out and a person looking for a fault may want."""
    policy = string(container, "imagePullPolicy")
    out.optional("Image Pull Policy", policy)
    if string(container, "restartPolicy") == "Always":
        out.field("Restart Policy", "Always (a sidecar)")
    path, policy = (
        string(container, "terminationMessagePath"),
        string(container, "terminationMessagePolicy"),
    )
    if (path and path != "/dev/termination-log") or policy not in ("", "File"):
        out.field("Termination Message", f"{path} ({policy})")
    wanted = [key for key in ("stdin", "stdinOnce", "tty") if flag(container, key)]
    if wanted:
        out.field("Terminal", joined(wanted))
    security = pairs(container, "securityContext")
    if security:
        out.field("Security Context", joined(f"{key}: {value}" for key, value in security))


def _port(port: JsonObject, key: str) -> str:
    text = f"{integer(port, key) or 0}/{string(port, 'protocol') or 'TCP'}"
    name = string(port, "name")
    return f"{text} ({name})" if name else show(text)

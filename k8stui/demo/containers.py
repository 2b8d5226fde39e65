"""One container's life on a node: pulled, started, probed, ended, restarted with back-off."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from k8stui.demo.model import Obj, digest, quantity, stamp
from k8stui.demo.programs import LOADED, Program, missing, program_of

BACKOFF_FIRST: Final = 10.0
BACKOFF_MAX: Final = 300.0
BACKOFF_RESET: Final = 600.0
PULL_FAILURE_TIME: Final = 1.2
SYNC_EVERY: Final = 12.0
"""How often a kubelet looks again at what could not be started."""
LOOKS_EVERY: Final = 1.0
"""How often a kubelet looks at its containers: one that ends sooner is never seen to run."""

WAITING, RUNNING, ENDED = "waiting", "running", "ended"


@dataclass(slots=True)
class Run:
    """The state of one container of a pod; `due` is when it changes next (epoch seconds)."""

    spec: Obj
    program: Program
    role: str
    """"init", "sidecar" or "app"."""
    state: str = WAITING
    reason: str = "ContainerCreating"
    message: str = ""
    started: float = 0.0
    finished: float = 0.0
    exit_code: int = 0
    exit_reason: str = ""
    restarts: int = 0
    backoff: float = 0.0
    due: float | None = None
    pulled: bool = False
    ready: bool = False
    last: Obj | None = None
    container_id: str = ""
    probe_due: float | None = None
    killed_for: str = ""

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def field(self) -> str:
        """The field path that events about the container carry."""
        prefix = "spec.containers" if self.role == "app" else "spec.initContainers"
        return f"{prefix}{{{self.name}}}"

    def terminated(self) -> Obj:
        """The `terminated` state of the run that ended."""
        return {
            "exitCode": self.exit_code,
            "reason": self.exit_reason,
            "startedAt": stamp(self.started),
            "finishedAt": stamp(self.finished),
            "containerID": self.container_id,
        }

    def state_object(self) -> Obj:
        """The `state` of the container status."""
        if self.state == RUNNING:
            return {"running": {"startedAt": stamp(self.started)}}
        if self.state == ENDED:
            return {"terminated": self.terminated()}
        waiting = {"reason": self.reason, "message": self.message}
        return {"waiting": {k: v for k, v in waiting.items() if v}}


def runs_of(pod: Obj) -> list[Run]:
    """Fresh runs for the containers of a pod, init containers first."""
    spec = pod["spec"]
    runs = [
        Run(c, program_of(c), "sidecar" if c.get("restartPolicy") == "Always" else "init")
        for c in spec.get("initContainers") or ()
    ]
    runs += [Run(c, program_of(c), "app") for c in spec["containers"]]
    for run in runs:
        run.reason = "PodInitializing" if len(runs) > len(spec["containers"]) else run.reason
    return runs


@dataclass(slots=True)
class Scene:
    """What a container's step needs to know about its pod, and what it wants recorded."""

    pod: Obj
    now: float
    pulled_images: set[str]
    config_problem: Callable[[Obj], str]
    """What a container's environment refers to and is not there; "" when all is."""
    notes: list[tuple[str, str, bool, str]] = field(default_factory=list)
    """(reason, message, warning, field path) of the events to record."""

    def note(self, run: Run, reason: str, message: str, *, warning: bool = False) -> None:
        self.notes.append((reason, message, warning, run.field))

    @property
    def policy(self) -> str:
        return str(self.pod["spec"].get("restartPolicy", "Always"))


def step(run: Run, scene: Scene) -> None:
    """Take the container to its next state; called once `due` has come."""
    if run.state == RUNNING:
        _end(run, scene)
    elif run.state == ENDED:
        _back_off(run, scene)
    elif run.reason == "CrashLoopBackOff":
        _restart(run, scene)
    elif run.reason == "ErrImageNeverPull":
        begin(run, scene)
    elif run.pulled:
        _start(run, scene)
    else:
        _pull(run, scene)


def begin(run: Run, scene: Scene) -> None:
    """Start on a container that has not been tried yet."""
    image = run.spec["image"]
    policy = run.spec.get("imagePullPolicy", "IfNotPresent")
    present = image in scene.pulled_images or image in LOADED
    if policy == "Never" and not present:
        run.reason = "ErrImageNeverPull"
        run.message = f'Container image "{image}" is not present with pull policy of Never'
        scene.note(run, run.reason, run.message, warning=True)
        scene.note(run, "Failed", f"Error: {run.reason}", warning=True)
        run.due = scene.now + SYNC_EVERY
        return
    if policy != "Always" and present:
        message = f'Container image "{image}" already present on machine'
        scene.note(run, "Pulled", message)
        run.pulled = True
        run.due = scene.now + 0.3
        return
    scene.note(run, "Pulling", f'Pulling image "{image}"')
    run.due = scene.now + (PULL_FAILURE_TIME if missing(image) else run.program.pull)


def redefine(run: Run, spec: Obj, scene: Scene) -> None:
    """The pod names another image for the container: it is started anew with that."""
    run.spec, run.program, run.pulled = spec, program_of(spec), False
    if run.state == RUNNING:
        text = f"Container {run.name} definition changed, will be restarted"
        scene.note(run, "Killing", text)
        finish(run, scene.now, 0, "Completed")
        run.last = run.terminated()
        run.restarts += 1
    run.state, run.reason, run.message = WAITING, "ContainerCreating", ""
    run.backoff, run.due = 0.0, None


def _pull(run: Run, scene: Scene) -> None:
    image = run.spec["image"]
    why = missing(image)
    if run.reason == "ImagePullBackOff":
        run.reason, run.message = "ErrImagePull", ""
        scene.note(run, "Pulling", f'Pulling image "{image}"')
    if not why:
        run.pulled = True
        scene.pulled_images.add(image)
        took = f"{run.program.pull:.3f}s"
        scene.note(
            run,
            "Pulled",
            f'Successfully pulled image "{image}" in {took} ({took} including waiting). '
            f"Image size: {run.program.size} bytes.",
        )
        _start(run, scene)
        return
    if run.reason != "ErrImagePull" or not run.message:
        run.reason, run.message = "ErrImagePull", why
        scene.note(run, "Failed", f'Failed to pull image "{image}": {run.message}', warning=True)
        scene.note(run, "Failed", "Error: ErrImagePull", warning=True)
        run.due = scene.now + SYNC_EVERY
        return
    run.backoff = min(BACKOFF_MAX, run.backoff * 2 or BACKOFF_FIRST)
    run.reason = "ImagePullBackOff"
    run.message = f'Back-off pulling image "{image}": ErrImagePull: {run.message}'
    scene.note(run, "BackOff", f'Back-off pulling image "{image}"')
    scene.note(run, "Failed", "Error: ImagePullBackOff", warning=True)
    run.due = scene.now + run.backoff


def _start(run: Run, scene: Scene) -> None:
    problem = scene.config_problem(run.spec)
    if problem:
        run.reason, run.message = "CreateContainerConfigError", problem
        scene.note(run, "Failed", f"Error: {problem}", warning=True)
        run.due = scene.now + SYNC_EVERY
        return
    run.state, run.reason, run.message = RUNNING, "", ""
    run.started = scene.now
    run.killed_for = ""
    seed = digest(scene.pod["metadata"]["uid"], run.name, run.restarts)
    run.container_id = f"containerd://{hashlib.sha256(str(seed).encode()).hexdigest()}"
    scene.note(run, "Created", f"Created container: {run.name}")
    scene.note(run, "Started", f"Started container {run.name}")
    program = run.program
    run.due = None if program.runs is None else scene.now + program.runs
    run.ready, run.probe_due = not run.spec.get("readinessProbe"), None
    if program.runs is not None and program.runs < LOOKS_EVERY:
        run.ready = False
        return
    if run.role == "init" or (run.ready and not run.spec.get("livenessProbe")):
        run.ready = run.role != "init"
        return
    _plan_probes(run, scene.now)


def _plan_probes(run: Run, now: float) -> None:
    """Readiness comes (or first fails) at `probe_due`; a wedge ends the run at `due`."""
    program = run.program
    if not run.ready:
        probe = run.spec["readinessProbe"]
        first = float(probe.get("initialDelaySeconds") or 0) + 1
        wait = max(first, program.ready_after or 0.0)
        run.probe_due = now + wait
    liveness = run.spec.get("livenessProbe")
    if liveness and program.wedges_after is not None:
        period = float(liveness.get("periodSeconds") or 10)
        failures = float(liveness.get("failureThreshold") or 3)
        run.due = now + program.wedges_after + period * failures
        run.killed_for = "liveness"


def probe(run: Run, scene: Scene) -> None:
    """The readiness probe's answer changed, or failed once more."""
    asked = (run.spec["readinessProbe"].get("exec") or {}).get("command")
    asks = program_of({"command": asked}) if asked else None
    fails = asks is not None and asks.exit_code != 0
    if run.program.ready_after is not None and not fails:
        run.ready, run.probe_due = True, None
        return
    answer = "".join(f"{line}\n" for line in asks.first) if asks else run.program.probe_answer
    scene.note(run, "Unhealthy", f"Readiness probe failed: {answer}", warning=True)
    period = float(run.spec["readinessProbe"].get("periodSeconds") or 10)
    run.probe_due = scene.now + max(period, 10.0)


def _end(run: Run, scene: Scene) -> None:
    program = run.program
    if run.killed_for == "liveness":
        scene.note(run, "Unhealthy", f"Liveness probe failed: {program.probe_answer}", warning=True)
        scene.note(run, "Killing", f"Container {run.name} failed liveness probe, will be restarted")
        finish(run, scene.now, 137, "Error")
    elif program.oom:
        finish(run, scene.now, 137, "OOMKilled")
    else:
        code = program.exit_code
        finish(run, scene.now, code, "Error" if code else "Completed")
    if run.role == "sidecar" or scene.policy == "Always":
        again = True
    else:
        again = scene.policy == "OnFailure" and run.exit_code != 0
    if run.role == "init":
        again = run.exit_code != 0 and scene.policy != "Never"
    if not again:
        run.due = None
        return
    if run.finished - run.started > BACKOFF_RESET:
        run.backoff = 0.0
    run.due = scene.now + (0.8 if run.backoff == 0.0 else 2.0)


def finish(run: Run, now: float, code: int, reason: str) -> None:
    """The process has ended."""
    run.state, run.finished, run.exit_code, run.exit_reason = ENDED, now, code, reason
    run.ready, run.due, run.probe_due = False, None, None


def _back_off(run: Run, scene: Scene) -> None:
    """The first restart comes at once; later ones wait twice as long each time."""
    run.last = run.terminated()
    if run.backoff == 0.0:
        run.backoff = BACKOFF_FIRST / 2
        _restart(run, scene)
        return
    run.backoff = min(BACKOFF_MAX, run.backoff * 2)
    meta = scene.pod["metadata"]
    pod_name = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
    run.state, run.reason = WAITING, "CrashLoopBackOff"
    run.message = (
        f"back-off {_duration(run.backoff)} restarting failed container={run.name} pod={pod_name}"
    )
    scene.note(
        run,
        "BackOff",
        f"Back-off restarting failed container {run.name} in pod {pod_name}",
        warning=True,
    )
    run.due = scene.now + run.backoff


def _restart(run: Run, scene: Scene) -> None:
    run.restarts += 1
    message = f'Container image "{run.spec["image"]}" already present on machine'
    scene.note(run, "Pulled", message)
    _start(run, scene)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def memory_limit(run: Run) -> float:
    """Bytes of the container's memory limit, 0.0 without one."""
    return quantity((run.spec.get("resources") or {}).get("limits", {}).get("memory"))

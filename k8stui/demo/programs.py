"""What runs in a demo container: told by its image, or by a shell command that it is given."""

from __future__ import annotations

import math
import re
import shlex
from typing import Final, NamedTuple

from k8stui.demo.model import Obj, quantity

MI: Final = 2**20


class Program(NamedTuple):
    """How a container behaves; times in seconds, `cpu` in millicores, `memory` in bytes."""

    log: str = "quiet"
    """The style of its log, see `logs`."""
    rate: float = 0.2
    """Log lines per second, in the mean."""
    runs: float | None = None
    """Ends by itself after so long."""
    exit_code: int = 0
    oom: bool = False
    ready_after: float | None = 3.0
    """When its readiness probe begins to pass, None for never."""
    wedges_after: float | None = None
    """When its liveness probe begins to fail."""
    probe_answer: str = "HTTP probe failed with statuscode: 503"
    cpu: int = 5
    memory: int = 24 * MI
    stops_in: float = 1.0
    """How long it takes to end after SIGTERM; for ever, when it takes no notice."""
    pull: float = 1.5
    size: int = 48 * MI
    first: tuple[str, ...] = ()
    """Lines it prints when it starts."""
    last: tuple[str, ...] = ()
    """Lines it prints before it ends by itself."""


CRASH_TRACE: Final = (
    "Traceback (most recent call last):",
    '  File "/app/worker.py", line 88, in <module>',
    "    main(load_settings())",
    '  File "/app/settings.py", line 31, in load_settings',
    '    raise SettingsError("PAYMENT_API_KEY is not set")',
    "settings.SettingsError: PAYMENT_API_KEY is not set",
)
_BIG_HEAP: Final = (
    "java.lang.OutOfMemoryError is near: heap 251M of 256M after full GC",
    "WARN  GC overhead: 97 % of the last minute",
)

_REPOSITORIES: Final[dict[str, dict[str, Program]]] = {
    "registry.shop.example/web": {
        tag: Program(log="json", rate=1.6, cpu=85, memory=96 * MI, ready_after=4, stops_in=3)
        for tag in ("1.4.0", "1.5.0", "1.5.1", "1.6.0", "1.7.0", "1.7.2")
    },
    "registry.shop.example/cart": {
        tag: Program(log="logfmt", rate=0.9, cpu=40, memory=70 * MI, ready_after=3)
        for tag in ("2.3.0", "2.4.1", "2.5.0")
    },
    "registry.shop.example/catalog": {
        "5.1.3": Program(log="trace", rate=0.7, cpu=120, memory=310 * MI, ready_after=12),
        "5.1.4": Program(log="trace", rate=0.7, cpu=120, memory=310 * MI, ready_after=12),
    },
    "registry.shop.example/search": {
        "0.9.1": Program(log="logfmt", rate=0.5, cpu=60, memory=180 * MI, ready_after=None),
        "0.9.0": Program(log="logfmt", rate=0.5, cpu=60, memory=180 * MI, ready_after=6),
    },
    "registry.shop.example/recommender": {
        "3.0.0": Program(
            log="plain",
            rate=0.6,
            cpu=350,
            memory=250 * MI,
            runs=210,
            oom=True,
            exit_code=137,
            ready_after=5,
            last=_BIG_HEAP,
        )
    },
    "registry.shop.example/payments-api": {
        tag: Program(log="json", rate=1.1, cpu=70, memory=130 * MI, ready_after=5)
        for tag in ("4.2.0", "4.2.1")
    },
    "registry.shop.example/payments-worker": {
        "4.2.1": Program(
            log="silent",
            cpu=30,
            memory=60 * MI,
            runs=6,
            exit_code=1,
            first=("worker 4.2.1 starting", "reading settings from the vault"),
            last=CRASH_TRACE,
        ),
        "4.2.0": Program(log="plain", rate=0.5, cpu=30, memory=60 * MI),
    },
    "registry.shop.example/ledger": {
        "1.12.0": Program(log="logfmt", rate=0.4, cpu=55, memory=210 * MI, ready_after=8)
    },
    "registry.shop.example/fraud-model": {
        "2026.10": Program(log="plain", cpu=900, memory=900 * MI)
    },
    "registry.shop.example/report": {
        "3.1": Program(
            log="plain",
            rate=0.5,
            cpu=200,
            memory=120 * MI,
            runs=25,
            last=("report written: 18422 rows, 3 warnings",),
        )
    },
    "registry.shop.example/import": {
        "1.0": Program(
            log="plain",
            rate=0.5,
            cpu=90,
            memory=80 * MI,
            runs=12,
            exit_code=2,
            last=("fatal: feed.csv:4181: expected 14 columns, found 13",),
        )
    },
    "registry.shop.example/migrate": {
        tag: Program(
            log="plain", runs=4, rate=1.0, last=("schema is at version 42, nothing to do",)
        )
        for tag in ("1.0", "1.1")
    },
    "registry.shop.example/video-transcoder": {
        "0.4": Program(log="burst", rate=2.0, cpu=2600, memory=1900 * MI)
    },
    "postgres": {
        tag: Program(log="postgres", rate=0.25, cpu=90, memory=420 * MI, stops_in=4, size=160 * MI)
        for tag in ("16.4", "16.6")
    },
    "redis": {"7.4": Program(log="redis", rate=0.1, cpu=18, memory=48 * MI)},
    "envoyproxy/envoy": {"v1.31": Program(log="envoy", rate=0.8, cpu=22, memory=44 * MI)},
    "fluent/fluent-bit": {"3.1": Program(log="ansi", rate=0.2, cpu=14, memory=32 * MI)},
    "prom/prometheus": {"v2.54.1": Program(log="logfmt", rate=0.1, cpu=160, memory=760 * MI)},
    "grafana/grafana": {"11.2.0": Program(log="logfmt", rate=0.2, cpu=40, memory=140 * MI)},
    "prom/node-exporter": {"v1.8.2": Program(log="logfmt", rate=0.03, cpu=6, memory=18 * MI)},
    "rancher/noisy-terminal": {"1": Program(log="escapes", rate=0.3)},
}
_GROWS: Final = re.compile(r"(\w+)=\$\1\$\1")
"""A script that doubles a variable until its memory is used up."""
_TAGGED: Final = {repository: set(tags) for repository, tags in _REPOSITORIES.items()}


LOADED: Final = frozenset(f"localhost/busybox:{tag}" for tag in (1, 2, 3))
"""The images that every node holds from the start; nothing else is to be had from localhost."""


def missing(image: str) -> str:
    """Why the image can't be pulled, in the words of containerd; "" when it can."""
    repository, tag = split_image(image)
    known = _TAGGED.get(repository)
    host, _, path = repository.partition("/")
    name, _, port = host.partition(":")
    local = name == "localhost" and bool(path)
    if not local and (known is None or tag in known) and "does-not-exist" not in image:
        return ""
    full = repository
    if not local and "." not in repository.split("/")[0]:
        full = f"docker.io/library/{repository}"
    code, why = "NotFound", f"{full}:{tag}: not found"
    if local:
        url = f"http://{host}/v2/{path}/manifests/{tag}"
        code = "Unknown"
        refused = f"dial tcp 127.0.0.1:{port or 80}: connect: connection refused"
        why = f'failed to do request: Head "{url}": {refused}'
    return (
        f'rpc error: code = {code} desc = failed to pull and unpack image "{full}:{tag}": failed '
        f'to resolve reference "{full}:{tag}": {why}'
    )


def split_image(image: str) -> tuple[str, str]:
    """Repository and tag; "latest" when the image names no tag."""
    name, at, _ = image.partition("@")
    head, colon, tag = name.rpartition(":")
    if at or not colon or "/" in tag:
        return name, "latest"
    return head, tag


def program_of(container: Obj) -> Program:
    """What a container does: its shell command where it has one, else what its image does."""
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    if len(words) >= 3 and words[0].endswith("sh") and words[1] == "-c":
        limit = quantity((container.get("resources") or {}).get("limits", {}).get("memory"))
        if limit and _GROWS.search(words[2]):
            return Program(log="silent", runs=1.0, exit_code=137, oom=True, memory=int(limit))
        return _shell(words[2])
    if words and words[0] in ("sleep", "true", "false", "echo", "exit"):
        return _shell(shlex.join(words))
    repository, tag = split_image(container.get("image", ""))
    return _REPOSITORIES.get(repository, {}).get(tag) or Program()


def _shell(script: str) -> Program:
    """The few commands that tests and people write: sleep, echo, exit, true, false, loops."""
    # The first process of a container ends at a SIGTERM only if it asks for that.
    stops_in = 1.0 if "trap " in script else math.inf
    if "while" in script or "for " in script or "tail -f" in script:
        return Program(log="plain", rate=0.5, stops_in=stops_in)
    runs, code, printed = 0.4, 0, []
    for part in script.replace("&&", ";").replace("\n", ";").split(";"):
        try:
            words = shlex.split(part)
        except ValueError:
            words = part.split()
        match words:
            case ["sleep", amount, *_]:
                try:
                    runs += float(amount)
                except ValueError:
                    return Program()
            case ["echo", *rest]:
                printed.append(" ".join(word for word in rest if not word.startswith(">")))
            case ["exit", amount]:
                code = int(amount) if amount.isdigit() else 2
                break
            case ["false"]:
                code = 1
            case ["true"]:
                code = 0
    return Program(
        log="silent", rate=0.0, runs=runs, exit_code=code, first=tuple(printed), stops_in=stops_in
    )

"""The log engine against a real cluster: byte for byte as kubectl, and whole over restarts.

Runs only when asked: `K8STUI_TEST_KUBECONFIG` names the kubeconfig of a cluster that may be
written to, `K8STUI_TEST_KUBECTL` a kubectl for it. It makes a namespace of its own and deletes it.
`K8STUI_TEST_API_OUTAGE` may hold a command that stops the API server for a while and starts it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from k8stui.cluster.backoff import Recovery
from k8stui.cluster.codec import TypedCodec
from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.target import Overrides, resolve_target
from k8stui.logs.pods import CollectionPods
from k8stui.logs.ring import Ring
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from k8stui.resources import pods
from k8stui.session.connection import Connection
from k8stui.store.collection import Collection
from tests.cluster.numbered import Files, Seen, Told, untold

KUBECONFIG = os.environ.get("K8STUI_TEST_KUBECONFIG", "")
KUBECTL = os.environ.get("K8STUI_TEST_KUBECTL", "kubectl")
IMAGE = os.environ.get("K8STUI_TEST_IMAGE", "localhost/busybox:1")

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.alone,
    pytest.mark.skipif(not KUBECONFIG, reason="needs K8STUI_TEST_KUBECONFIG"),
]

_LOGGER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: numbers, namespace: {namespace}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: numbers}}}}
  template:
    metadata: {{labels: {{app: numbers}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: {image}
        imagePullPolicy: Never
        env: [{{name: ROUND, value: "{round}"}}]
        command: [sh, -c, {script}]
"""
_SCRIPT = (
    "id=$(cat /proc/sys/kernel/random/uuid); i=0; "
    'while [ $i -lt 400 ]; do echo "$id $i"; i=$((i+1)); '
    "[ $((i % 40)) = 0 ] && sleep 1; done; exit 3"
)


def kubectl(*words: str, stdin: str = "") -> bytes:
    """What kubectl answers."""
    command = [KUBECTL, "--kubeconfig", KUBECONFIG, *words]
    return subprocess.run(command, input=stdin.encode(), capture_output=True, check=True).stdout


@pytest.fixture
def namespace() -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"k8stui-logs-{uuid.uuid4().hex[:6]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@asynccontextmanager
async def tailing(namespace: str, selection: Selection, told: Told) -> AsyncIterator[LogTail]:
    """An engine over the cluster, its lines kept without limit."""
    config = load_kubeconfig([Path(KUBECONFIG)])
    overrides = Overrides(context="", namespace="", as_user="", as_groups=(), as_uid="")
    connection = Connection(resolve_target(config, overrides, os.environ), os.environ)
    collection: Collection[pods.Pod] = Collection()
    collection.subscribe(told.take)
    path = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
    codec = TypedCodec(pods.decode)
    reflector = Reflector(connection.transport, Source((path,)), codec, collection, Recovery())
    watching = asyncio.create_task(reflector.run())
    while not collection.synced:  # noqa: ASYNC110 - a test may look again and again
        await asyncio.sleep(0.05)
    tail = LogTail(
        connection.log_transport,
        CollectionPods(collection),
        ring=Ring(1 << 40, 1 << 60),
    )
    tail.select(selection)
    try:
        yield tail
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        collection.close()
        await connection.close()


_UNREAD = re.compile("^! (\\S+) (\\S+) › (\\S+): gap: the log can't be read: (.*)$".encode(), re.M)
_STAMP = re.compile(rb"^(\S+?)(?:\.(\d+))?Z ", re.M)


def _trimmed(log: bytes) -> bytes:
    """Kubelets write fractions with or without their last zeros, by their version."""

    def trim(stamp: re.Match[bytes]) -> bytes:
        fraction = (stamp.group(2) or b"").rstrip(b"0")
        return stamp.group(1) + (b"." + fraction if fraction else b"") + b"Z "

    return _STAMP.sub(trim, log)


class Running(NamedTuple):
    """One container that runs."""

    namespace: str
    pod: str
    container: str
    id: str

    def log(self) -> bytes:
        """As kubectl prints it."""
        words = ("logs", "--timestamps", "-n", self.namespace, self.pod, "-c", self.container)
        return _trimmed(kubectl(*words))

    @property
    def head(self) -> bytes:
        return f"{self.namespace} {self.pod} {self.container} ".encode()


def _running() -> set[Running]:
    pods = msgspec.json.decode(kubectl("get", "pods", "-A", "-o", "json"))["items"]
    return {
        Running(
            pod["metadata"]["namespace"], pod["metadata"]["name"], one["name"], one["containerID"]
        )
        for pod in pods
        for one in pod["status"].get("containerStatuses", ())
        if "running" in one["state"]
    }


def _printed(environ: dict[str, str], *words: str) -> dict[bytes, bytes]:
    """What `k8stui logs` prints on a pipe, by the names before the lines.

    Of a log that is not there it prints nothing, and the kubelet's words on standard error: they
    are given here as kubectl gives them.
    """
    command = [sys.executable, "-m", "k8stui", "logs", "--kubeconfig", KUBECONFIG, "-A"]
    command += ["--no-follow", "--since", "9000h", "--timestamps", "--max-log-requests", "500"]
    done = subprocess.run(
        [*command, *words], env=environ | {"TZ": "UTC"}, capture_output=True, check=False
    )
    unread = _UNREAD.findall(done.stderr)
    assert done.returncode == (b"can't be read: " in done.stderr), done.stderr.decode()
    logs: dict[bytes, list[bytes]] = defaultdict(list)
    for line in done.stdout.removesuffix(b"\n").split(b"\n"):
        *names, text = line.split(b" ", 3)
        logs[b" ".join(names) + b" "].append(text)
    told = {b" ".join(names) + b" ": words for *names, words in unread}
    return told | {head: _trimmed(b"\n".join(lines)) for head, lines in logs.items()}


def _differs(one: Running, before: bytes, ours: bytes, after: bytes) -> str:
    """Where our copy is not between two of kubectl's; "" where it is."""
    before, after = before.removesuffix(b"\n"), after.removesuffix(b"\n")
    if ours.startswith(before) and after.startswith(ours):
        return ""
    return f"{one}: {len(before)}, {len(ours)} and {len(after)} bytes"


def _logs(of: Iterable[Running]) -> dict[Running, bytes]:
    """kubectl's copies of those that were not deleted meanwhile."""
    found: dict[Running, bytes] = {}
    for one in of:
        with contextlib.suppress(subprocess.CalledProcessError):
            found[one] = one.log()
    return found


def test_every_running_container_reads_byte_for_byte_as_kubectl_reads_it(
    environ_outside: dict[str, str],
) -> None:
    left, agree, differ = _running(), 0, [""]
    for _ in range(4):
        before = _logs(left)
        printed = _printed(environ_outside, ".")
        after = _logs(before)
        differ = []
        for one in before.keys() & after.keys() & _running():
            text = _differs(one, before[one], printed.get(one.head, b""), after[one])
            if text:
                differ.append(text)
            else:
                agree += 1
                left.discard(one)
        if not differ:
            break
        # A log that was rotated between two of the questions is asked for again.
    assert differ == []
    assert agree
    print(f"{agree} containers agree")  # noqa: T201 - shown with -s


def _apply(namespace: str, round_: int) -> None:
    text = _LOGGER.format(
        namespace=namespace, image=IMAGE, round=round_, script=msgspec.json.encode(_SCRIPT).decode()
    )
    kubectl("apply", "-f", "-", stdin=text)


async def _seen_while(
    namespace: str, selection: Selection, work: float, environ: dict[str, str]
) -> Seen:
    told = Told()
    async with tailing(namespace, selection, told) as tail:
        running = asyncio.create_task(tail.run())
        for round_ in range(3):
            await asyncio.to_thread(_apply, namespace, round_)
            await asyncio.sleep(work / 3)
        outage = os.environ.get("K8STUI_TEST_API_OUTAGE")
        if outage:
            await asyncio.to_thread(subprocess.run, outage, shell=True, check=True, env=environ)
            await asyncio.sleep(60.0)
        await asyncio.to_thread(kubectl, "-n", namespace, "scale", "deploy/numbers", "--replicas=0")
        await asyncio.sleep(20.0)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        return Seen(tail, told)


@pytest.mark.needs_real  # its program counts its lines, and the demo cluster runs no programs
async def test_restarts_and_rollouts_lose_no_line(
    namespace: str, environ_outside: dict[str, str]
) -> None:
    files = Files(namespace)
    noting = asyncio.create_task(files.run())
    seen = await _seen_while(namespace, Selection(start=Start()), 120.0, environ_outside)
    noting.cancel()
    await asyncio.gather(noting, return_exceptions=True)

    print(f"{len(files.lines)} instances, gaps: {dict(seen.gaps)}")  # noqa: T201 - shown with -s
    assert len(seen.numbers) >= 6
    for instance, numbers in seen.numbers.items():
        assert numbers == list(range(len(numbers))), instance
    # Of a restart just before its pod's deletion a busy kubelet tells nobody.
    holes = untold(files, seen)
    assert holes == {}, f"lines not seen and not told of\n{seen.stories(holes)}"

"""Containers killed from outside, outages of the API server and the kubelet, and rollouts at once.

Every instance that k8stui saw must be whole and in order by the files in the node's log directory,
and what could not be read by anyone must have been told as a possible gap. The cluster is one whose
parts may be broken (`K8STUI_TEST_FAULT`), and the tests run on its node.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from k8stui.logs.selection import Selection, Start
from tests.cluster.numbered import Files, Seen, Told, untold
from tests.cluster.test_logs_real import IMAGE, KUBECONFIG, kubectl, namespace, tailing

__all__ = ["namespace"]

pytestmark = [
    pytest.mark.alone,
    pytest.mark.needs_fault,
    pytest.mark.needs_real,
    pytest.mark.skipif(
        not os.environ.get("K8STUI_TEST_KILLS"),
        reason="takes three minutes, and what a busy kubelet does may go untold; "
        "K8STUI_TEST_KILLS=1 runs it",
    ),
    pytest.mark.skipif(not KUBECONFIG, reason="needs K8STUI_TEST_KUBECONFIG"),
]

_EVERY = 4.0
"""Seconds between two kills."""
_SPARED = 60.0
"""Seconds for which a container that was killed is spared.

The API keeps the logs of two instances: what dies twice within an outage can't be read by anyone.
"""
_REPLICAS = 6
_SCRIPT = (
    "id=$(cat /proc/sys/kernel/random/uuid); i=0; "
    'while :; do echo "$id $i"; i=$((i+1)); [ $((i % 40)) = 0 ] && sleep 1; done'
)
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: numbers, namespace: {namespace}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: numbers}}}}
  template:
    metadata: {{labels: {{app: numbers}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: {image}
        imagePullPolicy: Never
        env:
        - {{name: ROUND, value: "{round}"}}
        - {{name: RUN, value: "{namespace}"}}
        command: [sh, -c, {script}]
"""


def _apply(namespace: str, round_: int) -> None:
    text = _DEPLOYMENT.format(
        namespace=namespace,
        image=IMAGE,
        round=round_,
        replicas=_REPLICAS,
        script=msgspec.json.encode(_SCRIPT).decode(),
    )
    kubectl("apply", "-f", "-", stdin=text)


class Killer:
    """Kills a container of this namespace every few seconds, by its process on the node."""

    def __init__(self, namespace: str) -> None:
        self._mark = f"RUN={namespace}".encode()
        self._killed: dict[str, float] = {}
        self._random = random.Random(namespace)
        self.kills = 0

    def _processes(self) -> dict[str, int]:
        """First processes of the containers, by the names of their pods."""
        found: dict[str, int] = {}
        for directory in Path("/proc").iterdir():
            try:
                if _SCRIPT.encode() not in (directory / "cmdline").read_bytes():
                    continue
                environ = (directory / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if self._mark in environ:
                pod = next(each for each in environ if each.startswith(b"HOSTNAME="))
                found[pod.decode()] = int(directory.name)
        return found

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            await asyncio.sleep(_EVERY)
            now = time.monotonic()
            spared = {pod for pod, at in self._killed.items() if now - at < _SPARED}
            processes = {p: pid for p, pid in self._processes().items() if p not in spared}
            if processes:
                pod = self._random.choice(sorted(processes))
                os.kill(processes[pod], signal.SIGKILL)
                self._killed[pod] = now
                self.kills += 1


async def _break(fault: Path, environ: dict[str, str], part: str, seconds: int) -> None:
    command = [str(fault), "down", part, str(seconds)]
    await asyncio.to_thread(subprocess.run, command, check=True, env=environ)


async def _ordeal(namespace: str, fault: Path, environ: dict[str, str]) -> None:
    """Two rollouts, each with an outage in the midst of it."""
    await asyncio.sleep(15.0)
    for round_, part in ((1, "kube-apiserver"), (2, "kubelet")):
        await asyncio.to_thread(_apply, namespace, round_)
        await asyncio.sleep(4.0)
        await _break(fault, environ, part, 15)
        await asyncio.sleep(40.0)


async def test_no_instance_loses_a_line_whatever_is_killed(
    namespace: str, fault: Path, environ_outside: dict[str, str]
) -> None:
    await asyncio.to_thread(_apply, namespace, 0)
    files, killer = Files(namespace), Killer(namespace)
    told = Told()
    async with tailing(namespace, Selection(start=Start()), told) as tail:
        works = [asyncio.create_task(work) for work in (tail.run(), files.run(), killer.run())]
        await _ordeal(namespace, fault, environ_outside)
        works[2].cancel()
        await asyncio.sleep(10.0)
        await asyncio.to_thread(kubectl, "-n", namespace, "scale", "deploy/numbers", "--replicas=0")
        await asyncio.sleep(20.0)
        for work in works:
            work.cancel()
        ends = await asyncio.gather(*works, return_exceptions=True)
        assert [end for end in ends if isinstance(end, Exception)] == []
        seen = Seen(tail, told)

    gaps = sum(len(texts) for texts in seen.gaps.values())
    lines = sum(len(numbers) for numbers in seen.numbers.values())
    print(  # noqa: T201 - shown with -s
        f"{killer.kills} kills, {len(files.lines)} instances by their files, {lines} lines, "
        f"{gaps} gaps told: {dict(seen.gaps)}"
    )
    assert killer.kills >= 10
    assert len(files.lines) >= 3 * _REPLICAS
    for instance, numbers in seen.numbers.items():
        assert numbers == list(range(len(numbers))), instance
    holes = untold(files, seen)
    assert holes == {}, f"lines not seen and not told of\n{seen.stories(holes)}"

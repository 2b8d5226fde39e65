"""The child process of the demo cluster: private, ready when told, gone when it should be."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from k8stui.demo.launch import DemoError, begun, start

PARENT = """
import sys, time
from k8stui.demo.launch import start
with start("empty") as path:
    print(path, flush=True)
    time.sleep(60)
"""
EARLY = """
import sys, time
from k8stui.demo.launch import begun
with begun() as child:
    child.wait_listening()
    print(child.path, flush=True)
    time.sleep(60)
"""


def connects(path: str) -> int:
    server = json.loads(Path(path).read_text())["clusters"][0]["cluster"]["server"]
    return int(server.rpartition(":")[2])


def listening(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_kubeconfig_is_private_and_gone_afterwards() -> None:
    with start("empty") as path:
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        config = json.loads(Path(path).read_text())
        assert [c["name"] for c in config["contexts"]] == ["demo", "demo-viewer", "demo-tenant"]
        port = connects(path)
        assert listening(port)
    assert not Path(path).exists()
    assert not listening(port)


def test_a_child_that_can_not_start_says_why() -> None:
    with (
        start("empty") as path,
        pytest.raises(DemoError, match="in use"),
        start("empty", port=connects(path)),
    ):
        pass


def test_who_connects_while_the_world_is_being_made_is_answered_when_it_is() -> None:
    with begun() as child:
        child.wait_listening()
        config = json.loads(Path(child.path).read_text())
        authority = config["clusters"][0]["cluster"]["certificate-authority-data"]
        context = ssl.create_default_context(cadata=base64.b64decode(authority).decode())
        connection = http.client.HTTPSConnection("127.0.0.1", connects(child.path), context=context)
        token = config["users"][0]["user"]["token"]
        connection.request("GET", "/api/v1/pods", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert len(json.loads(answer.read())["items"]) > 20
        connection.close()


def test_one_that_is_ended_before_it_is_ready_leaves_nothing() -> None:
    with begun() as child:
        child.wait_listening()
        port = connects(child.path)
    assert not Path(child.path).exists()
    assert not listening(port)


@pytest.mark.parametrize("script", [PARENT, EARLY], ids=["ready", "listening"])
def test_nothing_is_left_when_the_parent_is_killed(script: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    path = parent.stdout.readline().strip()
    port = connects(path)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 15
    while (listening(port) or Path(path).exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not listening(port)
    assert not Path(path).exists()

"""kubectl as the tests' second opinion, and waiting for what others bring about."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float, what: str) -> T:
    """The first true answer of `look`, asked again and again.

    Raises:
        AssertionError: there was none within this time.
    """
    end = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)


class Kubectl:
    """One kubectl with one kubeconfig."""

    def __init__(self, path: str, kubeconfig: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self.kubeconfig = kubeconfig
        self._environ = dict(environ)

    def __call__(self, *words: str, stdin: str = "") -> str:
        """What it prints. Raises AssertionError, with what it said, when it fails."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
        return done.stdout

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [self.path, "--kubeconfig", str(self.kubeconfig), *words]
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            env=self._environ,
            check=False,
        )

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "-o", "json"))

    def apply(self, manifests: str) -> None:
        """Creates or changes what the YAML documents describe."""
        self("apply", "-f", "-", stdin=manifests)

    def status_words(self, namespace: str) -> dict[str, str]:
        """STATUS of each pod as `kubectl get pods` prints it."""
        printed = self("get", "pods", "-n", namespace, "--no-headers")
        return {line.split()[0]: line.split()[2] for line in printed.splitlines()}

    def delete_namespace(self, name: str) -> None:
        """Asks for its end, that of pods without their grace."""
        self.run("delete", "pods", "--all", "-n", name, "--force", "--grace-period=0")
        self.run("delete", "namespace", name, "--wait=false")


def with_user(kubeconfig: Path, user: Mapping[str, Any], to: Path) -> Path:
    """A copy of a kubeconfig in which the present context logs in otherwise."""
    config = yaml.safe_load(kubeconfig.read_text())
    name = next(
        each["context"]["user"]
        for each in config["contexts"]
        if each["name"] == config["current-context"]
    )
    config["users"] = [{"name": name, "user": dict(user)}]
    return write_config(config, to)


def with_server(kubeconfig: Path, server: str, to: Path) -> Path:
    """A copy of a kubeconfig in which every cluster is at another address."""
    config = yaml.safe_load(kubeconfig.read_text())
    for cluster in config["clusters"]:
        cluster["cluster"]["server"] = server
    return write_config(config, to)


def write_config(config: object, to: Path) -> Path:
    """Writes a kubeconfig that only its owner may read."""
    to.touch(mode=0o600)
    to.write_text(yaml.safe_dump(config))
    return to

"""`k8stui demo --serve`: the server process, its kubeconfig, and its command line."""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from k8stui.demo.certificate import make
from k8stui.demo.loopback import HOST, listen
from k8stui.demo.rbac import TENANT_NAMESPACE, USERS
from k8stui.demo.scenarios import DEFAULT, SCENARIOS, build

LISTENING: Final = "listening"
"""What a child prints when its kubeconfig is there and its port takes connections."""


class Options(NamedTuple):
    """What the server is asked for."""

    port: int = 0
    kubeconfig: str = ""
    scenario: str = DEFAULT
    pods: int = 0
    token: str = ""
    speed: float = 1.0
    faults: bool = False
    until_stdin_ends: bool = False


def parse(argv: list[str]) -> Options:
    """The command line as options; exits with a message when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="k8stui demo", description="Serve a small Kubernetes cluster of our own on loopback."
    )
    parser.add_argument("--serve", action="store_true", help="serve until stopped")
    parser.add_argument("--port", type=int, default=0, help="the port; a free one by default")
    parser.add_argument("--kubeconfig", default="", help="where to write the kubeconfig")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default=DEFAULT)
    parser.add_argument("--pods", type=int, default=0, help="fill up to so many pods")
    parser.add_argument("--token", default="", help="the admin's bearer token; random by default")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast time goes")
    parser.add_argument("--faults", action="store_true", help="answer the admin path for faults")
    parser.add_argument("--until-stdin-ends", action="store_true", help=argparse.SUPPRESS)
    found = parser.parse_args(argv)
    if found.speed <= 0:
        parser.error("--speed must be greater than 0")
    return Options(
        found.port, found.kubeconfig, found.scenario, found.pods, found.token, found.speed,
        found.faults, found.until_stdin_ends,
    )  # fmt: skip


def main(argv: list[str]) -> int:
    """Serve until a signal or (for a parent that may die) the end of stdin.

    Returns:
        The process's exit code.
    """
    options = parse(argv)
    try:
        return asyncio.run(_serve(options))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"k8stui demo: {error}", file=sys.stderr)  # noqa: T201
        return 1


def tokens_for(admin: str = "") -> dict[str, str]:
    """A token for each built-in user: token to user name."""
    return {
        (admin if name == "admin" and admin else secrets.token_urlsafe(24)): name for name in USERS
    }


def kubeconfig(port: int, tokens: dict[str, str], authority: str) -> str:
    """A kubeconfig (JSON is YAML) with a context for each user.

    Args:
        authority: The PEM of the certificate to trust.
    """
    data = base64.b64encode(authority.encode()).decode()
    cluster = {"server": f"https://{HOST}:{port}", "certificate-authority-data": data}
    contexts = []
    for name in tokens.values():
        where = {"cluster": "demo", "user": f"demo-{name}"}
        if name == "tenant":
            where["namespace"] = TENANT_NAMESPACE
        contexts.append({"name": "demo" if name == "admin" else f"demo-{name}", "context": where})
    users = [{"name": f"demo-{name}", "user": {"token": token}} for token, name in tokens.items()]
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "clusters": [{"name": "demo", "cluster": cluster}],
        "users": users,
        "contexts": contexts,
        "current-context": "demo",
    }
    return json.dumps(body, indent=1) + "\n"


def write_private(path: str, text: str) -> str:
    """Write a file that only its owner may read; a temporary one when `path` is empty."""
    if not path:
        handle, path = tempfile.mkstemp(prefix="k8stui-demo-", suffix=".kubeconfig")
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(path, flags, 0o600)
        os.fchmod(handle, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return path


async def _serve(options: Options) -> int:
    tokens, certificate = tokens_for(options.token), make()
    listener = listen(options.port)
    config = kubeconfig(listener.getsockname()[1], tokens, certificate.certificate)
    path = ""
    try:
        if options.until_stdin_ends:
            # The parent gets ready meanwhile; who connects too early is answered a little later.
            path = write_private(options.kubeconfig, config)
            print(LISTENING, flush=True)  # noqa: T201
        gc.disable()  # A full world is hundreds of thousands of objects that all stay.
        world = build(options.scenario, pods=options.pods, speed=options.speed)
        from k8stui.demo.server import Server  # 0.2 s of its own: nobody should wait before

        gc.freeze()
        gc.enable()
        server = Server(world, tokens, faults=options.faults, certificate=certificate)
        world.run_until(time.time())  # Making all this took its time.
        await server.start(listener=listener)
        path = path or write_private(options.kubeconfig, config)
        try:
            await _until_asked(options, path)
        finally:
            await server.stop()
    finally:
        # A parent that is killed meanwhile reads nothing more: even then no file stays.
        if path and (not options.kubeconfig or options.until_stdin_ends):
            _remove(path)
    return 0


async def _until_asked(options: Options, path: str) -> None:
    """Tell that all is ready, and wait for a signal or the end of stdin."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, done.set)
    if options.until_stdin_ends:
        loop.add_reader(sys.stdin.fileno(), lambda: _end_of(sys.stdin.fileno(), done))
    print(path, flush=True)  # noqa: T201
    await done.wait()


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _end_of(handle: int, done: asyncio.Event) -> None:
    if not os.read(handle, 4096):
        done.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

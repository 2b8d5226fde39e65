"""An API server over HTTP that has pods and their logs, for whole programs that ask it."""

from __future__ import annotations

import json
import select
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

STAMP = b"2026-01-02T03:04:05.%09dZ "


def stamped(messages: list[bytes]) -> bytes:
    """A log as a kubelet sends it, a nanosecond between two lines."""
    return b"".join(STAMP % at + message + b"\n" for at, message in enumerate(messages))


def _pod(name: str, *, runs: bool) -> dict[str, Any]:
    status: dict[str, Any] = {"name": "app", "restartCount": 0, "ready": runs}
    if runs:
        status["containerID"] = f"containerd://{name}"
        status["state"] = {"running": {"startedAt": "2026-01-02T03:04:05Z"}}
    else:
        status["state"] = {"waiting": {"reason": "ImagePullBackOff"}}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "resourceVersion": "1",
            "creationTimestamp": "2026-01-02T03:04:05Z",
        },
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "x"}]},
        "status": {"phase": "Running" if runs else "Pending", "containerStatuses": [status]},
    }


_DISCOVERY: dict[str, dict[str, Any]] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [{"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["get"]}],
    },
}
"""As far as kubectl asks before it reads a log."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    logs: Mapping[str, bytes | None]
    closing: threading.Event

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        parts = url.path.split("/")
        body = self.logs.get(unquote(parts[-2]))
        if url.path in _DISCOVERY:
            self._answer(_DISCOVERY[url.path])
        elif parts[-2] == "pods" and unquote(parts[-1]) in self.logs:
            self._answer(self._pod(unquote(parts[-1])))
        elif parts[-1] == "log" and body is not None:
            self._chunks(body, follow="follow" in query)
        elif parts[-1] == "pods" and "forbidden" in parts:
            self._refuse(403, "Forbidden", f"you may not list pods in {parts[-2]}")
        elif parts[-1] == "pods" and "wrong" in query.get("labelSelector", [""])[0]:
            self._refuse(400, "BadRequest", "unable to parse requirement")
        elif parts[-1] == "pods" and "watch" not in query:
            items = [self._pod(name) for name in self.logs]
            self._answer(
                {
                    "kind": "PodList",
                    "apiVersion": "v1",
                    "metadata": {"resourceVersion": "1"},
                    "items": items,
                }
            )
        elif parts[-1] == "pods":
            self._chunks(b"", follow=True)
        else:
            self._refuse(404, "NotFound", f"{unquote(url.path)} not found \x1b[2J\u202e[red]")

    def _pod(self, name: str) -> dict[str, Any]:
        return _pod(name, runs=self.logs[name] is not None)

    def _refuse(self, code: int, reason: str, message: str) -> None:
        status = {"kind": "Status", "code": code, "reason": reason, "message": message}
        self._answer(status, code)

    def _answer(self, body: object, status: int = 200) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _chunks(self, body: bytes, *, follow: bool) -> None:
        """One chunk for each 32 KiB, as the API server passes a kubelet's answer on."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        size = 32 << 10
        for at in range(0, len(body), size):
            part = body[at : at + size]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.flush()
        if follow and not self._is_left():
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def _is_left(self) -> bool:
        """Waits for the end; False when it was the client who went."""
        while not self.closing.wait(0.05):
            if select.select([self.connection], [], [], 0)[0]:
                return False
        return True

    def log_message(self, format: str, *_arguments: object) -> None:  # noqa: A002 - as inherited
        """Says nothing."""


def write_kubeconfig(directory: Path, port: int) -> Path:
    """A kubeconfig for the server on this port of the loopback; gives its path."""
    config = directory / "kubeconfig"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        f"clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n"
        "users: [{name: u, user: {}}]\n"
        "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
    )
    return config


@contextmanager
def pod_server(directory: Path, logs: Mapping[str, bytes | None]) -> Iterator[Path]:
    """Serves these logs by the names of their pods; gives the kubeconfig's path.

    A pod whose log is None waits for its image. The namespace `forbidden` may not be read, others
    have the same pods; a label selector with `wrong` in it can't be.
    """
    closing = threading.Event()
    handler = type("Handler", (_Handler,), {"logs": logs, "closing": closing})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    config = write_kubeconfig(directory, server.server_port)
    try:
        yield config
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        serving.join()

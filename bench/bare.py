"""What a bare HTTP client needs for the lists that the cockpit shows: `python -m bench.bare FILE`.

It asks for the same pages, the kinds beside each other and the pages of a kind one after the
other, reads every byte, and looks at nothing but the token of the next page.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import yaml

LISTS = (
    "/api/v1/pods",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/replicasets",
    "/apis/apps/v1/statefulsets",
    "/apis/apps/v1/daemonsets",
    "/apis/batch/v1/jobs",
    "/api/v1/nodes",
    "/api/v1/events",
)
_TOKEN = re.compile(rb'"continue":"([^"]+)"')


def client_of(kubeconfig: str) -> tuple[str, ssl.SSLContext, dict[str, str]]:
    """The server, TLS and headers of a kubeconfig's present context."""
    config = yaml.safe_load(Path(kubeconfig).read_text())
    names = {each["name"]: each["context"] for each in config["contexts"]}
    context = names[config["current-context"]]
    cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == context["cluster"])
    user = next(u["user"] for u in config["users"] if u["name"] == context["user"])
    tls = ssl.create_default_context(cadata=_data(cluster, "certificate-authority").decode())
    if "client-certificate-data" in user or "client-certificate" in user:
        with tempfile.NamedTemporaryFile() as certificate, tempfile.NamedTemporaryFile() as key:
            certificate.write(_data(user, "client-certificate"))
            key.write(_data(user, "client-key"))
            certificate.flush()
            key.flush()
            tls.load_cert_chain(certificate.name, key.name)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if "token" in user:
        headers["Authorization"] = f"Bearer {user['token']}"
    return cluster["server"], tls, headers


def _data(where: dict[str, Any], name: str) -> bytes:
    if f"{name}-data" in where:
        return base64.b64decode(where[f"{name}-data"])
    return Path(os.path.expanduser(where[name])).read_bytes()


async def fetch(kubeconfig: str, limit: int = 500) -> tuple[float, int]:
    """Seconds from the first request to the last byte, and how many bytes that were."""
    server, tls, headers = client_of(kubeconfig)
    connector = aiohttp.TCPConnector(ssl=tls, limit=0)
    async with aiohttp.ClientSession(
        connector=connector, headers=headers, read_bufsize=2**18
    ) as client:

        async def all_pages(path: str) -> int:
            read, token = 0, ""
            while True:
                query = {"limit": str(limit)} | ({"continue": token} if token else {})
                async with client.get(server + path, params=query) as response:
                    body = await response.read()
                read += len(body)
                found = _TOKEN.search(body[:4096]) or _TOKEN.search(body[-4096:])
                if found is None:
                    return read
                token = found[1].decode()

        began = time.monotonic()
        sizes = await asyncio.gather(*(all_pages(path) for path in LISTS))
        return time.monotonic() - began, sum(sizes)


if __name__ == "__main__":
    seconds, size = asyncio.run(fetch(sys.argv[1]))
    print(f"{seconds:.2f} s, {size / 1e6:.1f} MB")

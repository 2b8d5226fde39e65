"""What is wrong with a request is told by the demo cluster in the words of a real server."""

from __future__ import annotations

import base64
import io
import json
import re
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import yaml

from k8stui.demo.launch import start
from tests.cluster.bad_requests import CONFIG, DEPLOYMENT, REQUESTS, Bad

pytestmark = pytest.mark.needs_real  # the demo cluster is what it is compared with
_NAMESPACE = "k8stui-refusals"
_OWN_WORDS = (
    # What follows is the JSON parser's, the YAML parser's, or the object itself.
    r"(cannot be handled as a \w+: )(?:json: |v1\.).*",
    r"(patch: Invalid value: ).*",
    r"(yaml: ).*",
    r"(current: )\d+",
    r"(in record \()[^)]*",
    r"(UID in object meta: )\S+",
)


class Told(NamedTuple):
    """What a server says of a request."""

    code: int
    reason: str
    message: str
    details: Mapping[str, Any]


class Server:
    """A cluster, spoken to by bare HTTP."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def told(self, bad: Bad) -> Told:
        headers = {**bad.headers, **({"Content-Type": bad.media} if bad.media else {})}
        body = bad.body
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        async with self._session.request(
            bad.method,
            self._url + bad.path.replace("NS", _NAMESPACE),
            data=None if body is None else io.BytesIO(body),
            headers=headers,
            skip_auto_headers=[] if bad.media else ["Content-Type"],
        ) as answer:
            text = await answer.text()
            return _told(answer.status, text)


def _told(code: int, text: str) -> Told:
    try:
        status = json.loads(text)
    except json.JSONDecodeError:
        return Told(code, "", text, {})
    if status.get("kind") != "Status":
        return Told(code, "", str(status.get("kind")), {})
    message = str(status.get("message"))
    for words in _OWN_WORDS:
        message = re.sub(words, r"\1…", message, flags=re.DOTALL)
    details = {k: v for k, v in (status.get("details") or {}).items() if k not in ("causes", "uid")}
    return Told(code, str(status.get("reason", "")), message, details)


@asynccontextmanager
async def _server(config: Any) -> AsyncIterator[Server]:
    """The first cluster of a kubeconfig, with two objects in a namespace of its own."""
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    if "client-key-data" in user:
        with tempfile.NamedTemporaryFile() as file:
            for part in ("client-certificate-data", "client-key-data"):
                file.write(base64.b64decode(user[part]) + b"\n")
            file.flush()
            context.load_cert_chain(file.name)
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        server = Server(session, str(cluster["server"]))
        space = {"metadata": {"name": _NAMESPACE}}
        await server.told(Bad("POST", "/api/v1/namespaces", space))
        try:
            await server.told(Bad("POST", "/api/v1/namespaces/NS/configmaps", CONFIG))
            await server.told(Bad("POST", "/apis/apps/v1/namespaces/NS/deployments", DEPLOYMENT))
            yield server
        finally:
            await server.told(Bad("DELETE", f"/api/v1/namespaces/{_NAMESPACE}"))


async def test_the_demo_cluster_refuses_as_a_real_one(kubeconfig: Path) -> None:
    different = []
    with start("empty") as demo_config:
        configs = [yaml.safe_load(Path(each).read_text()) for each in (kubeconfig, demo_config)]  # noqa: ASYNC240
        async with _server(configs[0]) as real, _server(configs[1]) as demo:
            for bad in REQUESTS:
                theirs, ours = await real.told(bad), await demo.told(bad)
                assert theirs.code >= 400, f"a real server takes it: {bad}"
                if theirs != ours:
                    different.append(f"{bad}\n  real {theirs}\n  demo {ours}")
    assert not different, "\n".join(different)

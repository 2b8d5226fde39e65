"""exec and port-forward over websocket, and the SPDY framing under kubectl's."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import aiohttp
import msgspec
import pytest

from k8stui.demo.spdy import DICTIONARY, Session, Stream
from tests.unit.demo.client import Client, serving

POD = "/api/v1/namespaces/shop/pods/cart-cache-0"


async def execute(
    client: Client, query: str, stdin: bytes = b"", protocol: str = "v5.channel.k8s.io"
) -> tuple[bytes, bytes, Any]:
    """(stdout, stderr, status) of an exec."""
    url = f"{client.url}{POD}/exec?{query}&stdout=true&stderr=true"
    out = {1: b"", 2: b"", 3: b""}
    async with client.session.ws_connect(
        url, headers=client.head(), protocols=(protocol,)
    ) as socket:
        assert socket.protocol == protocol
        if stdin:
            await socket.send_bytes(b"\x00" + stdin)
            await socket.send_bytes(b"\xff\x00")
        async for message in socket:
            if message.type == aiohttp.WSMsgType.BINARY:
                out[message.data[0]] += message.data[1:]
    return out[1], out[2], msgspec.json.decode(out[3])


@pytest.mark.parametrize("protocol", ["v5.channel.k8s.io", "v4.channel.k8s.io"])
async def test_a_command(protocol: str) -> None:
    async with serving("shop") as client:
        query = "command=sh&command=-c&command=echo%20out%3B%20echo%20err%20%3E%262%3B%20exit%203"
        out, err, status = await execute(client, query, protocol=protocol)
        assert (out, err) == (b"out\n", b"err\n")
        assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]


async def test_success_and_not_found() -> None:
    async with serving("shop") as client:
        out, _, status = await execute(client, "command=hostname")
        assert (out, status["status"]) == (b"cart-cache-0\n", "Success")
        _, err, status = await execute(client, "command=nope")
        assert b"not found" in err
        assert status["reason"] == "NonZeroExitCode"


async def test_a_shell_reads_its_input() -> None:
    async with serving("shop") as client:
        out, _, status = await execute(client, "command=sh&stdin=true", b"echo a\necho b\nexit 4\n")
        assert out == b"a\nb\n"
        assert status["details"]["causes"][0]["message"] == "4"


async def test_without_rights_there_is_no_shell() -> None:
    async with serving("shop", "viewer") as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await execute(client, "command=sh")
        assert refused.value.status == 403


async def test_a_port_is_forwarded() -> None:
    async with serving("shop") as client:
        url = f"{client.url}{POD}/portforward?ports=6379"
        protocols = ("v4.channel.k8s.io",)
        async with client.session.ws_connect(
            url, headers=client.head(), protocols=protocols
        ) as socket:
            heads = [await socket.receive_bytes() for _ in range(2)]
            assert heads == [b"\x00" + struct.pack("<H", 6379), b"\x01" + struct.pack("<H", 6379)]
            await socket.send_bytes(b"\x00GET /x HTTP/1.1\r\n\r\n")
            answer = await socket.receive_bytes()
        assert b"cart-cache-0:6379 answers GET /x" in answer


def test_spdy_streams_open_carry_data_and_end() -> None:
    sent, opened = bytearray(), list[Stream]()
    session = Session(sent.extend, opened.append)
    packer = zlib.compressobj(zdict=DICTIONARY)
    pair = b"".join(struct.pack(">I", len(t)) + t for t in (b"streamtype", b"stdin"))
    block = packer.compress(struct.pack(">I", 1) + pair) + packer.flush(zlib.Z_SYNC_FLUSH)
    body = struct.pack(">IIH", 1, 0, 0) + block
    frames = struct.pack(">HHB", 0x8003, 1, 0) + len(body).to_bytes(3, "big") + body
    frames += struct.pack(">IB", 1, 1) + (2).to_bytes(3, "big") + b"hi"
    for at in range(len(frames)):
        session.feed(frames[at : at + 1])
    assert opened[0].headers == {"streamtype": "stdin"}
    assert [opened[0].received.get_nowait() for _ in range(2)] == [b"hi", None]
    del sent[:]
    opened[0].write(b"yes")
    opened[0].end()
    assert bytes(sent) == (
        struct.pack(">IB", 1, 0) + b"\x00\x00\x03yes" + struct.pack(">IB", 1, 1) + b"\x00\x00\x00"
    )


def test_the_dictionary_is_the_drafts() -> None:
    assert len(DICTIONARY) == 1423
    assert zlib.adler32(DICTIONARY) == 0xE3C6A7C2

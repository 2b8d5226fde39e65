"""SPDY/3.1, as much of it as kubectl's exec and port-forward speak, on the server's side.

Framing and header dictionary follow the SPDY protocol draft 3.1; flow control is left out, as
kubectl's own client leaves it out.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable
from typing import Final

_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY = 1, 2, 3, 6, 7
_FIN: Final = 0x01
_WORDS: Final = [
    "options",
    "head",
    "post",
    "put",
    "delete",
    "trace",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "connection",
    "content-base",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expect",
    "expires",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "retry-after",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "method",
    "get",
    "status",
]
_MORE_WORDS: Final = ("200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive")
_TAIL: Final = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
    "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
    "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 "
    "Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
    "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _counted(text: str) -> bytes:
    return struct.pack(">I", len(text)) + text.encode()


DICTIONARY: Final = (
    b"".join(_counted(word) for word in (*_WORDS, *_MORE_WORDS, "origin")) + _TAIL.encode()
)


class Stream:
    """One stream that the client opened; `received` gives its data and None at its end."""

    def __init__(self, session: Session, number: int, headers: dict[str, str]) -> None:
        self._session = session
        self.number = number
        self.headers = headers
        self.received: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._ended = False

    def write(self, data: bytes) -> None:
        """Send data; ignored after `end`."""
        for at in range(0, len(data), 0x8000):
            if not self._ended:
                self._session.send_data(self.number, data[at : at + 0x8000], 0)

    def end(self) -> None:
        """Half-close: nothing more will be sent."""
        if not self._ended:
            self._ended = True
            self._session.send_data(self.number, b"", _FIN)


class Session:
    """A connection that speaks SPDY.

    Args:
        send: Sends bytes to the client.
        opened: Called with each stream that the client opens.
    """

    def __init__(self, send: Callable[[bytes], None], opened: Callable[[Stream], None]) -> None:
        self._send = send
        self._opened = opened
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self.streams: dict[int, Stream] = {}
        self.closed = asyncio.Event()

    def feed(self, data: bytes) -> None:
        """Take in bytes from the client."""
        self._buffer += data
        while len(self._buffer) >= 8:
            size = int.from_bytes(self._buffer[5:8], "big")
            if len(self._buffer) < 8 + size:
                return
            head, body = bytes(self._buffer[:8]), bytes(self._buffer[8 : 8 + size])
            del self._buffer[: 8 + size]
            self._frame(head, body)

    def close(self) -> None:
        """The connection is gone: every stream ends."""
        for stream in self.streams.values():
            stream.received.put_nowait(None)
        self.closed.set()

    def send_data(self, number: int, data: bytes, flags: int) -> None:
        self._send(struct.pack(">IB", number, flags) + len(data).to_bytes(3, "big") + data)

    def _control(self, kind: int, flags: int, body: bytes) -> None:
        self._send(struct.pack(">HHB", 0x8003, kind, flags) + len(body).to_bytes(3, "big") + body)

    def _frame(self, head: bytes, body: bytes) -> None:
        if not head[0] & 0x80:
            stream = self.streams.get(int.from_bytes(head[:4], "big"))
            if stream is not None:
                if body:
                    stream.received.put_nowait(body)
                if head[4] & _FIN:
                    stream.received.put_nowait(None)
            return
        kind = int.from_bytes(head[2:4], "big")
        if kind == _SYN_STREAM:
            self._open(head[4], body)
        elif kind == _PING:
            self._control(_PING, 0, body)
        elif kind == _RST_STREAM:
            stream = self.streams.pop(int.from_bytes(body[:4], "big"), None)
            if stream is not None:
                stream.received.put_nowait(None)
        elif kind == _GOAWAY:
            self.close()

    def _open(self, flags: int, body: bytes) -> None:
        number = int.from_bytes(body[:4], "big") & 0x7FFFFFFF
        stream = self.streams[number] = Stream(self, number, self._headers(body[10:]))
        block = self._deflate.compress(struct.pack(">I", 0))
        block += self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._control(_SYN_REPLY, 0, struct.pack(">I", number) + block)
        if flags & _FIN:
            stream.received.put_nowait(None)
        self._opened(stream)

    def _headers(self, block: bytes) -> dict[str, str]:
        raw = self._inflate.decompress(block)
        out: dict[str, str] = {}
        at = 4
        for _ in range(int.from_bytes(raw[:4], "big")):
            texts = []
            for _part in range(2):
                size = int.from_bytes(raw[at : at + 4], "big")
                texts.append(raw[at + 4 : at + 4 + size].decode(errors="replace"))
                at += 4 + size
            out[texts[0].lower()] = texts[1]
        return out

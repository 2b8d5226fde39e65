"""A self-signed certificate for loopback, made afresh by each server.

kubectl, and all that follow client-go, send no credentials to a server without https. The
standard library can't make certificates, so the little that one needs is here: ECDSA on P-256
(FIPS 186-4) and DER (X.690). The key lives as long as the process and guards a demonstration.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import ssl
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_Point = tuple[int, int] | None
_EC_PUBLIC_KEY, _P256 = "1.2.840.10045.2.1", "1.2.840.10045.3.1.7"
_ECDSA_SHA256, _COMMON_NAME = "1.2.840.10045.4.3.2", "2.5.4.3"
LIFETIME: Final = 30 * 86400


class Certificate(NamedTuple):
    """A certificate and its private key, as PEM."""

    certificate: str
    key: str


def _add(a: _Point, b: _Point) -> _Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % _P == 0:
        return None
    if a == b:
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, _P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, _P)
    x = (slope * slope - a[0] - b[0]) % _P
    return x, (slope * (a[0] - x) - a[1]) % _P


def _times(number: int) -> tuple[int, int]:
    result: _Point = None
    point: _Point = _G
    while number:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    if result is None:
        raise ValueError("a multiple of the group's order")
    return result


def _sign(key: int, data: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
    while True:
        nonce = secrets.randbelow(_N - 1) + 1
        r = _times(nonce)[0] % _N
        s = pow(nonce, -1, _N) * (digest + r * key) % _N
        if r and s:
            return _sequence(_integer(r), _integer(s))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _bits(data: bytes, unused: int = 0) -> bytes:
    return _der(0x03, bytes((unused,)), data)


def _oid(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split("."))
    body = bytes((first * 40 + second,))
    for number in rest:
        parts = [number & 0x7F]
        while number := number >> 7:
            parts.append(number & 0x7F | 0x80)
        body += bytes(reversed(parts))
    return _der(0x06, body)


def _utc_time(seconds: float) -> bytes:
    return _der(0x17, time.strftime("%y%m%d%H%M%SZ", time.gmtime(seconds)).encode())


def _extensions(public: bytes) -> bytes:
    def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
        return _sequence(_oid(oid), _der(0x01, b"\xff") if critical else b"", _der(0x04, value))

    identifier = hashlib.sha1(public, usedforsecurity=False).digest()
    names = _sequence(_der(0x82, b"localhost"), _der(0x87, bytes((127, 0, 0, 1))))
    return _der(
        0xA3,
        _sequence(
            extension("2.5.29.19", _sequence(_der(0x01, b"\xff")), critical=True),
            extension("2.5.29.15", _bits(bytes((0b10000100,)), 2), critical=True),
            extension("2.5.29.37", _sequence(_oid("1.3.6.1.5.5.7.3.1"))),
            extension("2.5.29.17", names),
            extension("2.5.29.14", _der(0x04, identifier)),
            extension("2.5.29.35", _sequence(_der(0x80, identifier))),
        ),
    )


def _pem(label: str, body: bytes) -> str:
    text = base64.encodebytes(body).decode().replace("\n", "")
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def make() -> Certificate:
    """A fresh key and a certificate of it for localhost and 127.0.0.1."""
    key, now = secrets.randbelow(_N - 1) + 1, time.time()
    x, y = _times(key)
    public = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    algorithm = _sequence(_oid(_ECDSA_SHA256))
    name = _sequence(_der(0x31, _sequence(_oid(_COMMON_NAME), _der(0x0C, b"k8stui demo"))))
    body = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(120)),
        algorithm,
        name,
        _sequence(_utc_time(now - 3600), _utc_time(now + LIFETIME)),
        name,
        _sequence(_sequence(_oid(_EC_PUBLIC_KEY), _oid(_P256)), _bits(public)),
        _extensions(public),
    )
    certificate = _sequence(body, algorithm, _bits(_sign(key, body)))
    private = _sequence(
        _integer(1),
        _der(0x04, key.to_bytes(32, "big")),
        _der(0xA0, _oid(_P256)),
        _der(0xA1, _bits(public)),
    )
    return Certificate(_pem("CERTIFICATE", certificate), _pem("EC PRIVATE KEY", private))


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """A context that serves with the certificate; the key touches the disk for a moment, 0600."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    handle, path = tempfile.mkstemp(prefix="k8stui-demo-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(certificate.key + certificate.certificate)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
    return context

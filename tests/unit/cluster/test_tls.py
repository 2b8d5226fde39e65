"""TLS contexts connect to whom they should, refuse the rest, and leave no key on the disk."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from k8stui.cluster.credential import ClientCertificate
from k8stui.cluster.kubeconfig import UserSpec
from k8stui.cluster.target import Target, Tls
from k8stui.cluster.tls import ssl_context
from k8stui.errors import LoginFailed, UsageError

from .conftest import Certificates


def target_of(tls: Tls) -> Target:
    return Target("prod", "eu", "https://eu", "default", "u", tls, UserSpec("u"))


@asynccontextmanager
async def serving(certificates: Certificates) -> AsyncIterator[int]:
    """A TLS server that answers with the common name of the client's certificate, or `-`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server.certificate_file, certificates.server.key_file)
    context.load_verify_locations(cadata=certificates.authority)
    context.verify_mode = ssl.CERT_OPTIONAL

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert")
        name = shown["subject"][0][0][1] if shown else "-"
        writer.write(f"{name}\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def ask(port: int, context: ssl.SSLContext, name: str = "127.0.0.1") -> str:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname=name
    )
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer.decode().strip()


async def test_the_authority_decides_whom_to_trust(certificates: Certificates) -> None:
    bundle = f"a note\n{BAD_CERTIFICATE}\n{certificates.authority}"
    trusted = ssl_context(target_of(Tls(bundle)), None)
    own_certificate = ssl_context(target_of(Tls(certificates.server.certificate)), None)
    system = ssl_context(target_of(Tls()), None)
    insecure = ssl_context(target_of(Tls(insecure=True)), None)
    async with serving(certificates) as port:
        assert await ask(port, trusted) == "-"
        assert await ask(port, trusted, "inner.example") == "-"
        assert await ask(port, own_certificate) == "-"
        assert await ask(port, insecure, "other.example") == "-"
        for context, name in ((trusted, "other.example"), (system, "127.0.0.1")):
            with pytest.raises(ssl.SSLCertVerificationError):
                await ask(port, context, name)


async def test_the_client_certificate_is_shown_and_its_key_leaves_no_file(
    certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client = ClientCertificate(certificates.client.certificate, certificates.client.key)
    context = ssl_context(target_of(Tls(certificates.authority)), client)
    assert os.listdir(tmp_path) == []
    async with serving(certificates) as port:
        assert await ask(port, context) == "client"


def test_old_tls_and_rules_that_go_does_not_have_are_off(certificates: Certificates) -> None:
    context = ssl_context(target_of(Tls(certificates.authority)), None)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert not context.hostname_checks_common_name
    assert context.check_hostname


BAD_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        ("", "certificate-authority of eu holds no certificate"),
        ("hello", "certificate-authority of eu holds no certificate"),
        (BAD_CERTIFICATE, "certificate-authority of eu holds no certificate that can be read"),
    ],
)
def test_an_authority_that_can_not_be_used_is_named(pem: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        ssl_context(target_of(Tls(pem, ca_source="certificate-authority of eu")), None)
    assert caught.value.message == problem
    assert "PEM" in caught.value.hint


@pytest.mark.parametrize(
    ("certificate", "key", "problem"),
    [
        ("hello", "own", "the certificate is not PEM"),
        ("own", "hello", "the key is not PEM"),
        ("own", "other", "the key does not belong to the certificate"),
        ("own", "encrypted", "the key is encrypted"),
        ("own", "encrypted, old form", "the key is encrypted"),
        ("own", "broken", "the certificate or the key can't be read"),
        (BAD_CERTIFICATE, "own", "the certificate or the key can't be read"),
    ],
)
def test_a_client_certificate_that_can_not_be_used_is_named_and_leaves_no_file(
    certificate: str,
    key: str,
    problem: str,
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own, other = certificates.client, certificates.server
    pkcs8 = ["openssl", "pkcs8", "-topk8", "-in", str(own.key_file), "-passout", "pass:x"]
    keys = {
        "own": own.key,
        "other": other.key,
        "encrypted": subprocess.run(pkcs8, capture_output=True, text=True, check=True).stdout,
        "encrypted, old form": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
        "broken": own.key.replace("M", "N", 1),
    }
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client = ClientCertificate(
        own.certificate if certificate == "own" else certificate,
        keys.get(key, key),
        'client-certificate of user "u"',
    )
    with pytest.raises(LoginFailed) as caught:
        ssl_context(target_of(Tls(insecure=True)), client)
    assert caught.value.message.startswith(f'client-certificate of user "u": {problem}')
    assert list(tmp_path.iterdir()) == []

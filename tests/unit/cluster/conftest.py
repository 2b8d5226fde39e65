"""Certificates for tests, made by openssl once a run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Pair(NamedTuple):
    """A certificate and its key, PEM, and the files that they are in."""

    certificate: str
    key: str
    certificate_file: Path
    key_file: Path


class Certificates(NamedTuple):
    """An authority, a server's pair (for 127.0.0.1 and inner.example) and a client's."""

    authority: str
    server: Pair
    client: Pair


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Skips the test where openssl is not installed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    directory = tmp_path_factory.mktemp("certificates")

    def run(*arguments: str) -> None:
        command = [openssl, *arguments]
        subprocess.run(command, cwd=directory, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2")
    run("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca")
    for name, extension in (
        ("server", "subjectAltName=IP:127.0.0.1,DNS:inner.example"),
        ("client", "extendedKeyUsage=clientAuth"),
    ):
        (directory / f"{name}.ext").write_text(extension)
        out = ("-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run("req", *curve, *out)
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        files = ("-in", f"{name}.csr", "-out", f"{name}.crt", "-extfile", f"{name}.ext")
        run("x509", "-req", *files, *signed)

    def pair(name: str) -> Pair:
        certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
        return Pair(certificate.read_text(), key.read_text(), certificate, key)

    return Certificates((directory / "ca.crt").read_text(), pair("server"), pair("client"))

"""TLS contexts made of a kubeconfig's certificates, with errors that name the field."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from pathlib import Path

from k8stui.cluster.credential import ClientCertificate
from k8stui.cluster.target import Target
from k8stui.errors import LoginFailed, UsageError
from k8stui.resources.text import clean_text

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN ([A-Z]+ )*PRIVATE KEY-----")
_ENCRYPTED = re.compile(r"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4,ENCRYPTED", re.M)


def ssl_context(target: Target, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """What to connect to the target with. It blocks for some 20 ms: call it in a thread.

    Raises:
        UsageError: the certificate authority can't be used.
        LoginFailed: the client's certificate or key can't be used.
    """
    context = trusting(target.tls.ca_data, target.tls.ca_source)
    if target.tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        _load_client(context, certificate)
    return context


def trusting(ca_pem: str | None, source: str) -> ssl.SSLContext:
    """A client's context, as strict as Go's: TLS 1.2 or newer, names from SAN only.

    Args:
        ca_pem: The only authorities to trust, None for those of the system.
        source: Where they come from, for the error.

    Raises:
        UsageError: none of them can be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Go takes authorities without a key identifier, and an intermediate as a root.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ssl.HAS_NEVER_CHECK_COMMON_NAME:
        context.hostname_checks_common_name = False
    if ca_pem is None:
        context.load_default_certs()
        return context
    found = _CERTIFICATE.findall(ca_pem)
    usable = 0
    for pem in found:
        try:
            context.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(pem))
        except (ssl.SSLError, ValueError):
            continue  # as Go: one that can be read is enough
        usable += 1
    if not usable:
        problem = "holds no certificate that can be read" if found else "holds no certificate"
        raise UsageError(f"{source} {problem}", "it must be PEM: -----BEGIN CERTIFICATE-----")
    return context


def _load_client(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    source = certificate.source or "the client certificate"
    if not _CERTIFICATE.search(certificate.certificate_pem):
        raise LoginFailed(f"{source}: the certificate is not PEM")
    if not _KEY.search(certificate.key_pem):
        raise LoginFailed(f"{source}: the key is not PEM")
    if _ENCRYPTED.search(certificate.key_pem):
        raise LoginFailed(
            f"{source}: the key is encrypted",
            "kubectl can't use it either: decrypt it (openssl pkey -in … -out …)",
        )
    # ssl loads keys from files only. Both stand in one, which nobody else can open.
    with tempfile.TemporaryDirectory(prefix="k8stui-") as directory:
        path = Path(directory) / "client.pem"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{certificate.certificate_pem}\n{certificate.key_pem}\n")
        try:
            # Without a password OpenSSL would ask for one on the terminal.
            context.load_cert_chain(path, password="")
        except ssl.SSLError as error:
            raise LoginFailed(f"{source}: {_problem(error)}") from None


def _problem(error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key does not belong to the certificate"
    if error.reason and error.reason.endswith("_TOO_SMALL"):
        return f"OpenSSL refuses it as too weak ({clean_text(error.reason)})"
    return f"the certificate or the key can't be read ({clean_text(error.reason or 'bad PEM')})"

"""What a request shows to prove who asks, and where such proofs come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from k8stui.cluster.masked import Masked
from k8stui.errors import LoginFailed


class ClientCertificate(Masked, frozen=True):
    """A certificate to show while connecting, with its key, both PEM."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"certificate_pem", "key_pem"})

    certificate_pem: str
    key_pem: str
    source: str = ""
    """Where the two come from, for errors: fields, user and file."""


class Credential(Masked, frozen=True):
    """What to send now; an unchanged generation means unchanged values."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"authorization"})

    authorization: str | None
    """The whole value of the header, or None to send none."""
    certificate: ClientCertificate | None
    generation: int


class Credentials(Protocol):
    """Gives the credential of one user for one cluster."""

    async def get(self) -> Credential:
        """The credential to send now, renewed first when it has expired; cheap when it has not.

        Raises:
            LoginFailed: it can't be had.
        """
        ...

    async def refresh(self, generation: int) -> Credential:
        """A newer credential than the one of this generation, which the server answered with 401.

        Many may ask at once and it is renewed once.

        Raises:
            LoginFailed: there is no other one to be had.
        """
        ...


class Terminal(Protocol):
    """Lends the terminal to a program that has to ask a person."""

    async def run(self, argv: Sequence[str], env: Mapping[str, str]) -> bytes:
        """What the program printed to stdout, run with the screen suspended.

        Raises:
            LoginFailed: it can't be started, fails or was interrupted.
        """
        ...


def bearer(token: str, where: str) -> str:
    """The Authorization header for a token; line breaks around it are dropped.

    Raises:
        LoginFailed: the token is empty or holds what no header may.
    """
    token = token.strip()
    if not token:
        raise LoginFailed(f"{where} is empty")
    if not (token.isascii() and token.isprintable()):
        raise LoginFailed(f"{where} holds characters that no token has")
    return f"Bearer {token}"

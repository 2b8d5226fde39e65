"""The ticket without which no write leaves: one request, once."""

from __future__ import annotations

from typing import Final, NoReturn, final

from k8stui.errors import WriteRefused

_SEAL: Final = object()


@final
class WriteTicket:
    """Allows one request of this method to this path; `issue_ticket` makes it, for the gate."""

    __slots__ = ("_spent", "method", "path")

    def __init__(self, method: str, path: str, *, seal: object) -> None:
        if seal is not _SEAL:
            raise WriteRefused("a write ticket is made by the gate and by nobody else")
        self.method = method
        self.path = path
        self._spent = False

    def spend(self, method: str, path: str) -> None:
        """Uses it up.

        Raises:
            WriteRefused: it was used before, or is for another request; it is worthless then.
        """
        spent, self._spent = self._spent, True
        if spent:
            raise WriteRefused(f"refused to send {method} {path!r}: its ticket has been used")
        if (method, path) != (self.method, self.path):
            raise WriteRefused(
                f"refused to send {method} {path!r}: its ticket is for {self.method} {self.path!r}"
            )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a write ticket can't be copied")


def issue_ticket(method: str, path: str) -> WriteTicket:
    """A new ticket. Only `actions.gate` may call this; a test of the architecture sees to it."""
    return WriteTicket(method, path, seal=_SEAL)

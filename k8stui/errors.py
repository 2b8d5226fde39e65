"""Errors that a person reads: what is wrong, where, and what to do about it."""

from __future__ import annotations

EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_CONNECTION = 3
EXIT_REFUSED = 4
EXIT_PIPE = 141
"""What a shell shows for a filter whose reader has gone: 128 and the number of SIGPIPE."""


class K8sTuiError(Exception):
    """An error with a sentence for the person at the terminal.

    Args:
        message: What is wrong and where, one sentence without a trailing period.
        hint: What to do about it, or "".
    """

    exit_code: int = EXIT_ERROR

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def lines(self) -> list[str]:
        """The one or two lines to print."""
        return [self.message, self.hint] if self.hint else [self.message]


class UsageError(K8sTuiError):
    """The command line or a configuration file asks for something that can't be."""

    exit_code = EXIT_USAGE


class ConnectionFailed(K8sTuiError):
    """The cluster can't be reached, or did not answer in time."""

    exit_code = EXIT_CONNECTION


class LoginFailed(ConnectionFailed):
    """The credentials can't be had, or the cluster does not accept them."""


class OutcomeUnknown(ConnectionFailed):
    """A write was sent, perhaps, and no answer came: it may have been done or not."""


class WriteRefused(K8sTuiError):
    """A write was not let out: by mode, or without a ticket for it. Nothing was sent."""

    exit_code = EXIT_REFUSED

"""What is wrong with a filter, and where."""

from __future__ import annotations

from k8stui.errors import UsageError
from k8stui.resources.text import clean_text


class FilterError(UsageError):
    """A filter that can't be.

    Args:
        message: A sentence without a trailing period.
        position: The index of the first character concerned.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(clean_text(message))
        self.position = position

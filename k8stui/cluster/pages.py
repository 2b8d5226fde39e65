"""A list in pages, the next one on its way while one is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, Generic, NamedTuple, TypeVar

from k8stui.cluster.api_error import ApiError
from k8stui.cluster.codec import Page
from k8stui.resources.record import Record

R = TypeVar("R", bound=Record)

PAGE_SIZE = 500


class ListedPage(NamedTuple, Generic[R]):
    """A page, and how it stands to those before."""

    page: Page[R]
    begins: bool
    """A list begins with it: what came before does not count."""
    expired: bool
    """It is from a later snapshot than the first page."""


async def pages_of(
    ask: Callable[[int, str], Coroutine[Any, Any, Page[R]]], *, whole: bool = False
) -> AsyncGenerator[ListedPage[R], None]:
    """All pages of a list. To be closed (`aclosing`) by whoever stops early.

    When the snapshot that the pages come from is compacted, the list goes on from a later one if
    the server offers it, else begins again in one body.

    Args:
        ask: Gets one page: limit (0 for none) and continue token ("" for the first).
        whole: Begin in one body.

    Raises:
        What `ask` raises.
    """
    limit = 0 if whole else PAGE_SIZE
    expired = False
    listed = ListedPage(await ask(limit, ""), begins=True, expired=False)
    while True:
        token = listed.page.continue_token
        ahead = asyncio.create_task(ask(limit, token)) if token else None
        try:
            yield listed
            if ahead is None:
                return
            listed = ListedPage(await ahead, begins=False, expired=expired)
            continue
        except ApiError as error:
            if ahead is None or not error.gone:
                raise
            token = error.continue_token
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)
        expired = bool(token)
        limit = PAGE_SIZE if token else 0
        listed = ListedPage(await ask(limit, token), begins=not token, expired=expired)

"""A session with the cluster as the program has one, without a screen."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides
from k8stui.session.scope import Scope
from k8stui.session.session import Session


@asynccontextmanager
async def opened(
    kubeconfig: Path, namespace: str, as_user: str = "", as_groups: tuple[str, ...] = ()
) -> AsyncIterator[Scope]:
    """One namespace ("" for all) of the kubeconfig's cluster.

    Raises:
        AssertionError: sockets were left open.
    """
    overrides = Overrides(context="", namespace="", as_user=as_user, as_groups=as_groups, as_uid="")
    before = _sockets()
    session = Session(load_kubeconfig([kubeconfig]), overrides, os.environ)
    try:
        yield await session.open(None, namespace)
    finally:
        await session.close()
        await until(lambda: _sockets() <= before, 5, "the sockets are closed")


def _sockets() -> int:
    """How many sockets this process has open."""
    links = Path("/proc/self/fd").iterdir()
    return sum("socket" in os.readlink(each) for each in links if each.is_symlink())


async def until(look: Callable[[], object], seconds: float, what: str) -> None:
    """Waits for what the cluster brings. Raises AssertionError when it does not come."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)

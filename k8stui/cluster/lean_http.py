"""Loads the HTTP library without what it does at its import and nobody here needs."""

from __future__ import annotations

import importlib
import ssl
import sys
from typing import Final

_READS_AUTHORITIES: Final = "set_default_verify_paths"


def load_http() -> None:
    """Import aiohttp, if it is not yet.

    Its import makes two TLS contexts with all authorities of the system, which takes 0.1 s. Every
    session here brings a context of its own (see `tls`), so its two may as well trust nobody:
    should they ever be used, they refuse. Call it before other threads make contexts.
    """
    if "aiohttp" in sys.modules:
        return
    known = vars(ssl.SSLContext).get(_READS_AUTHORITIES)
    setattr(ssl.SSLContext, _READS_AUTHORITIES, lambda _context: None)
    try:
        importlib.import_module("aiohttp")
    finally:
        if known is None:
            delattr(ssl.SSLContext, _READS_AUTHORITIES)
        else:
            setattr(ssl.SSLContext, _READS_AUTHORITIES, known)

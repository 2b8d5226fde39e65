"""Where the demo cluster listens: on this machine only."""

from __future__ import annotations

import socket
from typing import Final

HOST: Final = "127.0.0.1"


def listen(port: int = 0) -> socket.socket:
    """A socket that listens on loopback; who connects waits until a server takes it over.

    Raises:
        OSError: when the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener

"""Makes screenshots/ from the real program: `python -m tests.tools.screenshots`.

Of the demo cluster, or of another one with `--kubeconfig`. Names of this machine and addresses
other than 127.0.0.1 are refused: a picture is published.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides
from k8stui.demo.launch import start
from k8stui.session.session import Session
from k8stui.settings import ChosenTheme
from k8stui.ui.snapshot import Snapshot, take_snapshot

DIRECTORY = Path(__file__).parents[2] / "screenshots"
_WAIT_SECONDS = 30.0
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")


class Picture(NamedTuple):
    """One file to make."""

    columns: int
    lines: int
    theme: str = "k8stui-dark"
    suffix: str = ""

    @property
    def name(self) -> str:
        return f"cockpit-{self.columns}x{self.lines}{self.suffix}.svg"


PICTURES = (
    Picture(80, 24),
    Picture(120, 40),
    Picture(200, 60),
    Picture(120, 40, "k8stui-light", "-light"),
)


def leaks(svg: str) -> list[str]:
    """What a picture tells of the machine that it was made on."""
    found = [each for each in _ADDRESS.findall(svg) if each != "127.0.0.1"]
    own = {str(Path.home()), str(DIRECTORY.parent), socket.gethostname()}
    return found + [each for each in own if len(each) > 3 and each in svg]


def published(svg: str) -> str:
    """The picture without what differs at every run, and with the spaces that begin a text.

    librsvg leaves those out otherwise, though they are no-break spaces.
    """
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    return re.sub(r"terminal-\d+", "terminal", svg)


async def _take(kubeconfig: Path, namespace: str, picture: Picture, demo: bool) -> Snapshot:
    overrides = Overrides(namespace=namespace)
    session = Session(load_kubeconfig([kubeconfig]), overrides, os.environ, demo=demo)
    try:
        size = (picture.columns, picture.lines)
        return await take_snapshot(session, ChosenTheme(picture.theme), size, _WAIT_SECONDS)
    finally:
        await session.close()


@contextlib.contextmanager
def _cluster(kubeconfig: Path | None) -> Iterator[Path]:
    if kubeconfig is not None:
        yield kubeconfig
        return
    with start() as path:
        yield Path(path)


def main() -> int:
    """Writes the pictures; returns 1 and writes nothing for one that leaks or is not complete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, help="default: the demo cluster")
    parser.add_argument("-n", "--namespace", default="shop", help="default: shop")
    parser.add_argument("--into", type=Path, default=DIRECTORY, help="default: screenshots/")
    arguments = parser.parse_args()
    arguments.into.mkdir(exist_ok=True)
    bad = 0
    with _cluster(arguments.kubeconfig) as kubeconfig:
        for picture in PICTURES:
            demo = arguments.kubeconfig is None
            taken = asyncio.run(_take(kubeconfig, arguments.namespace, picture, demo))
            problem = taken.failure or ", ".join(leaks(taken.svg))
            if problem:
                bad = 1
                print(f"{picture.name}: {problem}", file=sys.stderr)
                continue
            path = arguments.into / picture.name
            path.write_text(published(taken.svg) + "\n", encoding="utf-8")
            print(f"{path.name}: {path.stat().st_size:,} bytes")
    return bad


if __name__ == "__main__":
    sys.exit(main())

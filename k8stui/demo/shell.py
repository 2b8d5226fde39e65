"""A tiny shell, as if in a container: a few commands with believable answers."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Callable
from typing import NamedTuple

from k8stui.demo.model import Obj, dig

Write = Callable[[int, bytes], None]
STDOUT, STDERR = 1, 2

_FILES = {
    "/etc/os-release": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\n',
    "/etc/resolv.conf": "search svc.cluster.local cluster.local\nnameserver 10.96.0.10\n",
}


class Place(NamedTuple):
    """Where a command runs."""

    pod: Obj
    container: Obj
    now: float


class Input:
    """Standard input: bytes as they come, None at the end."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._pending: list[str] = []
        self._ended = False

    async def _char(self) -> str:
        """The next character, "" at the end."""
        while not self._pending and not self._ended:
            data = await self.queue.get()
            self._ended = data is None
            self._pending = list((data or b"").decode(errors="replace"))
        return self._pending.pop(0) if self._pending else ""

    async def line(self, write: Write, *, tty: bool) -> str | None:
        """One line without its end; None at the end of the input. A terminal sees its typing."""
        text = ""
        while char := await self._char():
            if char in "\r\n":
                write(STDOUT, b"\r\n" if tty else b"")
                return text
            if char == "\x04" and not text:
                return None
            if char == "\x03":
                write(STDOUT, b"^C\r\n")
                return ""
            if char in "\x7f\b":
                text = text[:-1]
                write(STDOUT, b"\b \b" if tty else b"")
            elif char.isprintable():
                text += char
                write(STDOUT, char.encode() if tty else b"")
        return text or None


async def run(place: Place, argv: list[str], stdin: Input, write: Write, *, tty: bool) -> int:
    """Run a command to its end.

    Returns:
        Its exit code; 127 for a command that there is none of.
    """
    if argv and argv[0].rsplit("/", 1)[-1] in ("sh", "bash", "ash"):
        if argv[1:2] == ["-c"]:
            return await _script(place, argv[2] if len(argv) > 2 else "", stdin, write, tty=tty)
        return await _interactive(place, stdin, write, tty=tty)
    return await _command(place, argv, stdin, write, tty=tty)


async def _interactive(place: Place, stdin: Input, write: Write, *, tty: bool) -> int:
    code = 0
    while True:
        if tty:
            write(STDOUT, b"/ $ ")
        line = await stdin.line(write, tty=tty)
        if line is None:
            return code
        words = line.split()
        if words[:1] == ["exit"]:
            return int(words[1]) if len(words) > 1 and words[1].isdigit() else code
        code = await _script(place, line, stdin, write, tty=tty)


async def _script(place: Place, text: str, stdin: Input, write: Write, *, tty: bool) -> int:
    code = 0
    for part in text.replace("&&", ";").replace("\n", ";").split(";"):
        target = STDOUT
        if ">&2" in part:
            part, target = part.replace("1>&2", "").replace(">&2", ""), STDERR
        try:
            words = shlex.split(part)
        except ValueError as error:
            write(STDERR, _lines(f"sh: syntax error: {error}", tty))
            return 2
        if words[:1] == ["exit"]:
            return int(words[1]) if len(words) > 1 and words[1].isdigit() else code
        if words:
            to = (lambda _n, data: write(STDERR, data)) if target == STDERR else write
            code = await _command(place, words, stdin, to, tty=tty)
    return code


async def _command(place: Place, argv: list[str], stdin: Input, write: Write, *, tty: bool) -> int:
    name, args = argv[0].rsplit("/", 1)[-1], argv[1:]
    match name:
        case "true" | ":":
            return 0
        case "false":
            return 1
        case "sleep":
            await asyncio.sleep(float(args[0]) if args else 0)
            return 0
        case "cat" if not args:
            while (line := await stdin.line(write, tty=tty)) is not None:
                write(STDOUT, _lines(line, tty))
            return 0
        case "cat" if args[0] in _FILES:
            write(STDOUT, _lines(_FILES[args[0]].rstrip("\n"), tty))
            return 0
        case "cat":
            write(STDERR, _lines(f"cat: can't open '{args[0]}': No such file or directory", tty))
            return 1
    answer = _answer(place, name, args)
    if answer is None:
        write(STDERR, _lines(f"sh: {argv[0]}: not found", tty))
        return 127
    write(STDOUT, _lines(answer, tty))
    return 0


def _answer(place: Place, name: str, args: list[str]) -> str | None:
    meta, spec = place.pod["metadata"], place.container
    match name:
        case "echo":
            return " ".join(args)
        case "hostname":
            return str(meta["name"])
        case "whoami":
            return "app"
        case "id":
            return "uid=1000(app) gid=1000(app) groups=1000(app)"
        case "pwd":
            return "/"
        case "uname":
            return f"Linux {meta['name']} 6.1.0-26-amd64 #1 SMP x86_64 Linux" if args else "Linux"
        case "date":
            return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(place.now))
        case "ls":
            return "app  bin  dev  etc  home  lib  proc  sys  tmp  usr  var"
        case "ps":
            rows = ("PID   USER     TIME  COMMAND", f"    1 app       0:12 {spec['name']}")
            return "\n".join([*rows, "   42 app       0:00 ps"])
        case "env":
            given = [f"{e['name']}={e.get('value', '')}" for e in spec.get("env") or ()]
            ip = dig(place.pod, "status", "podIP") or ""
            fixed = [
                f"HOSTNAME={meta['name']}",
                f"POD_IP={ip}",
                "PATH=/usr/local/bin:/usr/bin:/bin",
            ]
            return "\n".join([*fixed, "KUBERNETES_SERVICE_HOST=10.96.0.1", *given])
        case "df":
            return (
                "Filesystem  Size  Used Available Use% Mounted on\n"
                "overlay    98.0G 41.2G     56.8G  42% /"
            )
    return None


def _lines(text: str, tty: bool) -> bytes:
    return (text.replace("\n", "\r\n") + "\r\n" if tty else text + "\n").encode()

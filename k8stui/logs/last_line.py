"""The last words of a container that has ended."""

from __future__ import annotations

from k8stui.errors import K8sTuiError
from k8stui.logs.engine import LogTransport
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_path
from k8stui.resources.evidence import CrashedRun
from k8stui.resources.text import clean_text

_LINES = "5"
"""The very last ones may be blank."""
_MOST_BYTES = "16384"
_MOST_CHARACTERS = 300


async def last_line(transport: LogTransport, crashed: CrashedRun) -> str:
    """The last line of the run that is not blank, clean; "" where it can't be had."""
    params = [
        ("container", crashed.run.container),
        ("tailLines", _LINES),
        ("limitBytes", _MOST_BYTES),
    ]
    if crashed.previous:
        params.append(("previous", "true"))
    try:
        body = await transport.get(
            log_path(crashed.namespace, crashed.pod), params, accept=ACCEPT, seconds=10.0
        )
    except K8sTuiError:
        return ""
    lines = (clean_text(line).strip() for line in body.decode(errors="replace").splitlines())
    found = next((line for line in reversed([*lines]) if line), "")
    return found if len(found) <= _MOST_CHARACTERS else f"{found[: _MOST_CHARACTERS - 1]}…"

"""Sends writes, each for its ticket.

Plain JSON through the door: what goes out is what the preview showed, byte for byte, and a
generated client's session would be a second door.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from k8stui.cluster.objects import JsonObject
from k8stui.cluster.ticket import WriteTicket
from k8stui.cluster.transport import Transport
from k8stui.cluster.writes import Write
from k8stui.errors import OutcomeUnknown

FIELD_MANAGER: Final = "k8stui"

_OBJECT: Final = msgspec.json.Decoder(JsonObject)


async def send(
    transport: Transport, ticket: WriteTicket, write: Write, *, dry_run: bool
) -> dict[str, Any]:
    """The object (or Status) that the server answers with.

    Args:
        dry_run: The server does all but the writing.

    Raises:
        WriteRefused, ApiError, OutcomeUnknown, ConnectionFailed, LoginFailed: as
            `Transport.write`; an answer that can't be read leaves the outcome unknown too.
    """
    params = [("fieldManager", FIELD_MANAGER)] if write.method == "PATCH" else []
    sent = write.body
    if dry_run:
        params.append(("dryRun", "All"))
        sent = write.dry_body or write.body
    body = await transport.write(
        ticket, write.method, write.path, sent, content_type=write.content_type, params=params
    )
    try:
        return _OBJECT.decode(body)
    except msgspec.MsgspecError as error:
        raise OutcomeUnknown(f"the server's answer can't be read: {error}") from error

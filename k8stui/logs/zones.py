"""Time zones by name."""

from __future__ import annotations

from datetime import UTC, tzinfo

from k8stui.resources.text import clean_text


def zone_of(name: str) -> tzinfo | None:
    """The time zone of a name, None for this machine's own.

    Raises:
        ValueError: there is no such zone.
    """
    if not name or name.lower() == "local":
        return None
    if name.upper() in ("UTC", "Z"):
        return UTC
    # Loaded when a zone is named: it brings much that nobody else needs.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"no time zone is called {clean_text(name)}") from None

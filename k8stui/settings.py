"""The user's configuration file, read strictly: a wrong or unknown key is said, never ignored."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from k8stui.errors import UsageError

MOST_HOLD_BACK_MS = 60_000


class ChosenTheme(NamedTuple):
    """A theme's name, and where it was chosen."""

    name: str = ""
    """Empty for the default one."""
    chosen_by: str = ""
    """The flag, variable, or file and key, for the person who has to mend it; "" where none did."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What the configuration file may hold; the command line and environment go before it."""

    theme: str = ""
    """A theme's name; empty for the default one."""
    read_only: bool = False
    """Never write to any cluster."""
    low_bandwidth: bool | None = None
    """Send little to the terminal; absent leaves it to what the line can carry."""
    read_only_contexts: tuple[str, ...] = ()
    """Patterns (`prod-*`) of the contexts in which nothing may be written."""
    log_hold_back_ms: Annotated[int, msgspec.Meta(ge=0, le=MOST_HOLD_BACK_MS)] = 500
    """Milliseconds that a log line waits for earlier ones of other streams, in order by time."""


def load_settings(path: Path) -> Settings:
    """The settings in this file, or the defaults where there is none.

    Raises:
        UsageError: it can't be read, isn't TOML, or has a key or value that can't be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: byte {error.start}") from error
    # Most have no such file, and need no parser for it.
    import tomllib

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    known = list(Settings.__struct_encode_fields__)
    for key in raw:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"it may hold: {', '.join(known)}"
            raise UsageError(f"{path} has an unknown key {key!r}", hint)
    try:
        return msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        # msgspec's words: "Expected `bool`, got `str` - at `$.read-only`".
        wrong, _, place = str(error).replace("`", "").partition(" - at $.")
        raise UsageError(f"{path}: {place}: {wrong[0].lower()}{wrong[1:]}") from error

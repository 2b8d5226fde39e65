"""Where files are: configuration, state, logs (XDG base directories) and the stylesheets."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

_PRIVATE_DIRECTORY = 0o700
_PRIVATE_FILE = 0o600


def _base(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    given = environ.get(variable, "")
    home = environ.get("HOME", "")
    root = Path(given) if given.startswith("/") else Path(home or Path.home()) / fallback
    return root / "k8stui"


def config_file(environ: Mapping[str, str]) -> Path:
    """The user's configuration, which need not exist."""
    return _base(environ, "XDG_CONFIG_HOME", ".config") / "config.toml"


def state_directory(environ: Mapping[str, str]) -> Path:
    """What k8stui remembers between runs, and its log."""
    return _base(environ, "XDG_STATE_HOME", ".local/state")


def log_file(environ: Mapping[str, str]) -> Path:
    """Where the program's own log goes unless `--log-file` says otherwise."""
    return state_directory(environ) / "k8stui.log"


def open_private(path: Path, flags: int) -> int:
    """A file descriptor of a file that only its owner may read; its directory is made if missing.

    Raises:
        OSError: it can't be opened.
    """
    path.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    status = os.fstat(descriptor)
    # A device such as /dev/null stays what it is to everybody else.
    if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
        os.fchmod(descriptor, _PRIVATE_FILE)
    return descriptor


def styles_directory() -> Path:
    """The stylesheets: inside the installed package, or beside it in a checkout.

    Raises:
        FileNotFoundError: they are in neither place.
    """
    package = Path(__file__).parent
    candidates = (package / "styles", package.parent / "styles")
    for candidate in candidates:
        if (candidate / "app.tcss").is_file():
            return candidate
    raise FileNotFoundError(f"no stylesheets in {candidates[0]} or {candidates[1]}")

"""`python -m k8stui`."""

from __future__ import annotations

import sys

from k8stui.cli import main

if __name__ == "__main__":
    sys.exit(main())

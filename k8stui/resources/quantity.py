"""Kubernetes quantities (`250m`, `1.5Gi`, `1e3`) as numbers, and as `kubectl top` prints them."""

from __future__ import annotations

import re
from functools import lru_cache

_QUANTITY = re.compile(
    r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?[0-9]{1,3}))?"
)
_DECIMAL = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_MOST = 2**63 - 1
_LONGEST = 64
_MEBIBYTE = 1 << 20


@lru_cache(maxsize=8192)
def millicores(quantity: str) -> int | None:
    """A CPU quantity in millicores, rounded up as the API's `MilliValue`.

    None for text that is no quantity, so that it never passes for "nothing".
    """
    return _scaled(quantity, 3)


@lru_cache(maxsize=8192)
def quantity_bytes(quantity: str) -> int | None:
    """A quantity of bytes (or of anything whole), rounded up as the API's `Value`.

    None for text that is no quantity.
    """
    return _scaled(quantity, 0)


def format_millicores(amount: int) -> str:
    """Millicores as `kubectl top` prints them: `1250m`."""
    return f"{amount}m"


def format_memory(amount: int) -> str:
    """Bytes as `kubectl top` prints them, whole mebibytes: `88Mi`."""
    return f"{amount // _MEBIBYTE}Mi"


def _scaled(quantity: str, power: int) -> int | None:
    """`quantity` times 10 to `power`, rounded away from zero and kept within 64 bits."""
    if len(quantity) > _LONGEST or not (match := _QUANTITY.fullmatch(quantity)):
        return None
    sign, whole, fraction, suffix, exponent = match.groups(default="")
    if not whole and not fraction:
        return None
    amount = int(whole + fraction)
    if suffix in _BINARY:
        amount <<= _BINARY[suffix]
        ten = power - len(fraction)
    else:
        ten = power - len(fraction) + (int(exponent) if exponent else _DECIMAL[suffix])
    factor = int(10 ** abs(ten))
    amount = amount * factor if ten >= 0 else -(-amount // factor)
    amount = min(amount, _MOST)
    return -amount if sign == "-" else amount

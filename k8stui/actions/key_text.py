"""How keys are written for a person."""

from __future__ import annotations

_KEY_WORDS = {
    "colon": ":",
    "slash": "/",
    "question_mark": "?",
    "enter": "⏎",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "⇧Tab",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "f1": "F1",
    "at": "@",
    "greater_than_sign": ">",
}


def key_text(key: str) -> str:
    """A key as a person reads it: `ctrl+d` is `^d`, `slash` is `/`."""
    if key in _KEY_WORDS:
        return _KEY_WORDS[key]
    return key.replace("ctrl+", "^")

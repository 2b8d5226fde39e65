"""The program's own themes; Textual's built-in ones can be chosen as well."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

DEFAULT_THEME = "k8stui-dark"

_DARK_VARIABLES = {
    "footer-key-foreground": "#7fb4ff",
    "border": "#3b4758",
    "border-blurred": "#3b4758",
    "block-cursor-background": "#27405f",
    "block-cursor-foreground": "#ffffff",
    "block-cursor-blurred-background": "#202a38",
    "input-selection-background": "#27405f",
}

THEMES: tuple[Theme, ...] = (
    Theme(
        name="k8stui-dark",
        primary="#7fb4ff",
        secondary="#b18cff",
        accent="#5ccfe6",
        foreground="#d5dbe5",
        background="#10151c",
        surface="#151b24",
        panel="#1d2530",
        success="#7fd88f",
        warning="#f0c060",
        error="#ff7b72",
        dark=True,
        variables=_DARK_VARIABLES,
    ),
    Theme(
        name="k8stui-light",
        primary="#0b5cad",
        secondary="#6b3fa0",
        accent="#00708a",
        foreground="#1f2733",
        background="#ffffff",
        surface="#f5f7fa",
        panel="#e4e9f0",
        success="#1a7431",
        warning="#8a5a00",
        error="#b3261e",
        dark=False,
        variables={
            "border": "#aab6c5",
            "border-blurred": "#aab6c5",
            "block-cursor-background": "#cfe2f8",
            "block-cursor-foreground": "#10151c",
            "block-cursor-blurred-background": "#e9eef5",
        },
    ),
    Theme(
        name="k8stui-contrast",
        primary="#ffffff",
        secondary="#ffff00",
        accent="#00ffff",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1a1a1a",
        success="#00ff5f",
        warning="#ffff00",
        error="#ff6060",
        dark=True,
        variables={
            "border": "#ffffff",
            "border-blurred": "#8a8a8a",
            "block-cursor-background": "#ffffff",
            "block-cursor-foreground": "#000000",
            "block-cursor-blurred-background": "#3a3a3a",
            "text-muted": "#d0d0d0",
        },
    ),
    # Okabe and Ito's palette: its colours stay apart for every common colour blindness.
    Theme(
        name="k8stui-colorblind",
        primary="#56b4e9",
        secondary="#cc79a7",
        accent="#56b4e9",
        foreground="#e6e6e6",
        background="#101214",
        surface="#16191c",
        panel="#1f2429",
        success="#56b4e9",
        warning="#f0e442",
        error="#e69f00",
        dark=True,
        variables=_DARK_VARIABLES,
    ),
)


def theme_names() -> list[str]:
    """All names that can be chosen: the program's own first, then Textual's."""
    own = [theme.name for theme in THEMES]
    return own + sorted(BUILTIN_THEMES)

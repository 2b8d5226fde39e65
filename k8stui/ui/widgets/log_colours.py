"""What the parts of a log line look like."""

from __future__ import annotations

from k8stui.logs.sgr import ROLES

PALETTE = 8
"""How many colours streams have; the name stands beside, so two may share one."""

LOG_CLASSES = {
    *(f"log-view--{role}" for role in ROLES),
    *(f"log-view--stream-{number}" for number in range(PALETTE)),
    "log-view--time",
    "log-view--divider",
    "log-view--notice",
    "log-view--ok",
    "log-view--warn",
    "log-view--error",
    "log-view--muted",
    "log-view--accent",
    "log-view--include",
    "log-view--highlight",
    "log-view--entry",
    "log-view--selected",
    "log-view--match",
    "log-view--match-current",
}

LOG_CSS = """
LogView {
    & > .log-view--stream-0 { color: $text-primary; }
    & > .log-view--stream-1 { color: $text-accent; }
    & > .log-view--stream-2 { color: $text-success; }
    & > .log-view--stream-3 { color: $text-secondary; }
    & > .log-view--stream-4 { color: $text-warning; }
    & > .log-view--stream-5 { color: $text-primary; text-style: bold; }
    & > .log-view--stream-6 { color: $text-accent; text-style: bold; }
    & > .log-view--stream-7 { color: $text-success; text-style: bold; }
    & > .log-view--own-bold { text-style: bold; }
    & > .log-view--own-grey, & > .log-view--own-grey-bold { color: $text-muted; }
    & > .log-view--own-red, & > .log-view--own-red-bold { color: $text-error; }
    & > .log-view--own-green, & > .log-view--own-green-bold { color: $text-success; }
    & > .log-view--own-yellow, & > .log-view--own-yellow-bold { color: $text-warning; }
    & > .log-view--own-blue, & > .log-view--own-blue-bold { color: $text-primary; }
    & > .log-view--own-magenta, & > .log-view--own-magenta-bold { color: $text-secondary; }
    & > .log-view--own-cyan, & > .log-view--own-cyan-bold { color: $text-accent; }
    & > .log-view--own-red-bold, & > .log-view--own-green-bold,
    & > .log-view--own-yellow-bold, & > .log-view--own-blue-bold,
    & > .log-view--own-magenta-bold, & > .log-view--own-cyan-bold,
    & > .log-view--own-grey-bold { text-style: bold; }
    & > .log-view--time { color: $text-muted; }
    & > .log-view--divider { color: $text-muted; text-style: bold; }
    & > .log-view--notice { color: $text-muted; text-style: italic; }
    & > .log-view--ok { color: $text-success; }
    & > .log-view--warn { color: $text-warning; }
    & > .log-view--error { color: $text-error; }
    & > .log-view--muted { color: $text-muted; }
    & > .log-view--accent { color: $text-accent; }
    & > .log-view--entry { color: $text-accent; text-style: italic; }
    & > .log-view--include { text-style: underline; }
    & > .log-view--highlight { text-style: bold reverse; }
    & > .log-view--selected { background: $primary 40%; }
    & > .log-view--match { text-style: underline; }
    & > .log-view--match-current { text-style: reverse; }
}
"""

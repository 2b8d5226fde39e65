"""What demo containers print: one style for each kind of log that people meet."""

from __future__ import annotations

import time
from typing import Final

_PATHS: Final = (
    "/",
    "/cart",
    "/api/items",
    "/api/items/418",
    "/checkout",
    "/login",
    "/static/app.css",
)
_WORKERS: Final = ("pool-1", "pool-2", "refresh", "http-8080")
_TRACE: Final = (
    "java.util.concurrent.TimeoutException: supplier feed did not answer within 2000 ms",
    "    at shop.catalog.feed.FeedClient.fetch(FeedClient.java:118)",
    "    at shop.catalog.feed.Refresh.run(Refresh.java:57)",
    "    at java.base/java.lang.Thread.run(Thread.java:1583)",
    "Caused by: java.net.SocketTimeoutException: Read timed out",
    "    ... 3 more",
)
_ESCAPES: Final = (
    "tail of an upload: \x1b]0;renamed by a log line\x07\x1b[2J\x1b[1;1Hgotcha",
    "[red]not markup[/red] [@click=app.quit]click me[/] pod[/b]x",
    "right-to-left \u202etxt.exe\u202c and zero\u200bwidth",
    "progress  10%\rprogress  60%\rprogress 100%",
)


def text_of(style: str, seed: int, when: float) -> tuple[str, ...]:
    """The line (or the lines of one message) of a style; the same for the same seed."""
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when))
    millis = int(when % 1 * 1000)
    path, cost = _PATHS[seed % len(_PATHS)], 2 + seed // 7 % 180
    match style:
        case "json":
            return (_json(seed, f"{clock}.{millis:03d}Z", path, cost),)
        case "logfmt":
            level = "warn" if seed % 41 == 0 else "info"
            words = f"ts={clock}.{millis:03d}Z level={level}"
            return (f'{words} msg="request served" path={path} status=200 duration={cost}ms',)
        case "trace":
            return _trace(seed, clock, millis, cost)
        case "ansi":
            colour = "\x1b[33mwarn\x1b[0m" if seed % 17 == 0 else "\x1b[32minfo\x1b[0m"
            return (
                f"[{clock}] [{colour}] [output:es] {3 + seed % 40} records flushed in {cost}ms",
            )
        case "escapes":
            return (_ESCAPES[seed % len(_ESCAPES)],)
        case "postgres":
            return (
                f"{clock.replace('T', ' ')}.{millis:03d} UTC [{64 + seed % 5}] LOG:  "
                f"{_postgres(seed, cost)}",
            )
        case "redis":
            when_text = time.strftime("%d %b %Y %H:%M:%S", time.gmtime(when))
            return (
                f"1:M {when_text}.{millis:03d} * {seed % 100} changes in 300 seconds. Saving...",
            )
        case "envoy":
            code = 503 if seed % 97 == 0 else 200
            return (
                f'[{clock}.{millis:03d}Z] "GET {path} HTTP/1.1" {code} - 0 {seed % 9000} {cost}',
            )
        case "burst":
            frame = seed % 100_000
            return (
                f"frame={frame} fps={20 + seed % 9} size={frame * 3}kB speed=0.{cost % 90 + 10}x",
            )
    return (f"{clock} {_WORKERS[seed % 4]} handled batch {seed % 10_000} in {cost} ms",)


def _json(seed: int, clock: str, path: str, cost: int) -> str:
    if seed % 53 == 0:
        return (
            f'{{"ts":"{clock}","level":"error","msg":"upstream timed out","path":"{path}",'
            f'"status":504,"ms":{2000 + cost},"trace":"{seed & 0xFFFFFFFF:08x}"}}'
        )
    level = "warn" if seed % 29 == 0 else "info"
    return (
        f'{{"ts":"{clock}","level":"{level}","msg":"GET {path}","status":200,"ms":{cost},'
        f'"trace":"{seed & 0xFFFFFFFF:08x}"}}'
    )


def _trace(seed: int, clock: str, millis: int, cost: int) -> tuple[str, ...]:
    head = f"{clock},{millis:03d} "
    if seed % 23 == 0:
        return (f"{head}ERROR [refresh] feed refresh failed", *_TRACE)
    return (f"{head}INFO  [{_WORKERS[seed % 4]}] indexed {seed % 900} items in {cost} ms",)


def _postgres(seed: int, cost: int) -> str:
    if seed % 6 == 0:
        return f"checkpoint complete: wrote {seed % 400} buffers ({cost / 10:.1f}%)"
    if seed % 31 == 0:
        return "duration: 1841.227 ms  statement: SELECT * FROM orders WHERE state = 'open'"
    return "checkpoint starting: time"

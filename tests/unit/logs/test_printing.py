"""Bytes as they came for a pipe, only our own sequences for a terminal."""

from __future__ import annotations

import json
import re

import pytest

from k8stui.logs.arguments import Output
from k8stui.logs.output import LineOrigin, Style, make_format

ORIGIN = LineOrigin("shop", "web-1", "app", "node-1", ("app=web",), 1, "east")
HOSTILE = [
    b"\x1b[2J\x1b[1;1H\x1b[?1049h\x1b[3S",
    b"\x1b]0;title\x07\x1b]8;;http://x\x1b\\\x1b]52;c;eA==\x07",
    b"\x1bP+q\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bP$qm\x1b\\\x1b[c",
    b"\xc2\x9b31m\xc2\x9d0;x\xc2\x9c",
    b"lone \x1b",
    b"\x07\x08\x0b\x0c\x7f\x00\x05",
    b"10%\r\x1b[K100%",
    "\u202eevil\u202c\u2066x\u2069\u200b\u200f\ufeff".encode(),
    b"\xff\xfe\x9b31m\xc3\x28",
    b"[red]x[/] [@click=app.quit]x[/] [YELLOW]",
    b'{"a":"\\u001b[2J","b":"\xe2\x80\xae"}',
    b'{"a":1,\t"b":\r2}',
]
_OURS = re.compile(rb"\x1b\[(?:0|1;31|3\d|9\d)m")
_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


@pytest.mark.parametrize("message", HOSTILE)
@pytest.mark.parametrize("output", ["default", "raw", "json", "extjson", "ppextjson"])
def test_a_terminal_gets_no_sequence_but_ours(message: bytes, output: Output) -> None:
    style = Style(output=output, timestamps="default", contexts=True, colour=True, terminal=True)
    printed = make_format(style)((1,), (message,), ORIGIN)

    assert printed.count(b"\n") == (7 if output == "ppextjson" else 1)
    assert not _FORBIDDEN.search(_OURS.sub(b"", printed).decode())


@pytest.mark.parametrize("message", HOSTILE)
def test_templates_are_no_way_around_it(message: bytes) -> None:
    form = make_format(Style(terminal=True), "{{.Message}} {{json .Message}}")

    assert not _FORBIDDEN.search(form((1,), (message,), ORIGIN).decode())


@pytest.mark.parametrize("message", HOSTILE)
def test_a_pipe_gets_the_bytes_as_they_came(message: bytes) -> None:
    assert make_format(Style(output="raw"))((1,), (message,), ORIGIN) == message + b"\n"


@pytest.mark.parametrize("message", HOSTILE)
def test_json_on_a_terminal_is_still_json(message: bytes) -> None:
    for output in ("json", "extjson", "ppextjson"):
        style = Style(output=output, terminal=True)
        found = json.loads(make_format(style)((1,), (message,), ORIGIN))
        assert found["podName" if output == "json" else "pod"] == "web-1"
        if output == "json":
            assert found["message"] == message.decode("utf-8", "replace")


def test_several_clusters_are_told_apart() -> None:
    lines = make_format(Style(contexts=True, namespaces=True))((1, 2), (b"a", b"b"), ORIGIN)

    assert lines == b"east shop web-1 app a\neast shop web-1 app b\n"
    found = json.loads(make_format(Style(output="json", contexts=True))((1,), (b"a",), ORIGIN))
    assert found["context"] == "east"

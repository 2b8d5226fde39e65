"""All that is known of one line."""

from __future__ import annotations

import pytest

from k8stui.logs.feed import StreamName
from k8stui.logs.ring import LINE, NOTICE, UNSTAMPED, RawLine
from k8stui.resources.document import Document
from k8stui.resources.record import Tone
from k8stui.viewmodels.log_details import entry_document, line_document
from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.log_text import LineWriter, Shown
from tests.unit.viewmodels.log_feed import BASE, SECOND, Feed


class Named(Feed):
    """Streams of a cluster that has a name."""

    def name_of(self, stream: int) -> StreamName:
        return StreamName("prod", "shop", f"pod-{stream}", "app")


def writer(feed: Feed) -> LineWriter:
    return LineWriter(feed, Shown(zone="UTC"), lambda: BASE + 60.0)


def document(message: bytes, *, time: int = BASE * SECOND, mark: int = LINE) -> Document:
    feed = Named()
    return line_document(feed, writer(feed), RawLine(time, 1, mark, message), lambda: BASE + 60.0)


def fields(found: Document) -> dict[str, str]:
    return {line.label: line.text for line in found.lines if line.kind == "field"}


def texts(found: Document, heading: str) -> list[str]:
    """The lines under a heading."""
    lines = list(found.lines)
    start = next(n for n, line in enumerate(lines) if line.text == heading) + 1
    end = next((n for n in range(start, len(lines)) if lines[n].kind == "heading"), len(lines))
    return [line.text for line in lines[start:end] if line.text]


def test_whose_it_is_and_when() -> None:
    found = document(b"hello")
    assert found.title == "pod-1 app"
    assert fields(found) == {
        "Context": "prod",
        "Namespace": "shop",
        "Pod": "pod-1",
        "Container": "app",
        "Time": "2023-11-14T22:13:20.000+0000 (60s ago)",
        "Time in UTC": "2023-11-14T22:13:20.000000000Z",
        "Bytes": "5",
    }
    assert texts(found, "Text") == ["hello"]
    assert texts(found, "Bytes as they came") == [
        "000000  68 65 6c 6c 6f                                   hello"
    ]


@pytest.mark.parametrize(
    ("message", "level", "pretty"),
    [
        (b'{"level":"warn","n":1.50}', "warn", ["{", '  "level": "warn",', '  "n": 1.50', "}"]),
        (b"level=error n=1", "error", ["{", '  "level": "error",', '  "n": "1"', "}"]),
    ],
)
def test_fields_are_spread_out(message: bytes, level: str, pretty: list[str]) -> None:
    found = document(message)
    assert fields(found)["Level"] == level
    assert texts(found, "Fields") == pretty


def test_hostile_bytes_are_text_and_their_dump() -> None:
    found = document(b"\x1b[2Ja\xff\x00")
    assert texts(found, "Text") == ["^[[2Ja\ufffd^@"]
    assert texts(found, "Bytes as they came")[0].startswith("000000  1b 5b 32 4a 61 ff 00")
    assert all("\x1b" not in line.text for line in found.lines)


def test_of_a_long_line_the_dump_ends_and_says_so() -> None:
    found = document(b"x" * 5_000)
    assert fields(found)["Bytes"] == "5,000"
    dump = texts(found, "Bytes as they came")
    assert len(dump) == 4_096 // 16 + 1
    assert dump[-1] == "… and 904 bytes more; save the line to have them all"


def test_times_that_are_not_known_or_borrowed() -> None:
    assert fields(document(b"x", time=0))["Time"] == "not known"
    borrowed = document(b"x", mark=LINE | UNSTAMPED)
    assert any("that of the line before" in line.text for line in borrowed.lines)


def test_a_notice_has_no_level() -> None:
    assert "Level" not in fields(document(b"ERROR: possible gap", mark=NOTICE))


@pytest.mark.parametrize(
    ("kind", "about", "shown"),
    [
        ("event", "pod/web-1", "event"),
        ("change", "pod/web-1", "state change"),
        ("mark", "", "mark of your own"),
    ],
)
def test_an_entry(kind: str, about: str, shown: str) -> None:
    entry = Entry(BASE * SECOND, "ready", about, kind, Tone.OK)  # type: ignore[arg-type]
    found = entry_document(entry, writer(Feed()))
    assert fields(found) == {
        "Kind": shown,
        "About": about or "-",
        "Time": "2023-11-14T22:13:20.000+0000",
    }
    assert found.title == (about or "mark")
    assert (found.lines[-1].text, found.lines[-1].tone) == ("ready", Tone.OK)

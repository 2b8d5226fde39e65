"""The table of streams: what each of its cells says."""

from __future__ import annotations

import msgspec
import pytest

from k8stui.logs.feed import Stream, StreamState
from k8stui.resources.record import Context, Tone
from k8stui.store.ticker import ManualTicker
from k8stui.store.usage import UsageBook
from k8stui.viewmodels.log_streams import STREAM_COLUMNS, StreamRow, stream_rows

NOW = 1_000_000.0
STREAM = Stream(
    index=3,
    namespace="shop",
    pod="web-1",
    container="app",
    role="regular",
    node="node-1",
    state=StreamState.LIVE,
    lines=1234,
    reconnects=0,
    restarts=0,
    rate=0.0,
    last_line=0,
    last_error="",
    selected=True,
)
COLUMNS = {column.id: column for column in STREAM_COLUMNS}


def row(hidden: bool = False, **fields: object) -> StreamRow:
    return stream_rows(
        [msgspec.structs.replace(STREAM, **fields)], frozenset({3} if hidden else ())
    )[0]


def cell(column: str, of: StreamRow) -> tuple[str, Tone]:
    found, context = COLUMNS[column], Context(NOW, UsageBook(ManualTicker()))
    tone = found.tone(of, context) if found.tone is not None else Tone.PLAIN
    return found.text(of, context), tone


@pytest.mark.parametrize(
    ("column", "of", "text"),
    [
        ("pod", row(), "web-1"),
        ("container", row(), "app"),
        ("shown", row(), "yes"),
        ("shown", row(hidden=True), "hidden"),
        ("lines", row(), "1234"),
        ("rate", row(), "0/s"),
        ("rate", row(rate=2.54), "2.5/s"),
        ("rate", row(rate=2540.2), "2,540/s"),
        ("last", row(), "none yet"),
        ("last", row(last_line=int((NOW - 90) * 1e9)), "90s"),
        # A node's clock that is ahead tells of no age below nothing.
        ("last", row(last_line=int((NOW + 50) * 1e9)), "0s"),
        ("skew", row(), ""),
        ("skew", row(skew=3.4), "+3s"),
        ("skew", row(skew=-3600.0), "-3,600s"),
        ("behind", row(), ""),
        ("behind", row(behind=7_200.2), "7,200s"),
        ("role", row(role="init"), "init"),
        ("node", row(), "node-1"),
        ("error", row(last_error="no\x1b[2J"), "no^[[2J"),
    ],
)
def test_cells(column: str, of: StreamRow, text: str) -> None:
    assert cell(column, of)[0] == text


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        (StreamState.LIVE, Tone.OK),
        (StreamState.POLLING, Tone.OK),
        (StreamState.RECONNECTING, Tone.WARN),
        (StreamState.QUEUED, Tone.WARN),
        (StreamState.FORBIDDEN, Tone.ERROR),
        (StreamState.ENDED, Tone.MUTED),
        (StreamState.WAITING, Tone.ACCENT),
        (StreamState.CONNECTING, Tone.ACCENT),
    ],
)
def test_a_state_is_a_word_and_a_tone(state: StreamState, tone: Tone) -> None:
    assert cell("state", row(state=state)) == (state.value, tone)


def test_restarts_are_worth_a_look() -> None:
    assert cell("restarts", row())[1] is Tone.PLAIN
    assert cell("restarts", row(restarts=2)) == ("2", Tone.WARN)


def test_a_row_is_known_by_its_stream_s_index() -> None:
    assert row().uid == "3"
    assert [each.hidden for each in stream_rows([STREAM], frozenset({4}))] == [False]

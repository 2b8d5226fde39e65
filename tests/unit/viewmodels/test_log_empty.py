"""What a log pane without a line says."""

from __future__ import annotations

import pytest

from k8stui.logs.feed import Stream, StreamState
from k8stui.resources.phase import Live, Stale
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record, Tone
from k8stui.viewmodels.log_empty import empty_log
from k8stui.viewmodels.subject_logs import SubjectLogs
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster


def stream(state: StreamState, error: str = "", lines: int = 0, index: int = 0) -> Stream:
    return Stream(
        index=index,
        namespace="shop",
        pod="web-1",
        container="app",
        role="regular",
        node="node-1",
        state=state,
        lines=lines,
        reconnects=0,
        restarts=0,
        rate=0.0,
        last_line=0,
        last_error=error,
        selected=True,
    )


def logs_of(*streams: Stream, uids: frozenset[str] = frozenset({"a"})) -> SubjectLogs:
    """Logs whose streams stand so."""
    cluster = FakeCluster()
    logs = cluster.open_logs()
    cluster.tail.streams = lambda: list(streams)  # type: ignore[method-assign]
    logs.show(uids)
    logs.live.advance()
    return logs


def pod(**fields: object) -> Pod:
    record: Record = make.pod("web-1", **fields)  # type: ignore[arg-type]
    assert isinstance(record, Pod)
    return record


@pytest.mark.parametrize(
    ("state", "error", "text", "tone"),
    [
        (StreamState.LIVE, "", "no lines yet", Tone.MUTED),
        (StreamState.POLLING, "", "no lines yet", Tone.MUTED),
        (StreamState.CONNECTING, "", "connecting …", Tone.MUTED),
        (StreamState.ENDED, "", "ended without a line", Tone.MUTED),
        (StreamState.FORBIDDEN, "pods/log: no", "web-1 app: forbidden: pods/log: no", Tone.ERROR),
        (StreamState.RECONNECTING, "reset", "web-1 app: reconnecting: reset", Tone.WARN),
        (StreamState.WAITING, "Creating", "web-1 app: waiting: Creating", Tone.WARN),
        (
            StreamState.QUEUED,
            "",
            "waiting for other streams to end: S, then + opens more at once",
            Tone.WARN,
        ),
    ],
)
def test_a_stream_that_brought_nothing(
    state: StreamState, error: str, text: str, tone: Tone
) -> None:
    assert empty_log(logs_of(stream(state, error)), []) == (text, tone)


def test_what_is_refused_is_told_before_what_is_well() -> None:
    logs = logs_of(stream(StreamState.LIVE), stream(StreamState.FORBIDDEN, "no", index=1))
    assert empty_log(logs, []) == ("web-1 app: forbidden: no", Tone.ERROR)


def test_nothing_selected_has_no_pods() -> None:
    nobody = logs_of(uids=frozenset())
    assert empty_log(nobody, [])[0] == "no pods, and so no logs"
    assert empty_log(nobody, [], Live(1.0))[0] == "no pods, and so no logs"
    unread = empty_log(nobody, [], Stale(1.0, "can't reach it", 2.0, read=False))
    assert unread == ("no pods: ! nothing read yet", Tone.WARN)


def test_a_filter_that_finds_nothing_is_named() -> None:
    logs = logs_of(stream(StreamState.LIVE, lines=3))
    logs.set_filter("nowhere")
    text, tone = empty_log(logs, [])
    assert text == "no line matches /nowhere: / changes the filter"
    assert tone is Tone.WARN


def test_hidden_streams_are_told_with_the_way_back() -> None:
    logs = logs_of(stream(StreamState.LIVE, lines=3))
    logs.hide(frozenset({0}))
    logs.live.advance()
    assert empty_log(logs, [])[0] == "every stream is hidden: S, then a shows them again"


def test_a_container_that_was_never_started_says_why() -> None:
    found = pod(waiting="ErrImagePull", message="not found", phase="Pending")
    text, tone = empty_log(logs_of(), [found])
    assert text == "web-1 app: ErrImagePull: not found"
    assert tone is Tone.WARN


def test_containers_that_no_name_fits() -> None:
    logs = logs_of()
    logs.set_containers("nginx")
    text, _ = empty_log(logs, [pod()])
    assert text == "no container is called nginx: C changes it"

"""`k8stui logs` prints as stern does, and refuses what can't be."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from k8stui.errors import UsageError
from k8stui.logs.arguments import add_arguments, check_arguments, duration
from k8stui.logs.output import Format, LineOrigin, Style, make_format, stamp_text
from k8stui.logs.patterns import Pattern
from k8stui.logs.query import matches_labels, parse_query, path_of
from k8stui.logs.ring import RawLine
from k8stui.logs.selection import Start

ORIGIN = LineOrigin("shop", "web-1", "app", "node-1", ("app=web", "v=2"), 1)
LINE = RawLine(1_767_323_045_000_000_001, 0, 0, b'{"a":1} \x1b[2Jx')


def one(form: Format, line: RawLine) -> bytes:
    return form((line.time,), (line.message,), ORIGIN)


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", "--namespace")
    parser.add_argument("-A", "--all-namespaces", action="store_true")
    parser.add_argument("-l", "--selector")
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style(), b'web-1 app {"a":1} \x1b[2Jx\n'),
        (Style(namespaces=True), b'shop web-1 app {"a":1} \x1b[2Jx\n'),
        (Style(terminal=True), b'web-1 app {"a":1} ^[[2Jx\n'),
        (Style(output="raw"), b'{"a":1} \x1b[2Jx\n'),
        (
            Style(terminal=True, colour=True, highlight=(Pattern("a"),)),
            b'\x1b[92mweb-1\x1b[0m \x1b[32mapp\x1b[0m {"\x1b[1;31ma\x1b[0m":1} ^[[2Jx\n',
        ),
        (
            Style(colour=True, output="raw", highlight=(Pattern("a"),)),
            b'{"\x1b[1;31ma\x1b[0m":1} \x1b[2Jx\n',
        ),
    ],
)
def test_lines_are_printed_as_bytes_to_pipes_and_clean_to_terminals(
    style: Style, expected: bytes
) -> None:
    assert one(make_format(style), LINE) == expected


def test_json_has_sterns_fields() -> None:
    printed = one(make_format(Style(output="json", timestamps="default")), LINE)

    assert json.loads(printed) == {
        "message": '{"a":1} \x1b[2Jx',
        "timestamp": stamp_text(LINE.time, "default"),
        "nodeName": "node-1",
        "namespace": "shop",
        "podName": "web-1",
        "containerName": "app",
        "labels": {"app": "web", "v": "2"},
    }
    assert b"\x1b" not in printed


@pytest.mark.parametrize(
    ("message", "expected"), [(b'{"a":1}', {"a": 1}), (b"a", "a"), (b"\xff", "\ufffd")]
)
def test_extjson_holds_a_json_message_as_json(message: bytes, expected: object) -> None:
    line = LINE._replace(message=message)

    for output in ("extjson", "ppextjson"):
        printed = json.loads(one(make_format(Style(output=output)), line))
        assert printed == {"pod": "web-1", "container": "app", "message": expected}


def test_extjson_is_written_as_stern_writes_it() -> None:
    line = LINE._replace(message=b'{"a": 1}')
    style = Style(output="extjson", namespaces=True)

    assert one(make_format(style), line) == (
        b'{"namespace": "shop", "pod": "web-1", "container": "app", "message": {"a": 1}}\n'
    )
    assert one(make_format(Style(output="ppextjson")), line) == (
        b'{\n  "pod": "web-1",\n  "container": "app",\n  "message": {"a": 1}\n}\n'
    )


@pytest.mark.parametrize(
    ("zone", "stamp"),
    [
        ("UTC", "2024-05-06T07:08:09.000000001Z"),
        ("Asia/Kolkata", "2024-05-06T12:38:09.000000001+05:30"),
        ("America/New_York", "2024-05-06T03:08:09.000000001-04:00"),
    ],
)
def test_times_are_in_the_zone_that_is_named(zone: str, stamp: str) -> None:
    options = check_arguments(arguments("web", "-t", "default", "--timezone", zone))

    assert stamp_text(1_714_979_289_000_000_001, "default", options.zone) == stamp


def test_a_template_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "template"
    path.write_text("{{.PodName}}\n")

    assert check_arguments(arguments("web", "-T", str(path))).template == "{{.PodName}}\n"
    with pytest.raises(UsageError, match=r"--template-file .*nope: No such file or directory"):
        check_arguments(arguments("web", "-T", str(tmp_path / "nope")))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            '{{.PodName}}/{{ .ContainerName }}: {{.Message}}{{"\\n"}}',
            'web-1/app: {"a":1} \x1b[2Jx\n',
        ),
        ("{{json .NodeName}}", '"node-1"'),
        ("{{color .PodColor .PodName}} {{red .Namespace}}", "web-1 shop"),
    ],
)
def test_templates(template: str, expected: str) -> None:
    assert one(make_format(Style(), template), LINE) == expected.encode()


@pytest.mark.parametrize("template", ["{{.Nope}}", "{{range .}}", '{{"open}}'])
def test_templates_that_can_not_be_done_are_refused(template: str) -> None:
    with pytest.raises(UsageError, match="--template"):
        make_format(Style(), template)


def test_defaults_are_sterns() -> None:
    options = check_arguments(arguments("web"))

    assert (options.namespaces, options.all_namespaces) == ((), False)
    assert options.start == Start(tail=None, since=48 * 3600)
    assert options.follow
    assert options.most_streams == 50
    assert check_arguments(arguments("web", "--no-follow")).most_streams == 5


@pytest.mark.parametrize(
    ("words", "namespaces"),
    [
        (["-n", "a,b", "x"], ("a", "b")),
        (["-A", "x"], ()),
        (["x"], ()),
        (["-n", "a,b,a", "x"], ("a", "b")),
    ],
)
def test_namespaces(words: list[str], namespaces: tuple[str, ...]) -> None:
    assert check_arguments(arguments(*words)).namespaces == namespaces


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["deploy/web", "-l", "a=b"],
        ["web", "--no-follow", "--tail", "0"],
        ["web", "-i", "("],
        ["web", "--container-state", "dead"],
        ["web", "--max-log-requests", "0"],
    ],
)
def test_what_can_not_be_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError):
        check_arguments(arguments(*words))


@pytest.mark.parametrize(
    ("text", "seconds"), [("48h", 172800), ("1h30m", 5400), ("90s", 90), ("1d", 86400), ("5ms", 1)]
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "h", "5x", "1h2"])
def test_odd_durations(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        duration(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("deploy/web", "deployments.apps"),
        ("deployments/web", "deployments.apps"),
        ("CronJob/x", "cronjobs.batch"),
        ("statefulsets/x", "statefulsets.apps"),
        ("ds/x", "daemonsets.apps"),
        ("no/x", "nodes"),
        ("deployment.apps/web", "deployments.apps"),
        ("Deployments.apps/web", "deployments.apps"),
        ("cronjob.batch/x", "cronjobs.batch"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert parse_query(text).kind == kind


@pytest.mark.parametrize("text", ["a/b/c", "nope/x", "deploy/", "job.apps/x", "pod.v1/x"])
def test_odd_queries(text: str) -> None:
    with pytest.raises(UsageError):
        parse_query(text)


def test_paths() -> None:
    assert path_of("jobs.batch", "v1", "a", "x") == "/apis/batch/v1/namespaces/a/jobs/x"
    assert path_of("pods", "v1", "") == "/api/v1/pods"


def test_a_service_without_a_selector_takes_no_pod() -> None:
    assert not matches_labels({})(("a=b",))
    assert matches_labels({"a": "b"})(("a=b", "c=d"))

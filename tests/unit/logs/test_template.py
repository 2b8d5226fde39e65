"""Templates as stern and Go have them."""

from __future__ import annotations

import pytest

from k8stui.errors import UsageError
from k8stui.logs.output import LineOrigin, Style, make_format

ORIGIN = LineOrigin("shop", "web-1", "app", "node-1", ("app=web",), 1, "east")
JSON = (
    b'{"level":"warn","n":12345678901234567890,"x":1.50,"msg":"hi","tags":["a","b"],'
    b'"at":"2026-01-02T03:04:05.120Z","sub":{"k":7}}'
)


def shown(
    template: str, message: bytes = JSON, *, terminal: bool = False, colour: bool = False
) -> str:
    style = Style(terminal=terminal, colour=colour)
    return make_format(style, template)((1,), (message,), ORIGIN).decode()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{with $d := .Message | parseJSON}}{{$d.level}}: {{$d.msg}}{{end}}", "warn: hi"),
        ("{{(parseJSON .Message).sub.k}}", "7"),
        (
            "{{with tryParseJSON .Message}}{{.n}} {{.x}} {{.tags}}{{end}}",
            "12345678901234567890 1.50 [a b]",
        ),
        ("{{with tryParseJSON .PodName}}json{{else}}{{.PodName}}{{end}}", "web-1"),
        ('{{extractJSONParts .Message "msg" "nope" "level"}}', "hi, warn"),
        ('{{tryExtractJSONParts .PodName "msg"}}', "web-1"),
        ("{{extjson .PodName}} {{json .Labels}}", '"web-1" {"app":"web"}'),
        ('{{.Labels.app}} {{index .Labels "app"}} {{.Labels.none}}', "web web <no value>"),
        ('{{if eq .Namespace "shop" "other"}}yes{{else if true}}no{{end}}', "yes"),
        ('{{if eq .Namespace "x"}}1{{else if ne .PodName "web-1"}}2{{else}}3{{end}}', "3"),
        (
            "{{with parseJSON .Message}}{{if gt .sub.k 6}}big{{end}}{{if lt .n 5}}x{{end}}{{end}}",
            "big",
        ),
        ("{{range $i, $t := (parseJSON .Message).tags}}{{$i}}={{$t}};{{end}}", "0=a;1=b;"),
        ("{{range (parseJSON .Message).none}}x{{else}}none{{end}}", "none"),
        (
            '{{$p := .PodName}}{{printf "%-7s|%s|%q" $p .Namespace .NodeName}}',
            'web-1  |shop|"node-1"',
        ),
        ("a {{- .PodName -}} b{{/* said to nobody */}}", "aweb-1b"),
        (
            "{{with parseJSON .Message}}{{toUTC .at}} {{toRFC3339Nano .at}}{{end}}",
            "2026-01-02T03:04:05.12Z 2026-01-02T03:04:05.12Z",
        ),
        (
            '{{toTimestamp (parseJSON .Message).at "02 Jan 06 15:04:05.000 -0700" "Asia/Tokyo"}}',
            "02 Jan 26 12:04:05.120 +0900",
        ),
        ('{{toTimestamp 0 "2006-01-02T15:04:05Z07:00" "UTC"}}', "1970-01-01T00:00:00Z"),
        ('{{levelColor "warn"}}{{bunyanLevelColor 50}}{{colorCustom 1 31 "x"}}', "warn50x"),
        ('{{with tryParseJSON .Message}}{{colorGreen .msg}}{{colorCyan "x"}}{{end}}', "hix"),
        ("{{not true}} {{len .PodName}} {{and 1 0}} {{or 0 2}} {{`raw`}}", "false 5 0 2 raw"),
    ],
)
def test_what_a_template_makes_of_a_line(template: str, expected: str) -> None:
    assert shown(template) == expected


def test_a_json_message_is_written_with_its_own_digits() -> None:
    pretty = shown("{{prettyJSON .Message}}")

    assert '\n  "n": 12345678901234567890,\n  "x": 1.50,\n' in pretty
    assert shown("{{with $m := .Message | tryParseJSON}}{{prettyJSON $m}}{{end}}") == pretty
    assert shown("{{extjson .Message}}") == JSON.decode()


def test_colours_where_they_are_wanted() -> None:
    template = '{{levelColor "error"}} {{bunyanLevelColor 30}} {{colorCustom 1 32 .PodName}}'

    assert shown(template, colour=True) == (
        "\x1b[31merror\x1b[0m \x1b[34m30\x1b[0m \x1b[1;32mweb-1\x1b[0m"
    )
    assert shown('{{color "2J\\x1b[9" .PodName}}', colour=True) == "web-1"


@pytest.mark.parametrize(
    "template",
    [
        "{{(parseJSON .Message).m}}",
        '{{extractJSONParts .Message "m"}}',
        "{{prettyJSON .Message}}",
        "{{extjson .Message}}",
        "{{json (parseJSON .Message)}}",
        "{{parseJSON .Message}}",
        '{{printf "%q %s" (parseJSON .Message).m .Message}}',
        "{{range $k, $v := parseJSON .Message}}{{$k}}{{$v}}{{end}}",
    ],
)
def test_what_json_escapes_is_no_way_to_the_terminal(template: str) -> None:
    hostile = b'{"m":"\\u001b[2J\\u009b31m\\u202e","\\u001b]0;x\\u0007":["\\u001b[1m"]}'

    text = shown(template, hostile, terminal=True, colour=True)
    assert text
    assert all(each.isprintable() or each == "\n" for each in text)


def test_a_line_that_a_template_fails_on_is_told_of() -> None:
    told: list[str] = []
    form = make_format(Style(), "{{(parseJSON .Message).a}}\n", told.append)

    assert form((1, 2), (b"no json", b'{"a":1}'), ORIGIN) == b"1\n"
    assert len(told) == 1
    assert told[0].startswith("! web-1 › app: --template: parseJSON: no JSON")


@pytest.mark.parametrize(
    "template",
    [
        "{{.Nope}}",
        "{{range .}}",
        '{{"open}}',
        "{{if true}}",
        "{{end}}",
        "{{else}}",
        "{{nothing .Message}}",
        "{{.Message | .PodName}}",
        "{{(.Message}}",
        "{{:= 3}}",
        "{{}}",
        "{{ .Message ? }}",
        "{{if true}}" * 60,
    ],
)
def test_what_can_not_be_understood_is_refused_at_the_start(template: str) -> None:
    with pytest.raises(UsageError, match="--template"):
        make_format(Style(), template)

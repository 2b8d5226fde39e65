"""Levels, clean text, and JSON and logfmt in forms to be read."""

from __future__ import annotations

import pytest

from k8stui.logs.content import Form, Level, level_of, own_colours, plain_text, shown_lines


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (b'{"level":"info","msg":"x"}', Level.INFO),
        (b'{"severity":"ERROR","message":"x"}', Level.ERROR),
        (b'{"name":"app","level":50,"msg":"x"}', Level.ERROR),
        (b'{"level":"dpanic"}', Level.FATAL),
        (b"time=x level=warning msg=y", Level.WARN),
        (b"lvl=dbug", None),
        (b"E1121 08:23:22.123456       1 reflector.go:1] x", Level.ERROR),
        (b"I1121 08:23:22.123456       1 reflector.go:1] x", Level.INFO),
        (b"2026-01-01 12:00:00 WARN  o.a.Foo - x", Level.WARN),
        (b"[error] 12#12: open() failed", Level.ERROR),
        (b"FATAL: cannot reach db", Level.FATAL),
        (b"an error occurred", None),
        (b"GET / 200", None),
        (b"", None),
    ],
)
def test_levels(line: bytes, level: Level | None) -> None:
    assert level_of(line) == level


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"plain", "plain"),
        (b"crlf\r", "crlf"),
        (b" 10%\r 50%\r100%", "100%"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]52;c;eA==\x07", "^[]52;c;eA==^G"),
        (b"\x1b[2J\x1b[1;1H", "^[[2J^[[1;1H"),
        (b"a\tb\x00", "a        b^@"),
        (b"[red]x[/] [@click=app.quit]", "[red]x[/] [@click=app.quit]"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("\u202eevil\u200b".encode(), "<U+202E>evil<U+200B>"),
        (b"\xc2\x9b31m", "<9B>31m"),
        ("a\u00adb\u3164c\uffffd".encode(), "a<U+00AD>b<U+3164>c<U+FFFF>d"),
        (("e" + "\u0301" * 500 + "x").encode(), "e" + "\u0301" * 4 + "x"),
        ("❤️ Việt 한국어".encode(), "❤️ Việt 한국어"),
    ],
)
def test_what_goes_to_the_screen_is_clean(line: bytes, text: str) -> None:
    assert plain_text(line) == text


JSON = (
    b'{"ts":"t","level":"warn","msg":"hi there","n":1.50,"big":12345678901234567890,'
    b'"o":{"b":[1,"x"]}}'
)


@pytest.mark.parametrize(
    ("form", "fields", "lines"),
    [
        ("raw", (), [JSON.decode()]),
        ("compact", (), ['WARN  hi there n=1.50 big=12345678901234567890 o={"b":[1,"x"]}']),
        ("fields", ("msg", "o.b.1", "missing", "n"), ["hi there  x  1.50"]),
        ("fields", ("missing",), [JSON.decode()]),
        (
            "pretty",
            (),
            [
                "{",
                '  "ts": "t",',
                '  "level": "warn",',
                '  "msg": "hi there",',
                '  "n": 1.50,',
                '  "big": 12345678901234567890,',
                '  "o": {',
                '    "b": [',
                "      1,",
                '      "x"',
                "    ]",
                "  }",
                "}",
            ],
        ),
    ],
)
def test_json_keeps_its_order_and_its_numbers(
    form: Form, fields: tuple[str, ...], lines: list[str]
) -> None:
    assert shown_lines(JSON, form, fields) == lines


@pytest.mark.parametrize(
    ("line", "compact"),
    [
        (b'level=info msg="a \\"b\\"" n=1', 'INFO  a "b" n=1'),
        (b"plain text = no fields", "plain text = no fields"),
        (b"a=b", "a=b"),
        (b"{broken json}", "{broken json}"),
        (b"[1,2]", "[1,2]"),
        (b'{"msg":"line\\nbreak \\u001b[2J"}', "line^Jbreak ^[[2J"),
        (b'{"a":NaN}', "a=NaN"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, None),
        # Where each letter begins a new try, these would stop the screen for minutes.
        (b"a" * 30_000, None),
        (b"a" * 30_000 + b"=", None),
        (b'a="\\"' * 6_000, None),
        (b'a=" ' * 8_000, None),
    ],
)
def test_logfmt_and_odd_lines(line: bytes, compact: str | None) -> None:
    shown = shown_lines(line, "compact")

    assert len(shown) == 1
    assert compact is None or shown == [compact]


def test_what_is_too_long_to_be_spread_out_stays_as_it_came() -> None:
    line = b'{"a":[' + b"1," * 20_000 + b"1]}"

    assert len(shown_lines(line, "pretty")) == 1
    assert shown_lines(line, "compact")[0].startswith('{"a":[1,1,')


def test_a_megabyte_of_json_is_shown_by_its_start() -> None:
    line = b'{"msg":"' + b"x" * (1 << 20) + b'"}'

    assert len(shown_lines(line, "pretty")) == 1
    assert len(shown_lines(line, "compact")[0]) < 20_000


@pytest.mark.parametrize("form", ["compact", "pretty", "fields"])
@pytest.mark.parametrize("nested", [b'{"a":', b'{"a":[[[['])
def test_json_that_is_nested_too_deep_stays_as_it_came(form: Form, nested: bytes) -> None:
    closed = nested[::-1].replace(b"[", b"]").replace(b"{", b"}").replace(b':"a"', b"")
    line = nested * 200 + b"1" + closed * 200

    assert shown_lines(line, form, ("a.b",)) == [line.decode()]


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert len(shown_lines(b'{"a":"' + b"{[" * 500 + b'"}', "pretty")) == 3


@pytest.mark.parametrize(
    ("message", "begins", "ends"),
    [
        pytest.param(b"x" * 20_000, "xxx", "x … +3616 characters", id="long"),
        pytest.param(b"\xff" * (1 << 20), "\ufffd", "\ufffd … +1032192 characters", id="no text"),
        pytest.param("漢".encode() * 300_000, "漢", "漢 … +283616 characters", id="wide"),
        pytest.param(b"\x1b[31mx\x1b[m" * 100_000, "xxx", "x … +768928 characters", id="colours"),
        pytest.param(b"1%\r" * 500_000 + b"100%", "100%", "100%", id="progress"),
        pytest.param(b"1%\r" * 500_000, "1%", "1%", id="progress, still at work"),
    ],
)
def test_of_a_line_of_a_megabyte_a_part_is_looked_at(
    message: bytes, begins: str, ends: str
) -> None:
    plain, (own, painted) = plain_text(message), own_colours(message)

    assert plain.startswith(begins)
    assert plain.endswith(ends)
    assert len(plain) < 17_000
    assert own == plain
    assert len(painted) <= 1_000

"""One line of YAML gets its roles, whatever stands in it."""

from __future__ import annotations

import pytest

from k8stui.ui.widgets.yaml_tokens import yaml_spans


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("kind: Pod", [("kind", "key"), (":", "marker"), ("Pod", "string")]),
        (
            "    app.kubernetes.io/name: web",
            [("app.kubernetes.io/name", "key"), (":", "marker"), ("web", "string")],
        ),
        ("  f:metadata:", [("f:metadata", "key"), (":", "marker")]),
        ("- name: app", [("- ", "marker"), ("name", "key"), (":", "marker"), ("app", "string")]),
        (
            "  - containerPort: 8080",
            [("- ", "marker"), ("containerPort", "key"), (":", "marker"), ("8080", "number")],
        ),
        ("- -c", [("- ", "marker"), ("-c", "string")]),
        ("-", [("-", "marker")]),
        ("tty: true", [("tty", "key"), (":", "marker"), ("true", "literal")]),
        (
            "x: null # why",
            [("x", "key"), (":", "marker"), ("null", "literal"), ("# why", "comment")],
        ),
        ("# only a comment", [("# only a comment", "comment")]),
        (
            'url: "http://a:80/#x"',
            [("url", "key"), (":", "marker"), ('"http://a:80/#x"', "string")],
        ),
        (
            "image: registry:5000/web:1",
            [("image", "key"), (":", "marker"), ("registry:5000/web:1", "string")],
        ),
        ("script: |-", [("script", "key"), (":", "marker"), ("|-", "marker")]),
        ("---", [("---", "marker")]),
    ],
)
def test_roles(line: str, expected: list[tuple[str, str]]) -> None:
    found = [(line[s.start : s.end], s.role) for s in yaml_spans(line)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    "line", ["- " * 5000, "a" * 100_000, '"' * 50_000, ": " * 50_000, "'" * 50_001]
)
def test_no_line_takes_long(line: str) -> None:
    assert all(0 <= span.start <= span.end <= len(line) for span in yaml_spans(line))

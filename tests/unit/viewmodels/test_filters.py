"""The filter language: what each form matches, what it says of itself, and its errors."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.resources.columns import age_column, name_column
from k8stui.resources.record import Column, Context, NoUsage, Record, Usage
from k8stui.viewmodels.filters import FilterError, parse_filter

NOW = 1_000_000.0
MI = 1 << 20


class Pod(Record, frozen=True, gc=False, kw_only=True):
    status: str = "Running"
    node: str = "<none>"
    ready: int = 1
    restarts: int = 0


class Samples(NoUsage):
    def pod(self, namespace: str, name: str) -> Usage | None:
        return Usage(600, 100 * MI, 0) if name.startswith("web") else None


COLUMNS: tuple[Column[Pod], ...] = (
    name_column(),
    Column(
        id="ready",
        title="READY",
        text=lambda pod, _: f"{pod.ready}/2",
        value=lambda pod, _: pod.ready,
        measure="number",
    ),
    Column(id="status", title="STATUS", text=lambda pod, _: pod.status),
    Column(
        id="restarts",
        title="RST",
        text=lambda pod, _: str(pod.restarts),
        value=lambda pod, _: pod.restarts,
        measure="number",
    ),
    Column(
        id="cpu",
        title="CPU",
        text=lambda pod, context: "",
        value=lambda pod, context: getattr(context.usage.pod("", pod.name), "cpu", None),
        measure="millicores",
    ),
    Column(
        id="memory",
        title="MEM",
        text=lambda pod, context: "",
        value=lambda pod, context: getattr(context.usage.pod("", pod.name), "memory", None),
        measure="bytes",
    ),
    Column(
        id="cpu_limit",
        title="%CPU/L",
        text=lambda pod, _: "80%",
        value=lambda pod, _: 80.0,
        measure="percent",
    ),
    age_column(),
    Column(id="node", title="NODE", text=lambda pod, _: pod.node),
)


def pod(name: str, **fields: Any) -> Pod:
    return Pod(**{"uid": name, "name": name, "created": int(NOW) - 3600, **fields})


PODS = (
    pod("web-7f-abc", labels=("app=web", "tier=front"), ready=2, node="node-1"),
    pod("web-7f-xyz", labels=("app=web",), status="Not Ready", restarts=4),
    pod("db-0", labels=("app=db", "tier=back"), restarts=12, created=int(NOW) - 9000),
    pod("job[1]", status="Completed", ready=0, created=int(NOW) - 60),
)
WEB, BAD_WEB, DB, JOB = (each.name for each in PODS)


def haystack(each: Pod) -> str:
    return "\n".join([each.name, f"{each.ready}/2", each.status, each.node]).lower()


def shown(text: str) -> list[str]:
    wanted = parse_filter(text, COLUMNS)
    context = Context(NOW, Samples())
    return [each.name for each in PODS if wanted.matches(each, context, haystack(each))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [WEB, BAD_WEB, DB, JOB]),
        ("   ", [WEB, BAD_WEB, DB, JOB]),
        ("web", [WEB, BAD_WEB]),
        ("WEB", [WEB, BAD_WEB]),
        ("web abc", [WEB]),
        ("job[1]", [JOB]),
        ("2/2", [WEB]),
        ("not ready", [BAD_WEB]),
        ('"not ready"', [BAD_WEB]),
        ("'Not Ready'", [BAD_WEB]),
        ('"not ready', [BAD_WEB]),
        ('"ready not"', []),
        ('"restarts>3"', []),
        ("!web", [DB, JOB]),
        ('!"not ready" web', [WEB]),
        ("db|job", [DB, JOB]),
        ("db | job", [DB, JOB]),
        ("db|", [DB]),
        ("!db|job", [WEB, BAD_WEB]),
        ("db|!web", [DB, JOB]),
        ("db|restarts=4", [BAD_WEB, DB]),
        ("web|db restarts>3", [BAD_WEB, DB]),
        ("/^web-.*z$/", [BAD_WEB]),
        ("/^web-.*z$", [BAD_WEB]),
        ("/Not R/", [BAD_WEB]),
        ("/2\\/2/", [WEB]),
        ("/2/2/", [WEB]),
        ("/^db|^job/", [DB, JOB]),
        ("!/web/ !/db/", [JOB]),
        ("re:^d.-\\d$", [DB]),
        ('re:"t r"', [BAD_WEB]),
        ("/web.*running/", []),
        ("~w7x", [BAD_WEB]),
        ("~DB", [DB]),
        ("!~w7", [DB, JOB]),
        ("app=web", [WEB, BAD_WEB]),
        ("app==web", [WEB, BAD_WEB]),
        ("app=", []),
        ("app!=web", [DB, JOB]),
        ("!app=web", [DB, JOB]),
        ("app=web,tier!=front", [BAD_WEB]),
        ("app=web tier=front", [WEB]),
        ("tier in (front,back)", [WEB, DB]),
        ("tier in (front, back) web", [WEB]),
        ("tier notin (front),app", [BAD_WEB, DB]),
        ("l:tier", [WEB, DB]),
        ("l:!tier", [BAD_WEB, JOB]),
        ("-l !tier web", [BAD_WEB]),
        ("-l app=db", [DB]),
        ("!l:tier", [BAD_WEB, JOB]),
        ("l:status=Running", []),
        ("example.com/app=web", []),
        ("restarts>3", [BAD_WEB, DB]),
        ("restarts > 3", [BAD_WEB, DB]),
        ("restarts>= 12", [DB]),
        ("RST>3", [BAD_WEB, DB]),
        ("restarts=4", [BAD_WEB]),
        ("restarts!=0", [BAD_WEB, DB]),
        ("!restarts>3", [WEB, JOB]),
        ("ready<1", [JOB]),
        ("ready=2/2", [WEB]),
        ("cpu>500m", [WEB, BAD_WEB]),
        ("cpu>0.6", []),
        ("cpu<=0.6", [WEB, BAD_WEB]),
        ("cpu!=1", [WEB, BAD_WEB]),
        ("mem>=100Mi", [WEB, BAD_WEB]),
        ("memory>=100mi", [WEB, BAD_WEB]),
        ("memo<0.2G", [WEB, BAD_WEB]),
        ("%cpu/l>=80%", [WEB, BAD_WEB, DB, JOB]),
        ("cpu_limit>80", []),
        ("age<2h", [WEB, BAD_WEB, JOB]),
        ("age>1h30m", [DB]),
        ("age<=60", [JOB]),
        ("age=60m", [WEB, BAD_WEB]),
        ("status=running", [WEB, DB]),
        ('status="not ready"', [BAD_WEB]),
        ("status!=running", [BAD_WEB, JOB]),
        ("status=run*|status=comp*", [WEB, DB, JOB]),
        ("name=job[1]", [JOB]),
        ("name=job[?]", []),
        ('node=""', [BAD_WEB, DB, JOB]),
        ("10.0.0.1:80", []),
        ("http://a?b=c", []),
        ("=", []),
        ("->", []),
    ],
)
def test_what_it_shows(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ('web !"b c"', '"web" · not "b c"'),
        ("!a|b", 'neither "a" nor "b"'),
        ("a|!b", '"a" or not "b"'),
        ("/x.y/ ~ab", "/x.y/ · ~ab"),
        ("app=web,tier in (a,b) l:!c,d!=e", "label app=web,tier in (a,b) · label !c,d!=e"),
        ("rst>3 status=Err* node=''", "RST > 3 · STATUS = Err* · NODE = <none>"),
    ],
)
def test_it_says_what_it_shows(text: str, words: str) -> None:
    assert parse_filter(text, COLUMNS).describe() == words


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("web restrats>3", "there is no column restrats; did you mean restarts?", 4),
        ("xyzzy>3", "there is no column xyzzy; put it in quotes to look for the text", 0),
        ("restarts>", "restarts needs a value to compare with, as 3", 9),
        ("restarts>many", "RST can't be compared with many: write it as 3", 9),
        ("cpu>lots", "CPU can't be compared with lots: write it as 500m or 1.5", 4),
        ("mem>100Q", "MEM can't be compared with 100Q: write it as 100Mi or 2G", 4),
        ("age<soon", "AGE can't be compared with soon: write it as 90s, 15m, 2h or 1d12h", 4),
        ("status>Running", "STATUS is a text: compare it with = or !=", 7),
        ("web !", "there is nothing to look for here", 5),
        ("~", "there is nothing to look for here", 0),
        ("|", "there is nothing to look for here", 0),
        ("//", "there is nothing to look for here", 0),
        ("l:", "a label selector needs a label here, as app=web or !app", 2),
        ("app=web,", "a label selector needs a label here, as app=web or !app", 8),
        ("tier in (a", "the values of tier need a ) at their end", 10),
        ("app=web;b", "this can't be in a label selector", 7),
    ],
)
def test_errors_say_what_and_where(text: str, message: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text, COLUMNS)
    assert (caught.value.message, caught.value.position) == (message, position)


@pytest.mark.parametrize("text", ["web /a(/", "web re:a**", "web /(?P=x)/", "web /(a)\\1/"])
def test_an_expression_that_is_none(text: str) -> None:
    with pytest.raises(FilterError, match="not a regular expression") as caught:
        parse_filter(text, COLUMNS)
    assert caught.value.position == 4


def test_an_expression_that_backtracking_would_never_finish() -> None:
    wanted = parse_filter("/^(a|a|aa)*(b*)*$/", COLUMNS)
    assert not wanted.matches(PODS[0], Context(NOW, NoUsage()), "a" * 5000 + "!")


@pytest.mark.parametrize(
    ("text", "needs_haystack", "live", "hides"),
    [
        ("", False, False, False),
        ("web", True, False, True),
        ("/web/", True, False, True),
        ("~web", False, False, True),
        ("app=web restarts>3", False, False, True),
        ("app=web|age<2h", False, True, True),
        ("age=5m", False, True, True),
    ],
)
def test_what_it_depends_on(text: str, needs_haystack: bool, live: bool, hides: bool) -> None:
    wanted = parse_filter(text, COLUMNS)
    assert (wanted.needs_haystack, wanted.live, bool(wanted)) == (needs_haystack, live, hides)


def test_everything_that_can_be_typed_reads_or_says_why() -> None:
    """Each beginning of each of these, as it is typed, is a filter or a FilterError."""
    for text in (
        '!"a\\"b c"|restarts >= 3 -l app in (a,b),!c l:x==y',
        "re:a.*b /c\\/d e/|f ~g h!=i %CPU/L<5 'j",
        "|| !| ((((( \x1b[31m \u202e = == => <> !!a ,,, a=,b -l",
    ):
        for end in range(len(text) + 1):
            position = 0
            try:
                assert parse_filter(text[:end], COLUMNS).describe().isprintable()
            except FilterError as error:
                position = error.position
                assert_readable(error)
            assert 0 <= position <= end


def assert_readable(error: FilterError) -> None:
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("typed", "text"),
    [("Web", "web"), ('"not Ready"', "not ready"), ("!web", None), ("web|db", None), ("a b", None)],
)
def test_a_filter_of_one_text_alone_is_known_as_such(typed: str, text: str | None) -> None:
    assert parse_filter(typed, ()).only_text == text

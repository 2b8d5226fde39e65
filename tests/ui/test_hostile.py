"""Text from the cluster is shown as it is, whatever it says: no markup, no escape, no crash."""

from __future__ import annotations

import re

from k8stui.errors import K8sTuiError
from k8stui.resources.phase import Forbidden
from k8stui.resources.record import Record
from k8stui.resources.text import clean_text
from k8stui.viewmodels.live import ContextChoice, ObjectRef
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, Running, running

LONG = "x" * 253
WIDE_NAME = "製品データベース-0"
TEXTS = (
    "[red]red[/]",
    "[@click=app.quit]x[/]",
    "[/b]",
    "\x1b]0;owned\x07title",
    "\x1b[2Jgone",
    "\x9b31mred",
    "a\u202egnp.exe",
    "tab\there\r\nnew",
    LONG,
    WIDE_NAME,
)
_SGR = re.compile(r"\x1b\[[0-9;]*m")
_MOVE = re.compile(r"\x1b\[[0-9;]*H|\x1b\[[0-9]+[CX]")
"""To a place, over blanks, and blanks themselves."""
_MODE = re.compile(
    r"\x1b\[\?\d+[hl]|\x1b\]22;[a-z-]*\x07|\x1b\[[<>=][0-9;]*u|\x1b\]52;c;[\w+/=]*\x07"
)
"""Modes, the shape of the pointer and the clipboard (in base 64): the program's own."""


def _hostile_objects() -> list[Record]:
    made: list[Record] = []
    for number, text in enumerate(TEXTS):
        name = f"n{number}-{text}"
        made += [
            make.deployment(name, image=text),
            make.replicaset(name, "h", image=text, cause=text),
            make.of_deployment(name, "h", "p", waiting=text, message=text, image=text, node=text),
            make.node(name, ready=False),
        ]
    made += [
        make.event(f"e{number}", one, text, text)
        for number, (one, text) in enumerate(zip(made[2::4], TEXTS, strict=True))
    ]
    return made


def _check(run: Running) -> None:
    """Nothing but what the program itself writes reached the terminal."""
    rest = _MODE.sub("", _MOVE.sub("", _SGR.sub("", run.driver.data)))
    bad = re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rest)
    where = re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rest)
    assert not bad, (bad[:5], where and rest[max(0, where.start() - 40) : where.end() + 20])


async def test_hostile_objects_are_only_text() -> None:
    cluster = FakeCluster()
    cluster.apply(*_hostile_objects())
    async with running(cluster, (160, 50)) as run:
        for number in range(len(TEXTS)):
            pod = next(
                p for p in cluster.collection("pods").rows.values() if f"-n{number}-" in p.uid
            )
            cluster.tail.put(pod, TEXTS[number])
            ref = ObjectRef("deployments.apps", "shop", clean_text(f"n{number}-{TEXTS[number]}"))
            cluster.documents["describe", ref] = [clean_text(TEXTS[number])]
        assert "[red]red[/]" in run.text
        await run.press("j")
        assert "[@click=app.quit]x[/]" in run.text
        await run.press("k")
        for key in ("e", "d", "y", "l", "escape"):
            await run.press(key)
        for _ in TEXTS:
            await run.press("j", "c")
        await run.press("enter", "enter", "escape", "escape", "o", "escape")
        await run.command("po")
        await run.press("d", "escape", "escape")
        assert run.cockpit
        _check(run)
        # Nothing was wider than its place: the bars still stand at the right.
        assert all(len(line) <= 160 for line in run.text.splitlines())


async def test_hostile_places_and_errors_are_only_text() -> None:
    cluster = FakeCluster(context=TEXTS[3], namespace=TEXTS[0])
    cluster.user = clean_text(TEXTS[1])
    cluster.selector = TEXTS[4]
    cluster.listed = (tuple(clean_text(text) for text in TEXTS), "")
    cluster.set_phase(Forbidden(clean_text(TEXTS[2])))
    async with running(cluster, MEDIUM) as run:
        run.clusters.choices = [ContextChoice(text, text, text, text) for text in TEXTS]
        run.clusters.recent = list(TEXTS[:3])
        assert "[red]red[/]" in run.text
        await run.press("n")
        assert "[@click=app.quit]x[/]" in run.text
        await run.press("escape", "x")
        await run.press("escape")
        run.screen.fail(K8sTuiError(clean_text(TEXTS[4]), TEXTS[0]))
        await run.sees("[red]red[/]")
        await run.command("[red]x")
        await run.sees("no kind '[red]x'")
        await run.press("escape")
        await run.hit("colon")
        await run.type("ns ")
        await run.sees("[@click=app.quit]x[/]")
        await run.press("escape")
        await run.hit("slash")
        await run.type("[b]/x[/]")
        await run.press("escape")
        _check(run)

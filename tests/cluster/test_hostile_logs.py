"""Containers may write anything: what leaves the terminal's other end is ours alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.kube import Kubectl
from tests.cluster.screen import Program, k8stui, running

pytestmark = pytest.mark.needs_real  # the demo cluster runs no programs

_HOSTILE = (
    b"\x1b[2J\x1b[1;1Hgone",
    b"\x1b[?1049haltscreen\x1b[5;10r",
    b"\x1b]0;owned\x07title",
    b"\x1b]52;c;b3duZWQ=\x07clip",
    b"\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\",
    b"\x1bPq#0;2;0;0;0\x1b\\sixel",
    b"\x1b_apc\x1b\\ \x1b^pm\x1b\\",
    b"\x1b[c\x1b[6n\x1bP$q m\x1b\\asks",
    b"\x9b31mC1 \xc2\x9b31mC1",
    b"lone\x1b",
    b"bell\x07back\x08",
    b"progress 1%\rprogress 2%",
    b"[red]red[/] [@click=app.quit]x[/] [/b] [YELLOW]",
    "a\u202egnp.exe\u2066\u200b".encode(),
    "z\u0301\u0301\u0301 日本語🚀".encode(),
    b"\xff\xfe not utf-8 \x00",
    b"\x1b[8;31;40mhidden\x1b[0m",
)
_SHOWN = (
    *(
        "^[[2J^[[1;1Hgone",
        "^[]0;owned^Gtitle",
        "^[]52;c;b3duZWQ=^Gclip",
        "^[[c^[[6n",
        "bell^Gback^H",
    ),
    *("progress 2%", "[red]red[/] [@click=app.quit]x[/]", "a<U+202E>gnp.exe<U+2066>", "hidden"),
)
_END = b"that is the end of it"
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X].*?(?:\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL
)
_CONTROL = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


def _shapes(output: bytes) -> set[bytes]:
    """The kinds of sequences in it; what they say in numbers is left out."""
    return {re.sub(rb"[0-9;]+", b"#", each) for each in _SEQUENCE.findall(output)}


@pytest.fixture(scope="module")
def written(kubectl: Kubectl, make_namespace: Callable[[str], str], image: str) -> str:
    """A namespace with a pod that writes what it likes, and one with good manners."""
    namespace = make_namespace("hostile")
    for name, lines in (("hostile", _HOSTILE), ("tame", [b"a line"] * len(_HOSTILE))):
        text = base64.b64encode(b"\n".join((*lines, _END, b""))).decode()
        script = f"echo {text} | base64 -d; exec sleep 100000"
        kubectl(*("run", name, "-n", namespace, f"--image={image}", "--", "sh", "-c", script))
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "-n", namespace, "--timeout=120s")
    return namespace


def _looked_at(program: Program, pod: str) -> bytes:
    """All that reaches the terminal of someone who reads the pod's log."""
    program.shows("● live", f"pod/{pod}")
    program.send(f"/{pod}\r")
    program.until(lambda each: "1 of 2" in each.text, 10, "one workload")
    program.send("l")
    program.shows("[Logs]")
    program.send("z")
    program.shows(_END.decode())
    if pod == "hostile":
        program.shows(*_SHOWN)
    program.send("q")
    assert program.exit_code(10) == 0
    return bytes(program.output)


def test_nothing_of_a_hostile_log_is_obeyed(
    written: str, kubeconfig: Path, environ: dict[str, str]
) -> None:
    command = k8stui("-n", written, "--kubeconfig", str(kubeconfig))
    outputs = []
    for pod in ("tame", "hostile"):
        with running(command, environ) as program:
            outputs.append(_looked_at(program, pod))
    tame, hostile = outputs
    assert _shapes(hostile) <= _shapes(tame)
    text = _SEQUENCE.sub(b"", hostile).decode()
    assert _CONTROL.findall(text) == []
    assert "owned" not in b"".join(re.findall(rb"\x1b\].*?\x07", hostile)).decode()

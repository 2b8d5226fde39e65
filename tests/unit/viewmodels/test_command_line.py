"""What is typed after `:` and where it leads."""

from __future__ import annotations

import pytest

from k8stui.resources.kinds import ResourceType
from k8stui.viewmodels.command_line import (
    MOST_COMPLETIONS,
    Command,
    CommandError,
    GoToContext,
    GoToKind,
    GoToNamespace,
    ProgramCommand,
    Vocabulary,
    complete,
    find_kind,
    parse_command,
)


def _kind(
    plural: str, kind: str, *short: str, group: str = "", version: str = "v1"
) -> ResourceType:
    return ResourceType(
        group, version, plural, kind, singular=kind.lower(), short_names=tuple(short)
    )


PODS = _kind("pods", "Pod", "po")
NODES = _kind("nodes", "Node", "no")
SERVICES = _kind("services", "Service", "svc")
EVENTS = _kind("events", "Event", "ev")
NAMESPACES = _kind("namespaces", "Namespace", "ns")
DEPLOYMENTS = _kind("deployments", "Deployment", "deploy", group="apps")
NEW_EVENTS = _kind("events", "Event", "ev", group="events.k8s.io")
POD_METRICS = _kind("pods", "PodMetrics", group="metrics.k8s.io", version="v1beta1")
CERTIFICATES = _kind("certificates", "Certificate", "cert", group="cert-manager.io")
KINDS = (
    NEW_EVENTS,
    POD_METRICS,
    PODS,
    NODES,
    SERVICES,
    EVENTS,
    NAMESPACES,
    DEPLOYMENTS,
    CERTIFICATES,
)
WORDS = Vocabulary(KINDS, ("shop", "batch", "kube-system"), ("prod-eu", "prod-us", "dev"))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("po", PODS),
        ("pod", PODS),
        ("pods", PODS),
        ("Pod", PODS),
        ("PODS", PODS),
        ("deploy", DEPLOYMENTS),
        ("deployments.apps", DEPLOYMENTS),
        ("deploy.v1.apps", DEPLOYMENTS),
        ("cert", CERTIFICATES),
        ("certificates.cert-manager.io", CERTIFICATES),
        ("podmetrics", POD_METRICS),
        ("pods.metrics.k8s.io", POD_METRICS),
        ("pods.v1beta1.metrics.k8s.io", POD_METRICS),
        # Of several groups the core one, as kubectl; another one by its name.
        ("ev", EVENTS),
        ("events", EVENTS),
        ("ev.events.k8s.io", NEW_EVENTS),
        ("pods.apps", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_kinds_have_every_name_that_kubectl_knows(word: str, kind: ResourceType | None) -> None:
    assert find_kind(word, KINDS) == kind


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("po", GoToKind(PODS, None, "", "")),
        (":po", GoToKind(PODS, None, "", "")),
        ("  po  ", GoToKind(PODS, None, "", "")),
        ("po shop", GoToKind(PODS, "shop", "", "")),
        ("po -n shop", GoToKind(PODS, "shop", "", "")),
        ("po -n=shop", GoToKind(PODS, "shop", "", "")),
        ("po --namespace shop", GoToKind(PODS, "shop", "", "")),
        ("po --namespace=shop", GoToKind(PODS, "shop", "", "")),
        ("po -A", GoToKind(PODS, "", "", "")),
        ("po all", GoToKind(PODS, "", "", "")),
        ("po --all-namespaces", GoToKind(PODS, "", "", "")),
        ("po app=web", GoToKind(PODS, None, "app=web", "")),
        ("po app=web tier!=db", GoToKind(PODS, None, "app=web,tier!=db", "")),
        ("po -l app=web", GoToKind(PODS, None, "app=web", "")),
        ("po -l 'app in (a, b)'", GoToKind(PODS, None, "app in (a, b)", "")),
        ("po --selector=app=web", GoToKind(PODS, None, "app=web", "")),
        (
            "po -l app.kubernetes.io/name=web",
            GoToKind(PODS, None, "app.kubernetes.io/name=web", ""),
        ),
        ("po /crash", GoToKind(PODS, None, "", "crash")),
        ("po shop app=web /crash loop", GoToKind(PODS, "shop", "app=web", "crash loop")),
        ('po /"not ready" !x', GoToKind(PODS, None, "", '"not ready" !x')),
        (r"po //^web-\d/", GoToKind(PODS, None, "", r"/^web-\d/")),
        ("po /it's", GoToKind(PODS, None, "", "it's")),
        ("top", GoToKind(PODS, None, "", "", "cpu")),
        ("top pods shop", GoToKind(PODS, "shop", "", "", "cpu")),
        ("top no", GoToKind(NODES, None, "", "", "cpu")),
        ("top po /web", GoToKind(PODS, None, "", "web", "cpu")),
        ("ns", ProgramCommand("namespaces")),
        ("ns shop", GoToNamespace("shop")),
        ("namespace shop", GoToNamespace("shop")),
        ("ns all", GoToNamespace("")),
        ("ns -A", GoToNamespace("")),
        ("ctx", ProgramCommand("contexts")),
        ("ctx prod-eu", GoToContext("prod-eu")),
        ("context dev", GoToContext("dev")),
        ("q", ProgramCommand("quit")),
        ("quit", ProgramCommand("quit")),
        ("help", ProgramCommand("help")),
        ("home", ProgramCommand("cockpit")),
    ],
)
def test_commands(text: str, command: Command) -> None:
    assert parse_command(text, WORDS) == command


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to go to"),
        ("  ", "nothing to go to"),
        ("svcs", "the cluster serves no kind 'svcs'; did you mean svc?"),
        ("deploymnts", "did you mean deployments?"),
        ("xyzzy", "the cluster serves no kind 'xyzzy'"),
        ("ctx prodeu", "no context 'prodeu' in the kubeconfig; did you mean prod-eu?"),
        ("po -n", "-n needs a namespace"),
        ("po --namespace=", "--namespace needs a namespace"),
        ("po -l", "-l needs a selector, as app=web"),
        ("po -o wide", "there is no flag -o: -n, -A and -l may follow a kind"),
        ("po shop batch", "what is 'batch'?"),
        ("po 'shop", "unbalanced quotes in: po 'shop"),
        ("top xyzzy", "no kind 'xyzzy'"),
    ],
)
def test_what_means_nothing_is_said_with_what_is_near(text: str, said: str) -> None:
    with pytest.raises(CommandError) as raised:
        parse_command(text, WORDS)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("po", "pods.metrics.k8s.io"),
        ("dep", "deployments"),
        ("cert", "certificates"),
        ("ct", "ctx"),
        ("ns", "ns"),
        ("ctx pr", "ctx prod-eu"),
        ("ctx ", "ctx prod-eu"),
        ("ns ", "ns shop"),
        ("ns sys", "ns kube-system"),
        ("po ba", "po batch"),
        ("po -n sh", "po -n shop"),
        ("top n", "top nodes"),
        ("top pods sh", "top pods shop"),
    ],
)
def test_completions(text: str, first: str) -> None:
    texts = [each.text for each in complete(text, WORDS)]
    assert first in texts
    if text != "po":
        assert texts[0] == first


def test_a_name_that_is_typed_whole_comes_first() -> None:
    assert complete("po", WORDS)[0].text == "pods"


def test_each_completion_is_a_command() -> None:
    for text in ("", "p", "e", "n", "ctx ", "ns ", "po ", "top "):
        for each in complete(text, WORDS):
            assert parse_command(each.text, WORDS)


def test_kinds_of_one_name_are_told_apart_by_their_group() -> None:
    found = {each.text: each.note for each in complete("events", WORDS)}
    assert found == {
        "events": "Event (ev) · core",
        "events.events.k8s.io": "Event (ev) · events.k8s.io",
    }


def test_completions_are_few() -> None:
    many = Vocabulary(KINDS, tuple(f"team-{number}" for number in range(40)), ())
    assert len(complete("po ", many)) == MOST_COMPLETIONS


def test_nothing_fits_nothing() -> None:
    assert complete("xyzzy", WORDS) == ()
    assert complete("", Vocabulary(()))[0].text in ("ctx", "ns")

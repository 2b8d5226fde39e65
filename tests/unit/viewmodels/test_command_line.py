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
    entered_command,
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
ROLE_GROUP = "rbac.authorization.k8s.io"
ROLES = (
    _kind("rolebindings", "RoleBinding", group=ROLE_GROUP),
    _kind("roles", "Role", group=ROLE_GROUP),
    _kind("clusterrolebindings", "ClusterRoleBinding", group=ROLE_GROUP),
    _kind("clusterroles", "ClusterRole", group=ROLE_GROUP),
)
BY_K9S = (
    _kind("endpoints", "Endpoints", "ep"),
    _kind("secrets", "Secret"),
    _kind("jobs", "Job", group="batch"),
    _kind("networkpolicies", "NetworkPolicy", "netpol", group="networking.k8s.io"),
    *ROLES,
    *KINDS,
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


@pytest.mark.parametrize(
    ("word", "plural"),
    [
        ("dp", "deployments"),
        ("sec", "secrets"),
        ("jo", "jobs"),
        ("cr", "clusterroles"),
        ("crb", "clusterrolebindings"),
        ("ro", "roles"),
        ("RB", "rolebindings"),
        ("np", "networkpolicies"),
    ],
)
def test_names_of_k9s_are_taken_and_come_first(word: str, plural: str) -> None:
    kind = find_kind(word, BY_K9S)
    assert kind is not None
    assert kind.plural == plural
    assert complete(word, Vocabulary(BY_K9S))[0].text == plural
    assert find_kind(word, ()) is None


def test_a_short_name_of_the_cluster_is_before_one_of_k9s() -> None:
    crons = _kind("crontabs", "CronTab", "cr", group="stable.example.com")
    assert find_kind("cr", (*ROLES, crons)) == crons


@pytest.mark.parametrize(
    ("typed", "plural"),
    [("depl", "deployments"), ("sv", "services"), ("ployment", "deployments"), ("clusterr", None)],
)
def test_enter_takes_the_completion_that_was_begun(typed: str, plural: str | None) -> None:
    words = Vocabulary(BY_K9S)
    command = entered_command(typed, complete(typed, words)[0].text, words)
    assert isinstance(command, GoToKind)
    assert command.kind.plural == (plural or "clusterrolebindings")


@pytest.mark.parametrize("typed", ["rba", "rbac", "netw", "cert-m", "po -x", "xyz"])
def test_enter_takes_no_completion_that_only_shares_letters(typed: str) -> None:
    words = Vocabulary(tuple(kind for kind in BY_K9S if kind.plural != "networkpolicies"))
    completion = next((each.text for each in complete(typed, words)), "")
    with pytest.raises(CommandError):
        entered_command(typed, completion, words)


@pytest.mark.parametrize(
    ("typed", "known", "said"),
    [
        ("ns shp", ("default", "shop"), "no namespace 'shp'; did you mean shop?"),
        ("ns zz", ("default", "shop"), "no namespace 'zz'"),
        ("ns shop", ("default", "shop"), ""),
        ("ns all", (), ""),
        ("ns shp", None, ""),
    ],
)
def test_a_namespace_that_is_known_not_to_be_is_not_gone_to(
    typed: str, known: tuple[str, ...] | None, said: str
) -> None:
    words = Vocabulary(KINDS, ("shop",), (), known)
    try:
        told = "" if isinstance(parse_command(typed, words), GoToNamespace) else "another"
    except CommandError as error:
        told = str(error)
    assert told == said

"""Differences of pod templates: told by meaning, without noise."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from k8stui.resources.diff import Change, diff_templates

DATA = Path(__file__).parents[3] / "data" / "workloads"
TEMPLATES: dict[str, Any] = json.loads((DATA / "template-1.20.json").read_text())


def lines(changes: tuple[Change, ...]) -> list[str]:
    return [f"{one.where}: {one.before} -> {one.after}" for one in changes]


def test_what_the_api_server_fills_in_is_no_difference() -> None:
    written, stored = TEMPLATES["written"], TEMPLATES["stored"]
    assert lines(diff_templates(written, stored)) == []
    assert lines(diff_templates(stored, written)) == []


def changed(path: str, value: object) -> dict[str, Any]:
    """The recorded template with the value at `spec/containers/0/image`; None removes it."""
    template = copy.deepcopy(TEMPLATES["stored"])
    *way, last = [int(one) if one.isdigit() else one for one in path.split("/")]
    here = template
    for one in way:
        here = here[one] if isinstance(one, int) else here.setdefault(one, {})
    if value is None:
        del here[last]
    elif isinstance(here, list) and last == len(here):
        here.append(value)
    else:
        here[last] = value
    return dict(template)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            "spec/containers/0/image",
            "web:1.8",
            "container web › image: registry.example:5000/team/web:1.7 -> web:1.8",
        ),
        (
            "spec/initContainers/0/image",
            "b:2",
            "init container warm › image: localhost/busybox -> b:2",
        ),
        ("spec/containers/0/env/0/value", "debug", "container web › env LEVEL: info -> debug"),
        (
            "spec/containers/0/env/3/valueFrom/secretKeyRef/key",
            "other",
            "container web › env KEY: from secretKeyRef keys/api -> from secretKeyRef keys/other",
        ),
        ("spec/containers/0/env/0", None, "container web › env LEVEL: info -> None"),
        (
            "spec/containers/0/env/5",
            {"name": "NEW", "value": "1"},
            "container web › env NEW: None -> 1",
        ),
        (
            "spec/containers/0/resources/limits/memory",
            "128Mi",
            "container web › resources › limits › memory: 64Mi -> 128Mi",
        ),
        (
            "spec/containers/0/readinessProbe/periodSeconds",
            3,
            "container web › readinessProbe › periodSeconds: 10 -> 3",
        ),
        (
            "spec/containers/0/startupProbe",
            None,
            "container web › startupProbe: exec (command true) -> None",
        ),
        ("spec/containers/2", {"name": "new", "image": "x:1"}, "container new: None -> x:1"),
        ("spec/containers/0/ports/2", {"containerPort": 9}, "container web › port 9: None -> yes"),
        (
            "spec/tolerations/2",
            {"key": "batch", "operator": "Exists", "effect": "NoSchedule"},
            "toleration: None -> batch:NoSchedule op=Exists",
        ),
        (
            "spec/affinity",
            {
                "podAntiAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        {
                            "labelSelector": {"matchLabels": {"app": "web"}},
                            "topologyKey": "kubernetes.io/hostname",
                        }
                    ]
                }
            },
            "affinity: not with pods: preferred (weight 1) app=rich by host"
            " -> not with pods: required app=web by kubernetes.io/hostname",
        ),
        ("spec/terminationGracePeriodSeconds", 5, "terminationGracePeriodSeconds: 30 -> 5"),
        ("spec/hostNetwork", True, "hostNetwork: false -> true"),
        ("spec/serviceAccountName", "root", "serviceAccountName: runner -> root"),
        ("spec/volumes/0/configMap/name", "cfg2", "volume cfg › configMap › name: cfg -> cfg2"),
        ("spec/volumes/1", None, "volume tmp: emptyDir -> None"),
        (
            "spec/containers/0/imagePullPolicy",
            "Always",
            "container web › imagePullPolicy: IfNotPresent -> Always",
        ),
        ("metadata/annotations/note", "bye\x1b[2J", "annotation note: hello -> bye^[[2J"),
        ("metadata/labels/tier", "front", "label tier: None -> front"),
        (
            "metadata/annotations/kubectl.kubernetes.io~restartedAt",
            "2026-01-02T03:04:05Z",
            "annotation kubectl.kubernetes.io~restartedAt: None -> 2026-01-02T03:04:05Z",
        ),
    ],
)
def test_one_change_is_one_line(path: str, value: object, line: str) -> None:
    assert lines(diff_templates(TEMPLATES["stored"], changed(path, value))) == [line]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata/labels/pod-template-hash", "abc"),
        ("metadata/labels/controller-revision-hash", "abc"),
        ("metadata/creationTimestamp", "2026-01-02T03:04:05Z"),
        ("spec/serviceAccount", "older-name"),
        ("spec/nodeSelector", {}),
        ("$patch", "replace"),
        (
            "spec/containers/0/env",
            list(reversed(TEMPLATES["stored"]["spec"]["containers"][0]["env"])),
        ),
        ("spec/containers", list(reversed(TEMPLATES["stored"]["spec"]["containers"]))),
    ],
)
def test_noise_and_order_are_no_difference(path: str, value: object) -> None:
    assert diff_templates(TEMPLATES["stored"], changed(path, value)) == ()


def test_the_order_of_init_containers_is_a_difference() -> None:
    one, two = {"name": "a", "image": "x"}, {"name": "b", "image": "x"}
    before = {"spec": {"initContainers": [one, two]}}
    after = {"spec": {"initContainers": [two, one]}}
    assert lines(diff_templates(before, after)) == ["init containers › order: a, b -> b, a"]


def test_images_come_first_and_a_restart_last() -> None:
    before = {"spec": {"containers": [{"name": "a", "image": "x:1", "command": ["run"]}]}}
    after = {
        "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}},
        "spec": {
            "hostNetwork": True,
            "containers": [{"name": "a", "command": ["run", "a b"], "image": "x:2"}],
        },
    }
    assert lines(diff_templates(before, after)) == [
        "container a › image: x:1 -> x:2",
        "container a › command: run -> run 'a b'",
        "hostNetwork: false -> true",
        "annotation kubectl.kubernetes.io/restartedAt: None -> now",
    ]


def test_repeated_names_are_each_compared() -> None:
    ports = [{"containerPort": 80, "name": "a"}, {"containerPort": 80, "name": "b"}]
    before = {"spec": {"containers": [{"name": "a", "ports": ports}]}}
    after = {
        "spec": {"containers": [{"name": "a", "ports": [ports[0], {**ports[1], "name": "c"}]}]}
    }
    assert lines(diff_templates(before, after)) == ["container a › port 80 (2) › name: b -> c"]


@pytest.mark.parametrize(
    "odd",
    [
        {"spec": None},
        {"spec": {"containers": "none"}},
        {"spec": {"containers": [1, 2]}},
        {"spec": {"containers": [{"name": {"a": 1}, "env": {}}]}},
        {"metadata": [], "spec": []},
    ],
)
def test_what_is_no_pod_template_fails_nothing(odd: dict[str, object]) -> None:
    assert diff_templates(odd, odd) == ()
    assert isinstance(diff_templates(odd, TEMPLATES["stored"]), tuple)
    assert isinstance(diff_templates(TEMPLATES["stored"], odd), tuple)


def test_whole_config_maps_and_secrets_are_told_by_name() -> None:
    before = changed("spec/containers/0/envFrom", [{"configMapRef": {"name": "cfg"}}])
    after = changed(
        "spec/containers/0/envFrom",
        [{"configMapRef": {"name": "cfg"}}, {"prefix": "DB_", "secretRef": {"name": "db"}}],
    )
    (change,) = diff_templates(before, after)
    assert (change.before, change.after) == (
        "from configMapRef cfg",
        "from configMapRef cfg, from secretRef db with the prefix DB_",
    )

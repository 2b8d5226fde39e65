"""What a preview says before anything is sent: what will happen, what won't, and why not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.actions.history import stored_revisions
from k8stui.actions.intents import (
    DAEMONSETS,
    DEPLOYMENTS,
    PODS,
    STATEFULSETS,
    Delete,
    Evict,
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
    parse_scale,
)
from k8stui.actions.interface import Preview
from k8stui.actions.plan import plan
from k8stui.actions.reading import Around
from k8stui.resources.kinds import ResourceType
from k8stui.resources.registry import TYPED

from .objects import NOW, WEB, JsonObject, deployment, replicaset, template

DB = Subject(STATEFULSETS, "shop", "db")
AGENT = Subject(DAEMONSETS, "shop", "agent")
POD = Subject(PODS, "shop", "web-1")


def kind_of(key: str) -> ResourceType:
    kind = TYPED[key]
    return ResourceType(kind.group, kind.versions[0], kind.plural, kind.kind, kind.namespaced)


def planned(intent: Intent, subject: Subject, obj: JsonObject, **around: Any) -> Preview:
    kind = kind_of(subject.kind)
    path = kind.path(subject.namespace, subject.name)
    found = around.pop("history", ())
    made = Around(
        kind=kind,
        obj=obj,
        path=path,
        replicas=obj.get("spec", {}).get("replicas"),
        revisions=stored_revisions(subject.kind, obj, found),
        **around,
    )
    return plan(intent, subject, made, flags=("--context=prod",), now=NOW)


HISTORY = (replicaset(2, "web:2"), replicaset(1, "web:1"), replicaset(3, "x:1", "uid-other"))


def controlled(kind: str, image: str = "db:2", **spec: Any) -> JsonObject:
    return {
        "kind": kind,
        "metadata": {"name": "db", "uid": "uid-db", "resourceVersion": "7", "generation": 4},
        "spec": {"replicas": 2, "template": template(image), **spec},
        "status": {"updateRevision": "db-2"},
    }


def controllerrevision(number: int, image: str) -> JsonObject:
    data = {"spec": {"template": {**template(image), "$patch": "replace"}}}
    data["spec"]["template"]["metadata"]["creationTimestamp"] = None
    owner = {"uid": "uid-db", "controller": True}
    meta = {"name": f"db-{number}", "ownerReferences": [owner]}
    return {"metadata": meta, "revision": number, "data": data}


REVISIONS = (controllerrevision(2, "db:2"), controllerrevision(1, "db:1"))


@pytest.mark.parametrize(
    ("subject", "kind"), [(DB, "StatefulSet"), (AGENT, "DaemonSet")], ids=["sts", "ds"]
)
def test_a_controllerrevision_holds_its_own_patch(subject: Subject, kind: str) -> None:
    preview = planned(Rollback(), subject, controlled(kind), history=REVISIONS)
    assert preview.title.endswith("to revision 1")
    assert preview.write is not None
    assert preview.write.content_type == "application/strategic-merge-patch+json"
    assert msgspec.json.decode(preview.write.body) == {
        "spec": {
            "template": {
                "metadata": {"labels": {"app": "web"}, "creationTimestamp": None},
                "spec": template("db:1")["spec"],
                "$patch": "replace",
            }
        },
        "metadata": {"uid": "uid-db", "resourceVersion": "7"},
    }
    assert (preview.before.revision, preview.after.revision) == (2, 1)


@pytest.mark.parametrize(
    ("subject", "kind"), [(DB, "StatefulSet"), (AGENT, "DaemonSet")], ids=["sts", "ds"]
)
def test_a_restart_tells_from_which_revision_to_which(subject: Subject, kind: str) -> None:
    preview = planned(Restart(), subject, controlled(kind), history=REVISIONS)
    assert preview.before.text() == "revision 2, web=db:2"
    assert preview.after.text() == "revision 3, web=db:2"
    unread = planned(Restart(), subject, controlled(kind))
    assert (unread.before.revision, unread.after.revision) == (None, None)


def test_the_revision_is_the_newest_where_the_server_has_filled_in_the_template() -> None:
    filled = controlled("StatefulSet", "db:2-with-defaults")
    filled["status"]["observedGeneration"] = 4
    assert planned(Rollback(1), DB, filled, history=REVISIONS).before.revision == 2
    filled["status"]["observedGeneration"] = 3
    assert planned(Rollback(1), DB, filled, history=REVISIONS).before.revision is None


def test_a_deployment_that_is_restarted_tells_its_revisions() -> None:
    preview = planned(Restart(), WEB, deployment())
    assert (preview.before.revision, preview.after.revision) == (2, 3)


REFUSED: tuple[tuple[Intent, Subject, JsonObject, tuple[JsonObject, ...], str], ...] = (
    (Rollback(), WEB, deployment(paused=True), HISTORY, "it is paused: resume it first"),
    (Rollback(2), WEB, deployment(), HISTORY, "the template is that of revision 2 already"),
    (
        Rollback(7),
        WEB,
        deployment(revisionHistoryLimit=2),
        HISTORY,
        "revision 7 is not in the history: there is 1, 2; revisionHistoryLimit keeps 2",
    ),
    (Rollback(), WEB, deployment(), HISTORY[:1], "there is no revision to go back to"),
    (
        Rollback(),
        WEB,
        deployment(revisionHistoryLimit=0),
        (),
        "there is no revision to go back to: the history is empty (revisionHistoryLimit is 0)",
    ),
    (Rollback(2), DB, controlled("StatefulSet"), REVISIONS, "the template is that of revision 2"),
    (Restart(), WEB, deployment(paused=True), (), "it is paused: resume it first"),
    (Pause(), WEB, deployment(paused=True), (), "it is paused already"),
    (Resume(), WEB, deployment(), (), "it is not paused"),
    (Pause(), DB, controlled("StatefulSet"), (), "only a Deployment's rollout can be paused"),
    (Scale(3), WEB, deployment(), (), "it is scaled to 3 already"),
    (Scale(-4, relative=True), WEB, deployment(), (), "3-4 is below 0"),
    (Scale(1), AGENT, controlled("DaemonSet"), (), "a DaemonSet runs one pod on each node"),
    (Restart(), POD, {"metadata": {}}, (), "only Deployments, StatefulSets and DaemonSets"),
    (Evict(), WEB, deployment(), (), "only a pod can be evicted"),
    (SetImage((("x", "a:1"),)), WEB, deployment(), (), "there is no container x: there is web"),
    (SetImage((("web", "a b"),)), WEB, deployment(), (), "'a b' is no image"),
    (SetImage((("web", "web:2"),)), WEB, deployment(), (), "these are its images already"),
    (
        Delete(),
        POD,
        {"metadata": {"deletionTimestamp": "2023-11-14T22:13:20Z", "finalizers": ["a/b"]}},
        (),
        "it is being deleted already; finalizers hold it: a/b",
    ),
)


@pytest.mark.parametrize(("intent", "subject", "obj", "history", "why"), REFUSED, ids=str)
def test_what_can_not_be_done(
    intent: Intent,
    subject: Subject,
    obj: JsonObject,
    history: tuple[JsonObject, ...],
    why: str,
) -> None:
    preview = planned(intent, subject, obj, history=history)
    assert preview.refused.startswith(why)
    assert not preview.can_go
    assert preview.write is None


def marked(labels: dict[str, str], annotations: dict[str, str], **meta: Any) -> JsonObject:
    made = deployment()
    made["metadata"] |= {"labels": labels, **meta}
    made["metadata"]["annotations"] |= annotations
    return made


OWNERS: tuple[tuple[JsonObject, tuple[str, ...]], ...] = (
    (
        marked({}, {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}),
        ("Argo CD application shop manages it and may undo this: change it in Git",),
    ),
    (
        marked({"kustomize.toolkit.fluxcd.io/name": "apps"}, {}),
        ("Flux Kustomization apps manages it and may undo this: change it there",),
    ),
    (
        marked(
            {"helm.toolkit.fluxcd.io/name": "web", "app.kubernetes.io/managed-by": "Helm"},
            {"meta.helm.sh/release-name": "web"},
        ),
        ("Flux HelmRelease web manages it and may undo this: change it there",),
    ),
    (
        marked({"app.kubernetes.io/managed-by": "Helm"}, {"meta.helm.sh/release-name": "web"}),
        ("Helm release web manages it: its next upgrade or rollback will undo this",),
    ),
    (
        marked({}, {}, ownerReferences=[{"kind": "Shop", "name": "a\x1b", "controller": True}]),
        ("Shop a^[ controls it and may undo this",),
    ),
    (marked({"app.kubernetes.io/instance": "web"}, {}), ()),
)


@pytest.mark.parametrize(("obj", "warnings"), OWNERS, ids=str)
def test_who_will_undo_it(obj: JsonObject, warnings: tuple[str, ...]) -> None:
    assert planned(Restart(), WEB, obj).warnings == warnings
    assert planned(Rollback(), WEB, obj, history=HISTORY).warnings == warnings


def autoscaler(least: int, most: int, target: str = "web") -> JsonObject:
    reference = {"kind": "Deployment", "name": target}
    spec = {"scaleTargetRef": reference, "minReplicas": least, "maxReplicas": most}
    return {"metadata": {"name": "web"}, "spec": spec}


@pytest.mark.parametrize(
    ("replicas", "said"),
    [
        (4, "hpa/web scales it between 2 and 5: it will set its own number within a minute"),
        (9, "hpa/web scales it between 2 and 5: it will bring it back there at once"),
        (1, "hpa/web scales it between 2 and 5: it will bring it back there at once"),
        (0, "hpa/web scales it between 2 and 5: at 0 it stops until someone scales it up again"),
    ],
)
def test_an_autoscaler_owns_the_number(replicas: int, said: str) -> None:
    scalers = (autoscaler(2, 5), autoscaler(1, 2, "other"))
    preview = planned(Scale(replicas), WEB, deployment(), autoscalers=scalers)
    assert preview.warnings == (said,)
    assert preview.confirm == ("again" if replicas == 0 else "enter")


def test_what_the_strategy_will_not_do() -> None:
    for strategy, does, said in (
        (
            {"type": "OnDelete"},
            "No pod is replaced now: each one is when someone deletes it",
            "updateStrategy is OnDelete: each pod stays as it is",
        ),
        (
            {"rollingUpdate": {"partition": 1}},
            "Pods numbered 1 and up are replaced",
            "partition 1: only pods numbered 1 and up",
        ),
    ):
        preview = planned(Restart(), DB, controlled("StatefulSet", updateStrategy=strategy))
        assert preview.sentences == (f"{does}; the images stay as they are",)
        assert preview.warnings[0].startswith(said)
    assert planned(Restart(), DB, controlled("StatefulSet")).sentences == (
        "Every pod is replaced; the images stay as they are",
    )
    recreate = deployment(strategy={"type": "Recreate"})
    assert planned(Restart(), WEB, recreate).warnings[0].startswith("strategy is Recreate")


def test_a_statefulset_does_not_replace_a_broken_pod() -> None:
    def pod(name: str, ready: str, revision: str = "db-2") -> JsonObject:
        labels = {"controller-revision-hash": revision}
        conditions = [{"type": "Ready", "status": ready}]
        return {"metadata": {"name": name, "labels": labels}, "status": {"conditions": conditions}}

    pods = (pod("db-0", "True"), pod("db-1", "False"), pod("db-2", "False", "db-1"))
    obj = controlled("StatefulSet")
    preview = planned(Rollback(), DB, obj, history=REVISIONS, pods=pods)
    assert preview.warnings == (
        "db-1 is not ready: a StatefulSet waits for that and does not replace it by itself; "
        "delete it afterwards",
    )
    parallel = controlled("StatefulSet", podManagementPolicy="Parallel")
    assert planned(Rollback(), DB, parallel, history=REVISIONS, pods=pods).warnings == ()


COMMANDS: tuple[tuple[Intent, Subject, JsonObject, str], ...] = (
    (Rollback(), WEB, deployment(), "rollout undo deployment/web --to-revision=1"),
    (Restart(), WEB, deployment(), "rollout restart deployment/web"),
    (Pause(), WEB, deployment(), "rollout pause deployment/web"),
    (Resume(), WEB, deployment(paused=True), "rollout resume deployment/web"),
    (Scale(1, relative=True), WEB, deployment(), "scale deployment/web --replicas=4"),
    (SetImage((("web", "a:1"),)), WEB, deployment(), "set image deployment/web web=a:1"),
    (Delete(), WEB, deployment(), "delete deployment/web"),
    (
        Delete("Orphan", 5),
        WEB,
        deployment(),
        "delete deployment/web --cascade=orphan --grace-period=5",
    ),
    (
        Delete(force=True),
        POD,
        {"metadata": {"name": "web-1"}},
        "delete pod/web-1 --grace-period=0 --force",
    ),
)


@pytest.mark.parametrize(("intent", "subject", "obj", "command"), COMMANDS, ids=str)
def test_the_same_with_kubectl(
    intent: Intent, subject: Subject, obj: JsonObject, command: str
) -> None:
    preview = planned(intent, subject, obj, history=HISTORY)
    assert preview.kubectl == f"kubectl --context=prod -n shop {command}"


def test_a_forced_deletion_wants_the_name() -> None:
    pod = {"metadata": {"name": "web-1", "uid": "u"}, "spec": {}}
    preview = planned(Delete(force=True), POD, pod)
    assert preview.confirm == "name"
    assert preview.sentences == ("Its containers get no time to stop (grace period 0)",)
    assert preview.warnings == (
        "nobody waits for the node: its containers may go on running there",
        "nothing controls this pod: no other will take its place",
    )
    assert planned(Delete(), POD, pod).confirm == "again"


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        (0, "pdb/web allows no disruption now (2 of 2 needed pods are healthy)"),
        (1, "pdb/web allows 1 disruption now"),
    ],
)
def test_the_disruption_budget_of_a_pod(allowed: int, said: str) -> None:
    def budget(name: str, app: str) -> JsonObject:
        status = {"disruptionsAllowed": allowed, "currentHealthy": 2, "desiredHealthy": 2}
        spec = {"selector": {"matchLabels": {"app": app}}}
        return {"metadata": {"name": name}, "spec": spec, "status": status}

    owner = {"kind": "ReplicaSet", "name": "web-1", "controller": True}
    meta = {"name": "web-1", "labels": {"app": "web"}, "ownerReferences": [owner]}
    budgets = (budget("web", "web"), budget("cart", "cart"))
    preview = planned(Evict(), POD, {"metadata": meta, "spec": {"nodeName": "n1"}}, budgets=budgets)
    assert preview.warnings == (said,)
    assert preview.sentences == (
        "It leaves n1 if every disruption budget allows it",
        "ReplicaSet web-1 makes another one in its place",
    )


def test_equal_ports_and_other_containers_are_left_alone() -> None:
    obj = deployment()
    web = obj["spec"]["template"]["spec"]["containers"][0]
    web["ports"] = [{"containerPort": 80}, {"containerPort": 80}]
    preview = planned(SetImage((("web", "web:3"),)), WEB, obj)
    assert preview.write is not None
    assert msgspec.json.decode(preview.write.body)[2:] == [
        {"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "web"},
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "web:3"},
    ]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("3", Scale(3)),
        (" 0 ", Scale(0)),
        ("+2", Scale(2, relative=True)),
        ("-1", Scale(-1, relative=True)),
        ("", None),
        ("+", None),
        ("--1", None),
        ("+-1", None),
        ("1.5", None),
        ("three", None),
        ("٣", None),
        ("9999999999", None),
    ],
)
def test_a_scale_as_it_is_typed(text: str, intent: Scale | None) -> None:
    assert parse_scale(text) == intent


def test_names_of_kinds() -> None:
    assert Subject(DEPLOYMENTS, "", "web").text == "deploy/web"
    assert Subject("certificates.cert-manager.io", "", "web").text == "certificates/web"

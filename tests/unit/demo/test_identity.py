"""Who may speak for whom, and what they may do then."""

from __future__ import annotations

import pytest

from tests.unit.demo.client import serving

PODS = "/api/v1/namespaces/shop/pods"
BINDING = {
    "metadata": {"name": "speakers"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "speaks-for-jo",
    },
    "subjects": [{"kind": "User", "name": "viewer@demo"}],
}  # fmt: skip
ROLE = {
    "metadata": {"name": "speaks-for-jo"},
    "rules": [
        {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"],
         "resourceNames": ["jo"]},
        {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"],
         "resourceNames": ["demo:shop-team"]},
    ],
}  # fmt: skip
RBAC = "/apis/rbac.authorization.k8s.io/v1"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@pytest.mark.parametrize(
    ("headers", "path", "code"),
    [
        ({"Impersonate-User": "jo"}, PODS, 403),
        ({"Impersonate-User": "jo"}, "/version", 200),
        ({"Impersonate-User": "jo", "Impersonate-Group": "demo:shop-team"}, PODS, 200),
        ({"Impersonate-User": "jo", "Impersonate-Group": "demo:shop-team"}, "/api/v1/pods", 403),
        ({"Impersonate-User": "jo", "Impersonate-Group": "system:masters"}, "/api/v1/nodes", 200),
        ({"Impersonate-User": "tenant@demo"}, PODS, 403),
        ({"Impersonate-User": "system:anonymous"}, "/version", 403),
        ({"Impersonate-Group": "system:masters"}, PODS, 500),
    ],
)
async def test_who_is_impersonated_has_only_rights_of_their_own(
    headers: dict[str, str], path: str, code: int
) -> None:
    async with serving("shop") as client:
        assert (await client("GET", path, headers=headers))[0] == code


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        (
            {"Impersonate-User": "admin@demo"},
            'users "admin@demo" is forbidden: User "viewer@demo" cannot impersonate resource '
            '"users" in API group "" at the cluster scope',
        ),
        (
            {"Impersonate-User": "jo", "Impersonate-Group": "system:masters"},
            'groups "system:masters" is forbidden: User "viewer@demo" cannot impersonate resource '
            '"groups" in API group "" at the cluster scope',
        ),
        (
            {"Impersonate-User": "jo", "Impersonate-Uid": "7"},
            'uids.authentication.k8s.io "7" is forbidden: User "viewer@demo" cannot impersonate '
            'resource "uids" in API group "authentication.k8s.io" at the cluster scope',
        ),
        (
            {"Impersonate-User": "jo", "Impersonate-Extra-Scope": "all"},
            'userextras.authentication.k8s.io "all" is forbidden: User "viewer@demo" cannot '
            'impersonate resource "userextras/scope" in API group "authentication.k8s.io" at the '
            "cluster scope",
        ),
        (
            {"Impersonate-User": "system:serviceaccount:shop:web"},
            'serviceaccounts "web" is forbidden: User "viewer@demo" cannot impersonate resource '
            '"serviceaccounts" in API group "" in the namespace "shop"',
        ),
    ],
)
async def test_each_part_needs_a_right(headers: dict[str, str], text: str) -> None:
    async with serving("shop") as admin:
        assert (await admin("POST", f"{RBAC}/clusterroles", ROLE))[0] == 201
        assert (await admin("POST", f"{RBAC}/clusterrolebindings", BINDING))[0] == 201
        admin.token = admin.tokens["viewer"]
        code, status = await admin("GET", PODS, headers=headers)
        assert (code, status["reason"], status["message"]) == (403, "Forbidden", text)
        allowed = {"Impersonate-User": "jo", "Impersonate-Group": "demo:shop-team"}
        assert (await admin("GET", PODS, headers=allowed))[0] == 200


@pytest.mark.parametrize(
    ("headers", "name", "groups"),
    [
        ({}, "admin@demo", ["system:masters", "system:authenticated"]),
        ({"Impersonate-User": "jo"}, "jo", ["system:authenticated"]),
        (
            {"Impersonate-User": "jo", "Impersonate-Group": "ops"},
            "jo", ["ops", "system:authenticated"],
        ),
        (
            {"Impersonate-User": "system:serviceaccount:shop:web"},
            "system:serviceaccount:shop:web",
            ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
        ),
    ],
)  # fmt: skip
async def test_a_review_names_who_is_impersonated(
    headers: dict[str, str], name: str, groups: list[str]
) -> None:
    async with serving() as client:
        _, answer = await client("POST", WHO, {}, headers=headers)
        assert answer["status"]["userInfo"] == {"username": name, "groups": groups}

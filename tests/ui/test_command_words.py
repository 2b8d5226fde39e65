"""Words after `:` that name nothing, or something only in another program."""

from __future__ import annotations

import pytest

from k8stui.resources.kinds import ResourceType
from tests.ui import shop
from tests.ui.running import MEDIUM, running

ROLES = tuple(
    ResourceType(
        group="rbac.authorization.k8s.io", version="v1", plural=f"{kind}s".lower(), kind=kind
    )
    for kind in ("ClusterRoleBinding", "RoleBinding", "Role")
)


@pytest.mark.parametrize(
    ("keys", "opened"),
    [
        ("dp", "deployments.apps"),
        ("ro", "roles.rbac.authorization.k8s.io"),
        ("rb", "rolebindings.rbac.authorization.k8s.io"),
        ("erroleb", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("rba", ""),
    ],
)
async def test_enter_on_a_short_word_opens_what_it_names_or_nothing(keys: str, opened: str) -> None:
    cluster = shop.shop()
    cluster.extra_kinds = [*ROLES]
    async with running(cluster, MEDIUM) as run:
        await run.command(keys)
        assert [kind for kind, *_ in cluster.opened] == ([opened] if opened else [])
        if not opened:
            await run.sees("the cluster serves no kind 'rba'")
            await run.press("down", "up", "enter")
            assert cluster.opened


async def test_a_namespace_that_is_not_there_is_told_where_they_can_be_listed() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await run.command("ns shp")
        await run.sees("no namespace 'shp'; did you mean shop?")
        assert run.cluster.namespace == "shop"
        await run.press("escape")
        cluster.listed = ((), "namespaces is forbidden")
        await run.command("ns shp")
        await run.until(lambda: run.cluster.namespace == "shp")

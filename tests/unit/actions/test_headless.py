"""`k8stui rollout`: what it says when it can't begin."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from k8stui.actions import headless
from k8stui.actions.arguments import RolloutOptions, add_arguments, check_arguments
from k8stui.actions.intents import Subject
from k8stui.cluster.api_error import ApiError
from k8stui.errors import EXIT_ERROR, EXIT_REFUSED, UsageError
from tests.fake_api.api import FakeApi, Reply, status

from .objects import PATH, REPLICASETS, deployment, desk_at, resolve, serve, transport_to

LISTS = ("/apis/apps/v1/namespaces/shop/deployments", "/api/v1/namespaces/shop/pods")
"""What is watched beside the revisions."""


@pytest.mark.parametrize("verb", ["history", "status", "diff"])
async def test_a_workload_that_is_not_there_says_where_it_was_looked_for(
    verb: str, tmp_path: Path
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args([verb, "deploy/web"])
    arguments.all_namespaces, arguments.selector = False, ""
    async with FakeApi() as api:
        said = status(404, "NotFound", 'deployments.apps "web" not found')
        api.on(PATH, Reply(said, 404, forever=True))
        transport = transport_to(api, "t1")
        try:
            with pytest.raises(ApiError) as failed:
                await headless.run(
                    arguments,
                    transport,
                    resolve,
                    desk_at(transport, tmp_path),
                    namespace="shop",
                    output=io.StringIO(),
                )
        finally:
            await transport.close()
    assert failed.value.lines() == [
        'deployments.apps "web" not found',
        "that was in namespace shop: -n NAME looks in another",
    ]


@pytest.mark.parametrize("verb", ["undo", "restart", "pause", "resume"])
async def test_what_can_not_be_changed_as_it_is_not_there_says_where_it_was_looked_for(
    verb: str, tmp_path: Path
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args([verb, "deploy/web", "--yes"])
    arguments.all_namespaces, arguments.selector = False, ""
    output, errors = io.StringIO(), io.StringIO()
    async with FakeApi() as api:
        said = status(404, "NotFound", 'deployments.apps "web" not found')
        api.on(PATH, Reply(said, 404, forever=True))
        transport = transport_to(api, "t1")
        desk = desk_at(transport, tmp_path)
        try:
            code = await headless.run(
                arguments, transport, resolve, desk, namespace="shop", output=output, errors=errors
            )
        finally:
            await transport.close()
    assert code == EXIT_ERROR
    assert 'can\'t be done: deployments.apps "web" not found in namespace shop' in errors.getvalue()
    assert output.getvalue() == ""


@pytest.mark.parametrize(
    ("words", "read_only", "code", "said"),
    [
        (
            ("restart", "--yes"),
            "--read-only is on",
            EXIT_REFUSED,
            "can't be done: --read-only is on",
        ),
        (("undo", "--yes", "--to-revision", "99"), "", EXIT_ERROR, "can't be done: "),
        (("restart",), "", EXIT_ERROR, "nothing was sent"),
        (("resume", "--yes"), "", EXIT_ERROR, "nothing to do: "),
    ],
)
async def test_a_refusal_goes_to_standard_error(
    words: tuple[str, ...], read_only: str, code: int, said: str, tmp_path: Path
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args([words[0], "deploy/web", *words[1:]])
    output, errors, terminal = io.StringIO(), io.StringIO(), _Terminal("n\n")
    async with FakeApi() as api:
        serve(api)
        api.on(PATH, Reply(deployment(), forever=True))
        transport = transport_to(api, "t1")
        try:
            found = await headless.run(
                arguments,
                transport,
                resolve,
                desk_at(transport, tmp_path, read_only),
                namespace="shop",
                output=output,
                errors=errors,
                terminal=terminal,
            )
        finally:
            await transport.close()
    assert found == code
    assert said in errors.getvalue()
    assert said not in output.getvalue()


@pytest.mark.parametrize(
    ("verb", "paths"),
    [
        *((verb, (PATH,)) for verb in ("history", "status", "diff", "restart")),
        *((verb, (REPLICASETS, *LISTS)) for verb in ("history", "status", "diff")),
    ],
)
async def test_what_may_not_be_read_is_refused(
    verb: str, paths: tuple[str, ...], tmp_path: Path
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args([verb, "deploy/web", *(["--yes"] if verb == "restart" else [])])
    said = status(403, "Forbidden", "you may not")
    async with FakeApi() as api:
        for path in paths:
            api.on(path, Reply(said, 403, forever=True))
        serve(api)
        api.on(PATH, Reply(deployment(), forever=True))
        transport = transport_to(api, "t1")
        errors = io.StringIO()
        try:
            code = await headless.run(
                arguments,
                transport,
                resolve,
                desk_at(transport, tmp_path),
                namespace="shop",
                output=io.StringIO(),
                errors=errors,
            )
        except ApiError as error:
            code = error.exit_code
            print(*error.lines(), file=errors)
        finally:
            await transport.close()
    assert (code, "you may not" in errors.getvalue()) == (EXIT_REFUSED, True)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_flag_that_history_would_ignore_is_refused() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args(["history", "deploy/web", "--to-revision", "5"])
    arguments.all_namespaces, arguments.selector = False, ""
    with pytest.raises(UsageError, match="means nothing to history"):
        check_arguments(arguments, "shop")


def _checked(*words: str) -> RolloutOptions:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_arguments(parser)
    return check_arguments(parser.parse_args(words), "shop")


@pytest.mark.parametrize(
    ("workload", "kind"),
    [
        ("deploy/web", "deployments.apps"),
        ("deployment.apps/web", "deployments.apps"),
        ("deployments.apps/web", "deployments.apps"),
        ("Deploy.apps/web", "deployments.apps"),
        ("statefulset.apps/web", "statefulsets.apps"),
        ("daemonset.apps/web", "daemonsets.apps"),
    ],
)
def test_the_group_may_stand_behind_the_kind(workload: str, kind: str) -> None:
    assert _checked("status", workload).subject == Subject(kind, "shop", "web")


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        ("deployment.extensions/web", "deployment.extensions: deployment is of the group apps"),
        ("deployment./web", "deployment.: deployment is of the group apps"),
        ("job.batch/web", "is no workload with a rollout"),
    ],
)
def test_another_group_is_refused(workload: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        _checked("status", workload)


@pytest.mark.parametrize(
    ("words", "dry"),
    [
        (("undo", "deploy/web"), False),
        (("undo", "--dry-run", "deploy/web"), True),
        (("undo", "--dry-run=server", "deploy/web"), True),
        (("restart", "deploy/web", "--dry-run=server"), True),
    ],
)
def test_the_dry_run_is_the_servers(words: tuple[str, ...], dry: bool) -> None:
    assert _checked(*words).dry_run == dry


@pytest.mark.parametrize("value", ["client", "none"])
def test_no_other_dry_run_is_known(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _checked("undo", "deploy/web", f"--dry-run={value}")
    assert f"--dry-run={value} is not known" in capsys.readouterr().err

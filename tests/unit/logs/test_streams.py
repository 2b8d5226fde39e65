"""Which streams are open: none needlessly, no more than allowed, and none that is left behind."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path

from k8stui.cluster.api_error import ApiError
from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides, resolve_target
from k8stui.errors import LoginFailed
from k8stui.logs.engine import Limits
from k8stui.logs.feed import StreamState
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from k8stui.session.connection import Connection
from tests.unit.logs.fake_node import FakeCluster, FakeContainer, Fault
from tests.unit.logs.pod_server import pod_server, stamped
from tests.unit.logs.scene import Scene, play


def test_lists_and_watches_that_begin_again_open_no_stream_again() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        assert scene.cluster.requests.total() == 3
        for _ in range(20):
            scene.cluster.live = False
            scene.cluster.report()
            await asyncio.sleep(1.0)
            scene.cluster.live = True
            scene.cluster.report()
            await asyncio.sleep(1.0)
        assert scene.cluster.requests.total() == 3

    play(script, pods=3)


def test_a_login_that_has_run_out_is_told_and_its_stream_goes_on_when_it_is_renewed() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("reset", after_seconds=2.0)
        scene.write("before")
        await asyncio.sleep(1.5)
        refusals = [ApiError(401, "Unauthorized"), LoginFailed("the token has run out")]
        scene.cluster.open_error = lambda: refusals.pop(0) if refusals else None
        await asyncio.sleep(3.0)
        assert scene.states() == [StreamState.FORBIDDEN]
        assert "Unauthorized" in scene.tail.streams()[0].last_error
        scene.write("meanwhile")
        scene.cluster.fault = Fault
        await asyncio.sleep(90.0)
        assert scene.states() == [StreamState.LIVE]

    assert play(script).everything() == ["before", "meanwhile"]


def test_no_node_has_more_streams_than_it_may_have_and_the_newest_pods_come_first() -> None:
    async def script(scene: Scene) -> None:
        for number, container in enumerate(scene.containers):
            container.node = "crowded" if number < 5 else "empty"
        scene.tail.set_limits(Limits(streams=10, per_node=2))
        scene.cluster.report()
        await asyncio.sleep(1.0)
        live = StreamState.LIVE
        assert [state == live for state in scene.states()] == [False] * 3 + [True] * 3
        assert scene.states()[:3] == [StreamState.QUEUED] * 3

        scene.containers[4].die(0, "Completed")
        scene.cluster.report()
        await asyncio.sleep(10.0)
        assert [state == live for state in scene.states()] == [
            False,
            False,
            True,
            True,
            False,
            True,
        ]
        scene.tail.set_limits(Limits(streams=10, per_node=20))
        await asyncio.sleep(2.0)
        assert scene.states().count(live) == 5

    scene = play(script, selection=Selection(uids=frozenset(f"uid-{n}" for n in range(6))), pods=6)
    assert scene.cluster.requests.total() >= 6


def test_a_line_of_fifty_megabytes_is_kept_by_its_start_and_the_next_one_is_whole() -> None:
    async def script(scene: Scene) -> None:
        scene.write("x" * (50 << 20), "after")
        await asyncio.sleep(5.0)
        assert scene.tail.ring.size < 2 << 20

    cut, after = play(script).lines()
    assert len(cut) < (1 << 20) + 100
    assert cut.startswith("xxx")
    assert cut.endswith(f" … +{(50 << 20) - (1 << 20) + 31} bytes")
    assert after == "after"


async def test_two_hundred_openings_leave_no_task_and_no_socket(tmp_path: Path) -> None:
    with pod_server(tmp_path, {"web": stamped([b"one", b"two"])}) as config:
        overrides = Overrides(context="", namespace="", as_user="", as_groups=(), as_uid="")
        target = resolve_target(load_kubeconfig([config]), overrides, os.environ)
        connection = Connection(target, os.environ)
        pods = FakeCluster()
        pods.add(FakeContainer("uid-web", "web")).start()
        pods.report()
        held: list[tuple[int, int]] = []
        for opening in range(200):
            tail = LogTail(connection.log_transport, pods)
            tail.select(Selection(start=Start()))
            work = asyncio.create_task(tail.run())
            while tail.ring.end < 2:  # noqa: ASYNC110 - a test may look again and again
                await asyncio.sleep(0.001)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            assert len(asyncio.all_tasks()) == 1
            if opening in (19, 199):
                held.append(await _held(held[0][0] if held else 0))
        await connection.close()

    (_, objects), (_, later) = held
    assert later - objects < 2000, "an engine has hundreds of objects"


async def _held(at_most: int) -> tuple[int, int]:
    """Open files and objects, when the server has noticed that its clients have gone."""
    async with asyncio.timeout(60.0):
        while True:
            # Sockets of both ends are of this process.
            await asyncio.sleep(0.3)
            files = len(os.listdir("/proc/self/fd"))
            if not at_most or files <= at_most + 2:
                break
    gc.collect()
    return files, len(gc.get_objects())

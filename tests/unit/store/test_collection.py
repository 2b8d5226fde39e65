"""The collection: reads, indexes, and when and how subscribers are told."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import weakref
from collections.abc import Callable, Iterable

import pytest

from k8stui.resources.phase import Live, Stale, Syncing
from k8stui.resources.record import Record
from k8stui.store.changes import ChangeSet
from k8stui.store.collection import Collection
from k8stui.store.ticker import ManualTicker


class Pod(Record, frozen=True, gc=False, kw_only=True):
    node: str = ""
    status: str = "Running"


News = list[ChangeSet[Pod]]


def pod(uid: str, **fields: str | tuple[str, ...]) -> Pod:
    return Pod(**{"uid": uid, "name": f"pod-{uid}", "namespace": "shop", **fields})  # type: ignore[arg-type]


def collection() -> tuple[Collection[Pod], ManualTicker, News]:
    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    news: News = []
    pods.subscribe(news.append)
    return pods, ticker, news


def uids(records: Iterable[Pod]) -> list[str]:
    return sorted(record.uid for record in records)


def test_reads_are_current_before_anyone_is_told() -> None:
    pods, _, news = collection()
    pods.upsert([pod("1", node="node-1"), pod("2", namespace="batch")])
    assert not news
    assert uids(pods.rows.values()) == ["1", "2"]
    assert pods.find("shop", "pod-1") is pods.get("1")
    assert pods.find("shop", "pod-2") is None
    assert pods.namespaces() == ["batch", "shop"]
    assert uids(pods.by_node("node-1")) == ["1"]
    assert pods.resource_version("3") is None


def test_a_burst_is_one_change_set_soon() -> None:
    pods, ticker, news = collection()
    pods.upsert([pod("1")])
    pods.upsert([pod("2"), pod("1", status="Failed")])
    ticker.advance(0.009)
    assert not news
    ticker.advance(0.001)
    assert len(news) == 1
    assert {uid: each.status for uid, each in news[0].added.items()} == {
        "1": "Failed",
        "2": "Running",
    }
    assert not news[0].changed
    assert not news[0].phase_changed


def test_a_storm_is_at_most_ten_change_sets_a_second() -> None:
    pods, ticker, news = collection()
    for step in range(1000):
        pods.upsert([pod("1", resource_version=str(step))])
        ticker.advance(0.001)
    assert len(news) == 10
    ticker.advance(1)
    assert news[-1].changed["1"][1].resource_version == "999"
    assert ticker.waiting == 0


@pytest.mark.parametrize(
    "feed",
    [
        pytest.param(lambda pods: pods.upsert([pod("1")]), id="equal record"),
        pytest.param(
            lambda pods: (pods.upsert([pod("1", status="Failed")]), pods.upsert([pod("1")])),
            id="changed and back",
        ),
        pytest.param(
            lambda pods: (pods.upsert([pod("9")]), pods.remove(["9"])), id="came and went"
        ),
        pytest.param(
            lambda pods: (pods.remove(["1"]), pods.upsert([pod("1")])), id="went and back"
        ),
        pytest.param(lambda pods: pods.remove(["9"]), id="unknown uid"),
        pytest.param(lambda pods: pods.set_phase(Syncing()), id="equal phase"),
        pytest.param(
            lambda pods: (pods.set_phase(Live(1)), pods.set_phase(Syncing())), id="phase and back"
        ),
    ],
)
def test_nobody_is_told_of_nothing(feed: Callable[[Collection[Pod]], object]) -> None:
    pods, ticker, news = collection()
    pods.upsert([pod("1")])
    ticker.advance(1)
    news.clear()
    feed(pods)
    ticker.advance(1)
    assert not news


def test_removed_and_changed_carry_what_was() -> None:
    pods, ticker, news = collection()
    first, second = pod("1"), pod("2")
    pods.upsert([first, second])
    ticker.advance(1)
    pods.upsert([pod("1", status="Failed")])
    pods.remove(["2"])
    ticker.advance(1)
    assert news[1].changed == {"1": (first, pod("1", status="Failed"))}
    assert news[1].removed == {"2": second}


def test_the_end_of_a_list_drops_what_it_did_not_have() -> None:
    pods, ticker, news = collection()
    pods.upsert([pod("1"), pod("2")])
    synced = [pods.synced]
    ticker.advance(1)
    pods.keep_only({"2"})
    assert [*synced, pods.synced] == [False, True]
    ticker.advance(1)
    assert list(news[1].removed) == ["1"]
    assert news[1].phase_changed


def test_an_empty_cluster_is_news_too() -> None:
    pods, ticker, news = collection()
    pods.keep_only(())
    ticker.advance(1)
    assert [each.phase_changed for each in news] == [True]


def test_rows_stay_while_stale() -> None:
    pods, ticker, news = collection()
    pods.upsert([pod("1")])
    pods.set_phase(Stale(1.0, "connection refused", 5.0))
    ticker.advance(1)
    assert news[0].phase_changed
    assert uids(pods.rows.values()) == ["1"]


def test_a_name_belongs_to_one_object() -> None:
    pods, ticker, news = collection()
    pods.upsert([pod("old", name="db-0")])
    ticker.advance(1)
    pods.upsert([pod("new", name="db-0")])
    pods.remove(["old"])
    ticker.advance(1)
    assert uids(pods.rows.values()) == ["new"]
    assert pods.find("shop", "db-0") == pod("new", name="db-0")
    assert (list(news[1].added), list(news[1].removed)) == (["new"], ["old"])


def test_one_who_comes_late_is_not_told_what_it_has_seen() -> None:
    pods, ticker, news = collection()
    pods.upsert([pod("1"), pod("2")])
    late: News = []
    pods.subscribe(late.append)
    pods.upsert([pod("2", status="Failed"), pod("3")])
    pods.set_phase(Live(1))
    ticker.advance(1)
    assert sorted(news[0].added) == ["1", "2", "3"]
    assert (list(late[0].added), list(late[0].changed)) == (["3"], ["2"])
    pods.upsert([pod("1", status="Failed")])
    ticker.advance(1)
    assert news[1] == late[1]


def test_a_failing_subscriber_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    news: News = []

    def fails(_: ChangeSet[Pod]) -> None:
        raise ValueError("broken pane")

    def dawdles(_: ChangeSet[Pod]) -> None:
        ticker.advance(0.3)

    for callback in (fails, dawdles, news.append):
        pods.subscribe(callback)
    with caplog.at_level(logging.WARNING):
        pods.upsert([pod("1")])
        ticker.advance(0.01)
        pods.upsert([pod("2")])
        ticker.advance(0.5)
    assert [list(each.added) for each in news] == [["1"], ["2"]]
    assert "broken pane" in caplog.text
    assert "took 300 ms" in caplog.text


def test_unsubscribing_and_closing_leave_nothing_behind() -> None:
    class Pane:
        def told(self, changes: ChangeSet[Pod]) -> None:
            raise AssertionError("told after it left")

    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    pane, other = Pane(), Pane()
    leave = pods.subscribe(pane.told)
    pods.subscribe(other.told)
    pods.upsert([pod("1", node="node-1", labels=("app=web",), owner_uid="rs")])
    leave()
    leave()
    pods.close()
    pods.upsert([pod("2")])
    pods.set_phase(Live(1))
    pods.keep_only(())
    assert ticker.waiting == 0
    ticker.advance(1)
    assert not pods.rows
    gone: list[weakref.ref[object]] = [weakref.ref(pane), weakref.ref(other), weakref.ref(pods)]
    del pane, other, leave, pods
    gc.collect()
    assert [ref() for ref in gone] == [None, None, None]


def test_a_collection_that_nobody_follows_asks_for_no_timer() -> None:
    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    pods.upsert([pod("1")])
    leave = pods.subscribe(print)
    pods.upsert([pod("2")])
    leave()
    assert ticker.waiting == 0


async def test_with_the_event_loop_s_own_clock() -> None:

    pods: Collection[Pod] = Collection()
    told: asyncio.Future[ChangeSet[Pod]] = asyncio.get_running_loop().create_future()
    pods.subscribe(told.set_result)
    pods.upsert([pod("1")])
    assert list((await asyncio.wait_for(told, 5)).added) == ["1"]
    pods.close()


def _expected(rows: dict[str, Pod], matches: Callable[[Pod], bool]) -> list[str]:
    return sorted(uid for uid, record in rows.items() if matches(record))


@pytest.mark.parametrize("seed", range(20))
def test_indexes_and_news_agree_with_a_plain_dict(seed: int) -> None:
    chance = random.Random(seed)
    pods, ticker, news = collection()
    truth: dict[str, Pod] = {}
    mirror: dict[str, Pod] = {}

    def some() -> Pod:
        uid = str(chance.randrange(60))
        return pod(
            uid,
            namespace=f"ns-{int(uid) % 3}",
            node=chance.choice(["", "n1", "n2"]),
            owner_uid=chance.choice(["", "rs1", "rs2", "rs3"]),
            labels=chance.choice([(), ("app=web",), ("app=web", "tier=a"), ("tier=b",)]),
            resource_version=str(chance.randrange(5)),
        )

    for _ in range(120):
        batch = [some() for _ in range(chance.randrange(12))]
        pods.upsert(batch)
        truth.update({each.uid: each for each in batch})
        gone = {str(chance.randrange(60)) for _ in range(chance.randrange(8))}
        pods.remove(gone)
        for uid in gone:
            truth.pop(uid, None)
        if chance.random() < 0.05:
            kept = {uid for uid in truth if chance.random() < 0.5}
            pods.keep_only(kept)
            truth = {uid: each for uid, each in truth.items() if uid in kept}
        if chance.random() < 0.5:
            ticker.advance(0.2)
            for changes in news:
                assert not mirror.keys() & changes.added.keys()
                mirror.update(changes.added)
                for uid, (old, new) in changes.changed.items():
                    assert mirror[uid] == old
                    mirror[uid] = new
                for uid, old in changes.removed.items():
                    assert mirror.pop(uid) == old
            news.clear()
            assert mirror == truth
        assert dict(pods.rows) == truth
        assert uids(pods.by_owner("rs1")) == _expected(truth, lambda p: p.owner_uid == "rs1")
        assert uids(pods.by_node("n2")) == _expected(truth, lambda p: p.node == "n2")
        assert uids(pods.by_namespace("ns-1")) == _expected(truth, lambda p: p.namespace == "ns-1")
        assert uids(pods.by_label("app=web")) == _expected(truth, lambda p: "app=web" in p.labels)
        assert uids(pods.by_label("tier=a")) == _expected(truth, lambda p: "tier=a" in p.labels)
    pods.remove(list(truth))
    assert not pods.namespaces()
    assert [len(each) for each in (pods._owners, pods._nodes, pods._labels)] == [0, 0, 0]


def test_while_a_first_list_is_read_news_is_seldom_and_its_end_is_told_at_once() -> None:
    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    news: list[float] = []
    pods.subscribe(lambda _: news.append(ticker.time()))
    pods.set_phase(Syncing(500, 10_000))
    for page in range(20):
        pods.upsert([pod(f"{page}")])
        ticker.advance(0.05)
    assert len(news) <= 4
    assert news[0] <= 0.02, "the first rows are shown at once"
    end = ticker.time()
    pods.upsert([pod("last")])
    pods.keep_only({f"{page}" for page in range(20)} | {"last"})
    pods.set_phase(Live(1.0))
    ticker.advance(0.15)
    assert news[-1] - end <= 0.1
    pods.upsert([pod("later")])
    ticker.advance(0.11)
    assert len(news) >= 4

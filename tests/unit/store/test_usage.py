"""The usage book: samples, trends, and honesty about what is old or missing."""

from __future__ import annotations

from k8stui.resources.record import Usage, UsageLookup
from k8stui.store.ticker import ManualTicker
from k8stui.store.usage import Available, Unasked, Unavailable, UsageBook, UsageChange, UsageState

MI = 1 << 20


def sample(cpu: int, memory: int = MI, at: int = 0) -> Usage:
    return Usage(cpu=cpu, memory=memory, timestamp=at, containers=(("web", cpu, memory),))


def book() -> tuple[UsageBook, ManualTicker, list[UsageChange]]:
    ticker = ManualTicker()
    usage = UsageBook(ticker)
    news: list[UsageChange] = []
    usage.subscribe(news.append)
    return usage, ticker, news


def test_it_answers_as_a_lookup() -> None:
    usage: UsageLookup = book()[0]
    assert usage.pod("shop", "web") is None
    assert usage.node("node-1") is None


def test_the_trend_keeps_the_last_eight_samples() -> None:
    usage, _, _ = book()
    for step in range(12):
        usage.update_pods([("shop", "web", sample(step, step * MI, at=step * 15))], at=step * 15.0)
    now = usage.pod("shop", "web")
    assert now is not None
    assert now.cpu_trend == (4, 5, 6, 7, 8, 9, 10, 11)
    assert now.memory_trend[-1] == now.memory == 11 * MI
    assert now.containers == (("web", 11, 11 * MI),)


def test_the_same_window_asked_twice_is_one_sample_and_no_news() -> None:
    usage, ticker, news = book()
    for at in (15.0, 25.0):
        usage.update_pods([("shop", "web", sample(5, at=15))], at)
        usage.update_nodes([("node-1", sample(100, at=15))], at)
        ticker.advance(1)
    now = usage.pod("shop", "web")
    assert now is not None
    assert now.cpu_trend == (5,)
    assert news == [UsageChange(frozenset({("shop", "web")}), frozenset({"node-1"}), True)]
    assert usage.age(30.0) == 5.0


def test_a_pod_that_is_gone_is_forgotten() -> None:
    usage, ticker, news = book()
    usage.update_pods([("shop", "web", sample(5)), ("batch", "job", sample(5))], 1.0)
    ticker.advance(1)
    usage.update_pods([("shop", "web", sample(5))], 2.0)
    ticker.advance(1)
    assert usage.pod("batch", "job") is None
    assert news[1].pods == {("batch", "job")}


def test_samples_outlive_a_short_silence_and_not_a_long_one() -> None:
    usage, ticker, news = book()
    first: UsageState = usage.state
    assert first == Unasked()
    assert usage.age(0.0) is None
    usage.update_pods([("shop", "web", sample(5))], 1.0)
    usage.update_nodes([("node-1", sample(5))], 1.0)
    second: UsageState = usage.state
    assert second == Available()
    ticker.advance(60)
    usage.unavailable("the metrics API does not answer")
    ticker.advance(1)
    assert usage.state == Unavailable("the metrics API does not answer")
    assert usage.pod("shop", "web") is not None
    assert news[-1] == UsageChange(frozenset(), frozenset(), True)
    ticker.advance(180)
    usage.unavailable("the metrics API does not answer")
    ticker.advance(1)
    assert usage.pod("shop", "web") is None
    assert usage.node("node-1") is None
    assert news[-1] == UsageChange(frozenset({("shop", "web")}), frozenset({"node-1"}), False)


def test_closing_takes_back_what_was_on_its_way() -> None:
    usage, ticker, news = book()
    usage.update_pods([("shop", "web", sample(5))], 1.0)
    usage.close()
    assert ticker.waiting == 0
    ticker.advance(1)
    assert not news
    assert usage.pod("shop", "web") is None


def test_an_answer_in_parts_shows_when_it_is_whole() -> None:
    usage, ticker, news = book()
    usage.update_pods([("shop", "web", sample(5, at=15)), ("batch", "job", sample(5))], 15.0)
    ticker.advance(1)
    usage.take_pods([("shop", "web", sample(7, at=30))])
    usage.update_nodes([("node-1", sample(5))], 30.0)
    ticker.advance(1)
    now = usage.pod("shop", "web")
    assert now is not None
    assert now.cpu == 5
    usage.update_pods([("shop", "api", sample(1, at=30))], 30.0)
    ticker.advance(1)
    now = usage.pod("shop", "web")
    assert now is not None
    assert now.cpu_trend == (5, 7)
    assert usage.pod("batch", "job") is None
    assert news[-1].pods == {("shop", "web"), ("shop", "api"), ("batch", "job")}
    assert usage.age(31.0) == 1.0


def test_a_part_whose_rest_never_came_is_forgotten() -> None:
    usage, ticker, news = book()
    usage.take_pods([("shop", "web", sample(5))])
    usage.unavailable("the metrics API does not answer")
    usage.update_pods([("shop", "api", sample(1))], 1.0)
    ticker.advance(1)
    assert usage.pod("shop", "web") is None
    assert news[-1].pods == {("shop", "api")}

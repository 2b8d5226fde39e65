"""A login is asked once for all who wait, when what it gave has expired, and after a 401."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.cluster.credential import Credential
from k8stui.cluster.renewal import Grant, RenewedCredentials
from k8stui.errors import LoginFailed


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Login:
    """Gives numbered tokens, when it is let to."""

    def __init__(self, expires: float | None = None) -> None:
        self.expires = expires
        self.asked = 0
        self.failure = ""
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self) -> Grant:
        self.asked += 1
        asked = self.asked
        await self.open.wait()
        if self.failure:
            raise LoginFailed(self.failure)
        return Grant(f"Bearer {asked}", expires=self.expires)


async def settled(tasks: list[asyncio.Task[Credential]]) -> list[str]:
    done = await asyncio.gather(*tasks, return_exceptions=True)
    return [str(item.authorization if isinstance(item, Credential) else item) for item in done]


async def asking(credentials: RenewedCredentials, login: Login) -> list[asyncio.Task[Credential]]:
    """Three who wait for one answer."""
    login.open.clear()
    tasks = [asyncio.create_task(credentials.get()) for _ in range(3)]
    await asyncio.sleep(0)
    return tasks


async def test_many_who_ask_at_once_share_one_answer() -> None:
    login = Login()
    tasks = await asking(RenewedCredentials(login), login)
    login.open.set()
    assert await settled(tasks) == ["Bearer 1"] * 3
    assert login.asked == 1


async def test_many_who_ask_at_once_share_one_failure() -> None:
    login = Login()
    credentials = RenewedCredentials(login, Clock())
    login.failure = "no network"
    tasks = await asking(credentials, login)
    login.open.set()
    assert await settled(tasks) == ["no network"] * 3
    assert login.asked == 1


async def test_who_goes_away_leaves_the_others_their_answer() -> None:
    login = Login()
    tasks = await asking(RenewedCredentials(login), login)
    tasks[0].cancel()
    await asyncio.sleep(0)
    login.open.set()
    assert (await settled(tasks))[1:] == ["Bearer 2", "Bearer 2"]


async def test_a_failure_is_told_again_for_a_moment_before_the_login_is_asked_again() -> None:
    clock, login = Clock(), Login()
    credentials = RenewedCredentials(login, clock)
    login.failure = "no network"
    for seconds, asked in ((0.0, 1), (2.9, 1), (3.0, 2)):
        clock.now = 1000.0 + seconds
        with pytest.raises(LoginFailed, match="no network"):
            await credentials.get()
        assert login.asked == asked
    clock.now += 3
    login.failure = ""
    assert (await credentials.get()).authorization == "Bearer 3"


async def test_it_is_kept_until_it_expires_or_for_ever() -> None:
    clock, login = Clock(), Login(expires=1100.0)
    credentials = RenewedCredentials(login, clock)
    first = await credentials.get()
    clock.now = 1099.9
    assert await credentials.get() is first
    clock.now, login.expires = 1100.0, None
    second = await credentials.get()
    assert (second.authorization, second.generation) == ("Bearer 2", first.generation + 1)
    clock.now = 1e9
    assert await credentials.get() is second


async def test_what_is_over_on_arrival_is_used_for_a_moment() -> None:
    clock, login = Clock(), Login(expires=1.0)
    credentials = RenewedCredentials(login, clock)
    first = await credentials.get()
    clock.now += 9.9
    assert await credentials.get() is first
    clock.now += 0.1
    assert (await credentials.get()).generation == 2


async def test_a_401_renews_once_per_generation() -> None:
    login = Login()
    credentials = RenewedCredentials(login)
    first = await credentials.get()
    login.open.clear()
    tasks = [asyncio.create_task(credentials.refresh(first.generation)) for _ in range(3)]
    await asyncio.sleep(0)
    login.open.set()
    assert await settled(tasks) == ["Bearer 2"] * 3
    late = await credentials.refresh(first.generation)
    assert (late.authorization, login.asked) == ("Bearer 2", 2)
    assert (await credentials.refresh(late.generation)).authorization == "Bearer 3"


def test_no_secret_is_shown() -> None:
    assert "s3cret" not in repr(Grant("Bearer s3cret"))

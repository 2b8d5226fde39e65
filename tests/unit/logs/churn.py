"""Pods of several containers come and go under an event loop that is held up at times.

What is told comes by a real collection, paced and coalesced; streams wait for their turn, the
selection changes, kubelets' clocks are off.

`python -m tests.unit.logs.churn --streams 20 --faults 1000 --seeds 50` runs the whole of it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed
from k8stui.logs.book import StreamBook
from k8stui.logs.container import ContainerTail
from k8stui.logs.engine import Limits
from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import KIND_MASK, LINE, NOTICE
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from k8stui.logs.targets import LogPod
from tests.unit.logs.fake_node import SECOND, FakeContainer, Fault, now_ns
from tests.unit.logs.storm import WHOLE, Damage, main
from tests.unit.logs.virtual_time import VirtualLoop, run_virtual
from tests.unit.logs.watched_cluster import WatchedCluster

Mark = tuple[int, str, int]
"""Position in the stream, instance ("" for a gap mark), number."""


@dataclass
class Churning:
    """What goes wrong, and how often; in seconds."""

    faults: int = 1000
    pod_life: tuple[float, float] = (3.0, 120.0)
    stalls: float = 1.0
    """0 for an event loop that is never held up."""
    limits: Limits = field(default_factory=lambda: Limits(8, 3))
    selects: bool = True
    skew: float = 3.0
    rotates: bool = True
    kinds: tuple[str, ...] = ("eof", "eof", "reset", "reset", "freeze")


@dataclass
class Seen:
    """One stream: what came of it, and from where on it was wanted."""

    uid: str
    container: FakeContainer
    first: int
    """Number of the first instance that was to be read."""
    began: int
    """The first of its lines that was there when it was wanted."""
    closed: bool = False
    lines: list[Mark] = field(default_factory=list)
    gaps: list[tuple[int, str]] = field(default_factory=list)


class Ledger(StreamBook):
    """Remembers all streams there were, and takes their lines."""

    def __init__(self, cluster: WatchedCluster) -> None:
        super().__init__()
        self._cluster = cluster
        self.seen: list[Seen] = []
        self.torn = 0

    def enter(self, tail: ContainerTail) -> None:
        super().enter(tail)
        key, status = tail.key, tail.status
        one = next(p for p in self._cluster.parts(key.uid) if p.name == key.container)
        first = began = 0
        if status is not None and status.instance:
            first = status.restarts
            began = one.instances[first].file_start
        elif status is not None and one.cleared:
            first = status.restarts + 1
        self.seen.append(Seen(key.uid, one, first, began))

    def leave(self, tail: ContainerTail) -> None:
        super().leave(tail)
        self.seen[tail.index].closed = True

    def take(
        self,
        stream: int,
        times: Sequence[int],
        messages: Sequence[bytes],
        marks: Sequence[int] | None,
    ) -> None:
        """As an engine's sink."""
        seen = self.seen[stream]
        for message, mark in zip(messages, marks or [LINE] * len(messages), strict=True):
            at, text = len(seen.lines) + len(seen.gaps), message.decode()
            if mark & KIND_MASK == LINE:
                instance, _, rest = text.partition(" ")
                if rest.endswith(WHOLE):
                    seen.lines.append((at, instance, int(rest.partition(" ")[0])))
                else:
                    self.torn += 1
            elif mark & KIND_MASK == NOTICE and "gap" in text:
                seen.gaps.append((at, text))


class Churn:
    """One run with one seed."""

    def __init__(self, seed: int, slots: int, weather: Churning) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.cluster = WatchedCluster(seed)
        self.cluster.fault = self._fault
        self.cluster.open_error = self._open_error
        self.cluster.pod_error = self._pod_error
        self.cluster.body_error = self._body_error
        self.weather = weather
        self.slots = slots
        self.faults = 0
        self.stopping = False
        self._ahead = [int(self.random.uniform(-1, 1) * weather.skew * SECOND) for _ in range(4)]
        self._engine: asyncio.Task[None] | None = None
        self._lives: dict[str, asyncio.Task[None]] = {}

    @property
    def over(self) -> bool:
        dead = self._engine is not None and self._engine.done()
        return dead or self.stopping or self.faults >= self.weather.faults

    # -- what goes wrong ----------------------------------------------------------------------

    def _fault(self) -> Fault:
        chance = self.random
        if self.over or chance.random() < 0.3:
            return Fault()
        self.faults += 1
        kind = chance.choice(self.weather.kinds)
        if chance.random() < 0.5:
            return Fault(kind, after_bytes=int(10 ** chance.uniform(0, 4)))
        return Fault(kind, after_seconds=chance.uniform(0, 20))

    def _open_error(self) -> Exception | None:
        chance = self.random
        if self.over or chance.random() > 0.1:
            return None
        self.faults += 1
        if chance.random() < 0.5:
            return ConnectionFailed("connection refused")
        status = chance.choice((404, 410, 429, 500, 503))
        return ApiError(status, "try again", retry_after=1.0 if status == 429 else None)

    def _pod_error(self) -> Exception | None:
        chance = self.random
        if self.over or chance.random() > 0.1:
            return None
        return chance.choice((ConnectionFailed("no answer"), ApiError(500, "try again")))

    def _body_error(self, _follow: bool) -> bytes:
        return b""

    async def _stalls(self) -> None:
        """The program is kept from its work: what happens meanwhile comes all at once."""
        loop, chance = asyncio.get_running_loop(), self.random
        assert isinstance(loop, VirtualLoop)
        while not self.over:
            await asyncio.sleep(chance.uniform(0.1, 3.0))
            loop.spend(self.weather.stalls * chance.choice((0.02, 0.2, 0.2, 1.0, 4.0)))

    async def _outages(self) -> None:
        chance, cluster = self.random, self.cluster
        while not self.over:
            await asyncio.sleep(chance.uniform(10.0, 60.0))
            what = chance.choice(("node", "watch", "server"))
            self.faults += 1
            node = f"node-{chance.randrange(4)}" if what == "node" else ""
            if node:
                cluster.nodes_down.add(node)
            else:
                cluster.down = what == "server"
                cluster.lose_watch()
            await asyncio.sleep(chance.choice((0.3, 3.0, 20.0)))
            if node:
                cluster.nodes_down.discard(node)
            else:
                cluster.down = False
                await asyncio.sleep(chance.uniform(0.0, 1.0))
                cluster.find_watch(listed=chance.random() < 0.5)

    async def _selections(self, tail: LogTail) -> None:
        chance = self.random
        while not self.over:
            tail.select(self._selection(), history=chance.random() < 0.5)
            await asyncio.sleep(chance.uniform(0.5, 20.0))
            if chance.random() < 0.7:
                tail.select(Selection(start=Start()), history=chance.random() < 0.5)
                await asyncio.sleep(chance.uniform(2.0, 40.0))

    def _selection(self) -> Selection:
        odd = self.random.randrange(3)

        def matches(pod: LogPod) -> bool:
            return int(pod.name.split("-")[1]) % 3 != odd

        container = Pattern("^app") if self.random.random() < 0.3 else None
        return Selection(matches=matches, container=container, start=Start())

    # -- the pods -----------------------------------------------------------------------------

    async def _slot(self, slot: int) -> None:
        chance, name = self.random, f"pod-{slot}-0"
        for number in itertools.count():
            if number and chance.random() > 0.3:
                name = f"pod-{slot}-{number}"
            parts = self._parts(f"uid-{slot}.{number}", name)
            await self._while_down()
            self.cluster.create(parts)
            lives = asyncio.create_task(self._pod(parts))
            try:
                last = asyncio.get_running_loop().time() + chance.uniform(*self.weather.pod_life)
                while asyncio.get_running_loop().time() < last and not self.over:
                    await asyncio.sleep(0.5)
                    if lives.done() and chance.random() < 0.2:
                        break
                if self.over:
                    await lives
                    return
                await self._delete(parts, lives)
            finally:
                lives.cancel()
            await asyncio.sleep(chance.choice((0.0, 0.01, 2.0)))

    def _parts(self, uid: str, name: str) -> list[FakeContainer]:
        chance = self.random
        number = chance.randrange(4)
        policy = chance.choice(("Always", "Always", "Always", "OnFailure", "Never"))
        names = [f"init{n}" for n in range(chance.choice((0, 0, 1, 2)))]
        names += [f"app{n}" for n in range(chance.choice((1, 1, 2)))]
        return [
            FakeContainer(
                uid,
                name,
                one,
                node=f"node-{number}",
                role="init" if one.startswith("init") else "regular",
                created=now_ns() // SECOND,
                restart_policy=policy,
                phase="Pending",
                ahead=self._ahead[number],
            )
            for one in names
        ]

    async def _pod(self, parts: list[FakeContainer]) -> None:
        await asyncio.sleep(self.random.uniform(0.0, 2.0))
        apps = [part for part in parts if part.role == "regular"]
        for part in parts:
            if part.role == "init" and not await self._contain(part):
                self._phase(parts, "Failed")
                return
        self._phase(parts, "Running")
        done = await asyncio.gather(*(self._contain(part) for part in apps))
        if not self.over:
            self._phase(parts, "Succeeded" if all(done) else "Failed")

    def _phase(self, parts: list[FakeContainer], phase: str) -> None:
        for part in parts:
            part.phase = phase
        self.cluster.sync(parts[0].uid)

    async def _contain(self, part: FakeContainer) -> bool:
        """Runs one container as its pod's policy says, and gives whether it did its work."""
        chance, uid = self.random, part.uid
        init = part.role == "init"
        quick = chance.random() < 0.3
        for crashes in itertools.count():
            part.waits_for = ""
            part.start(known=False)
            asyncio.get_running_loop().call_later(chance.uniform(0, 1.5), self.cluster.sync, uid)
            life = chance.uniform(0.0, 1.0 if quick else chance.choice((2.0, 10.0, 60.0)))
            await self._write(part, life)
            if self.over and not init:
                return False
            code = 0 if init and chance.random() < 0.8 else chance.choice((0, 1, 137))
            part.die(code)
            await asyncio.sleep(chance.uniform(0.0, 1.0))
            self.cluster.sync(uid)
            again = part.restart_policy == "Always" or (part.restart_policy == "OnFailure" and code)
            if init:
                again = bool(code) and part.restart_policy != "Never"
            if not again:
                return not code
            if crashes:
                await asyncio.sleep(chance.uniform(0.1, 1.0))
                part.waits_for = "CrashLoopBackOff"
                self.cluster.sync(uid)
                await asyncio.sleep(10.0 + chance.uniform(0.0, 3.0))
                self.cluster.sync(uid)
        return False

    async def _write(self, part: FakeContainer, life: float) -> None:
        chance, instance = self.random, part.instances[-1]
        loop = asyncio.get_running_loop()
        dies = loop.time() + life
        number = len(instance.records)
        if not number and chance.random() < 0.2:
            await asyncio.sleep(min(life, chance.uniform(0.0, 8.0)))
        while not self.over and loop.time() < dies:
            for _ in range(chance.choice((1, 1, 2, 40))):
                instance.write(f"{instance.id} {number}{WHOLE}".encode())
                number += 1
            await asyncio.sleep(min(dies - loop.time(), chance.choice((0.01, 0.2, 1.0))))
            if self.weather.rotates and number > 200 and chance.random() < 0.01:
                instance.rotate()

    async def _delete(self, parts: list[FakeContainer], lives: asyncio.Task[None]) -> None:
        chance, cluster, uid = self.random, self.cluster, parts[0].uid
        await self._while_down()
        told = all(one.instance for one in cluster.known[uid].containers)
        if chance.random() < 0.1:
            for part in parts:
                # A proxy may end a stream now, and nobody can ask any more.
                cluster.unasked |= {one.id: len(one.records) for one in part.instances}
            cluster.finalize(uid)  # By force, or by the collector of a node that is lost.
        else:
            cluster.request_deletion(uid, chance.choice((1, 10, 30)))
        if told and chance.random() < 0.3:
            cluster.muted.add(uid)
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        await self._while_down(parts[0].node)
        lives.cancel()
        running = [part for part in parts if part.instances and part.instances[-1].running]
        await asyncio.gather(*(self._kill(part) for part in running))
        await asyncio.sleep(chance.choice((0.1, 1.0, 4.0)))
        for part in parts:
            for instance in part.instances:
                instance.removed = True
        if told and chance.random() < 0.3:
            for part in parts:
                part.cleared = bool(part.instances)
            cluster.sync(uid)
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        await self._while_down(parts[0].node)
        cluster.finalize(uid, flush=True)

    async def _kill(self, part: FakeContainer) -> None:
        chance = self.random
        await self._write(part, chance.choice((0.0, 0.1, 1.0, float(part.grace))))
        part.die(chance.choice((0, 1, 143, 137)))
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        self.cluster.sync(part.uid)

    async def _while_down(self, node: str = "") -> None:
        cluster = self.cluster
        while cluster.down or node in cluster.nodes_down:  # noqa: ASYNC110 - two conditions
            await asyncio.sleep(0.5)

    # -- the run ------------------------------------------------------------------------------

    async def run(self) -> Damage:
        cluster, ledger = self.cluster, Ledger(self.cluster)
        tail = LogTail(
            cluster,
            cluster.source,
            book=ledger,
            sink=ledger.take,
            limits=self.weather.limits,
            random_source=random.Random(self.seed),
            wall=lambda: now_ns() / SECOND,
        )
        cluster.begin()
        tail.select(Selection(start=Start()))
        task = self._engine = asyncio.create_task(tail.run())
        others = [asyncio.create_task(self._outages())]
        if self.weather.stalls:
            others.append(asyncio.create_task(self._stalls()))
        if self.weather.selects:
            others.append(asyncio.create_task(self._selections(tail)))
        try:
            async with asyncio.TaskGroup() as lives:
                for slot in range(self.slots):
                    lives.create_task(self._slot(slot))
            await asyncio.gather(*others)
            tail.select(Selection(start=Start()))
            tail.set_limits(Limits(1000, 1000))
            await asyncio.sleep(400.0)
            if task.done():
                task.result()
        finally:
            for each in (task, *others):
                each.cancel()
            await asyncio.gather(task, *others, return_exceptions=True)
        return self._damage(ledger)

    def _damage(self, ledger: Ledger) -> Damage:
        damage = Damage(faults=self.faults, seconds=asyncio.get_running_loop().time())
        damage.torn = ledger.torn
        for seen in ledger.seen:
            damage.most_open = max(damage.most_open, seen.container.most_open)
            damage.lines += len(seen.lines)
            counts = Counter((instance, line) for _, instance, line in seen.lines)
            damage.doubled += counts.total() - len(counts)
            by_instance: dict[str, list[int]] = {}
            for _, instance, line in seen.lines:
                by_instance.setdefault(instance, []).append(line)
            for got in by_instance.values():
                damage.displaced += sum(a >= b for a, b in itertools.pairwise(got))
            strangers = set(by_instance) - {one.id for one in seen.container.instances}
            damage.doubled += sum(len(by_instance[one]) for one in strangers)
            lost = holes(seen, self.cluster.unasked)
            told = sum(count for count, marked in lost if marked)
            damage.told += told
            damage.lost += sum(count for count, _ in lost) - told
            damage.gaps += 0 if lost else len(seen.gaps)
        return damage


def holes(seen: Seen, unasked: Mapping[str, int]) -> list[tuple[int, bool]]:
    """How many lines are missing, and whether a mark stands where they should have been."""
    got = {(instance, line): at for at, instance, line in seen.lines}
    order = [one.id for one in seen.container.instances]
    wanted: list[tuple[str, int]] = []
    for number, instance in enumerate(seen.container.instances):
        if number >= seen.first:
            began = seen.began if number == seen.first else 0
            first = next(
                (line for line in range(len(instance.records)) if (instance.id, line) in got), -1
            )
            if first in instance.files:
                began = max(began, first)  # Nobody can tell what was rotated away before.
            elif first < 0 and instance.files:
                began = max(began, instance.files[-1])
            ends = unasked.get(instance.id, len(instance.records))
            if instance.running and instance.files[-1:] == [ends]:
                # Nor what was rotated away just now, before the next line comes.
                ends = max((line for one, line in got if one == instance.id), default=-1) + 1
            wanted += [(instance.id, line) for line in range(began, ends)]
    if seen.closed:
        # It was let go of before it was read, and before it was told whose lines it brought.
        places = [place for place, line in enumerate(wanted) if line in got] or [len(wanted)]
        wanted = wanted[places[0] : places[-1] + 1]
        # Or while it read the end of an instance of which it was told late.
        _, read, line = seen.lines[-1] if seen.lines else (0, "", 0)
        wanted = [each for each in wanted if each[0] != read or each[1] <= line]
    found: list[tuple[int, bool]] = []
    marks, previous = [at for at, _ in seen.gaps], -1
    for (lost, instance), group in itertools.groupby(
        enumerate(wanted), key=lambda each: (each[1] not in got, each[1][0])
    ):
        run = [place for place, _ in group]
        if not lost:
            previous = got[wanted[run[-1]]]
            continue
        # What the next one said, or the one after it, may stand before the mark or what is late:
        # it was read before two restarts were told of at once.
        far = min(order.index(instance) + 3, len(order))
        ahead = next(
            (got[each] for each in wanted if each[0] in order[far:] and each in got), 1 << 60
        )
        marked = any(previous < at < ahead for at in marks)
        found.append((len(run), marked))
    return found


def churn(seed: int, slots: int, weather: Churning) -> Damage:
    """One run in virtual time."""
    return run_virtual(Churn(seed, slots, weather).run())


def _one(seed: int, streams: int, faults: int) -> Damage:
    return churn(seed, streams, Churning(faults=faults))


if __name__ == "__main__":
    raise SystemExit(main(_one, __doc__ or ""))

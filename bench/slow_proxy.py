"""A slow line to a server: `python -m bench.slow_proxy HOST:PORT ROUND_TRIP BYTES_PER_SECOND`.

Prints the port that it listens on, on 127.0.0.2. All connections share the line. Ends with its
stdin.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

_CHUNK = 1024


class SlowLine:
    """One direction: bytes leave one after the other, and arrive later."""

    def __init__(self, delay: float, bytes_per_second: float) -> None:
        self._delay = delay
        self._rate = bytes_per_second
        self._free_at = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

        async def deliver() -> None:
            while True:
                due, chunk = await arriving.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not chunk:
                    return
                writer.write(chunk)
                await writer.drain()

        with contextlib.suppress(OSError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(deliver())
                while chunk := await reader.read(_CHUNK):
                    self._free_at = max(loop.time(), self._free_at) + len(chunk) / self._rate
                    await asyncio.sleep(max(0.0, self._free_at - loop.time()))
                    await arriving.put((loop.time() + self._delay, chunk))
                await arriving.put((0.0, b""))
        writer.close()


async def serve(target: str, round_trip: float, bytes_per_second: float) -> None:
    host, _, port = target.rpartition(":")
    up = SlowLine(round_trip / 2, bytes_per_second)
    down = SlowLine(round_trip / 2, bytes_per_second)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ExceptionGroup):
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            await asyncio.gather(up.carry(reader, far_writer), down.carry(far_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.2", 0, limit=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))

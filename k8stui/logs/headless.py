"""`k8stui logs`: the tailing engine without a screen, for terminals and pipes."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO, TextIO

from k8stui.errors import K8sTuiError
from k8stui.logs.arguments import check_arguments
from k8stui.logs.book import StreamBook
from k8stui.logs.cluster_logs import Cluster, ClusterLogs
from k8stui.logs.no_match import NoMatch
from k8stui.logs.printing import Printing
from k8stui.logs.query import parse_query


async def run(
    arguments: argparse.Namespace,
    clusters: Sequence[Cluster],
    *,
    environ: Mapping[str, str] | None = None,
    output: BinaryIO | None = None,
    errors: TextIO | None = None,
) -> int:
    """Prints the logs that the arguments ask for.

    Args:
        arguments: As `arguments.add_arguments` has them; also `namespace`, `all_namespaces` and
            `selector` where they are.
        clusters: Where to look; lines are told apart by the cluster where there are several.
        environ: For NO_COLOR.
        output: Where lines go; standard output by default.
        errors: Where all else goes; standard error by default.

    Returns:
        The exit code; following ends only by an interrupt.

    Raises:
        K8sTuiError: no cluster can be asked, the arguments can't be, or there is nothing to read.
        BrokenPipeError: whoever read the output has gone.
    """
    options = check_arguments(arguments)
    query = parse_query(options.query)
    book = StreamBook()
    printing = Printing(
        options,
        book,
        output or sys.stdout.buffer,
        errors or sys.stderr,
        os.environ if environ is None else environ,
        contexts=len(clusters) > 1,
    )
    printing.watch_reader()
    works = [
        asyncio.create_task(_one(ClusterLogs(options, query, cluster, printing, book), printing))
        for cluster in clusters
    ]
    everything = asyncio.gather(*works)
    broken = asyncio.create_task(printing.broken.wait())
    try:
        await asyncio.wait((everything, broken), return_when=asyncio.FIRST_COMPLETED)
        if printing.broken.is_set():
            raise BrokenPipeError
        return _exit_code(await everything, printing)
    finally:
        ending = [*works, broken]
        for task in ending:
            task.cancel()
        await asyncio.gather(everything, *ending, return_exceptions=True)


async def _one(logs: ClusterLogs, printing: Printing) -> int | NoMatch:
    """One cluster of several may fail or have nothing of it while the others go on."""
    try:
        return await logs.run()
    except NoMatch as nothing:
        return nothing
    except K8sTuiError as error:
        if not printing.contexts:
            raise
        printing.say(f"! {logs.context}: {error.message}")
        return error.exit_code


def _exit_code(ends: Sequence[int | NoMatch], printing: Printing) -> int:
    """The worst of all clusters; that one of several has nothing of it is no failure."""
    nothing = [end for end in ends if isinstance(end, NoMatch)]
    codes = [end for end in ends if isinstance(end, int)]
    if not codes:
        raise NoMatch("\n".join(end.message for end in nothing), nothing[0].hint)
    for end in nothing:
        printing.say(f"! {end.message}")
    return max(codes)

"""Readers at work: 16 at once, each over two kept connections, without a pause for thought.

One sitting is info.json, twelve thumbnails (two at a time), eight page turns (info.json and the reading image of the
next page: what any IIIF viewer asks for), twelve zoom tiles of the last page (two at a time). Sittings begin at
different places of this script, so that at any moment readers do different things. Search inside the book is no work
of an image server: it is left out for every server alike, and measured apart for ours (`search=`).

A page turn lasts from the question for info.json to the last byte of the reading image. Turns that end after the time
count for the durations, not for the rate.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.delivery.addresses import Addresses
from benchmarks.delivery.processes import Server

READERS = 16
THUMBNAILS = 12
TURNS = 8
TILES = 12
LEAST_TURNS = 2 * READERS
STEPS = 1 + THUMBNAILS // 2 + TURNS + TILES // 2
_END_OF_CHUNKS = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """One run."""

    turns_a_second: float
    turn_p50_ms: float
    turn_p95_ms: float
    answers_a_second: float
    megabytes_a_second: float
    cpu_ms_a_turn: float
    """Of the server, all its work for the sitting told on the turns."""


@dataclass(slots=True)
class _Tally:
    ends: float
    turns: list[tuple[float, float]] = field(default_factory=list)
    """(end, seconds)"""
    answers: int = 0
    bytes: int = 0


class _Connection(asyncio.BufferedProtocol):
    """HTTP/1.1 with one question at a time; bodies are counted and thrown away, so that the client costs little."""

    def __init__(self) -> None:
        self._buffer = bytearray(1 << 18)
        self._view = memoryview(self._buffer)
        self._head = 0
        """Bytes in the buffer that belong to a head not yet complete."""
        self._left: int | None = None
        """Bytes of the body still to come; None while the head does, -1 for chunks."""
        self._tail = b""
        self._size = 0
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("closed by the server"))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def ask(self, head: bytes) -> asyncio.Future[int]:
        """Send a question; the size of the answer's body."""
        assert self._transport is not None
        self._head, self._left, self._tail, self._size = 0, None, b"", 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head)
        return self._answer

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        return self._view[self._head :]

    def buffer_updated(self, nbytes: int) -> None:
        if self._left is not None:
            self._body(0, nbytes)
            return
        self._head += nbytes
        end = self._buffer.find(b"\r\n\r\n", 0, self._head)
        if end < 0:
            return
        head, got, self._head = bytes(self._view[:end]).lower(), self._head, 0
        if not head.startswith(b"http/1.1 200"):
            self._fail(RuntimeError(head.decode("latin-1")))
            return
        _, found, rest = head.partition(b"content-length:")
        self._left = int(rest.split(b"\r\n", 1)[0]) if found else -1
        if got > end + 4 or self._left == 0:
            self._body(end + 4, got)

    def _body(self, start: int, stop: int) -> None:
        assert self._left is not None
        self._size += stop - start
        if self._left >= 0:
            self._left -= stop - start
            over = self._left <= 0
        else:
            self._tail = (self._tail + bytes(self._view[max(start, stop - 7) : stop]))[-7:]
            over = self._tail == _END_OF_CHUNKS
        if over and self._answer is not None and not self._answer.done():
            self._answer.set_result(self._size)


class _Reader:
    """One person with a viewer."""

    def __init__(self, server: Server, asked: Addresses, tally: _Tally, number: int, search: list[str]) -> None:
        self._server, self._asked, self._tally, self._search = server, asked, tally, search
        self._draw = random.Random(number)
        self._begin_at = number * STEPS // READERS
        self._connections: list[_Connection] = []

    async def read(self) -> None:
        """Sitting after sitting until the time is over."""
        address = urlsplit(self._server.origin)
        loop = asyncio.get_running_loop()
        for _ in range(2):
            _, made = await loop.create_connection(_Connection, address.hostname, address.port)
            self._connections.append(made)
        try:
            while time.perf_counter() < self._tally.ends:
                await self._sit()
                self._begin_at = 0
        finally:
            for connection in self._connections:
                connection.close()

    async def _sit(self) -> None:
        asked, pages = self._asked, len(self._asked.infos)
        start = self._draw.randrange(pages)
        last = (start + TURNS - 1) % pages
        thumbnails = [asked.thumbnails[(start + offset) % pages] for offset in range(THUMBNAILS)]
        tiles = self._draw.sample(asked.tiles[last], min(TILES, len(asked.tiles[last])))
        steps: list[list[str]] = [[asked.infos[start]], *in_pairs(thumbnails)]
        turns = {len(steps) + turn: (start + turn) % pages for turn in range(TURNS)}
        steps += [[] for _ in range(TURNS)] + in_pairs(tiles)
        if self._search:
            steps.append([self._draw.choice(self._search)])
        for number in range(self._begin_at, len(steps)):
            if time.perf_counter() >= self._tally.ends:
                return
            if number in turns:
                await self._turn(turns[number])
            else:
                await asyncio.gather(*map(self._get, steps[number], self._connections))

    async def _turn(self, page: int) -> None:
        begun = time.perf_counter()
        await self._get(self._asked.infos[page], self._connections[0])
        await self._get(self._asked.views[page], self._connections[0])
        ended = time.perf_counter()
        self._tally.turns.append((ended, ended - begun))

    async def _get(self, path: str, connection: _Connection) -> None:
        size = await connection.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self._tally.answers += 1
        self._tally.bytes += size


def in_pairs(paths: list[str]) -> list[list[str]]:
    """Two at a time."""
    return [paths[place : place + 2] for place in range(0, len(paths), 2)]


def session(server: Server, asked: Addresses, seconds: float, search: list[str] | None = None) -> Sample:
    """Let the readers read.

    Args:
        search: addresses of searches inside the book, one of which ends each sitting.

    Raises:
        RuntimeError: an answer was not 200.
    """
    while True:
        sample = asyncio.run(_session(server, asked, seconds, search or []))
        if sample is not None:
            return sample
        seconds *= 2


async def _session(server: Server, asked: Addresses, seconds: float, search: list[str]) -> Sample | None:
    """None where there were too few turns to tell of, which is to be done again for longer."""
    before, begun = server.cpu_s(), time.perf_counter()
    tally = _Tally(begun + seconds)
    readers = [_Reader(server, asked, tally, number, search) for number in range(READERS)]
    await asyncio.gather(*(reader.read() for reader in readers))
    elapsed = time.perf_counter() - begun
    spent = server.cpu_s() - before
    if len(tally.turns) < LEAST_TURNS:
        return None
    lasted = [1e3 * duration for _, duration in tally.turns]
    in_time = sum(end <= tally.ends for end, _ in tally.turns)
    return Sample(
        in_time / seconds,
        statistics.median(lasted),
        statistics.quantiles(lasted, n=20)[18],
        tally.answers / elapsed,
        tally.bytes / elapsed / 1e6,
        1e3 * spent / len(lasted),
    )

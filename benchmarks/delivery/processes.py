"""Servers under measure: started on a free port, ended by their process ids, and what they cost while they run."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

START_GUARD_S = 60
"""When to give up on a server; a hang guard, not a speed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and everything it has started."""

    origin: str
    """`http://127.0.0.1:<port>`."""
    roots: tuple[int, ...]
    """Process ids whose descendants are the server."""

    def processes(self) -> list[psutil.Process]:
        """All of them, now."""
        roots = [psutil.Process(root) for root in self.roots]
        return [process for root in roots for process in (root, *root.children(recursive=True))]

    def cpu_s(self) -> float:
        """Seconds of processor time so far, of user and kernel."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def memory(self) -> Memory:
        """What it holds now and the most it has held."""
        found = [_memory(process.pid) for process in self.processes()]
        return Memory(sum(one.shared_once_mb for one in found), max(one.peak_mb for one in found))


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a server in megabytes (10**6 bytes).

    Attributes:
        shared_once_mb: sum over its processes of PSS: what they share is divided among them, so it counts once.
        peak_mb: the most that one of its processes has ever held resident (VmHWM), shared pages counted in full.
    """

    shared_once_mb: float
    peak_mb: float


def _memory(process: int) -> Memory:
    shared_once = _kilobytes(Path(f"/proc/{process}/smaps_rollup"), "Pss:")
    return Memory(shared_once * 1.024e-3, _kilobytes(Path(f"/proc/{process}/status"), "VmHWM:") * 1.024e-3)


def _kilobytes(file: Path, field: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(field))


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that are free now; all are held until the last is chosen, so that they differ."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


@contextmanager
def running(command: Sequence[str], port: int, log: Path, environ: Mapping[str, str]) -> Iterator[int]:
    """Run a server until the context ends; its process id once it listens.

    Raises:
        RuntimeError: it ended or did not listen; holds the end of its log.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, port, log)
        yield process.pid
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + START_GUARD_S
    while True:
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Politely first; then it and its children, which would go on without it."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in psutil.wait_procs(family, 5)[1]:
        left.kill()

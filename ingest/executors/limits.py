"""What one page may take of a process: memory by the operating system, time by an alarm that ends the process."""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_M_ARENA_MAX = -8
_PR_SET_PDEATHSIG = 1


_NICENESS = 10


def prepare_process(memory_mb: int, work_folder: Path, gives_way: bool = False) -> None:
    """Called once in each worker process, before anything is decoded.

    Args:
        work_folder: for temporary files, so that those of a killed process are found and taken away.
        memory_mb: address space that may be added to what the process has now.
        gives_way: whether whatever else wants the processor comes first.
    """
    if gives_way:
        os.nice(_NICENESS)
    work_folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = os.environ["TMPDIR"] = str(work_folder)
    # One decoding thread a process: the pool already uses every core.
    os.environ["VIPS_CONCURRENCY"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _share_arenas()
    importlib.import_module("numpy")  # reserves space for each core of the machine: that is none of the page's
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    limit = pages * resource.getpagesize() + memory_mb * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def end_with_parent() -> None:
    """This process ends with the thread that began it: a worker that is killed leaves none behind (Linux, prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _share_arenas() -> None:
    """Let threads share two heaps: glibc reserves 64 MB of address space for each thread's own (mallopt(3))."""
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


@contextmanager
def ends_after(seconds: int) -> Iterator[None]:
    """End this process when the block takes longer: decoders in C listen to nothing less.

    One block at a time in a process: its alarm is the only one. In a thread of a Dask worker it works too, because
    nobody has set another handler there: the alarm ends the process whichever thread is at work.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)

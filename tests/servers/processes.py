"""Starting a real server for a test and ending it again, and nothing else, by its process id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

START_GUARD_S = 90
"""When to give up on a server: a hang guard, not a speed. Servers here are up within seconds on an idle machine."""


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running S3-compatible store and who may use it."""

    endpoint: str
    """`http://127.0.0.1:<port>`."""
    bucket: str
    access_key: str
    secret_key: str
    region: str
    side_doors: tuple[str, ...] = ()
    """HTTP addresses of the same server that do not speak S3 and must not answer strangers."""

    @property
    def values(self) -> dict[str, str]:
        """The settings of a store by short name, as `StoreOptions.values` wants them."""
        return {
            "endpoint": self.endpoint,
            "bucket": self.bucket,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "region": self.region,
        }


def program(name: str) -> str:
    """Path of a program that came in a wheel: beside this interpreter, else on the PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: pip install '.[test]'")
    return found


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
def scratch(prefix: str) -> Iterator[Path]:
    """A folder directly under the temporary folder (short enough for a Unix socket), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    answers: Callable[[], bool],
    environ: Mapping[str, str],
    *,
    politely: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in a folder until the context ends.

    Args:
        answers: whether the server is ready; asked several times a second.
        environ: its whole environment: nothing of ours leaks in.
        politely: let it end its own processes, which would stay behind if it were killed.

    Raises:
        RuntimeError: it ended or did not answer; holds the end of its log.
    """
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, answers, log)
        yield process
    finally:
        if politely:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(START_GUARD_S)
        # At once: weed takes ten seconds to go politely, and its folder is thrown away anyhow.
        process.kill()
        process.wait()


def answers_http(address: str) -> bool:
    """Whether somebody answers there in HTTP, whatever it be."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def _wait(process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path) -> None:
    give_up = time.monotonic() + START_GUARD_S
    while not answers():
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)

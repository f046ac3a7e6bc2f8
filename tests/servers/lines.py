"""Bad lines between us and a store: one that goes silent, one that breaks off, one that is slow."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

Serve = Callable[[socket.socket], None]


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes every connection and never answers; gives its address."""
    with _listening(lambda _: _keep_silent()) as address:
        yield address


@contextmanager
def breaking(body: bytes, promised: int, *, then_silent: bool) -> Iterator[str]:
    """A server that promises a body of so many bytes, sends fewer, and then hangs up or goes silent."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {promised}\r\nLast-Modified: Mon, 23 Nov 2026 00:00:00 GMT\r\n\r\n"

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(head.encode() + body)
        if then_silent:
            _keep_silent()

    with _listening(serve) as address:
        yield address


@contextmanager
def slow(endpoint: str, bytes_per_s: float) -> Iterator[str]:
    """A way to another server that carries no more than so many bytes a second upwards; answers are not slowed."""
    target = urlsplit(endpoint)

    def serve(connection: socket.socket) -> None:
        with socket.create_connection((target.hostname, target.port)) as server:
            threading.Thread(target=_carry, args=(server, connection, 0.0), daemon=True).start()
            _carry(connection, server, 16384 / bytes_per_s)

    with _listening(serve) as address:
        yield address


def _keep_silent() -> None:
    time.sleep(120)


def _carry(source: socket.socket, target: socket.socket, pause_s: float) -> None:
    with suppress(OSError):
        while piece := source.recv(16384):
            target.sendall(piece)
            time.sleep(pause_s)


@contextmanager
def _listening(serve: Serve) -> Iterator[str]:
    listener = socket.socket()
    # Small, so that the kernel does not swallow a whole upload at once; connections inherit it.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)

    def handle(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=handle, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()

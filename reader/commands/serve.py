"""`wenyuan serve`: the web server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from subprocess import DEVNULL

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from wenyuan.repo import settings as all_settings
from wenyuan.repo import wiring
from wenyuan.repo.errors import AddressUnusable, IndexDamaged, IndexUnavailable
from wenyuan.repo.settings import Settings

FACTORY = "wenyuan.reader.wsgi:create"
MEND = "from wenyuan.repo import indexing, settings, wiring; indexing.mend(wiring.build(settings.load()))"
STOP_S = 10
"""Seconds that a process has to end what it is sending. One that has just begun can miss the signal to stop, and would
go on for ever with the port in its hands."""
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound to
"""Listening on all addresses: the one to open in a browser here is this machine's own."""


@click.command()
@click.option("--host", help="Address to listen on; default: the setting WENYUAN_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default: the setting WENYUAN_PORT.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; default: the setting WENYUAN_WEB_WORKERS.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the library to readers until Ctrl-C (网上阅览服务)."""
    settings = all_settings.load()
    host, port = host or settings.host, port or settings.port
    make_sure_it_is_free(host, port)
    # The server's processes read the settings again: they must find the same data folder from wherever they run.
    os.environ[f"{all_settings.PREFIX}HOME"] = str(settings.home.resolve())
    mend_index(settings)
    click.echo(f"{settings.site_name}  http://{'127.0.0.1' if host in EVERYWHERE else host}:{port}/")
    Server(
        FACTORY,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers or settings.web_workers,
        blocking_threads=settings.web_threads,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_S,
    ).serve()


def mend_index(settings: Settings) -> None:
    """Have a damaged index built anew by a process of its own; readers are served meanwhile, all but searches."""
    library = wiring.build(settings)
    try:
        library.index.count()
    except IndexDamaged:
        subprocess.Popen([sys.executable, "-c", MEND], env=all_settings.environment_of(settings), stdin=DEVNULL)
    except IndexUnavailable:
        return  # what is away is no damage, and every search says so
    finally:
        library.close()


def make_sure_it_is_free(host: str, port: int) -> None:
    """The server's own sockets share a port with whoever listens there, even another library; ours must be alone.

    Raises:
        AddressUnusable: somebody listens there, or there is no such address.
    """
    try:
        kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressUnusable(address=f"{host}:{port}", reason=error.strerror or str(error)) from error

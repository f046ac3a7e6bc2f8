"""The base of every deliberate error, and the errors of an object store.

An error carries data, never sentences: what a person reads is made at the edge (`wenyuan.repo.wording`), in the
person's language. Errors cross process borders in jobs, so each can be pickled and told again as JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class LibraryError(Exception):
    """Something that a person or a machine can act on.

    Attributes:
        code: stable name, the key of the words in `repo/data/wording.toml`; listed in docs/errors.md.
        status: HTTP status a web answer gets.
        exit_code: exit status of a command (BSD sysexits.h).
        data: what happened, in values: file names, keys, limits.
    """

    code: ClassVar[str] = "library-error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70

    def __init__(self, **data: Any) -> None:
        super().__init__()
        self.data: dict[str, Any] = data

    def __str__(self) -> str:
        facts = ", ".join(f"{key}={value!r}" for key, value in self.data.items())
        return f"{self.code}({facts})"

    def __reduce__(self) -> tuple[Callable[..., LibraryError], tuple[type[LibraryError], dict[str, Any]]]:
        return _again, (type(self), self.data)


def _again(kind: type[LibraryError], data: dict[str, Any]) -> LibraryError:
    return kind(**data)


class Unavailable(LibraryError):
    """A part we depend on is away; the same call may succeed later."""

    code = "unavailable"
    status = 503
    exit_code = 75


class Corrupt(LibraryError):
    """Bytes are not what they were when they were stored."""

    code = "corrupt"
    status = 500
    exit_code = 74


class Misconfigured(LibraryError):
    """A setting keeps the program from working; an operator must act."""

    code = "misconfigured"
    status = 500
    exit_code = 78


class ObjectMissing(LibraryError):
    """No object has this key. Data: key."""

    code = "object-missing"
    status = 404
    exit_code = 74


class InvalidRange(LibraryError):
    """The range begins behind the object's end. Data: key, offset, size."""

    code = "invalid-range"
    status = 416
    exit_code = 65


class DigestMismatch(Corrupt):
    """The bytes have another SHA-256 than promised. Data: key, expected, found."""

    code = "digest-mismatch"


class StoreUnavailable(Unavailable):
    """The object store does not answer. Data: store, reason, retry_after_s."""

    code = "store-unavailable"


class StoreFull(Unavailable):
    """There is no room left. Data: store, free_bytes, needed_bytes."""

    code = "store-full"
    status = 507


class StoreMisconfigured(Misconfigured):
    """The store refuses our credentials, bucket or options. Data: setting, reason."""

    code = "store-misconfigured"


class CacheUnusable(Unavailable):
    """The disk cache cannot keep anything; whoever uses it goes on without. Data: folder, reason."""

    code = "cache-unusable"

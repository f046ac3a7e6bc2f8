"""What is handed in, as plain values that go into the job's row: one candidate becomes one item, or is refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wenyuan.ingest.metadata import Told
from wenyuan.repo.items import Collection
from wenyuan.storage.errors import LibraryError


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file with content."""

    path: str
    """Where it lies, absolute."""
    name: str
    """As staff knows it: relative to the path handed in."""
    format: str
    """Module of `wenyuan.ingest.formats` that reads it."""
    media_type: str
    text: str | None = None
    """Path of the ALTO or plain text handed in beside it."""
    text_name: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Files that will be one item, in reading order."""

    title: str
    files: tuple[GivenFile, ...]
    told: Told = field(default_factory=Told)
    collection: str | None = None

    def to_json(self) -> dict[str, Any]:
        """For the job's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Candidate:
        """From the job's row."""
        return cls(
            document["title"],
            tuple(GivenFile(**file) for file in document["files"]),
            Told(**document["told"]),
            document["collection"],
        )


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that cannot be used, and why."""

    name: str
    error: LibraryError


@dataclass(frozen=True, slots=True)
class Received:
    """Everything found under the paths handed in; each file stands in exactly one place."""

    candidates: tuple[Candidate, ...]
    refused: tuple[RefusedFile, ...]
    metadata: tuple[str, ...]
    """Names of files that describe others."""
    ignored: tuple[str, ...]
    """Names of files that operating systems and packaging leave behind."""
    collections: tuple[Collection, ...]
    """Parents before children."""
    warnings: tuple[RefusedFile, ...] = ()
    """Files that were taken all the same."""

    @property
    def given(self) -> int:
        """How many files were handed in."""
        content = sum(1 + (file.text is not None) for one in self.candidates for file in one.files)
        return content + len(self.refused) + len(self.metadata) + len(self.ignored)


def error_to_json(error: BaseException) -> dict[str, Any]:
    """An error as it is kept in receipts: code and data, to be told in any language."""
    if isinstance(error, LibraryError):
        return {"code": error.code, "data": error.data}
    return {"code": "internal", "data": {"detail": f"{type(error).__name__}: {error}"[:500]}}


def plain_name(path: Path, root: Path) -> str:
    """The name that staff knows: relative to what was handed in, `/` between, bytes that are no text made visible."""
    relative = path.relative_to(root) if path != root else Path(path.name)
    return shown(relative.as_posix())


def shown(text: str) -> str:
    """A name with the bytes that are no text made visible, so that it can be kept and printed."""
    return text.encode("utf-8", "backslashreplace").decode()

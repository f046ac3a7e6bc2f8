"""File names as they were handed in, made safe for any file system and for the manifests of BagIt: pure maps.

RFC 8493 §2.1.3 and §5.2: line ends and `%` in names need an encoding that validators disagree on, names that differ in
case or Unicode normal form alone meet on some file systems, and reserved names cannot be made on Windows. So none of
these is written. The name as it was stands in `metadata/structure.json`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_SEGMENT_BYTES = 180
"""Of 255 that file systems allow, with room for a mark against collisions."""
_PATH_BYTES = 700
"""Of 1,024 (macOS) to 4,096 (Linux) for a whole path, with room for the folders above."""
_SUFFIX_BYTES = 20

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029%\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
"""Device names of Windows; RFC 8493 §5.2.3 warns of them."""


class Names:
    """Gives out safe names, no two alike on any file system."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, path: str, sha256: str) -> str:
        """A safe relative path for a file; the same calls in the same order give the same paths.

        Args:
            path: as handed in, `/` between.
            sha256: of the file's bytes; a part of it tells files of one name apart.
        """
        safe = self._clear_of_files(safe_path(path))
        candidate, number = safe, 1
        while not self._is_free(candidate):
            mark = sha256[:8] if number == 1 else f"{sha256[:8]}-{number}"
            candidate, number = _marked(safe, mark), number + 1
        self._files.add(_folded(candidate))
        self._folders.update(_folders_of(candidate))
        return candidate

    def _clear_of_files(self, path: str) -> str:
        """A path none of whose folders has the name of a file; every mark makes it longer, so this ends."""
        while clash := next((folder for folder in _folders_of(path) if folder in self._files), None):
            segments = path.split("/")
            segments[clash.count("/")] += "~"
            path = "/".join(segments)
        return path

    def _is_free(self, path: str) -> bool:
        return _folded(path) not in self._files and _folded(path) not in self._folders


def safe_path(path: str) -> str:
    """A relative path that any file system takes; one that had to be changed carries a mark of what it was."""
    normal = unicodedata.normalize("NFC", path)
    segments = [_safe_segment(segment) for segment in normal.split("/") if segment not in {"", "."}]
    safe = "/".join(segments) or "_"
    if len(safe.encode()) > _PATH_BYTES:
        safe = segments[-1]
    return safe if safe == normal else _marked(safe, _digest(path))


def _safe_segment(segment: str) -> str:
    safe = _UNSAFE.sub("_", segment).rstrip(". ") if segment.strip(". ") else "_"
    if _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    return _cut(safe, _SEGMENT_BYTES)


def _cut(name: str, size_bytes: int) -> str:
    """At most so many bytes of UTF-8; the ending stays."""
    if len(name.encode()) <= size_bytes:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _SUFFIX_BYTES:
        stem, dot, suffix = name, "", ""
    room = size_bytes - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + suffix


def _marked(path: str, mark: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    marked = f"{stem}~{mark}{dot}{suffix}" if stem else f"{name}~{mark}"
    return f"{folder}{slash}{marked}"


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())


def _folders_of(path: str) -> list[str]:
    parts = _folded(path).split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:8]

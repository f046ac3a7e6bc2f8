"""First stage: what lies under the paths handed in, and which files make which item. Reads names and first bytes only.

A folder's pictures are one item, in natural order (2 before 10); every other file that can be read is an item of its
own. `collection.json` makes its folder a collection; `metadata.json` describes the folder's pictures, `NAME.json` the
file `NAME.*`, a row of `metadata.csv` the file it names (a picture described by either is an item of its own). An ALTO
(`.xml`), hOCR (`.hocr`, `.html`) or plain text of the same name beside a picture is that page's text.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from natsort import natsorted, ns

from wenyuan.ingest import metadata
from wenyuan.ingest.delivery import Candidate, GivenFile, Received, RefusedFile, plain_name, shown
from wenyuan.ingest.formats.choose import choose
from wenyuan.ingest.metadata import Told
from wenyuan.repo import hocr
from wenyuan.repo.description import Access
from wenyuan.repo.errors import BadInput, EmptySource, NamesNothing, UnreadableFile
from wenyuan.repo.items import Collection
from wenyuan.storage.errors import LibraryError

IMAGES = "images"
_TABLE = "metadata.csv"
_TEXT_ENDINGS = (".xml", ".alto", ".hocr", ".txt")
_HTML_ENDINGS = (".html", ".htm", ".xhtml")
"""Text of a page only where they are hOCR."""
_JUNK = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".gitkeep", ".gitignore", ".directory"})
_JUNK_FOLDERS = frozenset({"__MACOSX", ".git", "@eaDir"})
_BAG_TAG_FILES = ("bagit.txt", "bag-info.txt", "fetch.txt", "manifest-", "tagmanifest-")


@dataclass(slots=True)
class _Findings:
    candidates: list[Candidate] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    warnings: list[RefusedFile] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    collections: dict[str, Collection] = field(default_factory=dict)


def receive(paths: Sequence[Path], collection: str | None = None) -> Received:
    """Look through files and folders.

    Args:
        collection: key of the collection for what no `collection.json` places elsewhere.
    """
    found = _Findings()
    by_folder: dict[Path, list[Path]] = {}
    for path in paths:
        whole = path.resolve()
        if whole.is_dir():
            _walk(whole, whole.parent, collection, found)
        elif whole.exists():
            by_folder.setdefault(whole.parent, []).append(whole)
        else:
            name = shown(str(path))
            found.refused.append(RefusedFile(name, UnreadableFile(file=name, detail="No such file or directory")))
    # Files handed in one by one are a folder all the same: `folder/*` means what `folder` means.
    for folder, files in by_folder.items():
        beside = [one for file in files for one in _companions(file)]
        every = natsorted({*files, *beside}, key=lambda file: file.name, alg=ns.PATH | ns.IGNORECASE)
        _Folder(folder, collection, found).sort(every)
    return Received(
        tuple(found.candidates),
        tuple(found.refused),
        tuple(found.metadata),
        tuple(found.ignored),
        tuple(found.collections.values()),
        tuple(found.warnings),
    )


def _walk(
    folder: Path, root: Path, collection: str | None, found: _Findings, no_collection: LibraryError | None = None
) -> None:
    try:
        entries = natsorted(os.scandir(folder), key=lambda entry: entry.name, alg=ns.PATH | ns.IGNORECASE)
    except OSError as error:
        name = plain_name(folder, root)
        found.refused.append(RefusedFile(name, UnreadableFile(file=name, detail=str(error.strerror))))
        return
    if not entries:
        name = plain_name(folder, root)
        found.refused.append(RefusedFile(name, EmptySource(file=name)))
    here = _Folder(root, collection, found, no_collection)
    here.sort([Path(entry.path) for entry in entries if not entry.is_dir(follow_symlinks=False)])
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and entry.name not in _JUNK_FOLDERS:
            _walk(Path(entry.path), root, here.collection, found, here.no_collection)


def _companions(file: Path) -> list[Path]:
    beside = [file.with_suffix(ending) for ending in (".json", *_TEXT_ENDINGS, *_HTML_ENDINGS)]
    taken = [path for path in beside if path != file and path.is_file()]
    return [path for path in taken if path.suffix == ".json" or _is_text_of_a_page(path)]


def _is_text_of_a_page(path: Path) -> bool:
    ending = path.suffix.lower()
    return ending in _TEXT_ENDINGS or (ending in _HTML_ENDINGS and _is_hocr(path))


def _is_hocr(path: Path) -> bool:
    try:
        with path.open("rb") as opened:
            return hocr.is_hocr(opened.read(hocr.HEAD_BYTES))
    except OSError:
        return False


def _composed(name: str) -> str:
    """The same name however it is written down: macOS hands out file names decomposed (Unicode NFD)."""
    return unicodedata.normalize("NFC", name)


class _Folder:
    """Tells the files of one folder apart."""

    def __init__(
        self, root: Path, collection: str | None, found: _Findings, no_collection: LibraryError | None = None
    ) -> None:
        self.root, self.collection, self._found = root, collection, found
        self.no_collection = no_collection
        """Why the collection of this folder, and of all below it, cannot be told."""
        self._told: dict[str, Told] = {}
        """By file stem; "" for the folder's pictures together."""
        self._rows: dict[str, Told] = {}
        """By file name: rows of metadata.csv."""
        self._broken: dict[str, LibraryError] = {}
        """Metadata that cannot be used, by what it describes, as in `_told`; `metadata.csv` under its own name."""

    def sort(self, files: list[Path]) -> None:
        """Turn files into candidates, refusals and the rest."""
        files = [path for path in files if self._is_file(path)]
        content = [path for path in files if not self._is_metadata(path, files)]
        content = [path for path in content if not self._is_junk(path, content)]
        self._warn_of_rows_without_a_file(files)
        texts = self._texts_beside_pages(content)
        given = [self._look_at(path, texts.get(path)) for path in content if path not in texts.values()]
        self._group([file for file in given if file is not None])

    def _warn_of_rows_without_a_file(self, files: list[Path]) -> None:
        """A row that means to close a file to readers, and whose file is not found, may mean any of those here."""
        for file in sorted(self._rows.keys() - {_composed(path.name) for path in files}):
            missing = NamesNothing(file=self._name(files[0].parent / _TABLE), field="file", name=file)
            self._warn(missing)
            if self._rows[file].fields.get("access", Access.OPEN.value) != Access.OPEN.value:
                self._broken[_TABLE] = missing

    def _warn(self, warning: BadInput) -> None:
        self._found.warnings.append(RefusedFile(warning.data["file"], warning))

    def _name(self, path: Path) -> str:
        return plain_name(path, self.root)

    def _is_file(self, path: Path) -> bool:
        """A pipe would be waited for, for ever. What cannot be looked at is told when it is opened."""
        try:
            mode = path.stat().st_mode
        except OSError:
            return True
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            return True
        name = self._name(path)
        self._found.refused.append(RefusedFile(name, UnreadableFile(file=name, detail="not a regular file")))
        return False

    def _is_metadata(self, path: Path, files: list[Path]) -> bool:
        name = self._name(path)
        described = path.suffix.lower() == ".json" and any(
            other != path and other.stem == path.stem and other.suffix.lower() not in {".json", ".xml"}
            for other in files
        )
        about = {"metadata.json": "", _TABLE: _TABLE}.get(path.name, path.stem)
        try:
            if path.name == "collection.json":
                collection = metadata.read_collection(path, name, self.collection)
                if self.no_collection is None:
                    self._found.collections[collection.key] = collection
                    self.collection = collection.key
            elif path.name == _TABLE:
                rows = metadata.read_csv(path, name)
                self._rows = {_composed(file): told for file, told in rows.items()}
            elif path.name == "metadata.json" or (described and metadata.is_object(path)):
                self._told[about] = metadata.read_json(path, name)
            else:
                return False
        except LibraryError as error:
            if path.name == "collection.json":
                self.no_collection = error
            self._broken[about] = error
            self._found.refused.append(RefusedFile(name, error))
        else:
            self._found.metadata.append(name)
        return True

    def _is_junk(self, path: Path, files: list[Path]) -> bool:
        in_bag = any(other.name == "bagit.txt" for other in files)
        junk = path.name.lower() in _JUNK or path.name.startswith("._")
        if junk or (in_bag and path.name.startswith(_BAG_TAG_FILES)):
            self._found.ignored.append(self._name(path))
            return True
        return False

    def _texts_beside_pages(self, content: list[Path]) -> dict[Path, Path]:
        """Page file → text file of the same stem."""
        by_stem: dict[str, list[Path]] = {}
        for path in content:
            by_stem.setdefault(path.stem, []).append(path)
        beside: dict[Path, Path] = {}
        for group in by_stem.values():
            # Without a picture beside it nothing is opened here.
            texts = [path for path in group if len(group) > 1 and _is_text_of_a_page(path)]
            pages = [path for path in group if path not in texts]
            # Two pages of one stem: whose text it is cannot be told, so it is nobody's.
            if len(pages) == 1 and len(texts) == 1 and self._has_pages(pages[0]):
                beside[pages[0]] = texts[0]
        return beside

    def _has_pages(self, path: Path) -> bool:
        try:
            return choose(path, self._name(path)).module in {IMAGES, "pdf"}
        except BadInput:
            return False

    def _look_at(self, path: Path, text: Path | None) -> GivenFile | None:
        name = self._name(path)
        try:
            chosen = choose(path, name)
        except BadInput as error:
            self._found.refused.append(RefusedFile(name, error))
            return None
        self._found.warnings += [
            RefusedFile(name, warning) for warning in chosen.warnings if isinstance(warning, LibraryError)
        ]
        return GivenFile(
            str(path),
            name,
            chosen.module,
            chosen.media_type,
            str(text) if text else None,
            self._name(text) if text else None,
        )

    def _group(self, files: list[GivenFile]) -> None:
        pictures = [file for file in files if file.format == IMAGES and not self._is_described_alone(Path(file.path))]
        if pictures:
            folder = Path(pictures[0].path).parent
            title = Path(pictures[0].path).stem if len(pictures) == 1 and folder == self.root else folder.name
            self._add(title, pictures, self._told.get(""), "")
        for file in files:
            if file in pictures:
                continue
            path = Path(file.path)
            self._add(path.stem, [file], self._rows.get(_composed(path.name)) or self._told.get(path.stem), path.stem)

    def _is_described_alone(self, path: Path) -> bool:
        return _composed(path.name) in self._rows or path.stem in self._told or path.stem in self._broken

    def _add(self, title: str, files: list[GivenFile], told: Told | None, about: str) -> None:
        # A table that cannot be read may describe any file that nothing else describes, and close it to readers.
        error = self.no_collection or self._broken.get(about) or (self._broken.get(_TABLE) if told is None else None)
        if error is not None:
            # Shown without its title and rights it would be wrong; with its metadata mended it can be handed in again.
            for file in files:
                self._found.refused.append(RefusedFile(file.name, error))
                if file.text_name:
                    self._found.refused.append(RefusedFile(file.text_name, error))
            return
        names = {_composed(Path(file.path).name) for file in files}
        for label in sorted(label for label in (told.labels if told else ()) if _composed(label) not in names):
            self._warn(NamesNothing(file=shown(title), field="pages", name=label))
        self._found.candidates.append(Candidate(shown(title), tuple(files), told or Told(), self.collection))

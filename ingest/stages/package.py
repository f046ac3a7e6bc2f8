"""What readers get in place of an e-book's file, and the cover it brings along: once a file, before its pages.

A file whose package cannot be made is refused whole: none of its chapters could be shown.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.delivery import error_to_json
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.pixels import decoding
from wenyuan.ingest.formats.source import Source
from wenyuan.ingest.stages import results, store
from wenyuan.ingest.stages.derive import fitted, is_there, put_jpeg
from wenyuan.ingest.stages.opening import StoredFile, opened
from wenyuan.ingest.stages.opening import store as open_store
from wenyuan.ingest.stages.results import Result
from wenyuan.repo.errors import BadInput
from wenyuan.repo.packages import EARLIER, PACKAGE
from wenyuan.repo.recipes import COVER, Recipes
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key

STAGE = "package"


@dataclass(frozen=True, slots=True)
class PackageTask:
    """One stored file."""

    workplace: Workplace
    file: StoredFile
    renew: bool = False
    """Whether what earlier recipes have made is taken away once today's is there."""
    check: bool = False
    """Whether what is there is read, and made anew where it is damaged."""

    def parts(self) -> list[PackageTask]:
        """A file is one part."""
        return [self]

    def killed(self) -> Result:
        """It ended its process."""
        return results.killed(self.file.name, None)


def run(job: ItemJob) -> None:
    """Make the packages of all stored files that have one; results by position."""
    stored = job.results(store.STAGE)
    tasks = {
        position: PackageTask(job.workplace, StoredFile(stored[position]["sha256"], file.name, file.format))
        for position, file in enumerate(job.candidate.files)
        if "sha256" in stored.get(position, {})
    }
    job.map(STAGE, package, tasks, results.first)


def package(task: PackageTask) -> Result:
    """`{"warnings": […]}`, all that the file has given rise to by now, or `{"error": …}`."""
    try:
        with ends_after(task.workplace.page_timeout_s):
            source = opened(task.workplace, task.file)
            _package(task, source)
            _cover(task.workplace, task.file, source)
            warnings = [error_to_json(warning) for warning in getattr(source, "warnings", ())]
    except (BadInput, MemoryError) as error:
        return results.failed(error, task.file.name)
    return {"warnings": warnings}


def _package(task: PackageTask, source: Source) -> None:
    key = derivative_key(task.file.sha256, 0, PACKAGE)
    if not _is_made(task, key):
        with tempfile.TemporaryDirectory(prefix="package-") as folder:
            target = Path(folder) / "package.zip"
            if not source.package(target):
                return
            with target.open("rb") as stream:
                open_store(task.workplace).put(key, stream, media_type="application/zip")
    for recipe in EARLIER if task.renew else ():
        open_store(task.workplace).delete(derivative_key(task.file.sha256, 0, recipe))


def _is_made(task: PackageTask, key: str) -> bool:
    if not is_there(task.workplace, key):
        return False
    if not task.check:
        return True
    try:
        with open_store(task.workplace).as_file(key) as path, zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError, ObjectMissing):
        return False


def _cover(workplace: Workplace, file: StoredFile, source: Source) -> None:
    """An e-book's own cover; a damaged one is no reason to refuse the book."""
    find = getattr(source, "cover", None)
    key = derivative_key(file.sha256, 0, COVER)
    if find is None or is_there(workplace, key):
        return
    try:
        picture = find()
        if picture is not None:
            thumbnail = Recipes.of(workplace.settings).thumbnail
            with decoding(file.name):
                put_jpeg(workplace, key, fitted(picture, 2 * thumbnail.width), thumbnail.quality)
    except BadInput:
        return

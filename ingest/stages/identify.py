"""Open each file, in a process of its own: pages, contents, what it says of itself; or why it cannot be used."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.delivery import error_to_json
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.source import Outline
from wenyuan.ingest.stages import results
from wenyuan.ingest.stages.opening import open_path
from wenyuan.ingest.stages.results import Result
from wenyuan.repo.errors import BadInput

STAGE = "identify"


@dataclass(frozen=True, slots=True)
class IdentifyTask:
    """One file as handed in."""

    workplace: Workplace
    path: str
    name: str
    format: str

    def parts(self) -> list[IdentifyTask]:
        """A file is one part."""
        return [self]

    def killed(self) -> Result:
        """It ended its process."""
        return results.killed(self.name, None)


def run(job: ItemJob) -> None:
    """Identify all files of the candidate; results by their position."""
    tasks = {
        position: IdentifyTask(job.workplace, file.path, file.name, file.format)
        for position, file in enumerate(job.candidate.files)
    }
    job.map(STAGE, identify, tasks, results.first)


def identify(task: IdentifyTask) -> Result:
    """`{"outline": …}` or `{"error": …}`."""
    try:
        with ends_after(task.workplace.page_timeout_s), _plainly_named(Path(task.path)) as path:
            source = open_path(task.format, path, task.name, task.workplace.limits)
            try:
                return {"outline": _plain(source.outline())}
            finally:
                source.close()
    except (BadInput, MemoryError) as error:
        return results.failed(error, task.name)


@contextmanager
def _plainly_named(path: Path) -> Iterator[Path]:
    """The file under a name that libraries in C take: one with bytes that are no UTF-8 is reached by a link."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="named-") as folder:
            link = Path(folder) / "file"
            link.symlink_to(path)
            yield link
    else:
        yield path


def _plain(outline: Outline) -> Result:
    return {
        "pages": [
            [page.kind.value, page.index, page.width, page.height, page.label, page.entry] for page in outline.pages
        ],
        "sections": [asdict(section) for section in outline.sections],
        "suggestion": outline.suggestion,
        "warnings": [error_to_json(warning) for warning in outline.warnings],
    }

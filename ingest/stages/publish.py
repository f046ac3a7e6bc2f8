"""Count, and show the item in one flip.

Files given = files stored + files refused, pages found = pages shown + pages refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from wenyuan.ingest import metadata
from wenyuan.ingest.context import ItemJob
from wenyuan.ingest.delivery import Candidate, GivenFile, error_to_json
from wenyuan.ingest.stages import derive, extract, identify, package, store
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import label_of, last_part, printed_labels, share_out
from wenyuan.repo import holdings, recognising
from wenyuan.repo.catalogue import items, jobs
from wenyuan.repo.catalogue.jobs import JobState
from wenyuan.repo.description import usable
from wenyuan.repo.errors import (
    AlreadyHeld,
    CountsDisagree,
    DamagedSource,
    DescriptionDiffers,
    EmptySource,
    NamesNothing,
    TextNotAdded,
)
from wenyuan.repo.holdings import NewItem
from wenyuan.repo.items import File, Item, LayerVersion, Page, PageKind, Section, Structure
from wenyuan.repo.layers import Origin
from wenyuan.repo.recognising import Asked

AGENT = "wenyuan ingest"


@dataclass(slots=True)
class _Account:
    """What became of each file and page of a candidate."""

    files: list[dict[str, Any]] = field(default_factory=list)
    """Receipt rows: name, outcome (stored, refused), sha256, size_bytes, pages, error."""
    pages_found: int = 0
    refused_pages: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)


def run(job: ItemJob) -> Item | None:
    """Publish the item and end the job, in one transaction. None where nothing of it can be used.

    The job ends refused.
    """
    account = _Account()
    structure, texts = _assemble(job, account)
    _reconcile(job, account, structure)
    receipt = {
        "files": account.files,
        "pages": len(structure.pages),
        "refused_pages": account.refused_pages,
        "warnings": account.warnings,
        "no_text_yet": sum(not page.layers and page.kind is not PageKind.CHAPTER for page in structure.pages),
    }
    if not structure.pages:
        errors = [row["error"] for row in (*account.files, *account.refused_pages) if row.get("error")]
        _end(job, JobState.REFUSED, receipt, error=errors[0] if errors else None)
        return None
    new = _new_item(job, structure, texts)
    detail = {
        "delivery": job.job.delivery,
        "pages": len(structure.pages),
        "refused": [row["name"] for row in account.files if row["outcome"] == "refused"] + account.refused_pages,
        "no_text_yet": receipt["no_text_yet"],
    }

    def end(session: Session) -> None:
        receipt["item"] = new.id
        if receipt["no_text_yet"]:
            engine, now = job.library.settings.ocr_engine, datetime.now(UTC)
            published = items.get(session, new.id)
            recognising.queue(session, published, Asked(new.id), engine, now, delivery=job.job.delivery)
        jobs.finish(session, job.job.id, job.worker, JobState.DONE, datetime.now(UTC), item=new.id, receipt=receipt)

    return holdings.publish(job.library, new, AGENT, detail, also=end)


def held_already(job: ItemJob, item: str, title: str) -> None:
    """End a job whose files are an item already: told, not stored twice. Texts that the item lacks are refused."""
    rows = _rows_of_held(job, item, title)
    warnings = [error_to_json(AlreadyHeld(file=job.candidate.files[0].name, item=item, title=title))]
    differing = _differing(job, item)
    if differing:
        source = job.candidate.told.source or job.candidate.title
        warnings.append(error_to_json(DescriptionDiffers(file=source, item=item, fields=", ".join(differing))))
    receipt = {"files": rows, "pages": 0, "refused_pages": [], "warnings": warnings, "item": item}
    _end(job, JobState.DONE, receipt, item=item)


def _rows_of_held(job: ItemJob, item: str, title: str) -> list[dict[str, Any]]:
    """What each file is to the held item: a part of it, or refused as it was (or would have been) the first time."""
    with job.library.catalogue.reading() as session:
        held = {file.sha256 for file in items.files(session, item)}
    identified, stored = job.results(identify.STAGE), job.results(store.STAGE)
    account = _Account()
    for position, file in enumerate(job.candidate.files):
        kept = stored.get(position, {})
        error = identified[position].get("error") or kept.get("error")
        if error is None and kept["sha256"] not in held:
            error = error_to_json(DamagedSource(file=file.name, detail=f"≠ {item}"))
        if error is not None:
            _refuse(account, file, error)
            continue
        account.files.append({"name": file.name, "outcome": "already-held"})
        if file.text_name and kept["text"]["sha256"] in held:
            account.files.append({"name": file.text_name, "outcome": "already-held"})
        elif file.text_name:
            told = error_to_json(TextNotAdded(file=file.text_name, item=item, title=title))
            account.files.append({"name": file.text_name, "outcome": "refused", "error": told})
    return account.files


def _differing(job: ItemJob, item: str) -> list[str]:
    """Fields that staff has written otherwise than the held item has them."""
    with job.library.catalogue.reading() as session:
        held = items.get(session, item).description
    told = metadata.describe(job.candidate.told.fields, [], held.title, job.candidate.title)
    return [name for name in job.candidate.told.fields if getattr(told, name) != getattr(held, name)]


def identity(job: ItemJob) -> str | None:
    """The id that the candidate's stored files give; None where none could be stored."""
    stored = job.results(store.STAGE)
    digests = [stored[position]["sha256"] for position in sorted(stored) if "sha256" in stored[position]]
    return holdings.item_id(digests) if digests else None


def _new_item(job: ItemJob, structure: Structure, texts: dict[int, str]) -> NewItem:
    identified = job.results(identify.STAGE)
    outlines = [identified[position]["outline"] for position in sorted(identified) if "outline" in identified[position]]
    suggested = [usable(outline["suggestion"]) for outline in outlines]
    if len(job.candidate.files) > 1:
        # What one scan of many says of itself (EXIF) is not the book's title.
        suggested = [{key: value for key, value in one.items() if key != "title"} for one in suggested]
    described = metadata.describe(job.candidate.told.fields, suggested, job.candidate.title, job.candidate.title)
    return NewItem(
        id=identity(job) or "",
        description=described,
        collection=job.candidate.collection,
        structure=structure,
        texts=texts,
        cover_page=structure.pages[0].key,
        created=job.job.created,
    )


def _assemble(job: ItemJob, account: _Account) -> tuple[Structure, dict[int, str]]:
    identified, stored = job.results(identify.STAGE), job.results(store.STAGE)
    packaged = job.results(package.STAGE)
    making = _Making(_by_page(job, extract.STAGE), _by_page(job, derive.STAGE), printed_labels(job), job.job.created)
    for position, given in enumerate(job.candidate.files):
        found, kept = identified[position], stored.get(position, {})
        error = found.get("error") or kept.get("error") or packaged.get(position, {}).get("error")
        if error:
            # Its pages keep their numbers, so that those that staff wrote down go on meaning the same.
            making.last_key += len(found["outline"]["pages"]) if "outline" in found else 1
            _refuse(account, given, error)
        else:
            told = packaged[position]["warnings"]
            account.warnings += [warning for warning in told if warning not in found["outline"]["warnings"]]
            _take_file(making, account, given, found["outline"], kept)
    texts = _text_files(job, account, {row["name"] for row in account.files if row["outcome"] == "stored"})
    sections = making.sections
    if job.candidate.told.sections:
        sections = _told_sections(
            job.candidate, job.candidate.told.sections, {page.key for page in making.pages}, account
        )
    return Structure((*making.files, *texts), tuple(making.pages), tuple(sections)), making.texts


@dataclass(slots=True)
class _Making:
    """A structure while it grows."""

    extracted: dict[tuple[str, str, int], Result]
    derived: dict[tuple[str, str, int], Result]
    labels: dict[str, str]
    created: datetime
    last_key: int = 0
    files: list[File] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)


def _take_file(making: _Making, account: _Account, given: GivenFile, outline: Result, kept: Result) -> None:
    """Add the pages of one file; a file none of whose pages can be shown is refused."""
    account.warnings += outline["warnings"]
    keys: dict[int, int] = {}
    errors: list[dict[str, Any]] = []
    shown: list[Page] = []
    for page in outline["pages"]:
        index = page[1]
        making.last_key += 1
        text = making.extracted[kept["sha256"], given.name, index]
        problem = text.get("error") or making.derived[kept["sha256"], given.name, index].get("error")
        if problem:
            errors.append({"name": given.name, "page": index + 1, "error": problem})
            continue
        account.warnings += [text["warning"]] if "warning" in text else []
        keys[index] = making.last_key
        shown.append(_page(making, given, page, text["layer"]))
    if not shown:
        _refuse(account, given, errors[0]["error"] if errors else error_to_json(EmptySource(file=given.name)))
        return
    account.pages_found += len(outline["pages"])
    account.refused_pages += errors
    account.files.append(_row(given.name, kept, len(shown)))
    making.pages += shown
    making.sections += _sections(outline["sections"], keys)
    making.files.append(File(kept["sha256"], kept["size_bytes"], given.media_type, last_part(given.name)))


def _page(making: _Making, given: GivenFile, page: list[Any], layer: Result | None) -> Page:
    kind, index, width, height, label, entry = page
    versions: tuple[LayerVersion, ...] = ()
    if layer is not None:
        making.texts[making.last_key] = layer["text"]
        origin, count = Origin(layer["origin"]), len(layer["text"])
        # A job that was begun by an older program has no ALTO in its steps.
        made = LayerVersion(layer["sha256"], origin, layer["engine"], making.created, count, alto=layer.get("alto"))
        versions = (made,)
    told = label_of(making.labels, given.name, label)
    return Page(making.last_key, PageKind(kind), len(making.files), index, width, height, told, entry, versions)


def _text_files(job: ItemJob, account: _Account, names: set[str]) -> list[File]:
    """ALTO and text files follow the originals, so that the numbers of the originals stay theirs."""
    stored = job.results(store.STAGE)
    found: list[File] = []
    for position, given in enumerate(job.candidate.files):
        text = stored.get(position, {}).get("text")
        if given.name in names and text and given.text_name:
            found.append(
                File(text["sha256"], text["size_bytes"], text["media_type"], last_part(given.text_name), "text")
            )
            account.files.append(_row(given.text_name, text, 0))
    return found


def _row(name: str, kept: Result, pages: int) -> dict[str, Any]:
    return {
        "name": name,
        "outcome": "stored",
        "sha256": kept["sha256"],
        "size_bytes": kept["size_bytes"],
        "pages": pages,
        "held_before": not kept["created"],
    }


def _refuse(account: _Account, given: GivenFile, error: dict[str, Any]) -> None:
    account.files.append({"name": given.name, "outcome": "refused", "error": error})
    if given.text_name:
        account.files.append({"name": given.text_name, "outcome": "refused", "error": error})


def _sections(entries: list[dict[str, Any]], keys: dict[int, int]) -> list[Section]:
    """Contents of a file by page keys; an entry whose page was refused gives its place to its children."""
    made: list[Section] = []
    for entry in entries:
        children = _sections(list(entry["children"]), keys)
        if entry["index"] in keys:
            made.append(Section(entry["title"], keys[entry["index"]], entry["fragment"], tuple(children)))
        else:
            made += children
    return made


def _told_sections(
    candidate: Candidate, entries: list[dict[str, Any]], keys: set[int], account: _Account
) -> list[Section]:
    """Staff counts the pages handed in, from 1, whether each could be shown or not: those numbers are the keys."""
    made: list[Section] = []
    for entry in entries:
        children = _told_sections(candidate, entry.get("children", []), keys, account)
        if entry["page"] in keys:
            made.append(Section(entry["title"], entry["page"], None, tuple(children)))
        else:
            name = f"{entry['title']} → {entry['page']}"
            account.warnings.append(error_to_json(NamesNothing(file=candidate.title, field="sections", name=name)))
            made += children
    return made


def _by_page(job: ItemJob, stage: str) -> dict[tuple[str, str, int], Result]:
    """Results by (digest, name, 0-based page of the file)."""
    tasks = share_out(job)
    return {
        (tasks[start].file.sha256, tasks[start].file.name, page["index"]): page
        for start, result in job.results(stage).items()
        for page in result["pages"]
    }


def _reconcile(job: ItemJob, account: _Account, structure: Structure) -> None:
    given = sum(1 + (file.text_name is not None) for file in job.candidate.files)
    stored = sum(row["outcome"] == "stored" for row in account.files)
    refused = sum(row["outcome"] == "refused" for row in account.files)
    shown = len(structure.pages) + len(account.refused_pages)
    if given != stored + refused or shown != account.pages_found or stored != len(structure.files):
        raise CountsDisagree(given=given, stored=stored, refused=refused, pages=account.pages_found)


def _end(
    job: ItemJob,
    state: JobState,
    receipt: dict[str, Any],
    *,
    item: str | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    with job.library.catalogue.writing() as session:
        jobs.finish(session, job.job.id, job.worker, state, datetime.now(UTC), item=item, receipt=receipt, error=error)

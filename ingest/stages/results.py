"""Results of pieces as they are kept in a job's steps: plain JSON, a value or an error."""

from __future__ import annotations

from typing import Any

from wenyuan.ingest.delivery import error_to_json
from wenyuan.repo.errors import PageKilled

Result = dict[str, Any]


def failed(error: BaseException, file: str, page: int | None = None) -> Result:
    """A piece that cannot be used. More memory than a process may have is no damage. Page is 1-based."""
    return killed(file, page) if isinstance(error, (MemoryError, PageKilled)) else {"error": error_to_json(error)}


def killed(file: str, page: int | None) -> Result:
    """A piece that ended its process twice. Page is 1-based."""
    return {"error": error_to_json(PageKilled(file=file, page=page))}


def first(results: list[Result]) -> Result:
    """Join of pieces that have one part."""
    return results[0]


def pages(results: list[Result]) -> Result:
    """Join of pieces that hold pages."""
    return {"pages": [page for result in results for page in result["pages"]]}

"""OCR for pages that brought no text.

With the `null` engine it records "no text yet", so that the pages can be found later.
"""

from __future__ import annotations

from wenyuan.ingest.context import ItemJob
from wenyuan.ingest.stages import extract

STAGE = "recognise"


def run(job: ItemJob) -> None:
    """Keep which pages have no text yet, as one step."""
    if job.results(STAGE):
        return
    lacking = [
        [start, page["index"]]
        for start, result in sorted(job.results(extract.STAGE).items())
        for page in result["pages"]
        if "error" not in page and page["layer"] is None
    ]
    job.keep(STAGE, {0: {"engine": "null", "no_text_yet": len(lacking), "pages": lacking}})

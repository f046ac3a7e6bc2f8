"""The receipt of a delivery: what became of each file, adding up, and signed so that a changed copy is noticed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from typing import Any

from wenyuan.ingest.delivery import Received, error_to_json
from wenyuan.repo.catalogue.jobs import Job, JobState
from wenyuan.repo.errors import CountsDisagree

Receipt = dict[str, Any]


def begin(received: Received) -> Receipt:
    """What is known at the door."""
    return {
        "given": received.given,
        "files": [
            *({"name": one.name, "outcome": "refused", "error": error_to_json(one.error)} for one in received.refused),
            *({"name": name, "outcome": "metadata"} for name in received.metadata),
            *({"name": name, "outcome": "ignored"} for name in received.ignored),
        ],
        "warnings": [{"name": one.name, **error_to_json(one.error)} for one in received.warnings],
    }


def complete(begun: Receipt, jobs: list[Job], key: str) -> Receipt:
    """The whole, when all jobs have ended.

    Args:
        key: signs it (`session_key`).

    Raises:
        CountsDisagree: the parts do not add up to what was given.
    """
    files = list(begun["files"])
    warnings = list(begun["warnings"])
    items: list[Receipt] = []
    for job in jobs:
        files += _files(job)
        told = job.receipt or {}
        warnings += told.get("warnings", [])
        items.append(
            {
                "job": job.id,
                "title": job.title,
                "state": job.state.value,
                "item": job.item,
                "pages": told.get("pages", 0),
                "refused_pages": told.get("refused_pages", []),
                "no_text_yet": told.get("no_text_yet", 0),
                "error": job.error,
            }
        )
    outcomes = Counter(row["outcome"] for row in files)
    if sum(outcomes.values()) != begun["given"]:
        raise CountsDisagree(
            given=begun["given"], **{name.replace("-", "_"): count for name, count in outcomes.items()}
        )
    whole: Receipt = {
        "given": begun["given"],
        "at_the_door": {"files": len(begun["files"]), "warnings": len(begun["warnings"])},
        "outcomes": dict(sorted(outcomes.items())),
        "pages": sum(item["pages"] for item in items),
        "items": items,
        "files": files,
        "warnings": warnings,
    }
    return whole | {"signature": sign(whole, key)}


def sign(receipt: Receipt, key: str) -> str:
    """HMAC-SHA256 (RFC 2104) over the canonical JSON without its signature, in hex."""
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    message = json.dumps(unsigned, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def is_genuine(receipt: Receipt, key: str) -> bool:
    """Whether a receipt is as this library wrote it."""
    return hmac.compare_digest(str(receipt.get("signature", "")), sign(receipt, key))


def _files(job: Job) -> list[Receipt]:
    if job.receipt is not None:
        return list(job.receipt["files"])
    error = job.error or {"code": "internal", "data": {"detail": JobState.FAILED.value}}
    rows: list[Receipt] = []
    for file in job.payload["files"]:
        rows.append({"name": file["name"], "outcome": "refused", "error": error})
        if file["text_name"]:
            rows.append({"name": file["text_name"], "outcome": "refused", "error": error})
    return rows

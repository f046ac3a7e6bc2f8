"""A description in Dublin Core (DCMI Metadata Terms, 2020), for people and machines that never met us: pure."""

from __future__ import annotations

import json
from typing import Any

from wenyuan.repo.description import Agent, Description
from wenyuan.repo.items import Item

CONTEXT = {"dcterms": "http://purl.org/dc/terms/"}


def description_document(item: Item) -> dict[str, Any]:
    """Terms with their values; empty ones are left out. What Dublin Core has no term for stands in `wenyuan:` names."""
    told = item.description
    values: dict[str, Any] = {
        "dcterms:identifier": [f"urn:wenyuan:{item.id}", *told.identifiers],
        "dcterms:title": told.title,
        "dcterms:alternative": list(told.title_variants),
        "dcterms:type": told.kind.value,
        "dcterms:creator": [_agent(agent) for agent in told.agents],
        "dcterms:publisher": told.publisher,
        "dcterms:date": told.date,
        "dcterms:spatial": told.place,
        "dcterms:language": list(told.languages),
        "dcterms:subject": list(told.subjects),
        "dcterms:abstract": told.description,
        "dcterms:extent": told.extent,
        "dcterms:source": told.source,
        "dcterms:isPartOf": told.series,
        "dcterms:rights": told.rights_note,
        "dcterms:license": told.rights,
        "dcterms:accessRights": told.access.value,
        "dcterms:provenance": told.holder,
        "dcterms:created": item.created.isoformat(),
        "dcterms:modified": item.modified.isoformat(),
        **_beyond(item, told),
    }
    return {"@context": CONTEXT, **{name: value for name, value in values.items() if value}}


def description_bytes(item: Item) -> bytes:
    """The document as indented JSON, UTF-8."""
    return (json.dumps(description_document(item), ensure_ascii=False, indent=2) + "\n").encode()


def _beyond(item: Item, told: Description) -> dict[str, Any]:
    return {
        "wenyuan:edition": told.edition,
        "wenyuan:volume": told.volume,
        "wenyuan:classification": told.classification,
        "wenyuan:callNumber": told.call_number,
        "wenyuan:viewingDirection": told.viewing_direction.value,
        "wenyuan:writing": told.writing.value,
        "wenyuan:collection": item.collection,
        "wenyuan:state": item.state.value,
        "wenyuan:version": item.version,
        "wenyuan:pages": item.page_count,
    }


def _agent(agent: Agent) -> dict[str, str]:
    return {name: value for name, value in agent.model_dump().items() if value}

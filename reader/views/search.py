"""Searching titles and text of the whole library."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import paging
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.views.browse import asked_kind
from wenyuan.reader.views.home import branches
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.find import Findings, find
from wenyuan.repo.policy import tiers

blueprint = Blueprint("search", __name__)

PAGE_SIZE = 10


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Results with the pages that match; an empty query shows where to begin."""
    query, kind, number = request.args.get("q", "").strip(), asked_kind(), paging.asked()
    key = request.args.get("collection") or None
    access = tiers(person())
    with reading() as session:
        chosen = collections.get(session, key) if key else None
        tree = branches(collections.tree(session, access))
        kinds = items.kinds(session, access, key)
    findings = Findings(query, 0, 0, ())
    if query:
        findings = find(
            library(),
            query,
            person=person(),
            collection=key,
            kind=kind,
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )
    pager = paging.Pager(number, PAGE_SIZE, findings.total)
    if number > pager.last:
        return redirect(paging.address(page=pager.last))
    return render_template(
        "search.html",
        q=query,
        findings=findings,
        chosen=chosen,
        tree=tree,
        kinds=kinds,
        kind=kind,
        pager=pager,
        address=paging.address,
    )

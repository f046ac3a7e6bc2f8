"""Searching titles and text of the whole library."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import crops, facets, paging
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.views.home import branches
from wenyuan.repo import find, suggestions
from wenyuan.repo.catalogue import collections
from wenyuan.repo.find import Findings, Wish
from wenyuan.repo.policy import tiers
from wenyuan.repo.search.index import Sort

blueprint = Blueprint("search", __name__)

PAGE_SIZE = 10
PAGES_OF_ITEM = 4
"""Pages of an item that stand below its title; the item itself has them all."""


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Results with the pages that match; an empty query shows where to begin."""
    query, number = request.args.get("q", "").strip(), paging.asked()
    chosen, access = facets.asked(), tiers(person())
    with reading() as session:
        tree = collections.tree(session, access)
        if "collection" in chosen:
            collections.get(session, chosen["collection"])
    sort = _sort()
    exact, more = request.args.get("exact") == "1", request.args.get("more") == "1"
    findings = Findings(query)
    if query:
        findings = find.find(
            library(),
            Wish(query, chosen, sort, exact, more),
            person=person(),
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
            pages_per_item=PAGES_OF_ITEM,
        )
    pager = paging.Pager(number, PAGE_SIZE, findings.total)
    if number > pager.last:
        return redirect(paging.address(page=pager.last))
    return render_template(
        "search.html",
        q=query,
        findings=findings,
        crops=crops.of_findings(findings, exact=exact),
        others=_others(findings.words or query) if query and not findings.total else [],
        chosen=facets.chosen_labels(chosen, tree),
        hidden=[(name, value) for name, value in chosen.items()],
        groups=facets.groups(findings, chosen, tree) if query else [],
        tree=branches(tree),
        sort=sort.value,
        exact=exact,
        more=more,
        pager=pager,
        address=paging.address,
    )


def _sort() -> Sort:
    asked = request.args.get("sort", "")
    return Sort(asked) if asked in set(Sort) else Sort.RELEVANCE


def _others(words: str) -> list[str]:
    """What the reader may have meant."""
    with reading() as session:
        return suggestions.did_you_mean(session, words, tiers(person()), find.gives_hits(library(), person()))

"""What has changed, for harvesters (IIIF Change Discovery API 1.0): only what anybody may know of."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from wenyuan.reader.context import reading
from wenyuan.reader.iiif import addresses, answers, discovery
from wenyuan.reader.views.iiif_presentation import base
from wenyuan.repo.catalogue import events
from wenyuan.repo.policy import ANONYMOUS, tiers

blueprint = Blueprint("iiif_discovery", __name__, url_prefix=addresses.DISCOVERY)


@blueprint.get("/activities")
def activities() -> ResponseReturnValue:
    """The entry point: how many activities there are, and where the oldest and the newest stand."""
    with reading() as session:
        total = events.change_count(session, tiers(ANONYMOUS))
    return answers.answer(discovery.collection(base(), total), answers.DISCOVERY, answers.FOR_ANYBODY)


@blueprint.get("/activities/page/<number:number>")
def activity_page(number: int) -> ResponseReturnValue:
    """A page of activities, from 0."""
    access = tiers(ANONYMOUS)
    with reading() as session:
        total = events.change_count(session, access)
        if number > discovery.last_page(total):
            abort(404)
        changes = events.changes(session, access, number * discovery.PAGE, discovery.PAGE)
    document = discovery.page(base(), number, total, changes)
    return answers.answer(document, answers.DISCOVERY, answers.FOR_ANYBODY)

"""The front door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wenyuan.reader.context import person, reading
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.catalogue.collections import Node
from wenyuan.repo.items import Item
from wenyuan.repo.policy import tiers

blueprint = Blueprint("home", __name__)

NEWEST = 12
COVERS_PER_COLLECTION = 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection and the covers that stand for it."""

    node: Node
    covers: tuple[Item, ...]


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Search field, collections, what is new, how much there is."""
    access = tiers(person())
    with reading() as session:
        nodes = [node for node in branches(collections.tree(session, access)) if node.item_count]
        covers = items.newest_of_each(session, access, (node.collection.key for node in nodes), COVERS_PER_COLLECTION)
        shelves = [Shelf(node, tuple(covers.get(node.collection.key, ()))) for node in nodes]
        newest, _ = items.browse(session, access=access, limit=NEWEST)
        counts = items.counts(session, access)
    return render_template("home.html", shelves=shelves, newest=newest, counts=counts)


def branches(tree: Sequence[Node]) -> Sequence[Node]:
    """The collections to choose from first: where all stands under one root, what is below it."""
    return tree[0].children if len(tree) == 1 and tree[0].children else tree

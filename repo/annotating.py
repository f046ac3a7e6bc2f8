"""Keeping what readers keep: anchored in the text when it comes, looked for again when the text has changed.

Nothing runs when a text is corrected: whoever reads the notes next has them looked for, once for each new layer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from wenyuan.repo.annotations import anchors
from wenyuan.repo.annotations.anchors import Book, Standing
from wenyuan.repo.annotations.model import Anchor, Anchored, Annotation, Draft
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import items, reading_groups
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.errors import AnnotationChanged, NoSuchPage, TooManyAnnotations
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library

MOST_KEPT = 20_000
"""Annotations of one reader: fifty a week for eight years. Positions do not count."""
MOST_LOOKED_FOR = 100
"""Anchors whose words are looked for at one request, at some milliseconds each; the rest at the next."""
NO_PAGE = "-"
"""In the place of a layer's SHA-256: the page was not there."""


def keep(library: Library, owner: str, draft: Draft, created: datetime, now: datetime) -> tuple[Annotation, bool]:
    """Keep what a reader has made; what is kept, and whether it is new.

    Args:
        library: where.
        owner: the reader's account.
        draft: what its client says; handed in twice under one canonical name, it is kept once.
        created: when it was made.
        now: when it came.

    Raises:
        NoSuchPage: neither the page nor its words are there.
        NoSuchGroup: the reader is not in the group that it is for.
        TooManyAnnotations: the reader has as many as are kept.
    """
    with library.catalogue.reading() as session:
        held = notes.named(session, owner, draft.canonical) if draft.canonical else None
        if held is not None:
            return held, False
        if notes.count(session, Chosen(owner=owner)) >= MOST_KEPT:
            raise TooManyAnnotations(limit=MOST_KEPT)
        made, standing, layer = _anchored(session, draft)
    kept = replace(draft, anchor=standing.anchor)
    new = Annotation(_number(), owner, kept, made, standing.anchored, layer, 1, created, now)
    with library.catalogue.writing() as session:
        if kept.group is not None:
            reading_groups.share_with(session, kept.group, owner)
        if notes.add(session, new):
            return new, True
        assert draft.canonical is not None
        held = notes.named(session, owner, draft.canonical)
        assert held is not None
        return held, False


def change(library: Library, held: Annotation, draft: Draft, now: datetime) -> Annotation:
    """Put what a client says now in the place of what is held.

    Args:
        library: where.
        held: the version upon which it was changed.
        draft: the whole new state.
        now: when.

    Raises:
        NoSuchPage, NoSuchGroup: as `keep`.
        AnnotationChanged: it is another version by now.
    """
    kept = replace(draft, canonical=held.draft.canonical)
    if "via" in held.draft.others:
        kept = replace(kept, others={**kept.others, "via": held.draft.others["via"]})
    changed = replace(held, draft=kept, version=held.version + 1, modified=now)
    if draft.anchor == held.anchor:
        changed = replace(changed, draft=replace(kept, anchor=held.anchor))
    else:
        with library.catalogue.reading() as session:
            made, standing, layer = _anchored(session, draft)
        kept = replace(kept, anchor=standing.anchor)
        changed = replace(changed, draft=kept, made=made, anchored=standing.anchored, layer=layer)
    with library.catalogue.writing() as session:
        if kept.group is not None:
            reading_groups.share_with(session, kept.group, held.owner)
        if not notes.write(session, changed, held.version):
            raise AnnotationChanged(annotation=held.id, found=notes.get(session, held.id).version)
    return changed


def remove(library: Library, held: Annotation) -> None:
    """Take one away.

    Raises:
        AnnotationChanged: it is another version by now.
    """
    with library.catalogue.writing() as session:
        if not notes.remove(session, held.id, held.version):
            raise AnnotationChanged(annotation=held.id, found=notes.get(session, held.id).version)


def anchored(
    library: Library, kept: Sequence[Annotation], may_read: Callable[[Item], bool] = lambda _item: True
) -> list[Annotation]:
    """The same annotations, each where it stands in the text as it is now; what has changed is written down.

    Args:
        library: where.
        kept: any, of any items.
        may_read: whether who asks may read an item's text; those of others stay as they are.
    """
    search = _Search()
    by_item: dict[str, list[Annotation]] = {}
    for one in kept:
        by_item.setdefault(one.draft.item, []).append(one)
    with library.catalogue.reading() as session:
        for item_id, item in items.many(session, by_item).items():
            if may_read(item):
                search.look(session, item_id, by_item[item_id])
    if search.changed or search.unchanged:
        with library.catalogue.writing() as session:
            for layer, ids in search.unchanged.items():
                notes.look_done(session, ids, layer)
            for one in search.changed.values():
                notes.write(session, one, one.version - 1)
    return [search.changed.get(one.id, one) for one in kept]


@dataclass(slots=True)
class _Search:
    """Looking for many anchors, a bounded number of them in earnest."""

    changed: dict[str, Annotation] = field(default_factory=dict)
    unchanged: dict[str, list[str]] = field(default_factory=dict)
    """Ids by the layer in which they stand as they stood."""
    _looked: int = 0

    def look(self, session: Session, item_id: str, kept: Sequence[Annotation]) -> None:
        layers = notes.page_layers(session, item_id, (one.anchor.page for one in kept))
        texts = _Texts(session, item_id)
        for one in kept:
            layer = layers.get(one.anchor.page, NO_PAGE)
            if layer == one.layer or self._looked >= MOST_LOOKED_FOR:
                continue
            text = texts.of(one.anchor.page) if layer != NO_PAGE else None
            standing = _stands(one, text, texts)
            self._looked += standing.anchored is not Anchored.HERE
            if standing.anchor == one.anchor and standing.anchored is one.anchored:
                self.unchanged.setdefault(layer, []).append(one.id)
                continue
            if standing.anchor.page != one.anchor.page:
                page = standing.anchor.page
                layer = notes.page_layers(session, item_id, [page]).get(page, NO_PAGE)
            draft = replace(one.draft, anchor=standing.anchor)
            anchored_now = standing.anchored
            self.changed[one.id] = replace(
                one, draft=draft, anchored=anchored_now, layer=layer, version=one.version + 1
            )


class _Texts:
    """Texts of an item's pages, each read once."""

    def __init__(self, session: Session, item_id: str) -> None:
        self._session = session
        self._item = item_id
        self._known: dict[int, str] = {}

    def of(self, key: int) -> str:
        """The text of one page."""
        if key not in self._known:
            self._known[key] = items.page_text(self._session, self._item, key)
        return self._known[key]

    @cached_property
    def book(self) -> Book:
        """All of them."""
        return Book({page.page: page.text for page in items.page_texts(self._session, self._item)})


def _stands(one: Annotation, text: str | None, texts: _Texts) -> Standing:
    """Where it stands: looked for from where it stood last, then as its reader made it.

    It is "here" where it stands just as its reader made it, though it may have been elsewhere meanwhile.
    """
    standing = anchors.settle(one.anchor, text, lambda: texts.book)
    if standing.anchored is Anchored.ORPHANED and one.made != one.anchor:
        again = anchors.settle(one.made, text if one.made.page == one.anchor.page else None, lambda: texts.book)
        standing = again if again.anchored is not Anchored.ORPHANED else standing
    if standing.anchored is Anchored.ORPHANED:
        return Standing(Anchored.ORPHANED, one.anchor)
    is_here = anchors.is_same(standing.anchor, one.made)
    return Standing(Anchored.HERE if is_here else Anchored.MOVED, standing.anchor)


def _anchored(session: Session, draft: Draft) -> tuple[Anchor, Standing, str]:
    """What a client says of a place: as it is made, where it stands in the text that is there, and in which layer."""
    item, page = draft.item, draft.anchor.page
    layer = notes.page_layers(session, item, [page]).get(page, NO_PAGE)
    texts = _Texts(session, item)
    text = texts.of(page) if layer != NO_PAGE else None
    made = anchors.completed(draft.anchor, text or "")
    standing = anchors.settle(made, text, lambda: texts.book)
    if layer == NO_PAGE and standing.anchored is Anchored.ORPHANED:
        raise NoSuchPage(item=item, page=page)
    if standing.anchor.page != page:
        layer = notes.page_layers(session, item, [standing.anchor.page])[standing.anchor.page]
    if standing.anchored is Anchored.MOVED and made.exact and made.start is None:
        # A client that quotes and tells no place is not told that its quote has moved.
        return standing.anchor, Standing(Anchored.HERE, standing.anchor), layer
    return made, standing, layer


def _number() -> str:
    """80 bits: nobody guesses another's."""
    return secrets.token_hex(10)

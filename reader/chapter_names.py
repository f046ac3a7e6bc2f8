"""What a chapter of an e-book is called: as the table of contents calls it, else by its place."""

from __future__ import annotations

from collections.abc import Iterable

from wenyuan.reader import labels
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item, PageKind, Section


class Names:
    """Names of the pages of an item, made from its table of contents once."""

    def __init__(self, item: Item, sections: Iterable[Section]) -> None:
        """Read the titles; of scans and PDFs none, whose pages bear numbers.

        Args:
            item: whose pages they are.
            sections: its table of contents.
        """
        self._item = item
        self._titles: dict[int, str] = {}
        if item.page_kind is PageKind.CHAPTER:
            self._read(sections)

    def of(self, page: PageView) -> str:
        """The label of the page, the first title that leads to it, or its place."""
        return labels.page(self._item, page.position, page.label or self._titles.get(page.key, ""))

    def _read(self, sections: Iterable[Section]) -> None:
        for section in sections:
            if section.title:
                self._titles.setdefault(section.page, section.title)
            self._read(section.children)

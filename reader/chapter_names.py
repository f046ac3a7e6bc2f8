"""What a chapter of an e-book is called: as the table of contents calls it, else by its place."""

from __future__ import annotations

from collections.abc import Iterable

from wenyuan.reader import labels
from wenyuan.reader.translate import _
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item, PageKind, Section


class Names:
    """Names of the pages of an item, made from its table of contents once."""

    def __init__(self, item: Item, sections: Iterable[Section], *, are_pages: bool = False) -> None:
        """Read the titles; of scans and PDFs none, whose pages bear numbers.

        Args:
            item: whose pages they are.
            sections: its table of contents.
            are_pages: each chapter of the book is one page of fixed layout.
        """
        self._item = item
        self._are_pages = are_pages
        self._titles: dict[int, str] = {}
        if item.page_kind is PageKind.CHAPTER:
            self._read(sections)

    def of(self, page: PageView) -> str:
        """The label of the page, the title that leads to it, or its place."""
        title = page.label or self._titles.get(page.key, "")
        if not title and self._are_pages:
            return _("第 %(position)s 页", position=page.position)
        return labels.page(self._item, page.position, title)

    def _read(self, sections: Iterable[Section]) -> None:
        """Give each chapter the outermost title that leads to its beginning, or the only one that leads into it.

        A file that holds several chapters side by side has no name of its own.
        """
        level = [section for section in sections if section.title]
        leads: dict[int, list[Section]] = {}
        while level:
            here: dict[int, list[Section]] = {}
            for section in level:
                here.setdefault(section.page, []).append(section)
            for page, found in here.items():
                leads.setdefault(page, found)
            level = [child for section in level for child in section.children if child.title]
        for page, found in leads.items():
            whole = [section for section in found if not section.fragment]
            if whole or len(found) == 1:
                self._titles[page] = (whole or found)[0].title

"""A batch of changes to the tantivy index."""

from __future__ import annotations

from tantivy import IndexWriter as TantivyWriter

from wenyuan.repo.search.batch import with_next
from wenyuan.repo.search.index import ItemDocument
from wenyuan.repo.search.rows import ItemRow
from wenyuan.repo.search.tantivy_pages import Snapshot
from wenyuan.repo.search.tantivy_queries import Questions
from wenyuan.repo.search.tantivy_schema import item_document, number_of, page_document


class Batch:
    """Fulfils `IndexWriter`."""

    def __init__(self, writer: TantivyWriter, snapshot: Snapshot) -> None:
        self._writer = writer
        self._snapshot = snapshot
        self._questions = Questions(snapshot.schema, snapshot.searcher, snapshot.documents)
        self._is_held: dict[str, bool] = {}
        """Of the items that this batch has touched, whether the index will hold them."""

    def replace(self, document: ItemDocument) -> None:
        """See `IndexWriter.replace`. One page more than shown is held in memory, for the seam."""
        self.remove(document.item)
        row = ItemRow.of(document)
        try:
            for page, next_text in with_next(document.pages):
                self._writer.add_document(page_document(row, page.page, page.position, page.text, next_text))
        except BaseException:
            self.remove(document.item)
            raise
        self._writer.add_document(item_document(row))
        self._is_held[document.item] = True

    def replace_pages(self, document: ItemDocument) -> bool:
        """See `IndexWriter.replace_pages`."""
        number = number_of(document.item)
        held = self._is_held.get(document.item)
        if held is None:
            held = self._snapshot.count(self._questions.rows([number])) > 0
        if not held:
            return False
        pages = list(document.pages)
        if pages:
            keys = {page.page for page in pages}
            self._writer.delete_documents_by_query(self._questions.of_pages(number, keys))
        row = ItemRow.of(document)
        for page in pages:
            self._writer.add_document(page_document(row, page.page, page.position, page.text, page.next_text or ""))
        return True

    def remove(self, item: str) -> None:
        """See `IndexWriter.remove`."""
        # By query: tantivy-py 0.27 takes the number of `delete_documents_by_term` for a signed one: nothing goes.
        self._writer.delete_documents_by_query(self._questions.of_items([number_of(item)]))
        self._is_held[item] = False

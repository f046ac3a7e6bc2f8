"""What a tantivy document holds, for pages and items, and how one is made.

Texts lie in JSON fields although each has one member: those alone keep no length of the text, which would have a say in
the score, and with it the average length of pages that the person may not see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tantivy import Document, Schema, SchemaBuilder, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from wenyuan.repo import chinese
from wenyuan.repo.search.rows import ItemRow
from wenyuan.repo.search.tantivy_words import stream

VERSION = 1
"""Of the fields; another version is another index: it is made again from the catalogue."""

TEXT, CHARACTERS = "t", "u"
"""Of a page: words with positions, characters with their number."""
NAMES, NAME_CHARACTERS = "n", "m"
"""Of an item, under ALL, TITLES and PERSONS."""
ALL, TITLES, PERSONS = "a", "t", "p"
LABELS = "f"
"""What filters ask for, each with a letter before it. Pages have those of their item."""
ITEM_NUMBER, PAGE, POSITION = "i", "p", "o"
FIRST_YEAR, LAST_YEAR = "y", "z"
ROW = "row"
"""Of an item: what `ItemRow` keeps."""
AN_ITEM = "item"
"""The label of the documents that are items."""
WORDS = "words"
"""Name of the tokeniser: blanks part words."""


def schema() -> Schema:
    """The fields."""
    builder = SchemaBuilder()
    builder.add_json_field(TEXT, tokenizer_name=WORDS, index_option="position")
    builder.add_json_field(CHARACTERS, tokenizer_name=WORDS, index_option="freq")
    builder.add_json_field(NAMES, tokenizer_name=WORDS, index_option="position")
    builder.add_json_field(NAME_CHARACTERS, tokenizer_name=WORDS, index_option="basic")
    builder.add_text_field(LABELS, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(ITEM_NUMBER, indexed=True, fast=True)
    builder.add_unsigned_field(PAGE, fast=True)
    builder.add_unsigned_field(POSITION, fast=True)
    builder.add_integer_field(FIRST_YEAR, fast=True)
    builder.add_integer_field(LAST_YEAR, fast=True)
    builder.add_bytes_field(ROW, stored=True)
    return builder.build()


def analyser() -> TextAnalyzer:
    """What WORDS names."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).build()


def number_of(item: str) -> int:
    """The number by which pages name their item: 63 bits of a digest, so that a hundred thousand items share none."""
    return int.from_bytes(hashlib.blake2b(item.encode(), digest_size=8).digest()) >> 1


def access(tier: str) -> str:
    """Label of a tier."""
    return f"a:{tier}"


def kind(name: str) -> str:
    """Label of a kind of item."""
    return f"k:{name}"


def collection(key: str) -> str:
    """Label of a collection."""
    return f"c:{key}"


def facet(name: str, value: str) -> str:
    """Label of a value of a facet."""
    return f"v:{name}\0{value}"


def page_document(row: ItemRow, page: int, position: int, text: str, next_text: str) -> Document:
    """A page; texts as they stand."""
    own = chinese.squeezed_text(text)
    whole = chinese.squeezed_text(chinese.with_seam(text, next_text)) if next_text else own
    document = _document(row)
    document.add_json(TEXT, {"x": stream(whole, len(own))})
    document.add_json(CHARACTERS, {"x": " ".join(chinese.han_of(own))})
    document.add_unsigned(PAGE, page)
    document.add_unsigned(POSITION, position)
    return document


def item_document(row: ItemRow) -> Document:
    """An item."""
    document = _document(row)
    named = {ALL: row.strings, TITLES: row.titles, PERSONS: row.persons}
    document.add_json(NAMES, {name: [stream(text) for text in texts] for name, texts in named.items()})
    document.add_json(NAME_CHARACTERS, {name: " ".join(_characters(texts)) for name, texts in named.items()})
    document.add_text(LABELS, AN_ITEM)
    document.add_bytes(ROW, row.to_text().encode("utf-8", "surrogatepass"))
    return document


def _characters(texts: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys("".join(map(chinese.han_of, texts)))


def _document(row: ItemRow) -> Document:
    document = Document()
    document.add_unsigned(ITEM_NUMBER, number_of(row.item))
    labels = [access(row.access), kind(row.kind), *map(collection, row.collections)]
    labels += [facet(name, value) for name, values in row.facets.items() for value in values]
    for label in dict.fromkeys(labels):
        document.add_text(LABELS, label)
    if row.first_year is not None and row.last_year is not None:
        document.add_integer(FIRST_YEAR, row.first_year)
        document.add_integer(LAST_YEAR, row.last_year)
    return document

"""Parts of addresses that are more than text."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_NUMBER = 2**31 - 1
"""What an INTEGER column of PostgreSQL holds."""


class NumberConverter(IntegerConverter):
    """A page's place or key, or a delivery's number: what is larger is no address of ours."""

    regex = r"[0-9]{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_NUMBER)


def install(app: Flask) -> None:
    """Let addresses say `<number:…>`; before any blueprint is registered."""
    app.url_map.converters["number"] = NumberConverter

"""No book holds ingest up: the time for its documents grows with their length, whatever is in them."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from epub_hostile import X, chapter, clean, references
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wenyuan.ingest.formats.sanitise import sanitise_drawing, sanitise_sheet

pytestmark = pytest.mark.slow
LENGTH = 200_000
MOST_SECONDS = 20
"""Of the processor, whatever else runs: a guard against what never ends, not a measure. The slowest takes about one."""
MARKUP = [
    "<!DOCTYPE", "<!DOCTYPE[", '<!DOCTYPE "', "<!DOCTYPE x [ ]", "<!DOCTYPE a>", "<!ENTITY a ", "<!--", "<!-- -->",
    "<![CDATA[", "<?", "<?a ?>", "&", "&a", "&#", "<b", "<b>", "</b>", "<b><p>", "<b x='", "<a/>x", "<x/>a", "<x>a</x>",
    "<p>", "<div>", "<table>", "<li><ol>", "<style>", "<svg>", "<object>", "<br>a", "[", "] ", " ", '"', "天",
]  # fmt: skip
STYLES = [
    "(", "[", "{", "a{", "{a}", "calc(", "url(", "@media x{", "@import ", "@import 'a';", "a{b:c}", "a:b", "a b:c;",
    "a,", ";", ":", "\\", "\\1 ", "\\d800 ", "/*", "*/", "<!--", "'", "'\n", "1", "-", "u+?", "}", "!important",
]  # fmt: skip
SOURCES = ["a b ", "p.png 1x,", "p.png 1 ", "p.png,", ", ", " ", "a", "a/", "../", "\\"]

READERS: dict[str, Callable[[str], object]] = {
    "chapter": lambda text: clean(text.encode()),
    "drawing": lambda text: sanitise_drawing(text.encode(), references()),
    "sheet": lambda text: sanitise_sheet(text.encode(), references()),
    "attribute": lambda text: chapter(f'<p style="{written(text)}">x</p>'),
    "srcset": lambda text: chapter(f'<img srcset="{written(text)}" alt=""/>'),
}


def written(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def read_in_time(reader: str, text: str) -> None:
    def end(*_: object) -> None:
        pytest.fail(f"{reader}: more than {MOST_SECONDS} s", pytrace=False)

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        READERS[reader](text)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def repeated(token: str) -> str:
    return token * (LENGTH // len(token.encode()))


@pytest.mark.parametrize("before", ["", "<!DOCTYPE html [ ", f'<html xmlns="{X}"><body>'])
@pytest.mark.parametrize("token", MARKUP)
def test_repeated_markup_is_read_in_time(token: str, before: str) -> None:
    read_in_time("chapter", before + repeated(token))


@pytest.mark.parametrize("token", MARKUP)
def test_repeated_markup_is_drawn_in_time(token: str) -> None:
    read_in_time("drawing", repeated(token))


@pytest.mark.parametrize("token", STYLES)
def test_repeated_style_is_read_in_time(token: str) -> None:
    read_in_time("sheet", repeated(token))
    read_in_time("sheet", "a{b:" + repeated(token))
    read_in_time("attribute", "b:" + repeated(token))


@pytest.mark.parametrize("token", SOURCES)
def test_repeated_sources_are_read_in_time(token: str) -> None:
    read_in_time("srcset", repeated(token))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(READERS)), st.lists(st.sampled_from(MARKUP + STYLES + SOURCES), min_size=1, max_size=3))
def test_repeated_anything_is_read_in_time(reader: str, tokens: list[str]) -> None:
    read_in_time(reader, repeated("".join(tokens)))

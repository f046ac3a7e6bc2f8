"""What of a book's styles reaches a reader, and what does not."""

from __future__ import annotations

import pytest
from epub_hostile import (
    ELSEWHERE,
    X,
    assert_harmless_style,
    chapter,
    references,
    style,
)

from wenyuan.ingest.formats import sanitise_style
from wenyuan.ingest.formats.sanitise import sanitise_chapter, sanitise_sheet


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("p { -epub-writing-mode: vertical-rl }", "p { writing-mode: vertical-rl; }"),
        ("p { -webkit-writing-mode: vertical-rl !important }", "p { writing-mode: vertical-rl !important; }"),
        ("p { writing-mode: tb-rl }", "p { writing-mode: vertical-rl; }"),
        ("p { -epub-text-combine: horizontal }", "p { text-combine-upright: all; }"),
        ("p { -epub-text-emphasis-style: filled dot }", "p { text-emphasis-style: filled dot; }"),
        ("p { background: url( p.png ) no-repeat }", 'p { background: url("p.png") no-repeat; }'),
        ("@import 'book.css' screen;", '@import url("book.css") screen;'),
        (
            "@font-face { src: url(font.otf) format('opentype') }",
            '@font-face { src: url("font.otf") format("opentype"); }',
        ),
        ("@media (width < 600px) { p { color: red } }", "@media (width < 600px) {\np { color: red; }\n}"),
        ("a:not([href^='#'])::before { content: '注' }", 'a:not([href^="#"])::before { content: "注"; }'),
        ("p { width: calc(100% - 2em); color: var(--x) }", "p { width: calc(100% - 2em); color: var(--x); }"),
        ("p { position: fixed }", "p { position: fixed; }"),
        ("@namespace epub 'http://www.idpf.org/2007/ops';", '@namespace epub url("http://www.idpf.org/2007/ops");'),
        ("@page { margin: 1em }", "@page { margin: 1em; }"),
        ("p > a, * + b { x: y } }} p { color: red }", "p > a, * + b { x: y; }"),
    ],
)
def test_styles_that_are_kept(written: str, kept: str) -> None:
    assert kept in style(written)


@pytest.mark.parametrize(
    "written",
    [
        f"@import '{ELSEWHERE}/x.css';",
        "@import url(data:text/css,p{}evil);",
        f"@\\69mport url({ELSEWHERE});",
        f"p {{ background: u\\72l({ELSEWHERE}) }}",
        f"p {{ background: url({ELSEWHERE} }}",
        f"p {{ background: URL('{ELSEWHERE}') }}",
        f"p {{ background: image('{ELSEWHERE}') }}",
        f"p {{ background: cross-fade(url({ELSEWHERE}), red) }}",
        f"p {{ filter: url({ELSEWHERE}/f.svg#a) }}",
        f"@font-face {{ src: url(font.otf), url({ELSEWHERE}) }}",
        f"@namespace url({ELSEWHERE});",
        f"@document url({ELSEWHERE}) {{ p {{ color: red }} }}",
        f"p {{ & b {{ background: url({ELSEWHERE}) }} }}",
        f"@property --a {{ syntax: '<url>'; initial-value: url({ELSEWHERE}); inherits: false }}",
        "p { behavior: url(p.png) } p { BEHAVIOR: url(evil) }",
        "p { width: e\\78pression(alert(1)) }",
        "p { content: '</style><script>alert(1)</script>' }",
        f"@font-face {{ src: url(p.png) url({ELSEWHERE}) }}",
    ],
)
def test_styles_that_fetch_or_run_are_gone(written: str) -> None:
    data = style(written + " p { color: red }")
    assert_harmless_style(data)


def test_a_declaration_goes_alone() -> None:
    assert (
        style(f"p {{ color: red; background: url({ELSEWHERE}); margin: 0 }}").count("p { color: red; margin: 0; }") == 1
    )


# What is nested too deeply, or names characters that are none

DEEP = ["(" * 300, "{" * 1_000, "@media x{" * 1_000, "calc(" * 300, "[" * 100_000, "p{" * 1_000, "a:not(" * 1_000]


@pytest.mark.parametrize("deep", DEEP)
def test_what_is_nested_too_deeply_is_dropped_and_the_rest_kept(deep: str) -> None:
    assert style(f"a {{ color: red }} p {{ width: {deep}").startswith('@charset "utf-8";\na { color: red; }')
    assert style(f"a {{ color: red }} {deep}").startswith('@charset "utf-8";\na { color: red; }')
    assert 'style="color: red;"' in chapter(f'<p style="color: red; width: {deep}">x</p>')
    assert "x</p>" in chapter(f'<p style="{deep}">x</p>')
    assert "a { color: red; }" in chapter("", f"<style>a {{ color: red }} {deep}</style>")


def test_real_nesting_is_kept() -> None:
    kept = "p { width: calc((1px + max(2px, min(3px, (4px))))); }"
    nested = f"@supports (display: grid) {{\n@media (width > 1px) {{\n@layer a {{\n{kept}\n}}\n}}\n}}"
    assert nested in style(nested)


def test_what_still_recurses_too_deeply_costs_only_its_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitise_style, "_MAX_NESTING", 10**6)
    found = references()
    assert sanitise_sheet(b"p { width: " + b"(" * 5_000, found) == b'@charset "utf-8";\n\n'
    document = f'<html xmlns="{X}"><body><p style="width: {"(" * 5_000}">x</p></body></html>'
    assert b">x</p>" in sanitise_chapter(document.encode(), found).data
    assert found.dropped == ["style sheet: nested too deeply", "style attribute: nested too deeply"]


def test_sheets_of_too_many_tokens_are_dropped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitise_style, "_MOST_MARKS", 100)
    found = references()
    assert sanitise_sheet(b"a{b:c}" * 40, found) == b'@charset "utf-8";\n\n'
    assert found.dropped == ["style sheet: too many tokens"]
    assert b"a { b: c; }" in sanitise_sheet(b"a{b:c}" + b"/*" + b"x" * 1_000 + b"*/", references())


@pytest.mark.parametrize(
    "unwritable",
    [
        "width: " + "1" * 5_000,
        r"content: '\d800 '",
        r"content: '\1 \ffff '",
        r"--\1 a: b",
        r"a: url(\d800 )",
        r"background: url(p.png#\dfff )",
    ],
)
def test_escapes_and_numbers_that_nobody_can_write_cost_their_declaration_at_most(unwritable: str) -> None:
    for data in (
        style(f"p {{ color: red; {unwritable} }}"),
        chapter(f'<p style="color: red; {unwritable}">x</p>'),
        chapter("", f"<style>p {{ color: red; {unwritable} }}</style>"),
    ):
        assert "color: red;" in data
        data.encode()


def test_selectors_that_nobody_can_write_cost_their_rule() -> None:
    assert "a { b: c; }" in chapter("", r"<style>p\1 x { b: c } p\d800 { b: c } a { b: c }</style>")

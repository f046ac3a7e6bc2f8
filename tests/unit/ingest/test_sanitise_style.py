"""What of a book's styles reaches a reader, and what does not."""

from __future__ import annotations

import pytest
from epub_hostile import (
    ELSEWHERE,
    assert_harmless_style,
    style,
)


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

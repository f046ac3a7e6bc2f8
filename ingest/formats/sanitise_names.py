"""The elements and attributes of XHTML, SVG and MathML that pass into a package.

XHTML: those of HTML (WHATWG) and of XHTML 1.1, which EPUB 2 used, that show something and neither run, send nor embed.
SVG 2 and MathML Core: all that draw. EPUB 3.3 allows no more in sections 6.1 and 6.2 but scripts and forms.
"""

from __future__ import annotations


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


HTML_KEPT = _names(
    "a abbr acronym address area article aside audio b bdi bdo big blockquote br caption center cite code col "
    "colgroup data dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup "
    "hr i img ins kbd li main map mark menu nav ol p pre q rb rp rt rtc ruby s samp search section small source span "
    "strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr"
)
"""Any other element goes, its text stays (form, label, button, noscript, canvas, unknown ones)."""

HTML_DROPPED = _names(
    "applet base basefont bgsound command datalist embed frame frameset head iframe input keygen link meta noembed "
    "noframes option output param portal progress meter script select style template textarea title xml"
)
"""These go with everything in them; `style`, `link` and `title` are looked at first."""

HTML_ANYWHERE = _names("class dir hidden id lang role style title") | _names(
    "aria-atomic aria-colcount aria-colindex aria-colspan aria-current aria-describedby aria-description aria-details "
    "aria-expanded aria-flowto aria-hidden aria-label aria-labelledby aria-level aria-live aria-owns aria-posinset "
    "aria-rowcount aria-rowindex aria-rowspan aria-setsize aria-valuetext aria-roledescription"
)

HTML_ATTRIBUTES = {
    "a": _names("name hreflang type"),
    "area": _names("alt coords shape"),
    "audio": _names("controls loop muted preload"),
    "blockquote": _names("align"),
    "body": _names("bgcolor text"),
    "br": _names("clear"),
    "caption": _names("align"),
    "col": _names("align span valign width"),
    "colgroup": _names("align span valign width"),
    "data": _names("value"),
    "del": _names("datetime"),
    "details": _names("open"),
    "div": _names("align"),
    "font": _names("color face size"),
    "h1": _names("align"),
    "h2": _names("align"),
    "h3": _names("align"),
    "h4": _names("align"),
    "h5": _names("align"),
    "h6": _names("align"),
    "hr": _names("align noshade size width"),
    "img": _names("align alt border height hspace sizes vspace width"),
    "ins": _names("datetime"),
    "li": _names("type value"),
    "map": _names("name"),
    "ol": _names("compact reversed start type"),
    "p": _names("align"),
    "pre": _names("width"),
    "source": _names("height media sizes type width"),
    "table": _names("align bgcolor border cellpadding cellspacing frame rules summary width"),
    "tbody": _names("align valign"),
    "td": _names("abbr align axis bgcolor colspan headers height nowrap rowspan scope valign width"),
    "tfoot": _names("align valign"),
    "th": _names("abbr align axis bgcolor colspan headers height nowrap rowspan scope valign width"),
    "thead": _names("align valign"),
    "time": _names("datetime"),
    "tr": _names("align bgcolor valign"),
    "track": _names("default kind label srclang"),
    "ul": _names("compact type"),
    "video": _names("controls height loop muted playsinline preload width"),
}

SVG_KEPT = _names(
    "a animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend feColorMatrix "
    "feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow "
    "feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset "
    "fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter foreignObject g image line linearGradient "
    "marker mask mpath path pattern polygon polyline radialGradient rect set stop style svg switch symbol text "
    "textPath title tspan use view"
)
SVG_DROPPED = _names("discard handler iframe listener metadata script solidcolor tref audio video canvas")

SVG_PAINT = _names("clip-path cursor fill filter marker marker-end marker-mid marker-start mask stroke")
"""May hold `url()`."""

SVG_DRAWN = _names(
    "alignment-baseline baseline-shift clip-rule color color-interpolation color-interpolation-filters cx cy d "
    "direction display dominant-baseline dx dy fill-opacity fill-rule flood-color flood-opacity font-family font-size "
    "font-size-adjust font-stretch font-style font-variant font-weight fr fx fy gradientTransform height "
    "image-rendering letter-spacing lighting-color offset opacity overflow paint-order pathLength patternTransform "
    "points r rx ry rotate shape-rendering startOffset stop-color stop-opacity stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration "
    "text-rendering textLength transform transform-origin unicode-bidi vector-effect viewBox visibility width "
    "word-spacing writing-mode x x1 x2 y y1 y2 stdDeviation baseFrequency k1 k2 k3 k4 scale seed surfaceScale azimuth "
    "elevation z glyph-orientation-vertical"
)
"""Geometry and presentation; the only attributes that an animation may change."""

SVG_ATTRIBUTES = (
    _names("class id lang role style aria-label aria-labelledby aria-describedby aria-hidden aria-roledescription")
    | SVG_PAINT
    | SVG_DRAWN
    | _names(
        "accumulate additive amplitude attributeName attributeType begin bias by calcMode clipPathUnits "
        "diffuseConstant divisor dur edgeMode end exponent filterUnits from gradientUnits in in2 intercept "
        "kernelMatrix kernelUnitLength keyPoints keySplines keyTimes lengthAdjust limitingConeAngle markerHeight "
        "markerUnits markerWidth maskContentUnits maskUnits max media method min mode numOctaves operator order "
        "orient patternContentUnits patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio "
        "primitiveUnits radius refX refY repeatCount repeatDur requiredExtensions requiredFeatures restart result "
        "side slope spacing specularConstant specularExponent spreadMethod stitchTiles systemLanguage tableValues "
        "targetX targetY to type values version xChannelSelector yChannelSelector zoomAndPan"
    )
)
SVG_ANIMATIONS = _names("animate animateMotion animateTransform set")

MATHML_KEPT = _names(
    "annotation maction math menclose merror mfenced mfrac mglyph mi mlabeledtr mlongdiv mmultiscripts mn mo mover "
    "mpadded mphantom mprescripts mroot mrow ms mscarries mscarry msgroup msline mspace msqrt msrow mstack mstyle "
    "msub msubsup msup mtable mtd mtext mtr munder munderover none semantics"
) - {"mglyph"}
"""Without `mglyph` and `annotation-xml`, through which HTML was smuggled past sanitisers (Bentkowski, 2020)."""

MATHML_ATTRIBUTES = _names(
    "accent accentunder align alttext bevelled class close columnalign columnlines columnspacing columnspan crossout "
    "depth dir display displaystyle encoding fence form frame framespacing groupalign height id intent arg lang "
    "largeop linebreak linethickness lquote lspace mathbackground mathcolor mathsize mathvariant maxsize minsize "
    "movablelimits notation numalign denomalign open rowalign rowlines rowspacing rowspan rquote rspace scriptlevel "
    "selection separator separators stretchy style subscriptshift superscriptshift symmetric title voffset width"
)

"""The headers of an answer with an image, the same on the short way and through the application."""

from __future__ import annotations

OPEN_FOR_EVER = "public, max-age=86400, immutable"
OPEN = "public, max-age=3600"
ASK_AGAIN = "private, no-cache"
"""For what is not open to everybody."""
ALLOWED_ORIGIN = ("Access-Control-Allow-Origin", "*")
"""IIIF Image API 3.0, §5: any viewer of the web may show our images."""


def headers(media_type: str, etag: str, *, keyed: bool, is_open: bool) -> list[tuple[str, str]]:
    """Headers of an image, without its length.

    Args:
        media_type: of the bytes.
        etag: names the bytes, without quotes.
        keyed: whether the address names the version of what it shows.
        is_open: whether everybody may see it.
    """
    lifetime = (OPEN_FOR_EVER if keyed else OPEN) if is_open else ASK_AGAIN
    return [
        ("Content-Type", media_type),
        ("ETag", f'"{etag}"'),
        ("Cache-Control", lifetime),
        ALLOWED_ORIGIN,
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'"),
    ]


def link(version: str, canonical: str = "") -> str:
    """What is told beside an image: what the service can (3.0, §6), and the picture's canonical address (3.0, §4.8).

    Args:
        version: "3" or "2".
        canonical: whole or from the root of the site.
    """
    profile = f'<http://iiif.io/api/image/{version}/level2.json>;rel="profile"'
    return f'{profile}, <{canonical}>;rel="canonical"' if canonical else profile


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the client has these bytes (RFC 9110 §13.1.2)."""
    return bool(if_none_match) and (if_none_match.strip() == "*" or f'"{etag}"' in if_none_match)

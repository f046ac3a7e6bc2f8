"""An opaque name of who is signed in, for the worker in the browser: when it changes, another reader sits there."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

from wenyuan.repo.policy import Person

HEADER = "Reader-Tag"
"""On every page; never on what caches may keep for others."""
NOBODY = "none"
_CHARACTERS = 16


def tag_of(person: Person) -> str:
    """The same in every session of a person, and nothing that tells who it is; `NOBODY` without an account."""
    if person.name is None:
        return NOBODY
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"reader-tag:{person.name}".encode(), hashlib.sha256).hexdigest()[:_CHARACTERS]

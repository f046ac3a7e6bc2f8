"""What a WSGI server loads: `granian --interface wsgi --factory wenyuan.reader.wsgi:create`."""

from __future__ import annotations

import logging

from flask import Flask

from wenyuan.reader.app import create_app
from wenyuan.repo import settings, wiring


def create() -> Flask:
    """Build the library of the environment's settings and its application; called once in each server process.

    What mends itself, such as a page image made again, is told in the log all the same.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("wenyuan").setLevel(logging.WARNING)
    library = wiring.build(settings.load())
    library.index.look()
    return create_app(library)

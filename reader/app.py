"""The application factory: one Flask application for one library."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from wenyuan.reader import assets, converters, languages, pages, problems, security
from wenyuan.reader.context import EXTENSION
from wenyuan.reader.iiif import answers
from wenyuan.reader.image_lane import ImageLane
from wenyuan.reader.views import (
    account,
    annotation_export,
    book,
    browse,
    chapter,
    cite,
    compare,
    correct,
    document,
    download,
    groups,
    health,
    home,
    iiif_auth,
    iiif_discovery,
    iiif_image,
    iiif_presentation,
    iiif_search,
    item,
    my_library,
    offline,
    pictures,
    positions,
    proposing,
    read,
    room,
    search,
    staff,
    suggest,
    text_forms,
)
from wenyuan.reader.views import annotations as annotation_views
from wenyuan.repo.library import Library

HERE = Path(__file__).resolve().parent


def create_app(library: Library) -> Flask:
    """Make the web application of a library.

    Args:
        library: what it shows; its settings are the application's.
    """
    app = Flask(
        "wenyuan.reader",
        root_path=str(HERE),
        instance_path=str(library.settings.home.resolve() / "instance"),
        static_folder=str(assets.STATIC),
        static_url_path="/static",
        template_folder=str(HERE / "templates"),
    )
    app.extensions[EXTENSION] = library
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    converters.install(app)
    languages.install(app, library.settings.language)
    security.install(app, library.settings)
    assets.install(app)
    pages.install(app)
    problems.install(app)
    answers.install(app)
    for module in (
        home,
        browse,
        search,
        suggest,
        item,
        read,
        room,
        my_library,
        compare,
        correct,
        document,
        proposing,
        text_forms,
        pictures,
        chapter,
        book,
        cite,
        download,
        account,
        staff,
        health,
        offline,
        iiif_image,
        iiif_presentation,
        iiif_search,
        iiif_discovery,
        iiif_auth,
        annotation_views,
        positions,
        annotation_export,
        groups,
    ):
        app.register_blueprint(module.blueprint)
    app.wsgi_app = ImageLane(app.wsgi_app, library)  # type: ignore[method-assign]
    return app

"""The one place that imports a module by its name: stores, search engines, formats, OCR engines, executors.

A plug-in is a file in a folder; the file's name is the name in the settings. Others bring theirs as an entry point in
the group `wenyuan.<folder>` (`wenyuan.search`, `wenyuan.storage`, `wenyuan.formats` …); ours win where names clash.
"""

from __future__ import annotations

import pkgutil
import re
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from wenyuan.repo.errors import MissingExtra, UnknownBackend

EXPORTS = {
    "wenyuan.repo.search": "open_index",
    "wenyuan.storage": "open_store",
    "wenyuan.ingest.formats": "FORMAT",
    "wenyuan.ingest.executors": "open_pool",
    "wenyuan.ingest.engines": "open_engine",
}
"""What a module of a folder must define to be a plug-in; the others there are parts of one. Elsewhere every public
module is one."""


@cache
def names(package: str) -> list[str]:
    """Names of all plug-ins of a folder, sorted. None is imported for it, so no optional SDK need be there.

    Args:
        package: dotted name, e.g. `wenyuan.repo.search`.
    """
    return sorted({*_own(package), *_foreign(package)})


def load(package: str, name: str) -> ModuleType:
    """Import a plug-in.

    Raises:
        UnknownBackend: there is none of this name; says which there are.
        MissingExtra: it needs a package that is not installed.
    """
    allowed = names(package)
    if name not in allowed:
        raise UnknownBackend(setting=_folder(package), value=name, allowed=allowed)
    try:
        if name in _own(package):
            return import_module(f"{package}.{name}")
        module = _foreign(package)[name].load()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "wenyuan":
            raise  # a fault of ours, which no installation mends
        raise MissingExtra(package=missing, extra=name) from error
    if not isinstance(module, ModuleType):
        raise UnknownBackend(setting=_folder(package), value=name, allowed=allowed)
    return module


def _folder(package: str) -> str:
    return package.rpartition(".")[2]


def _own(package: str) -> list[str]:
    folder = find_spec(package)
    places = list(folder.submodule_search_locations or ()) if folder else []
    found = [module.name for module in pkgutil.iter_modules(places) if not module.name.startswith("_")]
    wanted = EXPORTS.get(package)
    return [name for name in found if wanted is None or _defines(f"{package}.{name}", wanted)]


def _foreign(package: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"wenyuan.{_folder(package)}")}


def _defines(module: str, wanted: str) -> bool:
    """Whether the module's source defines a name at its top; read as text, neither run nor parsed.

    Python 3.11's parser is not made for many threads at once (it raises SystemError).
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return False
    defined = rf"^(?:(?:def|class) {wanted}\b|{wanted}\s*(?::[^=\n]+)?=|from \S+ import .*\b{wanted}\b)"
    return re.search(defined, Path(spec.origin).read_text("utf-8"), re.MULTILINE) is not None

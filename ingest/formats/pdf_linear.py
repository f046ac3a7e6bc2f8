"""A PDF laid out anew for reading over the network, by qpdf: linearised, without scripts, any page a few steps away.

A viewer that asks for byte ranges walks the page tree from its root and fetches every page that it passes on its way. A
flat tree of 600 pages therefore costs 400 fetches before page 400 is seen (pdf.js 5.6, measured: 26 MB of a file of
300 MB). So each page gets a node of its own in a tree of few branches: nodes lie together in packed object streams, and
what counts itself can be passed without being opened (ISO 32000-2, 7.7.3.2, /Count).
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf.exceptions import PageCopyWarning

from wenyuan.repo.errors import DamagedSource, EmptySource, EncryptedSource

BRANCHES = 16
"""Children of a node of the page tree: 20,000 pages are four steps away."""

_MAPPED_BYTES = 512 * 1024**2
"""A larger file is read through its stream: a map of it would take the address space that a process may have."""
_DEEPEST = 60
"""Levels of direct objects, and of parents of a page, that are followed."""
_MOST_CHAINED = 200
"""Actions that follow one another (/Next)."""
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page may have from the nodes above it (ISO 32000-2, table 31)."""
_KEPT_ACTIONS = frozenset({"/GoTo", "/URI", "/Named"})
"""What a link may do: lead inside, lead outside, turn a page. Everything else runs, sends, opens or plays something."""

_DAMAGE = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)

_Object = Any
"""Of pikepdf, whose objects are typed by what they hold at run time."""


def linearise(source: Path, target: Path, file: str) -> None:
    """Write a PDF so that its first page comes first and any other soon; text and pictures stay as they are.

    JavaScript, actions of opening and of events, XFA, attached files and all actions but links are left out. One that
    only has an owner's password is written without.

    Args:
        source: never changed.
        target: the new file.
        file: the name that staff knows, for errors.

    Raises:
        EncryptedSource: it needs a password that we do not have.
        EmptySource: it has no pages.
        DamagedSource: qpdf cannot read it, even by repairing it, or what it would write is not linearised.
    """
    try:
        with _opened(source) as pdf:
            pages = [page.obj for page in pdf.pages]
            if not pages:
                raise EmptySource(file=file)
            _quieten(pdf)
            _plant(pdf, pages)
            _save(pdf, target)
        if not is_sound(target):
            raise DamagedSource(file=file, detail="qpdf: not linearised")
    except pikepdf.PasswordError as error:
        raise EncryptedSource(file=file) from error
    except _DAMAGE as error:
        detail = f"qpdf: {error}".replace(str(source), file)
        raise DamagedSource(file=file, detail=detail[:300]) from error


def is_sound(path: Path) -> bool:
    """Whether a file can be opened without repair and is linearised."""
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            return bool(pdf.is_linearized)
    except (*_DAMAGE, pikepdf.PasswordError):
        return False


def _opened(source: Path) -> pikepdf.Pdf:
    mapped = source.stat().st_size <= _MAPPED_BYTES
    mode = pikepdf.AccessMode.default if mapped else pikepdf.AccessMode.stream
    return pikepdf.open(source, access_mode=mode, suppress_warnings=True)


def _save(pdf: pikepdf.Pdf, target: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PageCopyWarning)  # fields that no form names: nobody fills them in here
        pdf.save(
            target,
            linearize=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            encryption=False,
            deterministic_id=True,
            fix_metadata_version=False,
        )


def _quieten(pdf: pikepdf.Pdf) -> None:
    """Take out whatever acts by itself."""
    root = pdf.Root
    for key in ("/OpenAction", "/AA", "/NeedsRendering", "/AF", "/Collection"):
        _drop(root, key)
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for key in ("/JavaScript", "/EmbeddedFiles", "/Renditions"):
            _drop(names, key)
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        _drop(form, "/XFA")
    for each in pdf.objects:
        _quieten_object(each, 0)


def _quieten_object(value: _Object, depth: int) -> None:
    """An object and all that lies directly in it; what it only refers to comes by itself."""
    if depth > _DEEPEST:
        return
    below: list[_Object] = []
    if isinstance(value, pikepdf.Array):
        below = list(value)
    elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        _quieten_keys(value)
        below = [value[key] for key in value.keys()]  # noqa: SIM118  a stream is no mapping
    for each in below:
        if not _is_reference(each):
            _quieten_object(each, depth + 1)


def _quieten_keys(value: _Object) -> None:
    for key in ("/AA", "/JS", "/XFA"):
        _drop(value, key)
    for key in ("/A", "/PA", "/Next"):
        if key in value and not _is_harmless(value[key]):
            _drop(value, key)
    # An action that something else refers to: what it did is gone, and a viewer knows no action of this name.
    if _name(value, "/S") in {"/JavaScript", "/Launch"}:
        value["/S"] = pikepdf.Name("/None")
        for key in ("/F", "/Win", "/Mac", "/Unix"):
            _drop(value, key)


def _is_harmless(action: _Object, most: int = _MOST_CHAINED) -> bool:
    """Whether a value is an action, or a chain of actions, that only leads somewhere; or no action at all."""
    waiting = [action]
    while waiting and most:
        most -= 1
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            waiting += list(each)[:_MOST_CHAINED]
        elif isinstance(each, pikepdf.Dictionary) and "/S" in each:
            if _name(each, "/S") not in _KEPT_ACTIONS:
                return False
            if "/Next" in each:
                waiting.append(each["/Next"])
    return not waiting


def _name(value: _Object, key: str) -> str:
    found = value.get(key)
    return str(found) if isinstance(found, pikepdf.Name) else ""


def _drop(value: _Object, key: str) -> None:
    if key in value:
        del value[key]


def _is_reference(value: _Object) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _plant(pdf: pikepdf.Pdf, pages: list[_Object]) -> None:
    """A new page tree: a node for each page, nodes over them in branches, one root."""
    for page in pages:
        _give_inherited(page)
    nodes = [_node(pdf, [page], 1) for page in pages]
    while len(nodes) > BRANCHES:
        groups = [nodes[start : start + BRANCHES] for start in range(0, len(nodes), BRANCHES)]
        nodes = [_node(pdf, group, sum(int(each.Count) for each in group)) for group in groups]
    old = pdf.Root.Pages
    old.Kids, old.Count, old.Type = pikepdf.Array(nodes), len(pages), pikepdf.Name.Pages
    for key in (*_INHERITED, "/Parent"):
        _drop(old, key)
    for node in nodes:
        node.Parent = old


def _node(pdf: pikepdf.Pdf, kids: list[_Object], count: int) -> _Object:
    made = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=pikepdf.Array(kids), Count=count))
    for kid in kids:
        kid.Parent = made
    return made


def _give_inherited(page: _Object) -> None:
    """Write into a page what it had from the nodes above it."""
    above, steps = page.get("/Parent"), 0
    while isinstance(above, pikepdf.Dictionary) and steps < _DEEPEST:
        for key in _INHERITED:
            if key in above and key not in page:
                page[key] = above[key]
        above, steps = above.get("/Parent"), steps + 1

"""Bring other people's browser code into `static/vendor/`, unmodified; or check that it still is.

The product carries the copies, so that neither a build nor an installation needs Node or a network:

    python tools/vendor.py            # needs npm: installs tools/vendor/package-lock.json and copies from it
    python tools/vendor.py --check    # needs nothing: hashes every copy again

A new version: change it in tools/vendor/package.json, run `npm install --package-lock-only --ignore-scripts` there and
then this. npm checks each tarball against the lockfile's integrity; no script of a package ever runs. Only the files
named in `COPIED` are taken; why each package is wanted, and its licence: docs/decisions/011 and 016.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
LOCKED = ROOT / "tools" / "vendor"
LIST = "VENDOR.toml"
LICENCE = "LICENSE"

COPIED = {
    "openseadragon": {
        "build/openseadragon/openseadragon.min.js": "openseadragon.min.js",
        "LICENSE.txt": LICENCE,
    },
    "pdfjs-dist": {
        "build/pdf.min.mjs": "pdf.min.mjs",
        "build/pdf.worker.min.mjs": "pdf.worker.min.mjs",
        "cmaps/": "cmaps/",
        "standard_fonts/": "standard_fonts/",
        "wasm/openjpeg_nowasm_fallback.js": "wasm/openjpeg_nowasm_fallback.js",
        "wasm/LICENSE_OPENJPEG": "wasm/LICENSE_OPENJPEG",
        "wasm/LICENSE_PDFJS_OPENJPEG": "wasm/LICENSE_PDFJS_OPENJPEG",
        "LICENSE": LICENCE,
    },
}
"""Of each package of the lockfile: its files, and what they are called with us; of a folder (`/`) all is taken."""


@dataclass(frozen=True, slots=True)
class Package:
    """One vendored package, as VENDOR.toml tells of it."""

    name: str
    version: str
    license: str
    """SPDX identifier."""
    integrity: str
    """Of the tarball that npm took the files from: `sha512-…`."""
    files: dict[str, str]
    """SHA-256 by name, within `folder`."""

    @property
    def folder(self) -> str:
        """Where its files lie under static/vendor: another version is another address."""
        return f"{self.name.replace('/', '+')}@{self.version}"


def main() -> None:
    """Copy, or check."""
    wanted = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    wanted.add_argument("--check", action="store_true", help="only hash the copies again")
    if wanted.parse_args().check:
        wrong = complaints(VENDOR)
        sys.exit("\n".join(wrong) if wrong else 0)
    with tempfile.TemporaryDirectory() as work:
        modules = _install(Path(work))
        packages = [_copy(name, modules) for name in sorted(COPIED)]
    _clear(packages)
    (VENDOR / LIST).write_text(_told(packages), "utf-8")


def listed(vendor: Path) -> list[Package]:
    """The packages that VENDOR.toml names."""
    told = tomllib.loads((vendor / LIST).read_text("utf-8"))
    return [Package(**each) for each in told["package"]]


def complaints(vendor: Path) -> list[str]:
    """What is not as VENDOR.toml says: altered, missing, unlisted, without a licence; empty when all is well."""
    wrong: list[str] = []
    expected = {LIST}
    for package in listed(vendor):
        if LICENCE not in package.files:
            wrong.append(f"{package.folder}: no {LICENCE} is listed")
        for name, digest in package.files.items():
            path = vendor / package.folder / name
            expected.add(f"{package.folder}/{name}")
            if not path.is_file():
                wrong.append(f"{package.folder}/{name}: missing")
            elif _sha256(path) != digest:
                wrong.append(f"{package.folder}/{name}: altered")
    found = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    return wrong + [f"{name}: not listed in {LIST}" for name in sorted(found - expected)]


def _install(work: Path) -> Path:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, work)
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], cwd=work, check=True
    )
    return work / "node_modules"


def _copy(name: str, modules: Path) -> Package:
    """Copy one package's files and tell of them what the lockfile says."""
    locked = json.loads((LOCKED / "package-lock.json").read_text("utf-8"))["packages"][f"node_modules/{name}"]
    bare = Package(name, locked["version"], locked["license"], locked["integrity"], {})
    folder = VENDOR / bare.folder
    folder.mkdir(parents=True, exist_ok=True)
    copied = _wanted(modules / name, COPIED[name])
    for target, source in copied.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / target)
    files = {target: _sha256(folder / target) for target in sorted(copied)}
    return Package(bare.name, bare.version, bare.license, bare.integrity, files)


def _wanted(package: Path, chosen: dict[str, str]) -> dict[str, Path]:
    """What is taken of a package, by what it is called with us."""
    found: dict[str, Path] = {}
    for source, target in chosen.items():
        if source.endswith("/"):
            inside = (path for path in (package / source).rglob("*") if path.is_file())
            found |= {target + path.relative_to(package / source).as_posix(): path for path in inside}
        else:
            found[target] = package / source
    return found


def _clear(packages: list[Package]) -> None:
    """Take away what is no longer copied: former versions, former files."""
    kept = {VENDOR / package.folder / name for package in packages for name in package.files}
    for path in sorted(VENDOR.rglob("*"), reverse=True):
        if path.is_file() and path not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _told(packages: list[Package]) -> str:
    lines = ["# Written by tools/vendor.py. Copies are unmodified; `python tools/vendor.py --check` hashes them again."]
    for package in packages:
        lines += ["", "[[package]]"]
        lines += [f'{key} = "{getattr(package, key)}"' for key in ("name", "version", "license", "integrity")]
        lines += ["[package.files]", *(f'"{name}" = "{digest}"' for name, digest in package.files.items())]
    return "\n".join(lines) + "\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()

"""The wheel, built and installed into an empty environment, carries what it needs and runs from anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest
from servers.processes import free_ports

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
GUARD_S = 400


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """A program to its end; what it printed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=GUARD_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheel and sdist; `pip wheel` builds in an environment of its own, as pyproject.toml says."""
    folder = tmp_path_factory.mktemp("dist")
    builder = folder / "builder"
    venv.create(builder, with_pip=True)
    run(builder / "bin" / "pip", "install", "-q", "hatchling>=1.27,<2", cwd=folder)
    for target in ("wheel", "sdist"):
        run(builder / "bin" / "python", "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The wheel."""
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs of an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    constraints = ROOT / "constraints.txt"
    run(programs / "pip", "install", "-q", "--prefer-binary", "-c", constraints, wheel, cwd=folder)
    return programs


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder far from the sources."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def environment(elsewhere: Path) -> dict[str, str]:
    """Nothing of ours: no PYTHONPATH, no settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "WENYUAN_HOME": str(elsewhere / "館"),
        "WENYUAN_WORKERS": "2",
        "PYTHONWARNINGS": "error::ImportWarning",
    }


@pytest.fixture(scope="module")
def demo(installed: Path, elsewhere: Path, environment: dict[str, str]) -> str:
    """What `wenyuan demo --no-serve` printed."""
    return run(installed / "wenyuan", "demo", "--no-serve", cwd=elsewhere, env=environment)


def test_the_wheel_holds_all_that_the_program_reads(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    for needed in (
        "wenyuan/reader/templates/base.html",
        "wenyuan/reader/translations/en/LC_MESSAGES/messages.mo",
        "wenyuan/reader/translations/zh_Hant/LC_MESSAGES/messages.mo",
        "wenyuan/repo/catalogue/migrations/env.py",
        "wenyuan/repo/catalogue/migrations/versions/0001_first.py",
        "wenyuan/repo/data/wording.toml",
        "wenyuan/repo/data/variants.tsv",
        "wenyuan/repo/data/fold.tsv",
        "wenyuan/repo/data/reigns.tsv",
        "wenyuan/sample/collection/collection.json",
        "wenyuan/ingest/formats/epub.css",
    ):
        assert needed in names
    for folder, ending in (
        ("wenyuan/static/", ".css"),
        ("wenyuan/static/", ".js"),
        ("wenyuan/sample/collection/", ".jpg"),
    ):
        assert any(name.startswith(folder) and name.endswith(ending) for name in names)
    assert any(name.endswith("entry_points.txt") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_every_file_of_ours_that_git_knows(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of git")
    ours = {
        line for line in listed.stdout.splitlines() if line.split("/")[0] in {"repo", "ingest", "reader", "storage"}
    }
    there = {line for line in ours if (ROOT / line).exists()}

    assert {f"wenyuan/{line}" for line in there} - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {"wenyuan"}
    assert not [name for name in names if "/tests/" in name or name.endswith((".pyc", ".sqlite"))]
    assert wheel.stat().st_size < 30 * 1024**2


def test_the_sdist_holds_what_the_wheel_is_built_from_and_the_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "repo/cli.py", "reader/app.py", "tests/conftest.py"} <= names


def test_the_program_runs_from_another_folder(installed: Path, elsewhere: Path, environment: dict[str, str]) -> None:
    assert run(installed / "wenyuan", "--version", cwd=elsewhere, env=environment).startswith("wenyuan, version ")
    where = run(
        installed / "python", "-c", "import wenyuan.repo as r; print(r.__path__[0])", cwd=elsewhere, env=environment
    )
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_demo_ingests_the_sample_and_tells_addresses_and_account(
    demo: str, installed: Path, elsewhere: Path, environment: dict[str, str]
) -> None:
    assert "http://127.0.0.1:8000/" in demo
    assert "/read/" in demo
    assert "staff" in demo
    kept = elsewhere / "館" / "staff-password.txt"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().strip() in demo

    again = run(installed / "wenyuan", "demo", "--no-serve", cwd=elsewhere, env=environment)

    assert kept.read_text().strip() not in again


def test_the_demo_reads_the_scans_that_have_no_text(
    demo: str, installed: Path, elsewhere: Path, environment: dict[str, str]
) -> None:
    del demo
    jobs = json.loads(run(installed / "wenyuan", "jobs", "--all", "--json", cwd=elsewhere, env=environment))
    read = {job["title"]: job["receipt"] for job in jobs if job["kind"] == "recognise"}

    assert {job["state"] for job in jobs} == {"done"}
    assert (read["三字經"]["pages"], read["三字經"]["read"]) == (3, 3)
    assert read["三字經"]["warnings"] == [], "its description says how it is written"


@contextmanager
def serving(installed: Path, elsewhere: Path, environment: dict[str, str]) -> Iterator[str]:
    """The web server; its address."""
    (port,) = free_ports(1)
    log = elsewhere / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [installed / "wenyuan", "serve"], cwd=elsewhere, env=environment | {"WENYUAN_PORT": str(port)},
            stdout=output, stderr=output,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address, timeout=10).close()
                break
            except URLError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_server_shows_the_sample_with_its_style_sheets(
    demo: str, installed: Path, elsewhere: Path, environment: dict[str, str]
) -> None:
    del demo
    style = next(path for path in sorted((ROOT / "static").rglob("*.css")))
    with serving(installed, elsewhere, environment) as address:
        home = urllib.request.urlopen(f"{address}/", timeout=30).read().decode()
        english = urllib.request.Request(f"{address}/", headers={"Accept-Language": "en"})
        translated = urllib.request.urlopen(english, timeout=30).read().decode()
        css = urllib.request.urlopen(f"{address}/static/{style.relative_to(ROOT / 'static')}", timeout=30)

        assert "南山" in home
        assert home != translated
        assert css.headers["Content-Type"].startswith("text/css")
        assert css.read() == style.read_bytes()


def test_no_package_of_the_tests_is_needed(installed: Path, elsewhere: Path, environment: dict[str, str]) -> None:
    listed = run(installed / "python", "-m", "pip", "list", cwd=elsewhere, env=environment).lower()

    assert not [name for name in ("pytest", "rapidfuzz", "playwright", "distributed", "psycopg") if name in listed]
    assert sys.version_info >= (3, 11)

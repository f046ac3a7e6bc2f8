"""Every command: its help, its exit codes, its JSON; and never a traceback, whatever it is given."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import given
import pytest
from click.testing import CliRunner, Result
from handing_in import shown

from wenyuan.ingest import receipt
from wenyuan.repo import find, wiring
from wenyuan.repo.catalogue import events, items, users
from wenyuan.repo.cli import GROUP, main
from wenyuan.repo.library import Library
from wenyuan.repo.policy import ANONYMOUS
from wenyuan.repo.settings import load

NAMES = sorted(entry.name for entry in entry_points(group=GROUP))
Run = Callable[..., Result]


def runner(home: Path, **more: str) -> Run:
    """Runs commands on a library; checks the exit code, and that nobody is shown a traceback."""
    environment = {"WENYUAN_HOME": str(home), "WENYUAN_EXECUTOR": "inline", "WENYUAN_LANGUAGE": "en", "COLUMNS": "300"}

    def run(*words: str, code: int = 0, **variables: str) -> Result:
        done = CliRunner(env=environment | more | variables).invoke(main, list(words))
        assert done.exit_code == code, f"{words}: {done.output}{done.exception!r}"
        assert "Traceback" not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one book that nobody changes."""
    folder = tmp_path_factory.mktemp("commands")
    given.scans(folder / "in" / "春曉集", 3)
    runner(folder / "home")("ingest", str(folder / "in"))
    return folder / "home"


@pytest.fixture
def run(home: Path) -> Run:
    """Commands on the library that nobody changes."""
    return runner(home)


@pytest.fixture
def own(tmp_path: Path) -> Run:
    """Commands on a library of the test's own, with one book."""
    run = runner(tmp_path / "home")
    run("ingest", str(given.scans(tmp_path / "春曉集", 3)))
    return run


def only_item(run: Run) -> str:
    """Its id."""
    (row,) = json.loads(run("item", "list", "--json").output)["items"]
    return str(row["id"])


def opened(home: Path) -> Library:
    """The library itself."""
    return wiring.build(load(home=home))


def every_command(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of all commands and groups."""
    context = click.Context(group)
    found: list[tuple[str, ...]] = [words]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        below = (*words, name)
        found += every_command(command, below) if isinstance(command, click.Group) else [below]
    return found


@pytest.mark.parametrize("words", every_command(main), ids=" ".join)
def test_every_command_tells_what_it_does(run: Run, words: tuple[str, ...]) -> None:
    for ask in ("--help",):
        printed = run(*words, ask).output
        assert printed.startswith("Usage: ")
        assert len(printed.splitlines()) > 4


def test_all_commands_that_the_readme_names_are_there() -> None:
    assert {"demo", "ingest", "serve", "work", "jobs", "item", "check", "rebuild", "export", "user", "config"} <= set(
        NAMES
    )


def test_the_list_of_commands_comes_without_loading_them() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from wenyuan.repo.cli import main;"
        "CliRunner().invoke(main, ['--version']);"
        "print([name for name in ('flask', 'pymupdf', 'pyvips', 'sqlalchemy') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nonsense"], 64),
        (["ingest"], 64),
        (["user", "add", "x", "--password", "short"], 64),
        (["ingest", "/nothing/here"], 65),
        (["ingest", "--dry-run", "/nothing/here"], 65),
        (["ingest", "--collection", "nothing", "."], 66),
        (["item", "show", "nothing"], 66),
        (["item", "set", "nothing", "title", "x"], 66),
        (["item", "move", "nothing", "1", "--to", "2"], 66),
        (["item", "withdraw", "nothing", "--reason", "x"], 66),
        (["item", "restore", "nothing"], 66),
        (["item", "list", "--limit", "-1"], 64),
        (["item", "list", "--limit", "0"], 64),
        (["jobs", "retry", "99"], 66),
        (["jobs", "retry", "99999999999999999999"], 64),
        (["jobs", "receipt", "99"], 66),
        (["jobs", "receipt", "99999999999999999999"], 64),
        (["jobs", "receipt", "1", "--to", "/nothing/here/receipt.json"], 64),
        (["user", "remove", "nobody"], 66),
        (["export", "nothing", "--to", "out"], 66),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_told_with_its_exit_code(
    run: Run, words: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(*words, code=code).output.strip()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nonsense", "x"),
        ("kind", "cookbook"),
        ("agents", "[{"),
        ("agents", '["孟浩然"]'),
        ("title", ""),
    ],
)
def test_a_field_that_cannot_be_set_is_named(run: Run, field: str, value: str) -> None:
    printed = run("item", "set", only_item(run), field, value, code=65).output

    assert field in printed
    assert json.loads(run("item", "show", only_item(run)).output)["version"] == 1


def test_an_item_cannot_be_moved_into_a_collection_that_is_not_there(run: Run, home: Path) -> None:
    kept = sum(1 for _ in (home / "store").rglob("*"))

    assert "no collection" in run("item", "set", only_item(run), "collection", "nothing", code=66).output
    assert sum(1 for _ in (home / "store").rglob("*")) == kept


@pytest.mark.parametrize(
    ("variables", "code", "told"),
    [
        ({"WENYUAN_PORT": "high"}, 78, "WENYUAN_PORT"),
        ({"WENYUAN_NONSENSE": "1"}, 78, "WENYUAN_NONSENSE"),
        ({"WENYUAN_STORE": "tape"}, 78, "local"),
        ({"WENYUAN_INDEX": "card-box"}, 78, "whoosh"),
        ({"WENYUAN_DATABASE": "oracle://db"}, 78, "postgresql"),
        ({"WENYUAN_DATABASE": "sqlite:////nothing/here/c.sqlite"}, 75, "database"),
        ({"WENYUAN_HOME": "/dev/null/home"}, 78, "WENYUAN_HOME"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named_before_anything_is_done(
    run: Run, variables: dict[str, str], code: int, told: str
) -> None:
    assert told in run("item", "list", code=code, **variables).output


def test_a_store_that_is_away_is_told_by_config_check(run: Run) -> None:
    key = {"WENYUAN_S3_ACCESS_KEY": "a", "WENYUAN_S3_SECRET_KEY": "b"}
    away = {"WENYUAN_STORE": "minio", "WENYUAN_S3_ENDPOINT": "http://127.0.0.1:9", **key}

    assert "127.0.0.1:9" in run("config", "--check", code=75, **away).output
    assert run("config", "--check").output


def test_a_fault_of_ours_is_told_in_a_line_and_whole_on_request(home: Path, tmp_path: Path) -> None:
    # A table that is not there is nothing that anybody foresees.
    shutil.copytree(home, tmp_path / "home")
    with closing(sqlite3.connect(tmp_path / "home" / "catalogue.sqlite")) as database:
        database.execute("ALTER TABLE users RENAME TO gone")
    environment = {**os.environ, "WENYUAN_HOME": str(tmp_path / "home"), "WENYUAN_LANGUAGE": "en"}
    call = [sys.executable, "-c", "from wenyuan.repo.cli import main; main()"]

    told, verbose = (
        subprocess.run([*call, *more, "user", "list"], env=environment, capture_output=True, text=True, check=False)
        for more in ([], ["-v"])
    )

    assert "Traceback" not in told.stderr
    assert told.returncode == verbose.returncode
    assert "no such table: users" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 2


def test_json_that_scripts_read_is_json_and_nothing_else(run: Run, tmp_path: Path) -> None:
    number = only_item(run)
    export = ["export", number, "--to", str(tmp_path / "out"), "--json"]
    for words in (["item", "list", "--json"], ["item", "show", number], ["jobs", "--json"], ["jobs", "--all", "--json"],
                  ["user", "list", "--json"], ["config", "--json"], ["check", "--json"], ["jobs", "receipt", "1"],
                  export):  # fmt: skip
        json.loads(run(*words).stdout)


def test_ingest_with_json_prints_the_receipt_alone(tmp_path: Path) -> None:
    run = runner(tmp_path / "home")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "壞.pdf").write_bytes(b"%PDF-1.7 nothing more")

    told = json.loads(run("ingest", "--json", str(tmp_path / "in"), code=65).stdout)

    assert (told["delivery"], told["outcomes"]) == (1, {"refused": 1})


def test_a_dry_run_says_what_would_be_and_does_nothing(tmp_path: Path) -> None:
    run = runner(tmp_path / "home")
    given.scans(tmp_path / "in" / "春曉集", 2)
    (tmp_path / "in" / "空.pdf").write_bytes(b"")

    printed = run("ingest", "--dry-run", str(tmp_path / "in"), code=65).output

    assert "春曉集  (2)" in printed
    assert "空.pdf" in printed
    assert json.loads(run("jobs", "--all", "--json").output) == []


def test_what_is_queued_is_done_by_a_worker_and_receipted(tmp_path: Path) -> None:
    run = runner(tmp_path / "home")
    folder = given.scans(tmp_path / "春曉集", 2)

    told = json.loads(run("ingest", "--queue", str(folder)).output)
    assert [job["state"] for job in json.loads(run("jobs", "--json").output)] == ["queued"]
    run("work", "--once")

    assert json.loads(run("jobs", "--json").output) == []
    kept = tmp_path / "receipt.json"
    run("jobs", "receipt", str(told["delivery"]), "--to", str(kept))
    written = json.loads(kept.read_text("utf-8"))
    assert written["outcomes"] == {"metadata": 1, "stored": 4}
    assert receipt.is_genuine(written, load(home=tmp_path / "home").session_key.get_secret_value())


def test_a_refused_job_is_queued_again_and_its_delivery_gets_a_new_receipt(tmp_path: Path) -> None:
    run = runner(tmp_path / "home")
    whole = given.pdf(tmp_path / "in" / "報告.pdf", ["深圳河畔"]).read_bytes()
    (tmp_path / "in" / "報告.pdf").write_bytes(whole[:100])
    run("ingest", str(tmp_path / "in"), code=65)
    (tmp_path / "in" / "報告.pdf").write_bytes(whole)

    assert "damaged" in run("jobs", "--all").output
    run("jobs", "retry", "1")
    run("work", "--once")

    assert json.loads(run("jobs", "receipt", "1").output)["outcomes"] == {"stored": 1}
    run("jobs", "retry", "1", code=66)


def test_setting_a_field_is_a_new_version_that_is_found(own: Run, tmp_path: Path) -> None:
    number = only_item(own)

    for field, value in (
        ("title", "孟襄陽集"),
        ("subjects", '["唐詩", "山水"]'),
        ("edition", "宋刻本"),
        ("edition", ""),
    ):
        own("item", "set", number, field, value)

    held = json.loads(own("item", "show", number).output)
    assert (held["version"], held["description"]["title"]) == (5, "孟襄陽集")
    assert held["description"]["subjects"] == ["唐詩", "山水"]
    assert "edition" not in held["description"]
    library = opened(tmp_path / "home")
    assert find.find(library, "孟襄阳", person=ANONYMOUS).total == 1
    with library.catalogue.reading() as session:
        assert events.of_item(session, number)[-1].agent
    library.close()


def test_moving_a_page_changes_places_and_not_keys(own: Run) -> None:
    number = only_item(own)

    own("item", "move", number, "3", "--to", "1")

    held = json.loads(own("item", "show", number).output)
    assert [page["key"] for page in held["structure"]["pages"]] == [3, 1, 2]
    for page, place in (("4", "1"), ("1", "0"), ("0", "1")):
        own("item", "move", number, page, "--to", place, code=66)


def test_withdrawing_hides_and_restoring_shows(own: Run, tmp_path: Path) -> None:
    number = only_item(own)

    own("item", "withdraw", number, "--reason", "權利未明")
    library = opened(tmp_path / "home")
    assert shown(library) == []
    assert find.find(library, "啼鳥", person=ANONYMOUS).total == 0
    own("item", "restore", number)

    assert [item.id for item in shown(library)] == [number]
    assert find.find(library, "啼鳥", person=ANONYMOUS).total == 1
    with library.catalogue.reading() as session:
        told = events.of_item(session, number)
        assert items.get(session, number).version == 3
    assert [(event.type, event.detail) for event in told[1:]] == [
        ("withdrawal", {"reason": "權利未明"}),
        ("restoration", {}),
    ]
    library.close()


def test_accounts_are_made_listed_and_taken_away(tmp_path: Path) -> None:
    run = runner(tmp_path / "home")

    password = run("user", "add", "王館員").output.rpartition(" ")[2].strip()
    run("user", "add", "讀者", "--role", "patron", "--password", "春眠不覺曉處處聞啼鳥夜來")

    listed: list[dict[str, Any]] = json.loads(run("user", "list", "--json").output)
    assert {one["name"]: one["role"] for one in listed} == {"王館員": "staff", "讀者": "patron"}
    assert all(datetime.fromisoformat(one["created"]) <= datetime.now(UTC) for one in listed)
    library = opened(tmp_path / "home")
    with library.catalogue.reading() as session:
        assert users.verify(session, "王館員", password)
        assert not users.verify(session, "王館員", "wrong")
    library.close()
    assert password not in "".join(path.read_text("latin-1") for path in (tmp_path / "home").glob("catalogue.sqlite*"))
    run("user", "remove", "讀者")
    assert "讀者" not in run("user", "list").output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_our_commands(shell: str, tmp_path: Path) -> None:
    environment = {**os.environ, "_WENYUAN_COMPLETE": f"{shell}_source", "WENYUAN_HOME": str(tmp_path)}
    call = "import sys; sys.argv = ['wenyuan']; from wenyuan.repo.cli import main; main(prog_name='wenyuan')"

    done = subprocess.run([sys.executable, "-c", call], env=environment, capture_output=True, text=True, check=False)

    assert "_WENYUAN_COMPLETE" in done.stdout, done.stderr


def test_completion_offers_the_commands(tmp_path: Path) -> None:
    asked = {"_WENYUAN_COMPLETE": "bash_complete", "COMP_WORDS": "wenyuan ", "COMP_CWORD": "1"}
    call = "import sys; sys.argv = ['wenyuan']; from wenyuan.repo.cli import main; main(prog_name='wenyuan')"

    done = subprocess.run(
        [sys.executable, "-c", call], env={**os.environ, **asked, "WENYUAN_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert {line.partition(",")[2] for line in done.stdout.split()} >= set(NAMES)

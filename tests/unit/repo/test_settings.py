"""Settings: typed, from environment, file and defaults; refused with key, value and what is allowed; secrets kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wenyuan.repo import wording
from wenyuan.repo.cli import main
from wenyuan.repo.errors import InvalidSetting
from wenyuan.repo.settings import FILE_NAME, PREFIX, SECRETS_NAME, Settings, load


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make` and developers set WENYUAN_… of their own."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def write(home: Path, text: str | bytes) -> None:
    """A wenyuan.toml."""
    home.mkdir(parents=True, exist_ok=True)
    (home / FILE_NAME).write_bytes(text if isinstance(text, bytes) else text.encode())


def refusal(home: Path, **given: Any) -> dict[str, Any]:
    """The data of the refusal."""
    with pytest.raises(InvalidSetting) as caught:
        load(home=home, **given)
    return caught.value.data


def test_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'site_name = "深圳圖書館"\nport = 8001\n')
    monkeypatch.setenv("WENYUAN_PORT", "8002")

    settings = load(home=tmp_path)

    assert (settings.site_name, settings.port, settings.lease_s) == ("深圳圖書館", 8002, 60)


def test_a_value_given_by_the_program_wins_over_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "port = 8001\n")
    monkeypatch.setenv("WENYUAN_PORT", "8002")

    assert load(home=tmp_path, port=8003).port == 8003


def test_the_data_folder_comes_from_the_environment_and_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENYUAN_HOME", str(tmp_path / "新" / "館"))

    assert load().home.is_dir()


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("WENYUAN_PORT", "99999", "≤ 65535"),
        ("WENYUAN_PORT", "eighty", "integer"),
        ("WENYUAN_WORKERS", "0", "≥ 1"),
        ("WENYUAN_LANGUAGE", "fr", "'zh-Hans', 'zh-Hant' or 'en'"),
        ("WENYUAN_SITE_NAME", "", "length ≥ 1"),
        ("WENYUAN_SECURE_COOKIES", "perhaps", "boolean"),
    ],
)
def test_a_wrong_value_is_refused_with_its_variable_the_value_and_what_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(variable, value)

    told = refusal(tmp_path)

    assert (told["setting"], told["value"]) == (variable, value)
    assert allowed in told["allowed"]
    words = wording.describe("invalid-setting", told, "zh-Hans")
    assert variable in words.what
    assert allowed in words.remedy


def test_a_wrong_value_in_the_file_is_refused_in_the_same_way(tmp_path: Path) -> None:
    write(tmp_path, "max_pages = 0\n")

    assert refusal(tmp_path) == {"setting": "WENYUAN_MAX_PAGES", "value": "0", "allowed": "≥ 1"}


@pytest.mark.parametrize("text", ["port == 1", b'site_name = "\xff\xfe"'])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, text: str | bytes) -> None:
    write(tmp_path, text)

    assert refusal(tmp_path)["setting"] == FILE_NAME


def test_an_unknown_key_of_the_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "prot = 1\n")

    assert refusal(tmp_path)["setting"] == "WENYUAN_PROT"


def test_an_unknown_variable_is_refused_and_where_to_look_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENYUAN_PROT", "1")

    assert refusal(tmp_path) == {"setting": "WENYUAN_PROT", "value": "1", "allowed": "wenyuan config"}


@pytest.mark.parametrize("variable", ["WENYUAN_S3_SECRETKEY", "WENYUAN_DB_PASSWORD"])
def test_a_misspelt_secret_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "hunter2")

    told = refusal(tmp_path)

    assert told["setting"] == variable
    assert "hunter2" not in str(told)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    told = refusal(tmp_path / "file")

    assert (told["setting"], told["value"]) == ("WENYUAN_HOME", str(tmp_path / "file"))


def test_secrets_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = load(home=tmp_path).session_key.get_secret_value()

    assert len(first) >= 48
    assert load(home=tmp_path).session_key.get_secret_value() == first
    assert (tmp_path / SECRETS_NAME).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [SECRETS_NAME]


def test_each_library_has_secrets_of_its_own(tmp_path: Path) -> None:
    assert load(home=tmp_path / "a").session_key != load(home=tmp_path / "b").session_key


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    code = (
        "import sys; from wenyuan.repo.settings import load; "
        "print(load(home=sys.argv[1]).session_key.get_secret_value())"
    )
    together = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    told = {process.communicate(timeout=60)[0].strip() for process in together}

    assert len(told) == 1
    assert len(told.pop()) >= 48


def test_threads_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    told: list[str] = []
    start = threading.Barrier(8, timeout=60)

    def begin() -> None:
        start.wait()
        told.append(load(home=tmp_path).session_key.get_secret_value())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 8
    assert len(set(told)) == 1


def test_a_draft_that_a_killed_process_of_the_same_number_left_does_not_matter(tmp_path: Path) -> None:
    # In a container the process has the same number at every start.
    (tmp_path / f"secrets.{os.getpid()}.tmp").write_text("")

    assert load(home=tmp_path).session_key.get_secret_value()


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(home=tmp_path)

    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []


def test_the_command_prints_every_setting_and_no_secret(tmp_path: Path) -> None:
    secret = {"WENYUAN_S3_SECRET_KEY": "hunter2hunter2", "WENYUAN_DATABASE": "postgresql+psycopg://me:hunter3@db/w"}
    runner = CliRunner(env={"WENYUAN_HOME": str(tmp_path), **secret})
    key = load(home=tmp_path).session_key.get_secret_value()

    text, as_json = (runner.invoke(main, ["config", *words], catch_exceptions=False) for words in ([], ["--json"]))

    rows = {row["name"]: row for row in json.loads(as_json.output)}
    assert set(rows) == set(Settings.model_fields)
    assert rows["s3_secret_key"]["value"] == rows["session_key"]["value"] == "********"
    assert (rows["database"]["source"], rows["session_key"]["source"]) == ("environment", SECRETS_NAME)
    assert "me:***@db" in rows["database"]["value"]
    for printed in (text.output, as_json.output):
        assert not any(hidden in printed for hidden in ("hunter2", "hunter3", key))
    assert all(row["variable"] in text.output and row["help"] in text.output for row in rows.values())


def test_secrets_are_not_in_the_words_that_python_prints(tmp_path: Path) -> None:
    settings = load(home=tmp_path, s3_secret_key="hunter2")

    assert "hunter2" not in repr(settings)
    assert settings.session_key.get_secret_value() not in repr(settings)
    assert settings.store_values()["secret_key"] == "hunter2"


def test_what_is_not_given_lies_in_the_data_folder(tmp_path: Path) -> None:
    settings = load(home=tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path.resolve()}/catalogue.sqlite"
    assert settings.store_values()["root"] == str(tmp_path / "store")
    assert settings.store_values()["reserve_bytes"] == str(256 * 1024**2)
    assert {settings.index_folder.parent, settings.work_folder.parent} == {tmp_path}

"""`wenyuan config`: every setting with its value, where it may come from and what it is for."""

from __future__ import annotations

import json
import os
import re
import tomllib
from typing import Any

import click
from pydantic import SecretStr

from wenyuan.repo import wiring
from wenyuan.repo.recognition_settings import AUTO_ENGINE
from wenyuan.repo.settings import FILE_NAME, PREFIX, SECRETS_NAME, Settings, load

_WELL = {
    "zh-Hans": "可以：数据库、存储、索引都连得上。",
    "zh-Hant": "可以：資料庫、儲存、索引都連得上。",
    "en": "Well: database, store and index can be reached.",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--check", is_flag=True, help="Only connect to database, store and index, and say whether that is well.")
def config(as_json: bool, check: bool) -> None:
    """Show all settings. Change them in the environment or in wenyuan.toml in the data folder."""
    settings = load()
    rows = [_row(settings, name) for name in Settings.model_fields]
    if check:
        wiring.chosen("executor", settings.executor, "wenyuan.ingest.executors")
        if settings.ocr_engine != AUTO_ENGINE:
            wiring.chosen("ocr_engine", settings.ocr_engine, "wenyuan.ingest.engines")
        library = wiring.build(settings)
        library.store.check()
        library.close()
        click.echo(_WELL[settings.language])
        return
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    click.echo(f"# {settings.home.resolve() / FILE_NAME}\n")
    for row in rows:
        click.echo(f"# {row['help']}")
        click.echo(f"# {row['variable']}  ({row['source']}; default: {row['default']})")
        # What has no value, and the folder that the file itself lies in, cannot stand in the file.
        unset = "# " if row["value"] is None or row["name"] == "home" else ""
        click.echo(f"{unset}{row['name']} = {json.dumps(row['value'], ensure_ascii=False)}\n")


def _row(settings: Settings, name: str) -> dict[str, Any]:
    field = Settings.model_fields[name]
    default = field.get_default(call_default_factory=True)
    return {
        "name": name,
        "variable": PREFIX + name.upper(),
        "value": _shown(getattr(settings, name)),
        "default": _shown(default),
        "source": _source(settings, name),
        "help": field.description or "",
    }


def _shown(value: Any) -> Any:
    if isinstance(value, str) and "://" in value:
        # A database's address may hold its password.
        return re.sub(r"(://[^:@/]*):[^@]*@", r"\1:***@", value)
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    return value if isinstance(value, (bool, int, str)) or value is None else str(value)


def _source(settings: Settings, name: str) -> str:
    if PREFIX + name.upper() in os.environ:
        return "environment"
    for file in (FILE_NAME, SECRETS_NAME):
        path = settings.home / file
        if path.is_file() and name in tomllib.loads(path.read_text("utf-8")):
            return file
    return "default"

"""A worker killed at any moment, and started again, gives the same items as one left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import given
import pytest

pytestmark = pytest.mark.slow

KILLS = 10


def environment(home: Path) -> dict[str, str]:
    """What a command of that library gets."""
    return {**os.environ, "WENYUAN_HOME": str(home), "WENYUAN_WORKERS": "2", "WENYUAN_LEASE_S": "2"}


def call(*words: str) -> list[str]:
    """A `wenyuan` command in a process of its own."""
    return [sys.executable, "-c", "from wenyuan.repo.cli import main; main()", *words]


def run(home: Path, *words: str) -> str:
    """Run a command to its end."""
    done = subprocess.run(call(*words), env=environment(home), capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pieces_done(home: Path) -> int:
    """How many pieces of jobs are kept."""
    with closing(sqlite3.connect(home / "catalogue.sqlite", timeout=30)) as database:
        return int(database.execute("SELECT count(*) FROM job_steps").fetchone()[0])


def work_and_be_killed(home: Path, after_pieces: int, pause_s: float) -> bool:
    """Start a worker, kill it when so many more pieces are done and a moment has passed; whether it was at work."""
    before = pieces_done(home)
    with subprocess.Popen(
        call("work", "--once"), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and pieces_done(home) < before + after_pieces:
            time.sleep(0.01)
        time.sleep(pause_s)
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
    return alive


def deliver(folder: Path) -> Path:
    """Several kinds, many pages."""
    given.scans(folder / "book", 60)
    given.pdf(folder / "report.pdf", [f"第{number}页的正文，深圳河" for number in range(1, 41)], title="报告")
    given.epub(folder / "novel.epub", {f"第{n}回": f"話說第{n}回，武陵人捕魚為業。" for n in range(1, 9)})
    return folder


def holdings_of(home: Path) -> dict[str, Any]:
    """All that readers could see of every item, without times."""
    listed = json.loads(run(home, "item", "list", "--json"))
    found: dict[str, Any] = {}
    for row in listed["items"]:
        item = json.loads(run(home, "item", "show", row["id"]))
        for page in item["structure"]["pages"]:
            for layer in page.get("layers", ()):
                layer.pop("created")
                layer.pop("alto", None)  # it says when it was made, so its digest does
        found[row["id"]] = {
            "description": item["description"],
            "structure": item["structure"],
            "version": item["version"],
        }
    return found


def pictures_of(home: Path) -> list[str]:
    """Keys of all derivatives."""
    root = home / "store"
    return sorted(path.relative_to(root).as_posix() for path in (root / "derivatives").rglob("*") if path.is_file())


def test_a_worker_killed_at_ten_moments_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    folder = deliver(tmp_path / "in")
    quiet, stormy = tmp_path / "quiet", tmp_path / "stormy"
    run(quiet, "ingest", str(folder))
    run(stormy, "ingest", "--queue", str(folder))
    chance = random.Random(20261123)
    killed = sum(work_and_be_killed(stormy, chance.randrange(9), chance.uniform(0, 0.3)) for _ in range(KILLS))
    run(stormy, "work", "--once")

    assert killed == KILLS, "some kills came too late to mean anything"
    assert holdings_of(stormy) == holdings_of(quiet)
    assert pictures_of(stormy) == pictures_of(quiet)
    assert json.loads(run(stormy, "jobs", "--json")) == []
    run(stormy, "check", "--json")

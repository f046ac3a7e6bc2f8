"""A worker killed while it reads pages goes on with the page after the last; none is read twice, none is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import scanned

pytestmark = pytest.mark.slow

PAGES = 5


def environment(home: Path) -> dict[str, str]:
    """What a command of that library gets: one page at a time, by the real engine."""
    ours = {"HOME": str(home), "WORKERS": "1", "OCR_WORKERS": "1", "OCR_ENGINE": "auto", "LEASE_S": "2"}
    return {**os.environ, **{f"WENYUAN_{name}": value for name, value in ours.items()}}


def call(*words: str) -> list[str]:
    """A `wenyuan` command in a process of its own."""
    return [sys.executable, "-c", "from wenyuan.repo.cli import main; main()", *words]


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(call(*words), env=environment(home), capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def pages_kept(home: Path) -> int:
    """How many pages were read and kept."""
    with closing(sqlite3.connect(home / "catalogue.sqlite", timeout=30)) as database:
        return int(database.execute("SELECT count(*) FROM job_steps WHERE stage = 'recognise'").fetchone()[0])


def test_a_worker_killed_while_reading_goes_on_where_it_was(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "book"
    for number in range(1, PAGES + 1):
        scanned.picture(folder / f"{number}.png", scanned.lines(f"第{number}葉", "深圳河在新安縣南"))
    run(home, "ingest", "--no-recognise", str(folder))

    with subprocess.Popen(
        call("work", "--once"), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as worker:
        while worker.poll() is None and pages_kept(home) < 2:
            time.sleep(0.02)
        assert worker.poll() is None, "it was done before it could be killed"
        begun = psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(signal.SIGKILL)
    kept = pages_kept(home)
    assert 2 <= kept < PAGES
    _, alive = psutil.wait_procs(begun, timeout=30)
    assert alive == [], "processes of a gigabyte each were left behind"

    told = run(home, "work", "--once").stderr

    assert f"recognise {kept}/{PAGES}" in told
    assert f"recognise {kept - 1}/{PAGES}" not in told
    (row,) = json.loads(run(home, "item", "list", "--json").stdout)["items"]
    item = json.loads(run(home, "item", "show", row["id"]).stdout)
    assert [len(page["layers"]) for page in item["structure"]["pages"]] == [1] * PAGES
    assert json.loads(run(home, "jobs", "--json").stdout) == []
    assert json.loads(run(home, "check", "--json").stdout)["well"]

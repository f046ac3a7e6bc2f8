"""One progress bar for work that tells its stages: what is done, the rate, the time left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from wenyuan.repo import progress

Phrases = Mapping[str, Mapping[str, str]]
"""Words by name and language: `{"read": {"zh-Hans": "读取", …}, …}`."""


class _Count(ProgressColumn):
    """Pieces done, of how many where that is known, and how many a second."""

    def render(self, task: Task) -> Text:
        """Without a rate until there is one."""
        done = f"{int(task.completed)}/{int(task.total)}" if task.total else f"{int(task.completed)}"
        return Text(f"{done}  {task.speed:.0f}/s" if task.speed else done)


@contextmanager
def stage_bar(console: Console, stages: Phrases, language: str) -> Iterator[progress.Progress]:
    """Show a bar while the context lasts; gives the call that moves it.

    Args:
        console: standard error, so that what a script reads stays clean.
        stages: words for the stages; one without words shows by its name.
        language: of the words.
    """
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _Count(), TimeRemainingColumn(),
        console=console, transient=True,
    )  # fmt: skip
    task = bar.add_task("", total=None)
    at = ""

    def move(stage: str, done: int, total: int) -> None:
        nonlocal at
        if stage != at:
            at = stage
            bar.reset(task, total=total or None, completed=done, description=stages.get(stage, {}).get(language, stage))
        bar.update(task, completed=done, total=total or None)

    with bar:
        yield move

"""The command group `wenyuan`. Commands are found by their entry points, loaded when they are called."""

from __future__ import annotations

import logging
import os
import sys
from importlib.metadata import entry_points, version
from typing import Any

import click

from wenyuan.repo import wording
from wenyuan.repo.settings import PREFIX, Settings, load
from wenyuan.storage.errors import LibraryError

log = logging.getLogger(__name__)

GROUP = "wenyuan.commands"
WRONG_CALL = 64
"""EX_USAGE of sysexits.h; Click's own 2 says nothing."""

EPILOG = """\b
Exit codes (BSD sysexits): 0 well · 64 wrong call · 65 input refused · 66 not found · 70 fault of ours
73 something is in the way · 74 damage found · 75 something is away, try later · 77 not allowed · 78 wrong setting
Shell completion: eval "$(_WENYUAN_COMPLETE=bash_source wenyuan)"  (also zsh_source, fish_source)
"""


class Commands(click.Group):
    """Lists entry points by name alone, so that `wenyuan --help` imports no image or PDF library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands by name."""
        del ctx
        return sorted(entry.name for entry in entry_points(group=GROUP))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command, loaded."""
        del ctx
        for entry in entry_points(group=GROUP, name=cmd_name):
            command: click.Command = entry.load()
            return command
        return None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a deliberate error becomes two lines and its exit code."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            error.show()
            ctx.exit(WRONG_CALL)
        except LibraryError as error:
            words = wording.describe(error.code, error.data, _language())
            click.echo(words.what, err=True)
            click.echo(words.remedy, err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # A fault of ours: staff gets one line to pass on, `-v` the whole of it.
            log.info("%s", error, exc_info=error)
            detail = f"{type(error).__name__}: {error}"[:500]
            words = wording.describe("internal", {"detail": detail}, _language())
            click.echo(f"{words.what}\n{words.remedy}", err=True)
            ctx.exit(LibraryError.exit_code)


@click.group(
    cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@click.version_option(version("wenyuan"), prog_name="wenyuan")
@click.option("-v", "--verbose", is_flag=True, help="Say more of what is going on.")
def main(verbose: bool) -> None:
    """文淵 Wenyuan: the library's repository and reading rooms."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


def _language() -> str:
    try:
        return load().language
    except LibraryError:
        # The settings themselves are wrong; the language among them may be right.
        wish = os.environ.get(PREFIX + "LANGUAGE", "")
        return wish if wish in wording.LANGUAGES else str(Settings.model_fields["language"].default)


if __name__ == "__main__":
    main(prog_name="wenyuan")

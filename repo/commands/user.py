"""`wenyuan user`: accounts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import click

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

MIN_PASSWORD = 12
"""NIST SP 800-63B asks for at least 8; staff accounts deserve more."""


@click.group()
def user() -> None:
    """Accounts of staff and patrons."""


@user.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice([Role.STAFF.value, Role.PATRON.value]), default=Role.STAFF.value, show_default=True
)
@click.option("--password", help="At least 12 characters; left out, one is made and printed once.")
def add(name: str, role: str, password: str | None) -> None:
    """Make an account, or give an existing one a new password and role."""
    if password is not None and len(password) < MIN_PASSWORD:
        raise click.BadParameter(f"at least {MIN_PASSWORD} characters", param_hint="--password")
    chosen = password or new_password()
    with _library() as library, library.catalogue.writing() as session:
        users.put(session, name, chosen, Role(role))
    click.echo(f"{name} ({role})" + ("" if password else f"  password: {chosen}"))


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_users(as_json: bool) -> None:
    """All accounts."""
    with _library() as library, library.catalogue.reading() as session:
        found = users.every(session)
    if as_json:
        click.echo(
            json.dumps(
                [{"name": one.name, "role": one.role.value, "created": one.created.isoformat()} for one in found]
            )
        )
        return
    for one in found:
        click.echo(f"{one.name}\t{one.role.value}\t{one.created:%Y-%m-%d}")


@user.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take an account away."""
    with _library() as library, library.catalogue.writing() as session:
        users.remove(session, name)
    click.echo(f"- {name}")


def new_password() -> str:
    """A password that can be read aloud: four groups of four, 76 bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


@contextmanager
def _library() -> Iterator[Library]:
    library = wiring.build(load())
    try:
        yield library
    finally:
        library.close()

"""People with an account. Passwords are kept as Argon2id hashes (RFC 9106) and nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import UserRow
from wenyuan.repo.errors import NoSuchUser
from wenyuan.repo.policy import Role

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    name: str
    role: Role
    created: datetime


def put(session: Session, name: str, password: str, role: Role) -> None:
    """Make an account, or give an existing one this password and role."""
    before = session.get(UserRow, name)
    created = before.created if before else datetime.now(UTC)
    session.merge(UserRow(name=name, role=role.value, password_hash=_HASHER.hash(password), created=created))


def verify(session: Session, name: str, password: str) -> User | None:
    """The account with this name and password, or None; takes as long for a name that is not there."""
    row = session.get(UserRow, name)
    try:
        _HASHER.verify(row.password_hash if row else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return _user(row) if row else None


def get(session: Session, name: str) -> User:
    """One account.

    Raises:
        NoSuchUser: none has this name.
    """
    row = session.get(UserRow, name)
    if row is None:
        raise NoSuchUser(name=name)
    return _user(row)


def fingerprint(session: Session, name: str) -> str:
    """A short name of the account's password, another for every new one: what a session of the web must still match.

    Raises:
        NoSuchUser: none has this name.
    """
    row = session.get(UserRow, name)
    if row is None:
        raise NoSuchUser(name=name)
    return hashlib.sha256(row.password_hash.encode()).hexdigest()[:16]


def every(session: Session) -> list[User]:
    """All accounts by name."""
    return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]


def remove(session: Session, name: str) -> None:
    """Take an account away.

    Raises:
        NoSuchUser: none has this name.
    """
    row = session.get(UserRow, name)
    if row is None:
        raise NoSuchUser(name=name)
    session.delete(row)


def _user(row: UserRow) -> User:
    return User(row.name, Role(row.role), row.created)

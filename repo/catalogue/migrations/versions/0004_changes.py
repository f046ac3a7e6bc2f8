"""What each event is to those who follow our holdings.

Revision: 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXTS = ("text recognition", "text correction", "text addition")
UPDATES = ("metadata modification", "page order modification", *TEXTS, "restoration")
KINDS = {"ingestion": "Create", "withdrawal": "Delete", **dict.fromkeys(UPDATES, "Update")}

EVENTS = sa.table(
    "events", sa.column("id"), sa.column("time"), sa.column("type"), sa.column("item"), sa.column("change")
)


def upgrade() -> None:
    """Add it, with the indexes that listing needs, and say it of the events that are there."""
    op.add_column("events", sa.Column("change", sa.String(10), nullable=True))
    connection = op.get_bind()
    for kind in ("Create", "Update", "Delete"):
        types = [each for each, its_kind in KINDS.items() if its_kind == kind]
        told = sa.update(EVENTS).where(EVENTS.c.type.in_(types), EVENTS.c.item.is_not(None)).values(change=kind)
        connection.execute(told)
    _hide(connection)
    told_alone = sa.text("change IS NOT NULL")
    op.create_index(
        "ix_events_changes", "events", ["time", "id", "item"], sqlite_where=told_alone, postgresql_where=told_alone
    )
    op.create_index("ix_events_item_id", "events", ["item", "id"])
    op.drop_index("ix_events_item", "events")


def _hide(connection: sa.Connection) -> None:
    """Between a withdrawal and the next restoration nothing is told; the restoration is a creation."""
    withdrawn = sa.select(EVENTS.c.item).where(EVENTS.c.type == "withdrawal")
    theirs = sa.select(EVENTS.c.id, EVENTS.c.type, EVENTS.c.item).where(
        EVENTS.c.item.in_(withdrawn), EVENTS.c.change.is_not(None)
    )
    hidden: set[str] = set()
    for number, event_type, item in connection.execute(theirs.order_by(EVENTS.c.time, EVENTS.c.id)).all():
        if item in hidden:
            change = "Create" if event_type == "restoration" else None
            connection.execute(sa.update(EVENTS).where(EVENTS.c.id == number).values(change=change))
        if event_type == "withdrawal":
            hidden.add(item)
        elif event_type == "restoration":
            hidden.discard(item)

"""The tables. Metadata of an item is one JSON value; what is listed, sorted or joined has a column.

Saving an item writes its row alone; page rows are written only when pages change. Changes of these tables go through a
migration in `migrations/versions`; `tests/integration/test_migrations.py` compares both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BIG = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """A moment, always in UTC: SQLite forgets time zones, so they are put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of all tables; names constraints, so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: JSON(none_as_null=True)}  # noqa: RUF012


class CollectionRow(Table):
    """A collection; `path` is all keys from the root, `/a/b/`, so that a subtree is one prefix."""

    __tablename__ = "collections"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("collections.key"), index=True)
    path: Mapped[str] = mapped_column(String(1000), index=True)
    position: Mapped[int]
    titles: Mapped[dict[str, Any]]
    descriptions: Mapped[dict[str, Any]]
    recognition: Mapped[dict[str, Any] | None]
    manifest: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]


class WorkRow(Table):
    """The title that volumes and issues belong to (FRBR work)."""

    __tablename__ = "works"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    title: Mapped[str] = mapped_column(Text)


class ItemRow(Table):
    """What a reader opens."""

    __tablename__ = "items"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    collection: Mapped[str | None] = mapped_column(ForeignKey("collections.key"), index=True)
    work: Mapped[str | None] = mapped_column(ForeignKey("works.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    access: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    page_kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    first_year: Mapped[int | None]
    last_year: Mapped[int | None]
    description: Mapped[dict[str, Any]]
    version: Mapped[int]
    manifest: Mapped[str] = mapped_column(String(64))
    structure: Mapped[str] = mapped_column(String(64))
    page_count: Mapped[int]
    cover_page: Mapped[int | None]
    size_bytes: Mapped[int] = mapped_column(BIG)
    created: Mapped[datetime]
    modified: Mapped[datetime]

    __table_args__ = (
        Index("ix_items_state_created", "state", "created"),
        Index("ix_items_state_title", "state", "title"),
    )


class FileRow(Table):
    """One stored original of an item."""

    __tablename__ = "files"

    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int] = mapped_column(BIG)
    media_type: Mapped[str] = mapped_column(String(120))
    path: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(20))


class PageRow(Table):
    """One view of an item in reading order. `key` stays, `position` (1-based) may change."""

    __tablename__ = "pages"

    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    file: Mapped[int]
    index: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    entry: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_pages_item_position", "item", "position"),)


class TextLayerRow(Table):
    """One version of a page's text; the current one carries the plain text, for snippets and indexing."""

    __tablename__ = "text_layers"

    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
    sha256: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(20))
    engine: Mapped[str] = mapped_column(String(120))
    settings: Mapped[dict[str, Any]]
    character_count: Mapped[int]
    created: Mapped[datetime]
    text: Mapped[str | None] = mapped_column(Text)
    alto: Mapped[str | None] = mapped_column(String(64))


class TextProposalRow(Table):
    """A reader's correction of a page's text, until staff has accepted or declined it."""

    __tablename__ = "text_proposals"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"))
    page: Mapped[int]
    base: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the layer that the reader saw."""
    lines: Mapped[dict[str, Any]]
    """New text by line number: `{"3": "…"}`."""
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    """waiting, accepted, declined."""
    created: Mapped[datetime]
    decided: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("ix_text_proposals_state_created", "state", "created"),
        Index("ix_text_proposals_item_page", "item", "page"),
    )


class NameRow(Table):
    """A title, person, subject or place of an item, in the forms by which it is suggested while one types.

    The forms are ASCII or folded; ranges compare by code point (`text_pattern_ops` on PostgreSQL).
    """

    __tablename__ = "names"

    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(200))
    pinyin: Mapped[str] = mapped_column(String(400))
    initials: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        Index("ix_names_folded", "folded", postgresql_ops={"folded": "text_pattern_ops"}),
        Index("ix_names_pinyin", "pinyin", postgresql_ops={"pinyin": "text_pattern_ops"}),
        Index("ix_names_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    )


class SectionRow(Table):
    """An entry of the table of contents, flattened: depth-first order and depth make the tree again."""

    __tablename__ = "sections"

    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    depth: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    page: Mapped[int]
    fragment: Mapped[str | None] = mapped_column(Text)


class EventRow(Table):
    """What happened (PREMIS event). Rows are never changed."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    time: Mapped[datetime] = mapped_column(index=True)
    type: Mapped[str] = mapped_column(String(60))
    agent: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(20))
    item: Mapped[str | None] = mapped_column(String(26))
    detail: Mapped[dict[str, Any]]
    change: Mapped[str | None] = mapped_column(String(10))
    """What it is to those who follow our holdings (`ChangeKind`), known when it happens; None: nothing."""

    __table_args__ = (
        Index("ix_events_item_id", "item", "id"),
        Index(
            "ix_events_changes", "time", "id", "item",
            sqlite_where=text("change IS NOT NULL"), postgresql_where=text("change IS NOT NULL"),
        ),
    )  # fmt: skip


class DeliveryRow(Table):
    """What was handed in together; its receipt says what became of each file."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    created: Mapped[datetime] = mapped_column(index=True)
    finished: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(Text)
    receipt: Mapped[dict[str, Any] | None]


class JobRow(Table):
    """Work to be done. This row is the truth: any worker may take it when its lease has run out."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    delivery: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    done: Mapped[int]
    total: Mapped[int]
    attempts: Mapped[int]
    not_before: Mapped[datetime]
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    created: Mapped[datetime]
    finished: Mapped[datetime | None]
    item: Mapped[str | None] = mapped_column(String(26))
    error: Mapped[dict[str, Any] | None]
    receipt: Mapped[dict[str, Any] | None]

    __table_args__ = (Index("ix_jobs_state_lane_not_before", "state", "lane", "not_before"),)


class JobStepRow(Table):
    """A finished piece of a job (a file stored, a page made), kept so that a restart goes on after it."""

    __tablename__ = "job_steps"

    job: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[dict[str, Any]]


class OutboxRow(Table):
    """An item whose index entry must follow; written in the transaction that changes the item."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    item: Mapped[str] = mapped_column(String(26))
    created: Mapped[datetime]
    pages: Mapped[dict[str, Any] | None]
    """`{"keys": […]}` where the text of these pages alone has changed; None: the whole item."""


class IndexHolderRow(Table):
    """Which data folder holds the index that the outbox feeds: one row."""

    __tablename__ = "index_holder"

    engine: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))


class FixityRow(Table):
    """When a blob or manifest was last read in full, and what was found; the scrub takes the oldest first."""

    __tablename__ = "fixity"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    checked: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(String(20))


class UserRow(Table):
    """A person with an account."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime]


class ReadingGroupRow(Table):
    """Readers who show each other notes: a class, a reading circle."""

    __tablename__ = "reading_groups"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    owner: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), index=True)
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    """What the link to join carries; None: nobody can join now."""
    created: Mapped[datetime]


class ReadingGroupMemberRow(Table):
    """Somebody in a group; its owner too."""

    __tablename__ = "reading_group_members"

    reading_group: Mapped[str] = mapped_column(ForeignKey("reading_groups.id", ondelete="CASCADE"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), primary_key=True, index=True)
    joined: Mapped[datetime]


class AnnotationRow(Table):
    """What a reader keeps of an item: a position, bookmark, highlight or note.

    No foreign key to the item: notes outlast whatever becomes of it (a rebuild, a withdrawal, a re-ingest).
    """

    __tablename__ = "annotations"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(26))
    page: Mapped[int]
    motivation: Mapped[str] = mapped_column(String(40))
    start: Mapped[int | None]
    end: Mapped[int | None]
    exact: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    suffix: Mapped[str] = mapped_column(Text)
    box: Mapped[dict[str, Any] | None]
    colour: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    canonical: Mapped[str | None] = mapped_column(String(200))
    reading_group: Mapped[str | None] = mapped_column(ForeignKey("reading_groups.id", ondelete="SET NULL"), index=True)
    device: Mapped[str | None] = mapped_column(String(80))
    device_name: Mapped[str | None] = mapped_column(String(80))
    progression: Mapped[float | None] = mapped_column(Float)
    more: Mapped[dict[str, Any]]
    """What nobody asks the database for: tags, the anchor as it was made, properties of other clients'."""
    anchored: Mapped[str] = mapped_column(String(10))
    layer: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the text layer in which the anchor was last looked for; "" without text, "-" without page."""
    version: Mapped[int]
    created: Mapped[datetime]
    modified: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("owner", "canonical"),
        Index("ix_annotations_owner_created", "owner", "created"),
        Index("ix_annotations_owner_item", "owner", "item"),
    )

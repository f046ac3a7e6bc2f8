"""Corrections that readers propose, names for suggestions, ALTO of a text layer, pages of an index entry.

Revision: 0002.
"""

import sqlalchemy as sa
from alembic import op

from wenyuan.repo.catalogue.schema import BIG, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; what is there stays as it is."""
    op.add_column("text_layers", sa.Column("alto", sa.String(length=64), nullable=True))
    op.add_column("outbox", sa.Column("pages", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "text_proposals",
        sa.Column("id", BIG, nullable=False),
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created", UtcTime(), nullable=False),
        sa.Column("decided", UtcTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_text_proposals_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_proposals")),
    )
    op.create_index("ix_text_proposals_state_created", "text_proposals", ["state", "created"])
    op.create_index("ix_text_proposals_item_page", "text_proposals", ["item", "page"])
    op.create_table(
        "names",
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("pinyin", sa.String(length=400), nullable=False),
        sa.Column("initials", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_names_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", "position", name=op.f("pk_names")),
    )
    for column in ("folded", "pinyin", "initials"):
        op.create_index(f"ix_names_{column}", "names", [column], postgresql_ops={column: "text_pattern_ops"})

"""What readers keep, and the groups in which they show it to each other.

Revision: 0005.
"""

import sqlalchemy as sa
from alembic import op

from wenyuan.repo.catalogue.schema import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; what is there stays as it is."""
    op.create_table(
        "reading_groups",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("created", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["users.name"], name=op.f("fk_reading_groups_owner"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_groups")),
        sa.UniqueConstraint("token", name=op.f("uq_reading_groups_token")),
    )
    op.create_index(op.f("ix_reading_groups_owner"), "reading_groups", ["owner"])
    op.create_table(
        "reading_group_members",
        sa.Column("reading_group", sa.String(length=26), nullable=False),
        sa.Column("member", sa.String(length=120), nullable=False),
        sa.Column("joined", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_group"],
            ["reading_groups.id"],
            name=op.f("fk_reading_group_members_reading_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member"], ["users.name"], name=op.f("fk_reading_group_members_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reading_group", "member", name=op.f("pk_reading_group_members")),
    )
    op.create_index(op.f("ix_reading_group_members_member"), "reading_group_members", ["member"])
    op.create_table(
        "annotations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("motivation", sa.String(length=40), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("exact", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("box", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("colour", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("canonical", sa.String(length=200), nullable=True),
        sa.Column("reading_group", sa.String(length=26), nullable=True),
        sa.Column("device", sa.String(length=80), nullable=True),
        sa.Column("device_name", sa.String(length=80), nullable=True),
        sa.Column("progression", sa.Float(), nullable=True),
        sa.Column("more", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("anchored", sa.String(length=10), nullable=False),
        sa.Column("layer", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", UtcTime(), nullable=False),
        sa.Column("modified", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["users.name"], name=op.f("fk_annotations_owner"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reading_group"], ["reading_groups.id"], name=op.f("fk_annotations_reading_group"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotations")),
        sa.UniqueConstraint("owner", "canonical", name=op.f("uq_annotations_owner_canonical")),
    )
    op.create_index("ix_annotations_owner_created", "annotations", ["owner", "created"])
    op.create_index("ix_annotations_owner_item", "annotations", ["owner", "item"])
    op.create_index(op.f("ix_annotations_reading_group"), "annotations", ["reading_group"])

"""How pages of a collection are to be read by OCR.

Revision: 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nothing is said of the collections that are there."""
    op.add_column("collections", sa.Column("recognition", sa.JSON(none_as_null=True), nullable=True))

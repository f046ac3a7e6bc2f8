"""Reading order: lines and rules of a page in, ordered regions out. Pure; see docs/reading-order.md."""

from wenyuan.ingest.reading_order.arrange import arrange
from wenyuan.ingest.reading_order.boxes import Arrangement, LineBox, OrderedLine, OrderedRegion, Rule, Writing

__all__ = ["Arrangement", "LineBox", "OrderedLine", "OrderedRegion", "Rule", "Writing", "arrange"]

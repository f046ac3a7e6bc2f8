"""The one door: every view that shows an item asks here, and here the policy is asked.

What a person may not even know of is answered like what is not there (404); what they may know of but not open is
refused with reason and remedy (403).
"""

from __future__ import annotations

from wenyuan.reader.context import person, reading
from wenyuan.repo.catalogue import items
from wenyuan.repo.description import Access
from wenyuan.repo.errors import NoSuchItem, Refused
from wenyuan.repo.items import Item, ItemState
from wenyuan.repo.policy import ANONYMOUS, Action, Role, decide


def require(action: Action, item: Item) -> None:
    """Let the request go on only where the policy allows it.

    Raises:
        NoSuchItem: withdrawn, or of a tier whose existence is not told.
        Refused: with `action`, `reason` and `remedy` of the decision, and the item.
    """
    asking = person()
    if item.state is ItemState.WITHDRAWN and asking.role is not Role.STAFF:
        raise NoSuchItem(item=item.id)
    decision = decide(item.description.access, asking, action)
    if decision.allowed:
        return
    if decision.hidden:
        raise NoSuchItem(item=item.id)
    raise Refused(action=action.value, reason=decision.reason, remedy=decision.remedy, item=item.id)


def allowed(action: Action, item: Item) -> bool:
    """Whether a page should offer this at all."""
    return decide(item.description.access, person(), action).allowed


def may(action: Action, item: Item) -> bool:
    """Whether the person may do this now: of a withdrawn item only staff sees anything."""
    return allowed(action, item) and (item.state is ItemState.PUBLISHED or person().role is Role.STAFF)


def is_open(action: Action, item: Item) -> bool:
    """Whether anybody may do this, so that caches may keep what is shown."""
    return item.state is ItemState.PUBLISHED and decide(item.description.access, ANONYMOUS, action).allowed


def item_for(action: Action, item_id: str) -> Item:
    """The item, where the person may do this with it.

    Raises:
        NoSuchItem: unknown, withdrawn or hidden.
        Refused: known, but not for this person.
    """
    with reading() as session:
        item = items.get(session, item_id)
    require(action, item)
    return item


def require_staff() -> None:
    """Let only staff go on.

    Raises:
        Refused: anybody else.
    """
    decision = decide(Access.OPEN, person(), Action.ADMINISTER)
    if not decision.allowed:
        raise Refused(action=Action.ADMINISTER.value, reason=decision.reason, remedy=decision.remedy)

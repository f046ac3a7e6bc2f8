"""The facets of a search as readers see them: groups of values in words, each with its number and its address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request

from wenyuan.reader import labels, paging
from wenyuan.reader.translate import _
from wenyuan.repo.catalogue.collections import Node
from wenyuan.repo.description import Access, ItemKind
from wenyuan.repo.documents import FACETS
from wenyuan.repo.find import Findings
from wenyuan.repo.periods import PERIODS

SHOWN = 8
"""Values of a group that stand open; the others unfold."""
LONGEST = 1000
"""Characters of a value; as in descriptions."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet."""

    text: str
    count: int
    address: str
    """Narrows the search to it; of the chosen one: takes it away."""
    is_chosen: bool = False
    depth: int = 0
    """Of a collection below another."""


@dataclass(frozen=True, slots=True)
class Group:
    """A facet."""

    name: str
    title: str
    values: tuple[Value, ...]

    def gives_choice(self, total: int) -> bool:
        """Whether it narrows anything: values that all items have do not."""
        return any(value.is_chosen or value.count != total for value in self.values)


def asked() -> dict[str, str]:
    """The facets that the request narrows to; nonsense is left out."""
    found = {name: request.args.get(name, "").strip() for name in FACETS}
    known = {
        "kind": {kind.value for kind in ItemKind},
        "access": {access.value for access in Access},
        "period": {period.key for period in PERIODS},
    }
    return {
        name: value
        for name, value in found.items()
        if value and len(value) <= LONGEST and (name not in known or value in known[name])
    }


def groups(findings: Findings, chosen: Mapping[str, str], tree: Iterable[Node]) -> list[Group]:
    """All facets that give a choice, in their order."""
    shelves = dict(_shelves(tree))
    found: list[Group] = []
    for name in FACETS:
        counts = dict(findings.facets.get(name, ()))
        if name in chosen:
            counts.setdefault(chosen[name], 0)
        values = [
            Value(
                _label(name, value, shelves),
                count,
                paging.address(**{name: None if chosen.get(name) == value else value, "page": None}),
                chosen.get(name) == value,
                shelves[value][1] if name == "collection" and value in shelves else 0,
            )
            for value, count in _in_order(name, counts, shelves)
        ]
        group = Group(name, _title(name), tuple(values))
        if group.gives_choice(findings.total):
            found.append(group)
    return found


def chosen_labels(chosen: Mapping[str, str], tree: Iterable[Node]) -> list[Value]:
    """What narrows the search, each with the address that takes it away."""
    shelves = dict(_shelves(tree))
    return [
        Value(_label(name, value, shelves), 0, paging.address(**{name: None, "page": None}), True)
        for name, value in chosen.items()
    ]


def _in_order(name: str, counts: Mapping[str, int], shelves: Mapping[str, tuple[str, int]]) -> list[tuple[str, int]]:
    """The most frequent first, but ages in time and collections as they stand on the shelf."""
    fixed = {"period": [period.key for period in PERIODS], "collection": list(shelves)}.get(name)
    if fixed is None:
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [(value, counts[value]) for value in fixed if value in counts]


def _shelves(tree: Iterable[Node], depth: int = 0) -> Iterable[tuple[str, tuple[str, int]]]:
    for node in tree:
        yield node.collection.key, (labels.collection(node.collection), depth)
        yield from _shelves(node.children, depth + 1)


def _label(name: str, value: str, shelves: Mapping[str, tuple[str, int]]) -> str:
    if name == "collection":
        return shelves[value][0] if value in shelves else value
    if name == "kind":
        return labels.kind(value)
    if name == "access":
        return labels.access(value)
    if name == "period":
        return labels.period(value)
    return labels.language_name(value) if name == "language" else value


def _title(name: str) -> str:
    return {
        "collection": _("专藏"),
        "period": _("年代"),
        "subject": _("主题"),
        "language": _("语种"),
        "place": _("地点"),
        "kind": _("类别"),
        "access": _("阅览权限"),
    }[name]

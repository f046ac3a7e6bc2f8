"""Rights statements in words: the URIs of rightsstatements.org and Creative Commons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wenyuan.reader.translate import _

_RIGHTS_STATEMENT = re.compile(r"^https?://rightsstatements\.org/(?:vocab|page)/([A-Za-z-]+)/1\.0/?$")
_LICENCE = re.compile(r"^https?://creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)(?:/[a-z]+)?/?$")
_PUBLIC_DOMAIN = re.compile(r"^https?://creativecommons\.org/publicdomain/(mark|zero)/1\.0/?$")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a reader may do, in one line."""

    words: str
    uri: str
    """Empty where the statement is not an address."""


def explain(statement: str) -> Rights | None:
    """The words of a rights statement; None where the item has none."""
    if not statement:
        return None
    if found := _PUBLIC_DOMAIN.match(statement):
        zero = found[1] == "zero"
        return Rights(_("CC0：放弃一切权利，可自由使用") if zero else _("公有领域，可自由使用"), statement)
    if found := _LICENCE.match(statement):
        return Rights(_licence(found[1], found[2]), statement)
    if found := _RIGHTS_STATEMENT.match(statement):
        return Rights(_statements().get(found[1].upper(), statement), statement)
    return Rights(statement, statement if statement.startswith(("https://", "http://")) else "")


def _licence(code: str, version: str) -> str:
    parts = {
        "by": _("署名"),
        "nc": _("非商业性使用"),
        "nd": _("禁止演绎"),
        "sa": _("相同方式共享"),
    }
    terms = _("、").join(parts[part] for part in code.split("-") if part in parts)
    return _("知识共享：%(terms)s（CC %(code)s %(version)s）", terms=terms, code=code.upper(), version=version)


def _statements() -> dict[str, str]:
    """The twelve statements of rightsstatements.org 1.0."""
    return {
        "INC": _("受著作权保护"),
        "INC-OW-EU": _("受著作权保护，权利人不明（欧盟孤儿作品）"),
        "INC-EDU": _("受著作权保护，可用于教育"),
        "INC-NC": _("受著作权保护，可用于非商业用途"),
        "INC-RUU": _("受著作权保护，权利人无从查找"),
        "NOC-CR": _("不受著作权保护，但有合同限制"),
        "NOC-NC": _("不受著作权保护，仅限非商业使用"),
        "NOC-OKLR": _("不受著作权保护，但有其他法律限制"),
        "NOC-US": _("在美国不受著作权保护"),
        "CNE": _("著作权状况尚未评定"),
        "UND": _("著作权状况无法确定"),
        "NKC": _("未知有著作权"),
    }

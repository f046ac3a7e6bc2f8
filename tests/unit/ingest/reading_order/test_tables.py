"""Tables: row by row where they are tables, column by column where they are columns."""

from __future__ import annotations

from wenyuan.ingest.reading_order import LineBox, Rule, arrange

from .single_lines import read, row

ROWS = "甲乙丙丁戊己庚辛"


def cells(*, words: bool) -> list[list[LineBox]]:
    """Eight rows of a name and three more cells."""
    return [
        [row(f"{name}地產量表", 100, 100 + 70 * r)]
        + [row(f"{name}{'一二三'[c]}類貨" if words else f"{r}{c}.5", 500 + 300 * c, 100 + 70 * r) for c in range(3)]
        for r, name in enumerate(ROWS)
    ]


def text_of(rows: list[list[LineBox]]) -> str:
    return "".join(line.text for one in rows for line in one)


def upright_rules() -> list[Rule]:
    return [Rule(430 + 300 * c, 65, 430 + 300 * c, 625) for c in range(3)]


def test_rules_between_rows_make_a_table_though_upright_rules_are_as_strong() -> None:
    table = cells(words=True)
    rules = [Rule(80, 65 + 70 * r, 1280, 65 + 70 * r) for r in range(9)] + upright_rules()
    lines = [line for one in table for line in one][::-1]
    assert read(arrange(lines, width=1400, height=800, rules=rules), lines) == text_of(table)


def test_a_rule_that_was_not_found_does_not_make_columns_of_two_rows() -> None:
    table = cells(words=True)
    rules = [Rule(80, 65 + 70 * r, 1280, 65 + 70 * r) for r in (0, 1, 2, 3, 5, 7, 8)] + upright_rules()
    lines = [line for one in table for line in one][::-1]
    assert read(arrange(lines, width=1400, height=800, rules=rules), lines) == text_of(table)


def test_figures_in_all_columns_but_the_first_make_a_table_without_rules_between_rows() -> None:
    table = cells(words=False)
    lines = [line for one in table for line in one][::-1]
    assert read(arrange(lines, width=1400, height=800, rules=upright_rules()), lines) == text_of(table)


def test_lines_of_one_cell_stay_together() -> None:
    table, rules = [], []
    for r, name in enumerate(ROWS):
        top = 100 + 130 * r
        rules.append(Rule(80, top - 40, 1180, top - 40))
        table.append(
            [
                row(f"{name}地", 100, top),
                *(row(f"{name}所出之物", 500, top), row("歷年不同", 500, top + 48)),
                *(row(f"{name}時", 900, top), row("見前", 900, top + 48)),
            ]
        )
    lines = [line for one in table for line in one][::-1]
    assert read(arrange(lines, width=1300, height=1200, rules=rules), lines) == text_of(table)


def test_contents_in_two_columns_are_read_one_after_the_other() -> None:
    left = [
        [row(f"左{name}章節名目", 100, 100 + 60 * k), row(str(k + 10), 620, 100 + 60 * k)]
        for k, name in enumerate(ROWS)
    ]
    right = [
        [row(f"右{name}章節名目", 900, 100 + 60 * k), row(str(k + 30), 1420, 100 + 60 * k)]
        for k, name in enumerate(ROWS)
    ]
    lines = [line for one in left + right for line in one]
    rules = [Rule(780, 60, 780, 560)]
    assert read(arrange(lines[::-1], width=1600, height=640, rules=rules), lines[::-1]) == text_of(left + right)

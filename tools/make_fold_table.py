"""Make `repo/data/fold.tsv`, the table that folds one code point to one code point.

Run by hand when a source changes; the product is committed, so that neither a build nor a run needs the sources:

    pip install opencc
    python tools/make_fold_table.py --unicode /usr/share/unicode      # Debian package unicode-data

What later rules may not undo, first to last:

1. `repo/data/variants.tsv`: made by hand;
2. NFKC, lower case and base letter (é, が), each where the answer is one code point (Unicode Standard Annex 15);
3. OpenCC: traditional to simplified, regional and Japanese forms, compatibility ideographs (Apache-2.0);
4. Unicode: radicals (EquivalentUnifiedIdeograph) and Unihan's kSimplifiedVariant, kZVariant and kSemanticVariant
   (Unicode License). A semantic variant is taken only from a character outside GB 2312 to the one character of GB 2312
   that it is a variant of: two characters of the standard set are never merged by it.
"""

from __future__ import annotations

import argparse
import bz2
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import opencc

DATA = Path(__file__).resolve().parent.parent / "repo" / "data"
OPENCC_DICTIONARIES = (
    "TSCharacters",
    "TSCharactersExt",
    "CJK_Compatibility_Ideographs",
    "TWVariants",
    "HKVariants",
    "JPShinjitaiCharacters",
)
HAN_FROM = 0x2E80
HEADER = """\
# One code point to one code point: what a search takes as the same. Made by tools/make_fold_table.py; do not edit.
# Columns: code point, folded code point (hexadecimal), rule, and for Chinese characters both as they look.
# Sources: repo/data/variants.tsv (Wenyuan, Apache-2.0); OpenCC {opencc} character dictionaries (Apache-2.0);
# Unicode {unicode} normalisation, EquivalentUnifiedIdeograph and Unihan variants
# (Copyright Unicode, Inc., https://www.unicode.org/terms_of_use.html; data derived and changed).
"""

Rules = dict[str, tuple[str, str]]


def in_gb2312(character: str) -> bool:
    """Whether mainland China's standard set of 1980 has it: then it is a character of its own, not merely a variant."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def hand_made() -> Rules:
    """Rule 1."""
    rows = (line.split("\t") for line in (DATA / "variants.tsv").read_text("utf-8").splitlines() if line[:1] != "#")
    return {variant: (usual, "hand") for variant, usual, _ in rows}


def normal_form(character: str) -> str:
    """Rule 2."""
    for change in (lambda c: unicodedata.normalize("NFKC", c), str.lower, _base_letter):
        changed = change(character)
        if len(changed) == 1:
            character = changed
    return character


def _base_letter(character: str) -> str:
    """é → e, が → か: a text may write the mark as its own code point, and marks fall away in the tokeniser."""
    first, *marks = unicodedata.normalize("NFD", character)
    common = all("\u0300" <= mark <= "\u036f" or mark in "\u3099\u309a" for mark in marks)
    return first if marks and common else character


def opencc_rules() -> Rules:
    """Rule 3."""
    found: Rules = {}
    home = Path(opencc.__file__).parent / "clib"
    for name in OPENCC_DICTIONARIES:
        with tempfile.NamedTemporaryFile() as text:
            source = home / "share" / "opencc" / f"{name}.ocd2"
            command = [home / "bin" / "opencc_dict", "-i", source, "-o", text.name, "-f", "ocd2", "-t", "text"]
            subprocess.run(command, check=True)
            lines = Path(text.name).read_text("utf-8").splitlines()
        for line in lines:
            old, _, choices = line.partition("\t")
            new = choices.split(" ")[0]
            japanese_only = name != "JPShinjitaiCharacters" or not in_gb2312(old)
            if len(old) == len(new) == 1 and old != new and japanese_only:
                found.setdefault(old, (new, f"opencc:{name}"))
    regional = ("opencc:TWVariants", "opencc:HKVariants")
    return {old: (new, rule) for old, (new, rule) in found.items() if rule not in regional or not in_gb2312(old)}


def unicode_rules(folder: Path) -> Rules:
    """Rule 4."""
    found: Rules = {}
    for line in (folder / "EquivalentUnifiedIdeograph.txt").read_text("utf-8").splitlines():
        fields = line.split("#")[0].split(";")
        if len(fields) == 2:
            first, _, last = fields[0].strip().partition("..")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                found[chr(code)] = (chr(int(fields[1], 16)), "unicode:radical")
    for kind in ("kSimplifiedVariant", "kZVariant", "kSemanticVariant"):
        for character, variants in _unihan(folder, kind):
            targets = {variant for variant in variants if in_gb2312(variant)} - {character}
            if not in_gb2312(character) and len(targets) == 1:
                found.setdefault(character, (targets.pop(), f"unihan:{kind}"))
    return found


def _unihan(folder: Path, kind: str) -> Iterator[tuple[str, list[str]]]:
    with bz2.open(folder / "Unihan_Variants.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3 and fields[1] == kind:
                targets = [chr(int(code.split("<")[0].removeprefix("U+"), 16)) for code in fields[2].split(" ")]
                yield chr(int(fields[0].removeprefix("U+"), 16)), targets


def closed(rules: Iterable[Rules]) -> Rules:
    """Every character with the end of its chain, so that folding twice is folding once."""
    ordered = list(rules)

    def step(character: str) -> tuple[str, str]:
        for table in ordered:
            if character in table:
                return table[character]
        return normal_form(character), "nfkc"

    result: Rules = {}
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        category = unicodedata.category(character)
        if category in {"Cn", "Cs", "Co"}:
            continue
        trail = [character]
        first_rule = step(character)[1]
        while (following := step(trail[-1])[0]) not in trail:
            trail.append(following)
        end = following if following == trail[-1] else _best(trail[trail.index(following) :])
        if end != character:
            result[character] = (end, first_rule)
    return result


def _best(ring: list[str]) -> str:
    """Of characters that are variants of each other, the standard one, else the first in Unicode."""
    return min(ring, key=lambda character: (not in_gb2312(character), character))


def main() -> None:
    """Write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--unicode", type=Path, required=True, help="folder with Unihan_Variants.txt.bz2")
    folder = arguments.parse_args().unicode
    rules = closed([hand_made(), opencc_rules(), unicode_rules(folder)])
    lines = [HEADER.format(opencc=opencc.__version__, unicode=unicodedata.unidata_version)]
    for character, (end, rule) in sorted(rules.items()):
        looks = f"\t{character}{end}" if ord(character) >= HAN_FROM else ""
        lines.append(f"{ord(character):04X}\t{ord(end):04X}\t{rule}{looks}\n")
    (DATA / "fold.tsv").write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()

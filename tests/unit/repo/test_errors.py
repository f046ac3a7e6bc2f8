"""Errors cross process borders and lie in job rows: they can be pickled, and told again from JSON."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from wenyuan.ingest.delivery import error_to_json
from wenyuan.repo import errors, wording
from wenyuan.storage.errors import LibraryError

DATA = {"file": "卷一/第1葉.tif", "item": "0abc", "page": 3, "allowed": ["甲", "乙"], "detail": "cut", "limit": 4.5}
FAMILIES = {
    errors.BadInput: (422, 65),
    errors.NotFound: (404, 66),
    errors.Unavailable: (503, 75),
    errors.Misconfigured: (500, 78),
    errors.Corrupt: (500, 74),
    errors.Refused: (403, 77),
}


def classes(base: type[LibraryError]) -> list[type[LibraryError]]:
    """A class of ours and those below it."""
    return [base, *(one for sub in base.__subclasses__() for one in classes(sub))]


ALL = sorted({one for one in classes(LibraryError) if one.__module__.startswith("wenyuan.")}, key=lambda one: one.code)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_an_error_comes_back_from_another_process_as_it_was(kind: type[LibraryError]) -> None:
    error = kind(**DATA)

    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is kind
        assert again.data == DATA
        assert str(again) == str(error)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_an_error_kept_as_json_is_told_in_the_same_words(kind: type[LibraryError]) -> None:
    kept = json.loads(json.dumps(error_to_json(kind(**DATA))))

    assert (kept["code"], kept["data"]) == (kind.code, DATA)
    for language in wording.LANGUAGES:
        assert wording.describe(kept["code"], kept["data"], language) == wording.describe(kind.code, DATA, language)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_the_family_decides_the_exit_code(kind: type[LibraryError]) -> None:
    assert 400 <= kind.status <= 599
    for family, (_, exit_code) in FAMILIES.items():
        if issubclass(kind, family):
            assert kind.exit_code == exit_code


@pytest.mark.parametrize("family", FAMILIES, ids=lambda kind: kind.code)
def test_each_family_has_its_http_status(family: type[LibraryError]) -> None:
    assert (family.status, family.exit_code) == FAMILIES[family]


def test_the_log_line_names_code_and_data() -> None:
    assert str(errors.NoSuchPage(item="0abc", page=3)) == "no-such-page(item='0abc', page=3)"


def test_what_is_no_error_of_ours_becomes_internal_with_its_kind_and_is_cut_short() -> None:
    kept = error_to_json(KeyError("x" * 5000))

    assert kept["code"] == "internal"
    assert kept["data"]["detail"].startswith("KeyError: ")
    assert len(kept["data"]["detail"]) == 500

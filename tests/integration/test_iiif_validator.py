"""The IIIF's own validator of image services, as it comes from PyPI, against the running server.

Two of its tests contradict what they test (docs/iiif.md): the one that we follow is named there, the other is optional.
"""

from __future__ import annotations

import ctypes.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from handing_in import hand_in, shown
from servers.processes import answers_http, free_ports, program, running

from wenyuan.repo import wiring
from wenyuan.repo.settings import environment_of, load

TEST_IMAGE = "images/iiif-validator-67352ccc-d1b0-11e1-89ae-279075081939.png"
"""1,000 × 1,000 pixels in a hundred squares whose colours the validator knows."""
OF_LEVEL_2 = {"3.0": 33, "2.0": 30}
"""How many tests it has for level 2. What it calls 2.0 is 2.1, too: it has no others for that."""
OPTIONAL = ["rot_full_non90", "rot_mirror", "rot_mirror_180", "rot_region_non90", "linkheader_canonical"]
OPTIONAL += ["linkheader_profile"]

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.skipif(ctypes.util.find_library("magic") is None, reason="the validator needs libmagic"),
]


@dataclass(frozen=True)
class Served:
    """A running server with the test image."""

    host: str
    image: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, test_image: Path) -> Iterator[Served]:
    """`wenyuan serve` with nothing but the test image."""
    folder = tmp_path_factory.mktemp("validator")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    hand_in(library, test_image)
    (item,) = shown(library)
    library.close()
    (port,) = free_ports(1)
    command = [program("wenyuan"), "serve", "--port", str(port)]
    address = f"http://127.0.0.1:{port}/"
    environ = environment_of(library.settings)
    with running(command, folder, lambda: answers_http(address), environ, politely=True):
        yield Served(f"127.0.0.1:{port}", f"{item.id}-1")


@pytest.fixture(scope="module")
def test_image(request: pytest.FixtureRequest) -> Path:
    """The image, if it lies beside this checkout."""
    path = Path(request.config.rootpath).parent / "shared" / "corpus" / TEST_IMAGE
    if not path.exists():
        pytest.skip(f"real material {TEST_IMAGE} is not beside this checkout")
    return path


Validate = Callable[..., tuple[int, str]]


def validate(served: Served, version: str, *more: str) -> tuple[int, str]:
    """How many of its tests failed, and what it printed."""
    prefix = f"iiif/image/{version[0]}"
    told = ["-s", served.host, "-p", prefix, "-i", served.image, "--version", version, *more]
    command = [sys.executable, program("iiif-validate.py"), *told, "--verbose"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("version", ["3.0", "2.0"])
def test_level_2_of_both_versions(served: Served, version: str) -> None:
    failures, told = validate(served, version, "--level", "2")
    assert failures == 0, told
    counted = re.search(r"Done \((\d+) tests, 0 failures\)", told)
    assert counted, told
    assert int(counted[1]) == OF_LEVEL_2[version]


@pytest.mark.parametrize("version", ["3.0", "2.0"])
def test_what_we_can_beyond_level_2(served: Served, version: str) -> None:
    asked = [part for name in OPTIONAL for part in ("--test", name)]
    failures, told = validate(served, version, *asked)
    assert failures == 0, told
    assert f"Done ({len(OPTIONAL)} tests, 0 failures)" in told


def test_the_validator_finds_what_is_wrong(served: Served) -> None:
    """Asked for what is not there it fails: what passes has been looked at."""
    wrong = Served(served.host, served.image.replace("-1", "-2"))
    failures, told = validate(wrong, "3.0", "--level", "2")
    assert failures > 10, told

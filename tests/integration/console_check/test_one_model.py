# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said once for a group: the BMC, the operating system's files and the console server all have it."""

from __future__ import annotations

import pathlib
import sys
import typing as t

from tests.integration.console_server.conftest import Site, make_site, rack
from tests.integration.harness import fields, ipmitool
from tests.integration.simulator.conftest import PASSWORD
from tests.integration.stand_in import INITTAB, MENU

__all__ = ["make_site", "rack"]


def test_bmc_operating_system_and_console_server_follow_one_variable(make_site: t.Callable[..., Site], tmp_path: pathlib.Path) -> None:
    site = make_site()
    name, tree = "n1", tmp_path / "n1"
    site.rack.put(name, "sol", "1", "enabled", value=False)
    for path, text in (("boot/grub/menu.lst", MENU), ("etc/inittab", INITTAB), ("sbin/getty", "#!/bin/sh\n")):
        file = tree / path
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
    site.hosts[name] |= {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "serial_console_root": str(tree),
        "serial_console_become": False,
        "bmc_sol_enabled": True,
        "bmc_sol_bit_rate": 57600,
        "bmc_sol_port": 0,
        "bmc_sol_privilege": "operator",
    }
    done = site.play("-e", "consoles_hosts=n1", playbook="consoles")
    assert done.returncode == 0, done.stdout + done.stderr
    told = fields(ipmitool(site.address(name), "admin", PASSWORD, "sol", "info", "1", port=site.rack.port))
    assert (told["Enabled"], told["Volatile Bit Rate (kbps)"], told["Non-Volatile Bit Rate (kbps)"]) == ("true", "57.6", "57.6")
    menu = (tree / "boot/grub/menu.lst").read_text(encoding="utf-8")
    assert "serial --unit=0 --speed=57600" in menu and "console=tty0 console=ttyS0,57600n8" in menu and "ttyS1" not in menu
    assert "ttyS0 57600" in (tree / "etc/inittab").read_text(encoding="utf-8")
    assert f"console {name} {{" in (tmp_path / "server.cf").read_text(encoding="utf-8")
    again = site.play("--limit", "n1", playbook="consoles")
    assert again.returncode == 0 and again.stdout.count("changed=0") == 1, again.stdout

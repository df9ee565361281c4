# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program as a service: its unit, how it tells that it is ready, who sees its secrets, and how conserver comes back to it."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import typing as t

import pytest

from tests.integration.console_server.conftest import Site, need
from tests.integration.harness import CHECKOUT, ansible
from tests.integration.simulator.conftest import PASSWORD

Maker = t.Callable[..., Site]


@pytest.mark.parametrize("kind", ["conserver", "conman"])
def test_systemd_has_nothing_to_say_against_the_unit(tmp_path: pathlib.Path, kind: str) -> None:
    unit = tmp_path / "bmc-console.service"
    values = {
        "console_server_kind": kind, "console_server_program": "/bin/true", "console_server_user": "root",
        "console_server_socket_folder": "/run/bmc-console",
    }  # fmt: skip
    template = CHECKOUT / "roles/console_server/templates/bmc-console.service.j2"
    task = ["-m", "ansible.builtin.template", "-a", json.dumps({"src": str(template), "dest": str(unit)}), "-e", json.dumps(values)]
    done = ansible("localhost", "-c", "local", *task, tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout
    said = subprocess.run([need("systemd-analyze"), "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    about = [line for line in (said.stdout + said.stderr).splitlines() if "bmc-console" in line]
    assert (said.returncode, about) == (0, [])
    # That it can find something to say.
    unit.write_text(unit.read_text(encoding="ascii").replace("Type=notify", "Type=loud"), encoding="ascii")
    said = subprocess.run([need("systemd-analyze"), "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert "service type" in said.stdout + said.stderr


def test_conserver_is_back_at_once_when_it_is_told_that_the_program_is(make_site: Maker) -> None:
    site = make_site()
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr
    program = site.start_program()
    server = site.start_conserver()
    site.logs("n1", "the console is open")
    shown = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [line for line in shown if str(site.folder) in line and "bmc-console --serve" in line]
    assert len(ours) == 2, "the service, and the process of its consoles"
    assert not [line for line in shown if str(site.folder) in line and PASSWORD in line]
    site.stop(program)
    site.start_program()
    # As the unit's ExecStartPost does. Else it would try again within a minute, which is longer than this test waits.
    server.send_signal(signal.SIGUSR1)
    site.logs("n1", "the console is open", 2)

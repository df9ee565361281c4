# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program as a service: its unit, how it tells that it is ready, who sees its secrets, and how conserver comes back to it."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import typing as t

import pytest

from tests.integration.console_server.conftest import NAMES, PATIENCE, Site, need, wait_for
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


def test_a_changed_table_leaves_all_consoles_alone_whose_row_says_the_same(make_site: Maker) -> None:
    site = make_site()
    for name in NAMES:
        site.rack.ask("clear_counters", name)
    later = site.hosts.pop("n3")
    assert site.play().returncode == 0
    program, server = site.start_program(), site.start_conserver()
    for name in site.hosts:
        site.logs(name, "the console is open")
    # n1 gets another account for its next login, n2 another policy, n3 is new.
    site.own["n1"] = site.options("n1", "oper")
    site.hosts["n2"]["console_server_policy"] = "always"
    site.hosts["n3"] = later
    take_up(site, program, server)
    site.logs("n3", "the console is open")
    site.logs("n2", "the console is open", 2)
    assert [story(site, name) for name in site.hosts] == [["activated"], ["activated", "released", "activated"], ["activated"]]
    # A spoiled table changes nothing, and the program says so.
    table = pathlib.Path(site.settings["console_server_table"])
    good = table.read_bytes()
    table.write_bytes(good[:-9])
    program.send_signal(signal.SIGHUP)
    wait_for(lambda: "is not one that the role console_server wrote" in site.output, "the program says nothing of the table")
    table.write_bytes(good)
    # n2 leaves the table, and its console is given back.
    del site.hosts["n2"]
    take_up(site, program, server)
    wait_for(lambda: not site.rack.status("n2")["sol"], "the console of n2 is still open")
    assert not (site.folder / "s/n2").exists()
    assert [story(site, name) for name in ("n1", "n3")] == [["activated"], ["activated"]]
    with site.console("al", "n1") as person:
        person.sees("Enter")
        person.types("\r")
        person.sees("login:")
    site.stop(program)
    assert program.returncode == 0 and [site.rack.status(name)["sol"] for name in NAMES] == [[], [], []]


def take_up(site: Site, program: subprocess.Popen[bytes], server: subprocess.Popen[bytes]) -> None:
    """The playbook, and what its handlers do."""
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr
    program.send_signal(signal.SIGHUP)
    # As the unit's reload: conserver asks for a new console when it has read its file, and for one that it did not get only a minute later.
    subprocess.run([str(site.folder / "opt/bin/bmc-console"), "--wait"], check=True, timeout=PATIENCE)
    server.send_signal(signal.SIGHUP)


def story(site: Site, name: str) -> list[str]:
    """What became of a console since `clear_counters`, in the BMC's words."""
    return [change["what"] for change in site.rack.ask("consoles", name)["bmcs"][name]]


def test_a_process_that_is_killed_comes_back_without_the_consoles_that_have_left_the_table(make_site: Maker) -> None:
    site = make_site()
    assert site.play().returncode == 0
    program, server = site.start_program(), site.start_conserver()
    site.logs("n1", "the console is open")
    # The table is written, and nobody tells the program.
    del site.hosts["n2"]
    assert site.play().returncode == 0
    (consoles,) = pathlib.Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text(encoding="ascii").split()
    os.kill(int(consoles), signal.SIGKILL)

    def is_back() -> bool:
        server.send_signal(signal.SIGUSR1)  # conserver tries only once a minute by itself
        return site.log("n1").count("the console is open") == 2

    wait_for(is_back, f"n1 is not open again: {site.output}")
    assert program.poll() is None

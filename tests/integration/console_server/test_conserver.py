# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's conserver in front of simulated BMCs, set up by the playbook, with ipmitool as the person who is not disturbed."""

from __future__ import annotations

import pathlib
import re
import subprocess
import typing as t

import pytest

from tests.integration.console_server.authority import Authority
from tests.integration.console_server.conftest import NAMES, Site, need, wait_for
from tests.integration.person import ESTABLISHED, LEAVE, OPERATIONAL, Person, with_ipmiconsole, with_ipmitool
from tests.integration.simulator.conftest import PASSWORD

Maker = t.Callable[..., Site]


def play(site: Site) -> None:
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr


def start(site: Site) -> None:
    """The playbook, the program and conserver."""
    play(site)
    if site.settings.get("console_server_relay", "socket") == "socket":
        site.start_program()
    site.start_conserver()


def holders(site: Site, name: str) -> list[str]:
    """Users whose sessions hold the console."""
    return [str(link) for link in site.rack.status(name)["sol"]]


@pytest.mark.parametrize("relay", ["socket", "exec"])
def test_a_person_on_the_console_survives_starts_and_restarts_and_the_console_is_taken_back_after(make_site: Maker, relay: str) -> None:
    site = make_site(console_server_relay=relay)
    play(site)
    with with_ipmitool(site.options("n1")) as person:
        person.sees(OPERATIONAL)
        program = site.start_program() if relay == "socket" else None
        for restarts in (1, 2):
            server = site.start_conserver()
            site.logs("n1", "held by user 3 (oper) from 127.", restarts)
            person.types("\r")
            person.sees("login:")
            if restarts == 1:
                site.stop(server)
        if program is not None:
            site.stop(program)
            site.start_program()
            site.stop(server)
            site.start_conserver()
            site.logs("n1", "held by user 3", 3)
        assert person.there
        assert "n1: the console is open" not in site.log("n1")
        person.types(LEAVE)
        person.leaves()
        site.logs("n1", "n1: the console is open")
    site.logs("n2", "n2: the console is open")


def test_many_read_and_one_writes(make_site: Maker) -> None:
    site = make_site()
    start(site)
    site.logs("n1", "the console is open")
    with site.console("al", "n1") as writer:
        writer.sees("Enter")
        with site.console("bo", "n1") as second, site.console("zoe", "n1") as reader:
            second.sees("al@localhost is attached")
            reader.sees("read-only")
            reader.types("evil\r")
            writer.types("\r")
            for one in (writer, second, reader):
                one.sees("login:")
    assert "evil" not in site.log("n1")


def test_the_log_fills_with_a_time_stamp_on_each_line(make_site: Maker) -> None:
    site = make_site()
    start(site)
    site.logs("n1", "the console is open")
    with site.console("al", "n1") as person:
        person.sees("Enter")
        for _line in range(6):
            person.types("\r")
            person.sees("login:")
    site.logs("n1", "login:", 6)
    stamped = re.findall(r"^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]", site.log("n1"), re.MULTILINE)
    assert len(stamped) > 5, site.log("n1")


def test_a_person_from_outside_gets_his_machine_and_no_other(make_site: Maker) -> None:
    site = make_site(console_server_read=["*"], console_server_write=["*"])
    site.hosts["n2"]["console_server_outside"] = ["acme"]
    start(site)
    for name in NAMES:
        site.logs(name, "the console is open")
    with site.console("acme", "n2") as outside:
        outside.sees("Enter")
        outside.types("\r")
        outside.sees("login:")
    with site.console("acme", "n1") as outside:
        outside.sees("permission denied")


def test_the_break_sequence_reaches_the_host(make_site: Maker) -> None:
    site = make_site(console_server_breaks={"h": r"\z\dh"})
    start(site)
    site.logs("n1", "the console is open")
    with site.console("al", "n1") as person:
        person.sees("Enter")
        person.types("\x05clh")
        # The kernel's help about its magic keys.
        person.sees("sysrq: HELP")


def test_no_secret_is_in_the_configuration_the_process_list_or_an_environment(make_site: Maker) -> None:
    site = make_site(console_server_relay="exec")
    start(site)
    site.logs("n1", "the console is open")
    shown = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
    assert "bmc-console n1" in shown
    assert PASSWORD not in "\n".join(line for line in shown.splitlines() if "ipmitool" not in line)
    secrets = [path for path in site.folder.rglob("*") if path.is_file() and path.name != "inventory.json" and PASSWORD.encode() in path.read_bytes()]
    table = pathlib.Path(site.settings["console_server_table"])
    assert secrets == [table]
    assert table.stat().st_mode & 0o777 == 0o600
    assert table.parent.stat().st_mode & 0o777 == 0o700


def test_a_table_that_others_may_read_is_refused(make_site: Maker) -> None:
    site = make_site()
    play(site)
    pathlib.Path(site.settings["console_server_table"]).chmod(0o640)
    done = subprocess.run([site.folder / "opt/bin/bmc-console", "n1"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "chmod 600" in done.stderr and PASSWORD not in done.stderr


def test_always_takes_the_console_and_logs_from_whom(make_site: Maker) -> None:
    site = make_site()
    site.hosts["n1"]["console_server_policy"] = "always"
    play(site)
    with with_ipmitool(site.options("n1")) as person, with_ipmitool(site.options("n2")) as other:
        person.sees(OPERATIONAL)
        other.sees(OPERATIONAL)
        site.start_program()
        site.start_conserver()
        site.logs("n1", "(oper) from 127.")
        site.logs("n1", "was cut off (policy always)")
        site.logs("n1", "the console is open")
        site.logs("n2", "held by user 3 (oper)")
        assert other.there


def test_a_console_that_was_taken_is_not_taken_back_before_the_person_is_done(make_site: Maker) -> None:
    site = make_site()
    start(site)
    site.logs("n1", "the console is open")
    # ipmiconsole takes a console that is held.
    with with_ipmiconsole(site.options("n1")) as person:
        person.sees(ESTABLISHED)
        site.logs("n1", "the console was lost")
        site.logs("n1", "held by user 3 (oper) from 127.")
        person.types("\r")
        person.sees("login:")
        assert site.log("n1").count("the console is open") == 1
        person.types("&.")
        person.leaves()
    site.logs("n1", "the console is open", 2)


def test_the_second_run_changes_nothing_and_check_mode_writes_nothing(make_site: Maker) -> None:
    site = make_site()
    dry = site.play("--check", "--diff")
    assert dry.returncode == 0, dry.stdout
    assert not (site.folder / "server.cf").exists()
    assert PASSWORD not in dry.stdout
    play(site)
    again = site.play("-vvvv", "--diff")
    assert "changed=0" in again.stdout
    assert PASSWORD not in again.stdout + again.stderr


def test_nothing_is_written_where_one_host_is_wrong(make_site: Maker) -> None:
    site = make_site()
    site.hosts["n2"]["console_server_policy"] = "if_idle_for"
    site.hosts["n3"]["bmc_password"] = "{{ nowhere }}"
    done = site.play()
    assert done.returncode != 0
    assert "n2: console_server_policy is if_idle_for" in done.stdout
    assert "n3: the variable bmc_password cannot be evaluated" in done.stdout
    assert not (site.folder / "server.cf").exists() and not (site.folder / "opt").exists()


def test_conserver_accepts_every_option(make_site: Maker, tmp_path: pathlib.Path) -> None:
    site_authority = Authority("site")
    certificate, ca = site_authority.issue(tmp_path / "server.pem"), site_authority.certificate(tmp_path / "ca.pem")
    site = make_site(
        console_server_admins=["boss"],
        console_server_limited=["guest"],
        console_server_trusted=["127.0.0.2"],
        console_server_breaks={"b": r"\z\db"},
        console_server_tls={"required": False, "certificate": str(certificate), "ca": str(ca), "client_certificates": True},
    )
    play(site)
    done = subprocess.run([need("conserver"), "-S", "-C", str(site.folder / "server.cf")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "ERROR" not in done.stdout + done.stderr


def test_each_console_is_given_back_when_the_program_ends(make_site: Maker) -> None:
    site = make_site()
    play(site)
    program = site.start_program()
    site.start_conserver()
    site.logs("n1", "the console is open")
    assert holders(site, "n1")
    site.stop(program)
    wait_for(lambda: not holders(site, "n1") and not site.rack.status("n1")["sessions"], "a session was left behind")


def test_what_a_killed_program_left_behind_is_freed_by_the_next_one(make_site: Maker) -> None:
    site = make_site(console_server_relay="exec")
    play(site)
    table = str(site.folder / "opt/bin/bmc-console")
    with Person(table, "n1") as first:
        first.sees("the console is open")
        first.crash()
        assert holders(site, "n1")
        with Person(table, "n1") as second:
            second.sees("was cut off (policy never): it has our own user and address, and no program on this machine")
            second.sees("the console is open")
            second.types("\r")
            second.sees("login:")


def test_two_programs_leave_each_other_alone_and_the_second_stands_in(make_site: Maker) -> None:
    site = make_site(console_server_relay="exec")
    play(site)
    program = str(site.folder / "opt/bin/bmc-console")
    with Person(program, "n1") as first, Person(program, "n2") as other:
        first.sees("the console is open")
        other.sees("the console is open")
        with Person(program, "n1") as second:
            second.sees("the console is held by user 2 (admin)")
            first.types("\r")
            first.sees("login:")
            first.crash()
            second.sees("the console is open")
            assert other.there

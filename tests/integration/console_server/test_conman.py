# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's conman in front of simulated BMCs. Its own IPMI steals, so it gets its consoles from our program."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.console_server.conftest import Site, need
from tests.integration.person import LEAVE, OPERATIONAL, Person, with_ipmitool

Maker = t.Callable[..., Site]
OPEN_TO_ALL: dict[str, t.Any] = {"console_server_kind": "conman", "console_server_read": ["*"], "console_server_write": ["*"]}


@pytest.mark.parametrize("relay", ["socket", "exec"])
def test_a_person_survives_conmans_start_and_conman_takes_the_console_back(make_site: Maker, relay: str) -> None:
    site = make_site(**OPEN_TO_ALL, console_server_relay=relay)
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr
    with with_ipmitool(site.options("n1")) as person:
        person.sees(OPERATIONAL)
        if relay == "socket":
            site.start_program()
        site.start_conman()
        site.logs("n1", "held by user 3 (oper) from 127.")
        person.types("\r")
        person.sees("login:")
        person.types(LEAVE)
        person.leaves()
    site.logs("n1", "n1: the console is open")
    with Person(need("conman"), "-d", f"127.0.0.1:{site.port}", "n1") as client:
        client.sees("Connection to console [n1] opened")
        client.types("\r")
        client.sees("login:")
    site.logs("n1", "login:")


def test_access_lists_that_conman_does_not_have_are_refused(make_site: Maker) -> None:
    done = make_site(console_server_kind="conman").play()
    assert done.returncode != 0
    assert "conman has no access lists" in done.stdout

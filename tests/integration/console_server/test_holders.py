# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds the console beside conserver: FreeIPMI's ipmiconsole, which steals by default, and holders whom the BMC does not name."""

from __future__ import annotations

import typing as t

from tests.integration.console_server.conftest import NAMES, Site, wait_for
from tests.integration.person import ESTABLISHED, OPERATIONAL, with_ipmiconsole, with_ipmitool

Maker = t.Callable[..., Site]
#: Get Payload Activation Status, Get Payload Instance Info, Get Session Info; and the code of a BMC that does not know a command.
STATUS, INSTANCE, SESSION, UNKNOWN = "06/4A", "06/4B", "06/3D", 0xC1


def start(site: Site) -> None:
    site.start_program()
    site.start_conserver()


def play(site: Site) -> None:
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr


def test_ipmiconsole_keeps_what_it_has_takes_what_it_takes_and_conserver_has_it_back_after(make_site: Maker) -> None:
    site = make_site()
    play(site)
    with with_ipmiconsole(site.options("n3")) as early:
        early.sees(ESTABLISHED)
        start(site)
        site.logs("n3", "held by user 3 (oper) from 127.")
        site.logs("n1", "the console is open")
        site.logs("n2", "the console is open")
        with with_ipmiconsole(site.options("n2"), "--dont-steal") as polite:
            polite.sees("SOL in use")
            polite.leaves()
        with with_ipmiconsole(site.options("n1")) as thief:
            thief.sees(ESTABLISHED)
            site.logs("n1", "the console was lost")
            site.logs("n1", "held by user 3 (oper) from 127.")
            for person in (early, thief):
                person.types("\r")
                person.sees("login:")
                person.types("&.")
                person.leaves()
        site.logs("n1", "the console is open", 2)
        site.logs("n3", "the console is open")
    assert site.log("n2").count("the console is open") == 1 and "lost" not in site.log("n2")


def test_what_becomes_of_a_holder_whom_the_bmc_does_not_name(make_site: Maker) -> None:
    site = make_site(console_server_policy="always")
    site.hosts["n2"] |= {"console_server_policy": "if_idle_for", "console_server_idle_for": 1}
    play(site)
    people = {name: with_ipmitool(site.options(name)) for name in NAMES}
    try:
        for person in people.values():
            person.sees(OPERATIONAL)
        site.rack.faults("n1", refuse={STATUS: UNKNOWN, INSTANCE: UNKNOWN})
        site.rack.faults("n2", refuse={SESSION: UNKNOWN})
        site.rack.faults("n3", refuse={SESSION: UNKNOWN})
        start(site)
        # No session is named: there is nobody to take it from, whatever the policy.
        site.logs("n1", "held; by whom the BMC does not say")
        # A session is named, and not whose: it may be alive, so only a policy that takes it from the living takes it.
        site.logs("n2", "of which the BMC says no more")
        site.logs("n3", "was cut off (policy always)")
        site.logs("n3", "n3: the console is open")
        # Several looks later, and longer than idle_for.
        before = site.rack.status("n2")["requests"]
        wait_for(lambda: site.rack.status("n2")["requests"] > before + 12, "the guard does not look any more")
        for name in ("n1", "n2"):
            people[name].types("\r")
            people[name].sees("login:")
            assert "open" not in site.log(name)
    finally:
        for person in people.values():
            person.__exit__(None, None, None)

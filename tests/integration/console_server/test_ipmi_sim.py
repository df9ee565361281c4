# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""conserver in front of OpenIPMI's ipmi_sim, a BMC that this project did not write, with ipmitool and ipmiconsole as the people beside it."""

from __future__ import annotations

import pathlib
import socket
import typing as t

import pytest

from tests.integration.console_server.conftest import Site
from tests.integration.ipmi_sim.conftest import next_address
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER, IpmiSim, Model
from tests.integration.person import ESTABLISHED, LEAVE, OPERATIONAL, with_ipmiconsole, with_ipmitool

#: ipmiconsole takes none above 32767, and neither it nor ipmitool lets the console be on another port than the session.
PORT = 6623
#: FreeIPMI's flags for it: without the second, ipmiconsole asks something that ends ipmi_sim.
FLAGS = ("-W", "opensesspriv,solchannelsupport,solpayloadsize", "-l", "ADMIN", "-I", "3")


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> t.Iterator[tuple[dict[str, t.Any], socket.socket]]:
    """A BMC's connection options, and its host's serial line."""
    address = next_address()
    with socket.create_server((next_address(), 0)) as server:
        server.settimeout(20)
        host, port = server.getsockname()
        sim = IpmiSim(tmp_path / "bmc", address, PORT, Model(serial_host=host, serial=port, power=True))
        try:
            sim.wait_until_ready()
            line, _peer = server.accept()
            with line:
                yield {"bmc_host": address, "bmc_port": PORT, "bmc_user": FACTORY_USER, "bmc_password": FACTORY_PASSWORD}, line
        finally:
            sim.stop()


def test_people_at_ipmi_sim_keep_their_console_and_conserver_has_it_after(
    make_site: t.Callable[..., Site], machine: tuple[dict[str, t.Any], socket.socket]
) -> None:
    options, line = machine
    site = make_site()
    site.own["sim"], site.hosts = options, {"sim": {}}
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr
    with with_ipmitool(options) as person:
        person.sees(OPERATIONAL)
        site.start_program()
        site.start_conserver()
        site.logs("sim", "the console is held")
        line.sendall(b"for the person\r\n")
        person.sees("for the person")
        person.types(LEAVE)
        person.leaves()
    site.logs("sim", "sim: the console is open")
    line.sendall(b"for conserver\r\n")
    site.logs("sim", "for conserver")
    with with_ipmiconsole(options, *FLAGS, "--dont-steal") as polite:
        polite.sees("SOL in use")
        polite.leaves()
    with with_ipmiconsole(options, *FLAGS) as thief:
        thief.sees(ESTABLISHED)
        site.logs("sim", "the console was lost")
        line.sendall(b"for the thief\r\n")
        thief.sees("for the thief")
        thief.types("&.")
        thief.leaves()
    site.logs("sim", "sim: the console is open", 2)
    with site.console("al", "sim") as client:
        client.sees("Enter")

        # The client loses what is printed while it comes to the console.
        def prints(number: int) -> bool:
            line.sendall(b"for everybody, %d\r\n" % number)
            return client.first_of(f"for everybody, {number}", seconds=1) is not None

        assert any(prints(number) for number in range(20)), client.printed
    assert "for the thief" not in site.log("sim") and "for the person" not in site.log("sim")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC without a network is set up from inside its server, which has neither the driver nor pyghmi, and is seen from outside."""

from __future__ import annotations

import typing as t

from tests.integration.harness import act, fields
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER
from tests.server.conftest import Lived, Starter, address

PLAYBOOK: t.Final = "lightsout.bmc.bootstrap_in_band"
USER, PASSWORD = "rack", "Im-Keller-1"


def test_a_bmc_without_a_network_is_set_from_inside_and_seen_from_outside(start: Starter, careless: Lived) -> None:
    server = start(careless, network=False)
    place = address(1, 45)
    outside = {"bmc_host": place, "bmc_port": server.bmc.port, "bmc_user": USER, "bmc_password": PASSWORD, "bmc_timeout": 3}
    variables: dict[str, t.Any] = {
        **outside,
        "bmc_netmask": "255.255.255.0",
        "bmc_gateway": address(254, 45),
        "bmc_accounts": [{"name": USER, "password": PASSWORD, "privilege": "administrator"}],
        "bmc_factory_user": FACTORY_USER,
    }
    assert act("ipmi_power", outside)["reason"] == "unreachable"
    # The site's server knows the site's packages; it has forgotten the driver.
    server.machine.ssh("apt-get -qq update && modprobe -r ipmi_devintf && ! test -e /dev/ipmi0")

    first = server.machine.play(PLAYBOOK, **variables)
    assert (first.code, bool(first.changed)) == (0, True), first.text
    assert PASSWORD not in first.text
    server.bmc.user, server.bmc.password = USER, PASSWORD
    lan = fields(server.bmc.ipmitool("lan", "print", "1"))
    assert (lan["IP Address"], lan["IP Address Source"], lan["Subnet Mask"]) == (place, "Static Address", "255.255.255.0")
    names = [line.split()[1] for line in server.bmc.ipmitool("user", "list", "1").splitlines()[1:]]
    assert USER in names and FACTORY_USER not in names
    assert act("ipmi_power", outside)["powerstate"] == "on"
    assert act("ipmi_power", {**outside, "bmc_user": FACTORY_USER, "bmc_password": FACTORY_PASSWORD})["failed"]

    server.bmc.mark()
    second = server.machine.play(PLAYBOOK, **variables)
    assert (second.code, second.changed, server.bmc.writes()) == (0, [], []), second.text

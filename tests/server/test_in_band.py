# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules in the guest, through its kernel's IPMI driver; the network and ipmitool see what they did.

It is the same BMC that answers on the network. Debian's pyghmi is in the guest.
"""

from __future__ import annotations

import typing as t

from tests.integration.harness import act, fields
from tests.server.conftest import Lived, Starter
from tests.server.server import Play, Qemu

ACCOUNT: t.Final = {"name": "from-inside", "password": "Von-innen-1"}
#: What the tests set, by module.
WANTED: t.Final[dict[str, dict[str, t.Any]]] = {
    "ipmi_user": {**ACCOUNT, "privilege": "administrator"},
    "ipmi_lan": {"ip_source": "static", "netmask": "255.255.252.0", "gateway": "192.0.2.1"},
    "ipmi_sol": {"bit_rate": "57600"},
    "ipmi_boot": {"bootdev": "network"},
}
_CHANGES: t.Final = list(WANTED)


def in_band(machine: Qemu, *modules: str, args: t.Sequence[str] = (), python: str = "/usr/bin/python3", **options: t.Any) -> Play:
    """Run modules in the guest, each as a task of its name that may fail."""
    tasks = [
        {"name": module, f"lightsout.bmc.{module}": {"bmc_interface": "open", **WANTED.get(module, {}), **options}, "ignore_errors": True}
        for module in modules
    ]
    return machine.play(tasks, *args, ansible_python_interpreter=python)


def test_what_the_modules_set_in_band_is_what_ipmitool_reads_out_of_band(start: Starter, in_band_ready: Lived) -> None:
    server = start(in_band_ready)
    bmc = server.bmc
    server.bmc.mark()
    foreseen = in_band(server.machine, *_CHANGES, args=["--check"])
    assert (foreseen.failed, foreseen.changed, bmc.writes()) == ([], _CHANGES, []), foreseen.text
    done = in_band(server.machine, *_CHANGES)
    assert (done.failed, done.changed) == ([], _CHANGES), done.text
    lan = fields(bmc.ipmitool("lan", "print", "1"))
    assert (lan["IP Address Source"], lan["Subnet Mask"], lan["Default Gateway IP"]) == ("Static Address", "255.255.252.0", "192.0.2.1")
    sol = fields(bmc.ipmitool("sol", "info", "1"))
    assert (sol["Volatile Bit Rate (kbps)"], sol["Non-Volatile Bit Rate (kbps)"]) == ("57.6", "57.6")
    assert "Force PXE" in bmc.ipmitool("chassis", "bootparam", "get", "5")
    server.bmc.mark()
    again = in_band(server.machine, "ipmi_user", "ipmi_lan", "ipmi_sol")
    assert (again.failed, again.changed, bmc.writes()) == ([], [], []), again.text


def test_an_account_made_in_band_logs_in_out_of_band(start: Starter, in_band_ready: Lived) -> None:
    server = start(in_band_ready)
    bmc = server.bmc
    refused = act("ipmi_power", {**bmc.options, "bmc_user": ACCOUNT["name"], "bmc_password": ACCOUNT["password"]})
    assert refused["failed"]
    made = in_band(server.machine, "ipmi_user")
    assert (made.failed, made.changed) == ([], ["ipmi_user"]), made.text
    assert ACCOUNT["password"] not in made.text
    assert "is on" in bmc.ipmitool("power", "status", user=ACCOUNT["name"], password=ACCOUNT["password"])
    bmc.user, bmc.password = ACCOUNT["name"], ACCOUNT["password"]
    seen = bmc.run("ipmi_info", gather=["users"])
    assert ACCOUNT["name"] in [user["name"] for user in seen["bmc"]["users"]]


def test_the_bmc_tells_the_same_in_band_and_out_of_band(start: Starter, in_band_ready: Lived) -> None:
    server = start(in_band_ready)
    inside = in_band(server.machine, "ipmi_info", "ipmi_power")
    assert inside.failed == [], inside.text
    outside = server.bmc.run("ipmi_info")["bmc"]
    del outside["controller"]["guid"]  # ipmi_sim tells it over the network only
    assert inside["ipmi_info"]["bmc"] == outside
    assert (inside["ipmi_power"]["changed"], inside["ipmi_power"]["powerstate"]) == (False, "on")


def test_each_thing_that_is_missing_has_a_message_of_its_own(start: Starter, in_band_ready: Lived) -> None:
    server = start(in_band_ready)
    no_right = server.machine.play(
        [
            {
                "name": "ipmi_power",
                "lightsout.bmc.ipmi_power": {"bmc_interface": "open"},
                "become": True,
                "become_method": "su",
                "become_user": "person",
            }
        ]
    )
    assert "no right to open /dev/ipmi0: use become" in no_right["ipmi_power"]["msg"]
    server.machine.ssh("modprobe -r ipmi_devintf")
    no_device = in_band(server.machine, "ipmi_power")
    message = no_device["ipmi_power"]["msg"]
    assert "/dev/ipmi0" in message and "ipmi_devintf" in message


def test_without_pyghmi_the_message_says_how_to_get_it(start: Starter, careless: Lived) -> None:
    play = in_band(start(careless).machine, "ipmi_power")
    result = play["ipmi_power"]
    assert (play.failed, result["reason"]) == (["ipmi_power"], "missing_library")
    assert "python3-pyghmi" in result["msg"] and "pip" in result["msg"] and "/usr/bin/python3" in result["msg"]


def test_a_bmc_that_hangs_costs_bmc_timeout(start: Starter, in_band_ready: Lived) -> None:
    server = start(in_band_ready)
    with server.hanging_bmc():
        play = in_band(server.machine, "ipmi_power", bmc_timeout=3)
    result = play["ipmi_power"]
    assert (play.failed, result["reason"]) == (["ipmi_power"], "unreachable"), play.text


def test_pyghmi_of_wheels_in_an_environment_of_its_own_does_too(start: Starter, careless: Lived) -> None:
    server = start(careless)
    server.machine.ssh("python3 -m venv /opt/bmc && /opt/bmc/bin/pip install --no-index --find-links /srv/wheels pyghmi")
    play = in_band(server.machine, "ipmi_power", python="/opt/bmc/bin/python")
    assert (play.failed, play["ipmi_power"]["powerstate"]) == ([], "on"), play.text


def test_a_bmc_without_a_network_says_so_where_one_is_needed(without_lan: Qemu) -> None:
    play = in_band(without_lan, "ipmi_power", "ipmi_lan", "ipmi_user")
    assert play.failed == ["ipmi_lan", "ipmi_user"], [task.result.get("msg") for task in play.tasks]
    assert play["ipmi_power"]["powerstate"] == "on"
    for module in play.failed:
        assert play[module]["reason"] == "unsupported" and "names no LAN channel" in play[module]["msg"]
    # QEMU's own BMC answers Get System Boot Options with something else, so that part is left out.
    found = in_band(without_lan, "ipmi_info", gather=["controller", "lan", "users", "sol", "chassis"])
    assert found.failed == [], [task.result.get("msg") for task in found.tasks]
    assert found["ipmi_info"]["bmc"]["lan"] == [] and {"controller", "chassis"} <= set(found["ipmi_info"]["bmc"])
    assert {"users", "sol"} <= {missing["setting"] for missing in found["ipmi_info"]["unsupported"]}

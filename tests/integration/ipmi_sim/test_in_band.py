# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module in band, over the system interface of an ipmi_sim, with ipmitool over the network as the witness.

All is real but for the kernel's driver, for which tests/in_band/driver.py stands in: ipmi_sim sees requests on channel 15,
as from the host itself, and knows of no session and no account.
"""

from __future__ import annotations

import os
import pathlib
import signal
import time
import typing as t

import pytest
import yaml
from pyghmi.ipmi.private import localsession

from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import BmcActionModule
from tests.in_band.driver import Device, Driver, VmDevice
from tests.integration.harness import CHECKOUT, Result, act, fields
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import Bmc
from tests.stopwatch import stopwatch

#: Each has the address to itself, so its ports are free.
PORT: t.Final = 9802
NEW: t.Final[dict[str, t.Any]] = {"name": "inside", "password": "From-inside-1", "privilege": "administrator"}
#: A task of each module that sets something, and what the BMC has then, by ipmitool's words and its field or text.
SETTING: t.Final[list[tuple[str, dict[str, t.Any], tuple[str, ...], str]]] = [
    ("ipmi_lan", {"vlan_id": 117, "netmask": 20, "gateway": "127.41.0.254"}, ("lan", "print", "1"), "802.1q VLAN ID : 117"),
    ("ipmi_channel", {"cipher_privileges": {"1": "user"}}, ("lan", "print", "1"), "Cipher Suite Priv Max : au"),
    ("ipmi_user", NEW, ("user", "list", "1"), "inside"),
    ("ipmi_sol", {"enabled": True, "bit_rate": "115200"}, ("sol", "info", "1"), "Volatile Bit Rate (kbps) : 115.2"),
    ("ipmi_boot", {"bootdev": "network"}, ("chassis", "bootparam", "get", "5"), "Force PXE"),
    ("ipmi_power", {"state": "on"}, ("chassis", "power", "status"), "is on"),
    ("ipmi_config", {"users": [NEW], "lan": [{"vlan_id": 118}]}, ("lan", "print", "1"), "802.1q VLAN ID : 118"),
    ("ipmi_controller", {"clock": "utc"}, ("sel", "time", "get"), time.strftime("/%y ", time.gmtime())),
]
#: A task of each module that only asks, or that ipmi_sim has nothing for, and what is in its result.
ASKING: t.Final[list[tuple[str, dict[str, t.Any], t.Callable[[Result], bool]]]] = [
    ("ipmi_info", {}, lambda result: result["bmc"]["lan"][0]["channel"] == 1 and "ADMIN" in str(result["bmc"]["users"])),
    ("ipmi_raw", {"netfn": 6, "command": 1}, lambda result: result["completion_code"] == "0x00"),
    ("ipmi_sol_session", {}, lambda result: result["console"]["state"] in ("free", "unknown")),
    ("ipmi_chassis", {}, lambda result: not result["changed"]),
    ("ipmi_audit", {}, lambda result: by_id(result)["C-04"]["state"] == "not_assessed"),
]
#: What has no sense in band, and what is said then.
REFUSED: t.Final = [
    ("ipmi_console", {}, "over the network only"),
    ("ipmi_raw", {"netfn": 6, "command": 1, "target_address": 0x30}, "use bmc_interface=lan"),
]


def by_id(result: Result) -> dict[str, dict[str, t.Any]]:
    """An audit's findings."""
    return {finding["id"]: finding for finding in result["audit"]["findings"]}


class Inside:
    """The host that a BMC is in."""

    def __init__(self, bmc: Bmc) -> None:
        self.bmc = bmc
        self.devices: list[Device] = []

    def run(self, module: str, *, check_mode: bool = False, **args: t.Any) -> Result:
        """Run a module in band. The BMC's `requests` and `writes` count from here, and no device stays open."""
        self.bmc.mark()
        result = act(module, {"bmc_interface": "open", "bmc_timeout": 3, **args}, check_mode=check_mode)
        assert all(device.closed for device in self.devices)
        return result

    def witness(self, *words: str) -> str:
        """What ipmitool shows over the network, with single spaces."""
        return " ".join(self.bmc.ipmitool(*words).split())


@pytest.fixture
def inside(start: Starter, monkeypatch: pytest.MonkeyPatch) -> Inside:
    """A host whose driver leads to an ipmi_sim. Modules run in this process, as the copied module does on that host."""
    bmc = start(in_band=PORT)
    host = Inside(bmc)
    driver = Driver(lambda _path: VmDevice(bmc.sim.host, PORT))
    host.devices = driver.opened
    monkeypatch.setattr(localsession, "open", driver.open, raising=False)
    monkeypatch.setattr(localsession, "fcntl", driver)
    monkeypatch.setattr(BmcActionModule, "_runs_as_module", lambda self, args: False)
    return host


@pytest.mark.parametrize(("module", "args", "words", "shown"), SETTING, ids=[row[0] for row in SETTING])
def test_what_is_set_in_band_is_seen_over_the_network(
    inside: Inside, module: str, args: dict[str, t.Any], words: tuple[str, ...], shown: str
) -> None:
    before = inside.witness(*words)
    foreseen = inside.run(module, check_mode=True, **args)
    assert (foreseen.get("msg"), foreseen.get("changed"), inside.bmc.writes()) == (None, True, []), foreseen
    first = inside.run(module, **args)
    assert (first.get("msg"), first.get("changed")) == (None, True), first
    assert first["diff"] == foreseen["diff"] and inside.bmc.writes()
    seen = inside.witness(*words)
    assert shown in seen and seen != before
    if module == "ipmi_boot":
        return  # ipmi_sim forgets that the override is valid, so each run sets it: see the module's documentation
    second = inside.run(module, **args)
    assert (second.get("msg"), second.get("changed"), inside.bmc.writes()) == (None, False, []), second


@pytest.mark.parametrize(("module", "args", "right"), ASKING, ids=[row[0] for row in ASKING])
def test_what_only_asks_answers_in_band(inside: Inside, module: str, args: dict[str, t.Any], right: t.Callable[[Result], bool]) -> None:
    result = inside.run(module, **args)
    assert "msg" not in result and right(result), result
    assert inside.bmc.writes() == []


@pytest.mark.parametrize(("module", "args", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_makes_no_sense_in_band_is_refused(inside: Inside, module: str, args: dict[str, t.Any], message: str) -> None:
    result = inside.run(module, **args)
    assert result["failed"] and message in result["msg"]
    assert inside.bmc.writes() == []


def test_no_module_is_left_out() -> None:
    group = yaml.safe_load((CHECKOUT / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]["ipmi"]
    assert {name for name, *_rest in [*SETTING, *ASKING, *REFUSED]} == set(group)


def test_the_lan_channel_is_found_though_the_request_comes_over_another(inside: Inside) -> None:
    inside.run("ipmi_lan", vlan_id=119)
    assert {request.data[0] & 0x0F for request in inside.bmc.requests() if request.writes} == {1}


def test_an_account_made_in_band_logs_in_over_the_network(inside: Inside) -> None:
    inside.run("ipmi_user", **NEW)
    assert "is off" in inside.bmc.ipmitool("chassis", "power", "status", user="inside", password="From-inside-1")


def test_an_address_set_in_band_is_where_it_answers(inside: Inside, address: str) -> None:
    result = inside.run("ipmi_config", users=[NEW], lan=[{"ip_source": "static", "ip_address": address, "netmask": 16, "vlan_id": 120}])
    assert (result.get("msg"), result["changed"]) == (None, True), result
    # In band nothing is cut, so nothing is claimed of a login.
    assert "verified" not in result
    assert inside.bmc.host == address
    shown = fields(inside.bmc.ipmitool("lan", "print", "1", user="inside", password="From-inside-1"))
    assert (shown["IP Address"], shown["802.1q VLAN ID"]) == (address, "120")


def test_every_account_may_be_taken_away_in_band_because_none_is_in_use(inside: Inside) -> None:
    result = inside.run("ipmi_user", name="ADMIN", state="absent", bmc_user="ADMIN")
    assert (result.get("msg"), result["changed"]) == (None, True), result


def test_a_bmc_that_is_gone_behind_its_driver_is_unreachable(inside: Inside) -> None:
    """The driver goes on without it: requests are taken, and no answer comes."""
    os.kill(inside.bmc.sim.pid, signal.SIGSTOP)
    try:
        with stopwatch() as watch:
            result = act("ipmi_info", {"bmc_interface": "open", "bmc_timeout": 1})
        assert (result["failed"], result["reason"]) == (True, "unreachable") and "the BMC behind it did not answer within 1 seconds" in result["msg"]
        assert watch.seconds < 3
        assert all(device.closed for device in inside.devices)
    finally:
        os.kill(inside.bmc.sim.pid, signal.SIGKILL)


def test_the_driver_stands_in_for_nothing_else(tmp_path: pathlib.Path, inside: Inside) -> None:
    """A file that is not the driver's gets the kernel's own answer."""
    with (tmp_path / "plain").open("w") as plain, pytest.raises(OSError, match="Inappropriate ioctl"):
        localsession.fcntl.ioctl(plain, localsession.IPMICTL_SET_MY_ADDRESS_CMD, localsession.BMC_SLAVE_ADDR)
    assert inside.devices == []

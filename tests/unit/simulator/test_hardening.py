# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a site's policy sets, and what follows from it at the login: ciphers, lockout, channels, keys, clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator import personalities
from tests.unit.simulator.client import Client, make_bmc
from tests.unit.simulator.clients import fields, witness
from tests.unit.simulator.handlers import Bench

KEY = "2b" * 20
BY_ID = {"cipher_suites": [1, 3, 8, 17], "cipher_index": "id", "cipher_privileges": [0, 0, 0, 4, 0, 0, 0, 0, 3]}
BY_POSITION = {"cipher_suites": [1, 3, 8, 17], "cipher_privileges": [0, 4, 3, 0]}


@pytest.mark.parametrize(
    ("lan", "suite", "privilege", "status"),
    [
        (BY_ID, 3, 4, 0x00),
        (BY_ID, 1, 2, 0x11),
        (BY_ID, 8, 4, 0x0A),
        (BY_ID, 8, 3, 0x00),
        (BY_ID, 17, 4, 0x00),
        (BY_POSITION, 3, 4, 0x00),
        (BY_POSITION, 1, 2, 0x11),
        (BY_POSITION, 8, 4, 0x0A),
        (BY_POSITION, 17, 4, 0x11),
        ({**BY_POSITION, "cipher_refuses": [3]}, 3, 4, 0x11),
        ({**BY_POSITION, "cipher_accepts": [17]}, 17, 4, 0x00),
        ({**BY_POSITION, "cipher_accepts": [2]}, 2, 4, 0x00),
    ],
)
def test_a_suite_at_open_session(lan: dict[str, object], suite: int, privilege: int, status: int) -> None:
    assert Client(make_bmc(lan=lan)).open(suite, privilege)[1] == status


@pytest.mark.parametrize(("traits", "shown"), [(BY_ID, "00 00 40 00 00 03 00 00 00"), (BY_POSITION, "00 40 03 00 00 00 00 00 00")])
def test_the_nibbles_of_both_conventions(traits: dict[str, object], shown: str) -> None:
    Bench(lan=traits).script(
        f"""
        0C/02 01 16 00 00 -> 00 11 04
        0C/02 01 17 00 00 -> 00 11 00 01 03 08 11
        0C/02 01 18 00 00 -> 00 11 {shown}
        """
    )


def test_a_suite_that_was_written_off_lets_nobody_in() -> None:
    client = Client(make_bmc(lan=BY_POSITION)).login(3)
    assert client.ask("0C/01", "01 18 00 00 40 00 00 00 00 00 00") == "00"  # nibble 3: suite 17
    assert client.bmc.state.suite_limit(1, 3) == 0
    assert Client(client.bmc).open(3, 4)[1] == 0x11
    Client(client.bmc).login(17)


def test_a_lockout_is_logged_where_parameter_26_says_so() -> None:
    client = Client(make_bmc())
    rule = client.bmc.state.lan[1].bad_password
    rule.threshold, rule.log_event = 2, True
    for _attempt in range(2):
        client.open()
        client.rakp1()
        client.rakp3(b"wrong")
    (entry,) = client.bmc.state.sel.entries
    # Session Audit, offset 3 "invalid password disable", user 2, channel 1.
    assert entry.data[7:] == bytes.fromhex("2000042a2a6ff30201")


def test_a_lockout_is_not_logged_by_itself() -> None:
    client = Client(make_bmc())
    client.bmc.state.lan[1].bad_password.threshold = 1
    client.open()
    client.rakp1()
    client.rakp3(b"wrong")
    assert client.bmc.state.users[2].locked_until is not None
    assert client.bmc.state.sel.entries == []


async def test_freeipmi_names_the_event_of_a_lockout(tmp_path: Path) -> None:
    users = {2: {"name": "admin", "password": "top-secret"}, 3: {"name": "other", "password": "another"}}
    async with witness(tmp_path, users=users) as running:
        await running.ipmitool("lan", "set", "1", "bad_pass_thresh", "1", "1", "0", "0")
        # Over RMCP+ ipmitool tells the BMC nothing of a password that is wrong; over IPMI 1.5 it has to.
        await running.ipmitool("-I", "lan", "-R", "1", "-N", "1", "-U", "other", "-P", "wrong", "mc", "info", status=1)
        assert "Invalid Password Disable" in await running.freeipmi("ipmi-sel", "--ignore-sdr-cache")


def test_each_channel_has_its_own_key() -> None:
    bench = Bench(channels={1: {}, 8: {}}, lan={"channels": [1, 8]}, device={"kg_read_code": 0})
    bench.script(f"06/56 08 01 01 {KEY} -> 00 02\n06/56 08 02 01 -> 00 01\n06/56 08 01 01 {KEY} -> 80")
    assert bench.ask("06/56", "01 00 01") == "00 02 " + " ".join(["00"] * 20)
    assert bench.state.kg is None
    assert bench.ask("06/38", "08 04").split()[3] == "24"
    assert bench.ask("06/38", "01 04").split()[3] == "04"


async def test_freeipmi_reads_the_key_where_the_bmc_tells_it(tmp_path: Path) -> None:
    async with witness(tmp_path, kg=KEY, personality={"device": {"kg_read_code": 0}}) as running:
        kg = f"--k-g=0x{KEY}"
        shown = await running.freeipmi("ipmi-config", kg, "--checkout", "--section=Lan_Conf_Security_Keys", status=0)
        assert "+" * 20 in shown  # FreeIPMI prints what can be printed
        refused = await running.freeipmi("bmc-info", "--k-g=wrong", status=1)
        assert "k_g invalid" in refused


def test_a_board_with_two_lan_channels() -> None:
    assert personalities.load("megarac_hpe").traits.lan.channels == (1, 8)
    bench = Bench(channels={1: {}, 8: {}}, lan={"channels": [1, 8]})
    first, second = bench.state.lan[1], bench.state.lan[8]
    assert (second.address, second.gateway) == (bytes(4), bytes(4))
    assert any(first.address)
    assert second.mac != first.mac
    bench.script(
        """
        0C/01 08 14 64 80   -> 00
        0C/02 08 14 00 00   -> 00 11 64 80
        0C/02 01 14 00 00   -> 00 11 00 00
        06/43 98 03 03      -> 00
        06/44 08 03         -> 00 0a 81 01 13
        06/44 01 03         -> 00 0a 81 01 0f
        """
    )


def test_preset_oem_bits_let_no_partial_write_through() -> None:
    """As Dell's R610: what it shows at first cannot be written back."""
    Bench(**personalities.sections("idrac6")).script(
        """
        0C/02 01 02 00 00            -> 00 11 34 34 34 34 00
        0C/01 01 02 34 34 34 34 00   -> cc
        0C/01 01 02 04 34 34 34 00   -> cc
        0C/01 01 02 04               -> cc
        0C/02 01 02 00 00            -> 00 11 34 34 34 34 00
        0C/01 01 02 04 04 04 04 00   -> 00
        0C/02 01 02 00 00            -> 00 11 04 04 04 04 00
        """
    )


def test_ipv6_of_lesser_firmware() -> None:
    lan = {"ipv6_support": 2, "ipv6_sources": 1, "ipv6_static": 2, "ipv6_static_status": 2, "ipv6_dynamic": 2}
    address = "fd 00 " + "00 " * 13 + "01 40 00"
    Bench(lan=lan).script(
        f"""
        0C/02 01 32 00 00   -> 00 11 02
        0C/02 01 37 00 00   -> 00 11 02 02 01
        0C/01 01 33 01      -> cc
        0C/01 01 33 00      -> 00
        0C/01 01 33 02      -> 00
        0C/01 01 38 01 80 {address} -> 00
        0C/02 01 38 01 00   -> 00 11 01 80 {address[:-2]}02
        0C/02 01 38 00 00   -> 00 11 00 00 {"00 " * 17}01
        0C/02 01 38 02 00   -> c9
        0C/01 01 3b 00 01   -> 82
        0C/02 01 3b 01 00   -> 00 11 01 02 fd 00 ..
        """
    )


async def test_ipmitool_shows_both_ways_of_dynamic_addresses(tmp_path: Path) -> None:
    async with witness(tmp_path, mac="02:00:00:00:00:07", personality={"lan": {"ipv6_dynamic": 2}}) as running:
        shown = await running.ipmitool("lan6", "print", "1", "dynamic_addr")
        assert "DHCPv6" in shown
        assert "SLAAC" in shown
        await running.ipmitool("lan6", "set", "1", "nolock", "rtr_cfg", "static")
        await running.ipmitool("lan6", "set", "1", "nolock", "static_rtr", "1", "fd00::9", "00:00:00:00:00:09", "fd00::", "64")
        router = running.bmc.state.lan[1].ipv6.routers[0]
        assert (router.prefix, router.mac[-1], running.bmc.state.lan[1].ipv6.router_control) == (64, 9, 1)


async def test_the_clock_and_its_offset(tmp_path: Path) -> None:
    async with witness(tmp_path) as running:
        await running.freeipmi("bmc-device", "--set-sel-time-utc-offset=60")
        assert running.bmc.state.sel.utc_offset == 60
        assert "60" in await running.freeipmi("bmc-device", "--get-sel-time-utc-offset")
        await running.freeipmi("bmc-device", "--set-sel-time=03/04/2031 - 05:06:07")
        running.bmc.clock.advance(3600)
        assert "03/04/2031 - 06:06" in await running.freeipmi("bmc-device", "--get-sel-time")


async def test_the_buttons_and_the_suites(tmp_path: Path) -> None:
    async with witness(tmp_path, personality={"lan": BY_POSITION}) as running:
        await running.commit("chassis", Chassis_Front_Panel_Buttons__Enable_Reset_Button="No")
        assert running.bmc.state.chassis.front_panel == 0x02
        shown = fields(await running.ipmitool("chassis", "status"))
        assert shown["Reset Button Disabled"] == "true"
        listed = await running.ipmitool("channel", "getciphers", "ipmi", "1")
        assert [line.split()[0] for line in listed.splitlines()[1:]] == ["1", "3", "8", "17"]


def test_the_cycle_interval_is_how_long_the_power_stays_off() -> None:
    client = Client(make_bmc({"power": "on"})).login()
    assert client.ask("00/0B", "14") == "00"
    assert client.ask("00/02", "02") == "00"
    client.bmc.clock.advance(30)
    history = [event for event in client.bmc.power.history if event.what in ("off", "on")]
    assert [event.what for event in history] == ["off", "on"]
    assert 20 <= history[1].at - history[0].at < 21

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmitool shows what the state holds, and what it sets arrives there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.simulator.state import Destination
from tests.unit.simulator.clients import Witness, fields, witness


@pytest_asyncio.fixture
async def bmc(tmp_path: Path) -> AsyncIterator[Witness]:
    async with witness(tmp_path) as running:
        yield running


@pytest.mark.parametrize("suite", [3, 17])
async def test_controller(bmc: Witness, suite: int) -> None:
    shown = fields(await bmc.ipmitool("mc", "info", suite=suite))
    assert shown["Manufacturer ID"] == "32473"
    assert shown["Firmware Revision"] == "1.23"
    assert "passed" in await bmc.ipmitool("mc", "selftest")


async def test_lan_print_shows_the_settings(bmc: Witness) -> None:
    lan = bmc.bmc.state.lan[1]
    lan.gateway, lan.gateway_mac = bytes((127, 0, 0, 254)), bytes.fromhex("020000000099")
    lan.vlan_id, lan.vlan_enabled, lan.vlan_priority = 100, True, 5
    lan.community = b"rack".ljust(18, b"\0")
    lan.arp, lan.arp_interval = 3, 5
    lan.bad_password.threshold, lan.bad_password.lockout_interval = 3, 30
    lan.cipher_privileges[0] = 0
    shown = fields(await bmc.ipmitool("lan", "print", "1"))
    wanted = {
        "IP Address Source": "Static Address",
        "IP Address": "127.0.0.1",
        "Subnet Mask": "255.255.255.0",
        "SNMP Community String": "rack",
        "Default Gateway IP": "127.0.0.254",
        "Default Gateway MAC": "02:00:00:00:00:99",
        "802.1q VLAN ID": "100",
        "802.1q VLAN Priority": "5",
        "BMC ARP Control": "ARP Responses Enabled, Gratuitous ARP Enabled",
        "Gratituous ARP Intrvl": "3.0 seconds",
        "RMCP+ Cipher Suites": "0,1,2,3,17",
        "Cipher Suite Priv Max": "XaaaaXXXXXXXXXX",
        "Bad Password Threshold": "3",
        "User Lockout Interval": "300",
    }
    assert {name: shown.get(name) for name in wanted} == wanted


async def test_lan_set_arrives(bmc: Witness) -> None:
    await bmc.ipmitool("lan", "set", "1", "netmask", "255.255.0.0")
    await bmc.ipmitool("lan", "set", "1", "defgw", "ipaddr", "127.0.0.254")
    await bmc.ipmitool("lan", "set", "1", "snmp", "rack7")
    await bmc.ipmitool("lan", "set", "1", "bad_pass_thresh", "3", "1", "6", "30")
    await bmc.ipmitool("lan", "set", "1", "arp", "generate", "on")
    await bmc.ipmitool("lan", "set", "1", "vlan", "id", "100")
    lan = bmc.bmc.state.lan[1]
    assert lan.netmask == bytes((255, 255, 0, 0))
    assert lan.gateway == bytes((127, 0, 0, 254))
    assert lan.community.rstrip(b"\0") == b"rack7"
    rule = lan.bad_password
    assert (rule.threshold, rule.log_event) == (3, True)
    assert (rule.reset_interval, rule.lockout_interval) == (6, 30)
    assert (lan.arp, lan.vlan_id, lan.vlan_enabled) == (3, 100, True)
    assert lan.set_in_progress == 0


async def test_users(bmc: Witness) -> None:
    await bmc.ipmitool("user", "set", "name", "5", "bob")
    await bmc.ipmitool("user", "set", "password", "5", "twenty characters ok", "20")
    await bmc.ipmitool("channel", "setaccess", "1", "5", "link=on", "ipmi=on", "callin=on", "privilege=3")
    await bmc.ipmitool("user", "enable", "5")
    user = bmc.bmc.state.users[5]
    assert (user.name, user.password, user.password_size) == (b"bob", b"twenty characters ok", 20)
    assert user.enabled
    assert (user.on(1).privilege, user.on(1).messaging, user.on(1).link_auth) == (3, True, True)
    rows = [line.split() for line in (await bmc.ipmitool("user", "list", "1")).splitlines()]
    assert ["5", "bob", "true", "true", "true", "OPERATOR"] in rows
    assert "Success" in await bmc.ipmitool("user", "test", "5", "20", "twenty characters ok")
    await bmc.ipmitool("user", "test", "5", "20", "another", status=1)
    await bmc.ipmitool("user", "test", "5", "16", "twenty", status=1)
    await bmc.ipmitool("user", "disable", "5")
    shown = fields(await bmc.ipmitool("channel", "getaccess", "1", "5"))
    assert (shown["Enable Status"], shown["Privilege Level"]) == ("disabled", "OPERATOR")
    await bmc.ipmitool("sol", "payload", "enable", "1", "5")
    assert user.payloads[1] == {1}
    assert "enabled" in await bmc.ipmitool("sol", "payload", "status", "1", "5")


async def test_channel_info(bmc: Witness) -> None:
    channel = bmc.bmc.state.channels[1]
    channel.volatile.pef_alerting = False
    channel.non_volatile.user_level_auth = False
    channel.non_volatile.mode = 3
    text = await bmc.ipmitool("channel", "info", "1")
    volatile, _unused, stored = text.partition("Non-Volatile")
    live, kept = fields(volatile), fields(stored)
    assert live["Channel Medium Type"] == "802.3 LAN"
    assert (live["Alerting"], live["Access Mode"]) == ("disabled", "always available")
    assert (kept["User Level Auth"], kept["Access Mode"]) == ("disabled", "shared")


async def test_sol(bmc: Witness) -> None:
    await bmc.ipmitool("sol", "set", "privilege-level", "admin", "1")
    await bmc.ipmitool("sol", "set", "force-encryption", "true", "1")
    await bmc.ipmitool("sol", "set", "character-accumulate-level", "5", "1")
    await bmc.ipmitool("sol", "set", "retry-count", "3", "1")
    await bmc.ipmitool("sol", "set", "non-volatile-bit-rate", "19.2", "1")
    sol = bmc.bmc.state.sol[1]
    assert (sol.privilege, sol.force_encryption, sol.accumulate) == (4, True, 5)
    assert (sol.retry_count, sol.bit_rate, sol.volatile_bit_rate) == (3, 7, 10)
    shown = fields(await bmc.ipmitool("sol", "info", "1"))
    assert shown["Privilege Level"] == "ADMINISTRATOR"
    assert shown["Character Accumulate Level (ms)"] == "25"
    assert shown["Non-Volatile Bit Rate (kbps)"] == "19.2"
    assert shown["Volatile Bit Rate (kbps)"] == "115.2"


async def test_chassis(bmc: Witness) -> None:
    await bmc.ipmitool("chassis", "policy", "always-on")
    await bmc.ipmitool("chassis", "identify", "force")
    chassis = bmc.bmc.state.chassis
    assert (chassis.restore_policy, chassis.identify) == (2, 2)
    shown = fields(await bmc.ipmitool("chassis", "status"))
    assert (shown["Power Restore Policy"], shown["System Power"]) == ("always-on", "off")
    await bmc.ipmitool("chassis", "identify", "0")
    assert chassis.identify == 0
    assert "previous" in await bmc.ipmitool("chassis", "policy", "list")
    assert "0 hours" in await bmc.ipmitool("chassis", "poh")
    assert "power control command" in await bmc.ipmitool("chassis", "restart_cause")


async def test_boot_device(bmc: Witness) -> None:
    await bmc.ipmitool("chassis", "bootdev", "pxe", "options=persistent,efiboot")
    assert bmc.bmc.state.chassis.boot.flags == bytes.fromhex("e004000000")
    text = await bmc.ipmitool("chassis", "bootparam", "get", "5")
    assert "Boot Flag Valid" in text
    assert "BIOS EFI boot" in text
    assert "Force PXE" in text
    await bmc.ipmitool("chassis", "bootparam", "set", "bootflag", "force_disk")
    assert "Force Boot from default Hard-Drive" in await bmc.ipmitool("chassis", "bootparam", "get", "5")


async def test_event_log(bmc: Witness) -> None:
    assert "no entries" in await bmc.ipmitool("sel", "list")
    await bmc.ipmitool("event", "1")
    events = bmc.folder / "events"
    events.write_text("0x04 0x08 0xc8 0x6f 0x01 0xff 0xff # PS1 failure\n")
    await bmc.ipmitool("sel", "add", str(events))
    text = await bmc.ipmitool("sel", "elist")
    assert "Upper Critical going high" in text
    assert "Power Supply #0xc8 | Failure detected" in text
    assert len(bmc.bmc.state.sel.entries) == 2
    assert fields(await bmc.ipmitool("sel", "info"))["Entries"] == "2"
    await bmc.ipmitool("sel", "delete", "1")
    assert [entry.record_id for entry in bmc.bmc.state.sel.entries] == [2]
    await bmc.ipmitool("sel", "clear")
    assert bmc.bmc.state.sel.entries == []
    await bmc.ipmitool("sel", "time", "set", "03/04/31 05:06:07")
    assert "03/04/31 05:06:" in await bmc.ipmitool("sel", "time", "get")


async def test_sensors(bmc: Witness) -> None:
    off = await bmc.ipmitool("sdr", "elist", "full")
    assert "Inlet Temp       | 0Ch | ok  | 55.1 | 21 degrees C" in off
    assert "CPU1 Temp        | 01h | ns  |  3.1 | No Reading" in off
    await bmc.ipmitool("chassis", "power", "on")
    bmc.bmc.clock.advance(10)
    assert bmc.bmc.power.on
    on = await bmc.ipmitool("sdr", "elist", "full")
    assert "CPU1 Temp        | 01h | ok  |  3.1 | 46 degrees C" in on
    assert "FAN1             | 41h | ok  | 29.1 | 4800 RPM" in on
    assert "12V              | 30h | ok  |  7.1 | 12 Volts" in on
    assert "PS1 Power        | 50h | ok  | 10.1 | 184 Watts" in on
    await bmc.ipmitool("sensor", "thresh", "CPU1 Temp", "ucr", "88")
    assert bmc.bmc.state.sdr.sensors[1].thresholds[4] == 88
    row = next(line for line in (await bmc.ipmitool("sensor")).splitlines() if "CPU1" in line)
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[1:4] == ["46.000", "degrees C", "ok"]
    assert cells[8] == "88.000"
    everything = await bmc.ipmitool("sdr", "elist", "all")
    assert "Dynamic MC @ 20h" in everything
    assert "Logical FRU @00h" in everything


async def test_fru(bmc: Witness) -> None:
    shown = fields(await bmc.ipmitool("fru", "print", "0"))
    assert shown["Chassis Type"] == "Rack Mount Chassis"
    assert shown["Board Mfg"] == "Acme"
    assert shown["Product Name"] == "Server 1"
    assert shown["Product Serial"] == "SN0007"
    assert shown["Product Asset Tag"] == "A7"
    assert shown["Board Mfg Date"] == "Thu Jan  1 00:00:00 2026 UTC"


async def test_sessions(bmc: Witness) -> None:
    shown = fields(await bmc.ipmitool("session", "info", "all"))
    assert (shown["active sessions"], shown["user id"]) == ("1", "2")
    assert shown["console ip"] == "127.0.0.1"
    assert len(bmc.bmc.sessions) == 0


async def test_dcmi(bmc: Witness) -> None:
    assert "Power management available" in await bmc.ipmitool("dcmi", "discover")
    await bmc.ipmitool("dcmi", "set_asset_tag", "shelf 9")
    assert bmc.bmc.state.dcmi.asset_tag.rstrip(b"\0") == b"shelf 9"
    assert "shelf 9" in await bmc.ipmitool("dcmi", "asset_tag")
    await bmc.ipmitool("dcmi", "set_mc_id_string", "node-9")
    assert "node-9" in await bmc.ipmitool("dcmi", "get_mc_id_string")
    await bmc.ipmitool("dcmi", "power", "set_limit", "limit", "500")
    await bmc.ipmitool("dcmi", "power", "activate")
    limit = bmc.bmc.state.dcmi.limit
    assert (limit.watts, limit.active) == (500, True)
    assert "500 Watts" in await bmc.ipmitool("dcmi", "power", "get_limit")
    assert "16 Watts" in await bmc.ipmitool("dcmi", "power", "reading")
    assert "Inlet Temp" in await bmc.ipmitool("dcmi", "sensors")
    assert "+21 C" in await bmc.ipmitool("dcmi", "get_temp_reading")


async def test_ipv6(bmc: Witness) -> None:
    await bmc.ipmitool("lan6", "set", "1", "nolock", "static_addr", "0", "enable", "fd00::9", "64")
    entry = bmc.bmc.state.lan[1].ipv6.static[0]
    assert (entry.enabled, entry.address[-1], entry.prefix) == (True, 9, 64)
    text = await bmc.ipmitool("lan6", "print", "1")
    assert "fd00::9/64" in text
    assert "IPv6/IPv4 Addressing Enables: both" in text
    assert "HOP_COUNT_LIMIT" in text


async def test_alert_destinations(bmc: Witness) -> None:
    bmc.bmc.state.lan[1].destinations[2] = Destination(acknowledge=True, timeout=7, retries=3)
    await bmc.ipmitool("lan", "alert", "set", "1", "2", "ipaddr", "127.0.0.9")
    await bmc.ipmitool("lan", "alert", "set", "1", "2", "macaddr", "02:00:00:00:00:09")
    await bmc.ipmitool("lan", "alert", "set", "1", "2", "gateway", "backup")
    entry = bmc.bmc.state.lan[1].destinations[2]
    assert (entry.address, entry.mac[-1]) == (bytes((127, 0, 0, 9)), 9)
    shown = fields(await bmc.ipmitool("lan", "alert", "print", "1", "2"))
    assert shown["Alert IP Address"] == "127.0.0.9"
    assert shown["Alert Acknowledge"] == "Acknowledged"
    assert shown["Number of Retries"] == "3"


async def test_pef(bmc: Witness) -> None:
    pef = bmc.bmc.state.pef
    pef.filters[1] = bytes.fromhex("8001011000ffff01ff01ffff000000000000000000"[:40])
    pef.policies[0] = bytes((0x18, 0x12, 0x00))
    assert "Alert,Power-off" in await bmc.ipmitool("pef", "info")
    assert "enabled, configurable" in await bmc.ipmitool("pef", "filter", "list")
    line = (await bmc.ipmitool("pef", "policy", "list")).splitlines()[0]
    assert [cell.strip() for cell in line.split("|")][:3] == ["1", "1", "enabled"]
    await bmc.ipmitool("pef", "policy", "disable", "1")
    assert pef.policies[0][0] & 0x08 == 0
    await bmc.ipmitool("pef", "filter", "disable", "2")
    assert pef.filters[1][0] & 0x80 == 0


async def test_system_info_and_enables(bmc: Witness) -> None:
    await bmc.ipmitool("mc", "setsysinfo", "system_name", "a name with more than fourteen letters")
    assert "a name with more than fourteen letters" in await bmc.ipmitool("mc", "getsysinfo", "system_name")
    bmc.bmc.state.device.global_enables = 0x0C
    assert fields(await bmc.ipmitool("mc", "getenables"))["Event Message Buffer"] == "enabled"
    # In two words; its help says "system_event_log=off", which it takes for nothing.
    await bmc.ipmitool("mc", "setenables", "system_event_log", "off")
    assert bmc.bmc.state.device.global_enables == 0x04
    await bmc.ipmitool("mc", "setenables", "system_event_log", "on")
    assert bmc.bmc.state.device.global_enables == 0x0C

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FreeIPMI shows what the state holds, and what ipmi-config commits arrives there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.simulator.commands.sel import add_event
from tests.unit.simulator.clients import Witness, fields, witness


@pytest_asyncio.fixture
async def bmc(tmp_path: Path) -> AsyncIterator[Witness]:
    async with witness(tmp_path) as running:
        yield running


def shows(found: dict[str, str], wanted: dict[str, str]) -> None:
    assert {key: found.get(key) for key in wanted} == wanted


async def test_bmc_info(bmc: Witness) -> None:
    bmc.bmc.state.device.system_info[2] = bytes((0, 5)) + b"node7"
    bmc.bmc.state.device.guid = bytes(range(16))[::-1]
    shows(
        fields(await bmc.freeipmi("bmc-info")),
        {
            "Firmware Revision": "1.23",
            "IPMI Version": "2.0",
            "Manufacturer ID": "Example Enterprise Number for Documentation Use (32473)",
            "System GUID": "00010203-0405-0607-0809-0a0b0c0d0e0f",
            "System Name": "node7",
            "Medium Type": "IPMB (I2C)",
        },
    )


async def test_core_checkout(bmc: Witness) -> None:
    state = bmc.bmc.state
    lan, sol = state.lan[1], state.sol[1]
    lan.gateway, lan.arp_interval = bytes((127, 0, 0, 254)), 5
    lan.vlan_id, lan.vlan_enabled = 100, True
    lan.bad_password.threshold, lan.bad_password.reset_interval = 3, 6
    lan.cipher_privileges[1] = 2
    sol.privilege, sol.retry_count, sol.threshold = 3, 4, 80
    sol.bit_rate = 7
    state.channels[1].volatile.pef_alerting = False
    state.channels[1].non_volatile.privilege_limit = 3
    state.users[5].name = b"bob"
    shows(
        # 1: the serial channel and Kg cannot be read, as on most BMCs
        await bmc.checkout("core", status=1),
        {
            "User2:Username": "admin",
            "User2:Enable_User": "Yes",
            "User2:Lan_Privilege_Limit": "Administrator",
            "User2:Lan_Enable_IPMI_Msgs": "Yes",
            "User2:SOL_Payload_Access": "Yes",
            "User3:Enable_User": "No",
            "User3:Lan_Privilege_Limit": "No_Access",
            "User5:Username": "bob",
            "Lan_Channel:Volatile_Enable_Pef_Alerting": "No",
            "Lan_Channel:Non_Volatile_Enable_Pef_Alerting": "Yes",
            "Lan_Channel:Non_Volatile_Channel_Privilege_Limit": "Operator",
            "Lan_Conf:IP_Address_Source": "Static",
            "Lan_Conf:IP_Address": "127.0.0.1",
            "Lan_Conf:Subnet_Mask": "255.255.255.0",
            "Lan_Conf:Default_Gateway_IP_Address": "127.0.0.254",
            "Lan_Conf_Misc:Gratuitous_ARP_Interval": "5",
            "Lan_Conf_User_Security:Bad_Password_Threshold": "3",
            "Lan_Conf_User_Security:Attempt_Count_Reset_Interval": "6",
            "Lan_Conf_Auth:Admin_Enable_Auth_Type_MD5": "Yes",
            "Lan6_Conf:Supports_IPv6_Only": "Yes",
            "Rmcpplus_Conf_Privilege:Maximum_Privilege_Cipher_Suite_Id_1": "User",
            "Rmcpplus_Conf_Privilege:Maximum_Privilege_Cipher_Suite_Id_3": "Administrator",
            "SOL_Conf:Enable_SOL": "Yes",
            "SOL_Conf:SOL_Privilege_Level": "Operator",
            "SOL_Conf:SOL_Retry_Count": "4",
            "SOL_Conf:Character_Send_Threshold": "80",
            "SOL_Conf:Non_Volatile_Bit_Rate": "19200",
            "SOL_Conf:Volatile_Bit_Rate": "115200",
        },
    )


async def test_core_commit(bmc: Witness) -> None:
    await bmc.commit(
        "core",
        User6__Username="carol",
        User6__Password="seventeen-letters",
        User6__Enable_User="Yes",
        User6__Lan_Enable_IPMI_Msgs="Yes",
        User6__Lan_Privilege_Limit="Operator",
        User6__SOL_Payload_Access="Yes",
        Lan_Channel__Volatile_Access_Mode="Shared",
        Lan_Conf__Backup_Gateway_IP_Address="127.0.0.253",
        Lan_Conf_Misc__Enable_Gratuitous_ARPs="Yes",
        Lan_Conf_User_Security__User_Lockout_Interval="30",
        Lan_Conf_Security_Keys__K_G="0x" + "ab" * 20,
        Lan6_Conf__IPv6_Static_Address="fd00::7",
        SOL_Conf__Force_SOL_Payload_Encryption="Yes",
        SOL_Conf__Character_Accumulate_Interval="9",
    )
    state = bmc.bmc.state
    user = state.users[6]
    assert (user.name, user.password, user.password_size) == (b"carol", b"seventeen-letters", 20)
    assert (user.enabled, user.on(1).privilege, user.on(1).messaging) == (True, 3, True)
    assert user.payloads[1] == {1}
    assert state.channels[1].volatile.mode == 3
    lan = state.lan[1]
    assert (lan.backup_gateway, lan.arp) == (bytes((127, 0, 0, 253)), 3)
    assert lan.bad_password.lockout_interval == 30
    assert lan.ipv6.static[0].address[-1] == 7
    assert state.kg == bytes.fromhex("ab" * 20)
    assert (state.sol[1].force_encryption, state.sol[1].accumulate) == (True, 9)


async def test_passwords_are_compared(bmc: Witness) -> None:
    same = await bmc.freeipmi("ipmi-config", "--diff", "--key-pair=User2:Password=top-secret")
    assert same == ""
    other = await bmc.freeipmi("ipmi-config", "--diff", "--key-pair=User2:Password=another")
    assert "User2:Password" in other


async def test_chassis_configuration(bmc: Witness) -> None:
    await bmc.commit(
        "chassis",
        Chassis_Power_Conf__Power_Restore_Policy="Restore_State_AC_Apply",
        Chassis_Power_Conf__Power_Cycle_Interval="20",
        Chassis_Boot_Flags__Boot_Device="PXE",
        Chassis_Boot_Flags__Boot_Flags_Persistent="Yes",
        Chassis_Boot_Flags__BIOS_Boot_Type="EFI",
    )
    chassis = bmc.bmc.state.chassis
    assert (chassis.restore_policy, chassis.cycle_interval) == (1, 20)
    assert chassis.boot.flags[:2] == bytes((0xE0, 0x04))
    assert chassis.boot.keep_valid == 0x1F
    chassis.front_panel = 0x02
    shows(
        await bmc.checkout("chassis"),
        {
            "Chassis_Power_Conf:Power_Restore_Policy": "Restore_State_AC_Apply",
            "Chassis_Boot_Flags:Boot_Device": "PXE",
            "Chassis_Boot_Flags:BIOS_Boot_Type": "EFI",
            "Chassis_Boot_Flags:Boot_Flags_Persistent": "Yes",
            "Chassis_Front_Panel_Buttons:Enable_Reset_Button": "No",
            "Chassis_Front_Panel_Buttons:Enable_Power_Off_Button_For_Power_Off_Only": "Yes",
        },
    )


async def test_sensor_configuration(bmc: Witness) -> None:
    await bmc.commit("sensors", **{"3_CPU1_Temp__Upper_Critical_Threshold": "88.000000"})
    assert bmc.bmc.state.sdr.sensors[1].thresholds[4] == 88
    shows(
        await bmc.checkout("sensors"),
        {
            "3_CPU1_Temp:Upper_Critical_Threshold": "88.000000",
            "3_CPU1_Temp:Upper_Non_Critical_Threshold": "85.000000",
            "3_CPU1_Temp:Positive_Going_Threshold_Hysteresis": "2.000000",
            "7_FAN1:Lower_Critical_Threshold": "600.000000",
            "3_CPU1_Temp:Enable_All_Event_Messages": "Yes",
            "3_CPU1_Temp:Enable_Assertion_Event_Upper_Critical_Going_High": "Yes",
        },
    )


async def test_pef_configuration(bmc: Witness) -> None:
    await bmc.commit(
        "pef",
        PEF_Conf__Enable_PEF="Yes",
        PEF_Conf__Enable_Alert_Action="Yes",
        PEF_Conf__Startup_Delay="9",
        Community_String__Community_String="rack7",
        Lan_Alert_Destination_1__Alert_IP_Address="127.0.0.9",
        Lan_Alert_Destination_1__Alert_Retries="3",
        Alert_Policy_1__Policy_Enabled="Yes",
        Alert_Policy_1__Policy_Number="1",
        Alert_Policy_1__Destination_Selector="1",
        Event_Filter_2__Enable_Filter="Yes",
        Event_Filter_2__Event_Filter_Action_Alert="Yes",
        Event_Filter_2__Alert_Policy_Number="1",
        Event_Filter_2__Sensor_Type="Temperature",
        Alert_String_1__Alert_String="hot",
    )
    state = bmc.bmc.state
    assert (state.pef.control & 1, state.pef.actions & 1, state.pef.startup_delay) == (1, 1, 9)
    assert state.lan[1].community.rstrip(b"\0") == b"rack7"
    entry = state.lan[1].destinations[1]
    assert (entry.address, entry.retries) == (bytes((127, 0, 0, 9)), 3)
    assert state.pef.policies[0][0] == 0x18
    assert state.pef.filters[1][:3] == bytes((0x80, 0x01, 0x01))
    assert state.pef.filters[1][6] == 0x01
    assert state.pef.strings[1] == b"hot"
    shows(
        await bmc.checkout("pef"),
        {
            "PEF_Conf:Startup_Delay": "9",
            "Community_String:Community_String": "rack7",
            "Lan_Alert_Destination_1:Alert_IP_Address": "127.0.0.9",
            "Alert_Policy_1:Policy_Enabled": "Yes",
            "Event_Filter_2:Sensor_Type": "Temperature",
            "Alert_String_1:Alert_String": "hot",
        },
    )


async def test_dcmi_configuration(bmc: Witness) -> None:
    await bmc.commit(
        "dcmi",
        DCMI_Conf__Asset_Tag="shelf-9-of-the-long-row-by-the-door",
        DCMI_Conf__Management_Controller_Identifier_String="node-9",
        DCMI_Conf__Power_Limit_Requested="450",
    )
    dcmi = bmc.bmc.state.dcmi
    assert dcmi.asset_tag.rstrip(b"\0") == b"shelf-9-of-the-long-row-by-the-door"
    assert dcmi.controller_id.rstrip(b"\0") == b"node-9"
    assert dcmi.limit.watts == 450
    shows(
        await bmc.checkout("dcmi"),
        {
            "DCMI_Conf:Asset_Tag": "shelf-9-of-the-long-row-by-the-door",
            "DCMI_Conf:Management_Controller_Identifier_String": "node-9",
            "DCMI_Conf:Power_Limit_Requested": "450",
        },
    )


async def test_sensors(bmc: Witness) -> None:
    bmc.bmc.state.sdr.sensors[0x0C].forced = 46
    text = await bmc.freeipmi("ipmi-sensors", "--quiet-cache", "--output-sensor-thresholds")
    rows = {cells[1]: cells for cells in ([c.strip() for c in ln.split("|")] for ln in text.splitlines()) if len(cells) > 5}
    assert rows["Inlet Temp"][3] == "46.00"
    assert "At or Above (>=) Upper Critical Threshold" in rows["Inlet Temp"][-1]
    assert rows["CPU1 Temp"][3] == "N/A"
    assert rows["PS1 Status"][-1] == "'Presence detected'"


async def test_event_log(bmc: Witness) -> None:
    event = bytes((4, 1, 0x0C, 1, 0x59, 46, 45))
    add_event(bmc.bmc.state, bmc.bmc.clock.now(), b"\x20\x00", event)
    text = await bmc.freeipmi("ipmi-sel", "--quiet-cache")
    assert "Inlet Temp" in text
    assert "Upper Critical - going high" in text
    await bmc.freeipmi("ipmi-sel", "--quiet-cache", "--clear")
    assert bmc.bmc.state.sel.entries == []
    info = fields(await bmc.freeipmi("ipmi-sel", "--quiet-cache", "--info"))
    assert info["Number of log entries"] == "0"


async def test_fru(bmc: Witness) -> None:
    shown = fields(await bmc.freeipmi("ipmi-fru", "--quiet-cache"))
    shows(
        shown,
        {
            "FRU Chassis Type": "Rack Mount Chassis",
            "FRU Board Manufacturer": "Acme",
            "FRU Product Name": "Server 1",
            "FRU Product Serial Number": "SN0007",
            "FRU Product Asset Tag": "A7",
            "FRU Board Manufacturing Date/Time": "01/01/26 - 00:00:00",
        },
    )


async def test_dcmi(bmc: Witness) -> None:
    shown = fields(await bmc.freeipmi("ipmi-dcmi", "--get-dcmi-capability-info"))
    shows(
        shown,
        {
            "Power Management / Monitoring Support": "Available",
            "Number of SEL entries": "512",
            "Primary LAN Out-of-band Channel Number": "1",
        },
    )
    assert "A7" in await bmc.freeipmi("ipmi-dcmi", "--get-asset-tag")
    assert "16 Watts" in await bmc.freeipmi("ipmi-dcmi", "--get-system-power-statistics")


async def test_chassis(bmc: Witness) -> None:
    await bmc.freeipmi("ipmi-chassis", "--chassis-identify=FORCE")
    assert bmc.bmc.state.chassis.identify == 2
    shown = fields(await bmc.freeipmi("ipmi-chassis", "--get-chassis-status"))
    shows(shown, {"System Power": "off", "Chassis Identify state": "Indefinite on"})
    cause = await bmc.freeipmi("ipmi-chassis", "--get-system-restart-cause")
    assert "chassis control" in cause.lower()


async def test_trap_acknowledge(bmc: Witness) -> None:
    # A PET about CPU1 Temp: 8 GUID bytes, ... as FreeIPMI takes them after the specific trap.
    varbind = bmc.bmc.state.device.guid.hex() + "0001" + "30000000" + "0000" + "20201020"
    varbind += "01" + "0301" + "595b5a" + "ff" * 5 + "00" + "f21b0000" + "0000" + "c1"
    words = [varbind[at : at + 2] for at in range(0, len(varbind), 2)]
    await bmc.freeipmi("ipmi-pet", "--pet-acknowledge", "--quiet-cache", "65801", *words)
    assert bmc.bmc.state.pef.acknowledged == 1


async def test_statistics(bmc: Witness) -> None:
    shown = fields(await bmc.freeipmi("bmc-device", "--get-lan-statistics"))
    name = next(key for key in shown if "RMCP" in key and "eceived" in key)
    assert 0 < int(shown[name]) <= bmc.bmc.counters.datagrams


@pytest.mark.parametrize("category", ["core", "chassis", "sensors", "pef", "dcmi"])
async def test_a_checkout_can_be_committed_and_changes_nothing(bmc: Witness, category: str) -> None:
    file = bmc.folder / "config"
    words = ("--checkout", f"--category={category}", f"--filename={file}")
    await bmc.freeipmi("ipmi-config", *words, status=1 if category == "core" else 0)
    before = bmc.bmc.state.to_json()
    writes = bmc.bmc.counters.writes
    words = ("--commit", f"--category={category}", f"--filename={file}")
    await bmc.freeipmi("ipmi-config", *words)
    assert bmc.bmc.counters.writes > writes
    after = bmc.bmc.state.to_json()
    if category == "chassis":
        # It sets "valid", and its own defaults of what the 60 s and restarts leave alone.
        assert after["chassis"]["boot"].pop("flags")[:2] == "80"
        for boot in (before["chassis"]["boot"], after["chassis"]["boot"]):
            for key in ("flags", "keep_valid", "acknowledge", "flags_expire_at"):
                boot.pop(key, None)
    assert after == before

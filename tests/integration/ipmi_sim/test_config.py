# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_config and ipmi_info against ipmi_sim: a whole document, in one session."""

from __future__ import annotations

import typing as t

from tests.integration.harness import fields
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import Bmc, Model

DOCUMENT: t.Final[dict[str, t.Any]] = {
    "lan": [
        {
            "channel": 1,
            "ip_source": "static",
            "netmask": "255.255.0.0",
            "gateway": "127.41.0.254",
            "backup_gateway": "127.41.0.253",
            "vlan_id": 120,
            "vlan_priority": 2,
        }
    ],
    "users": [
        {"name": "deploy", "password": "Deploy-secret-1", "privilege": "administrator"},
        {"name": "oper", "password": "Oper-secret-2", "privilege": "operator", "user_id": 7},
        {"name": "watch", "password": "Watch-secret-3", "privilege": "user", "link_auth": True},
    ],
    "sol": {"enabled": False, "bit_rate": "57600"},
}


def test_a_document_is_brought_about_in_one_session_and_read_back(bmc: Bmc) -> None:
    result = bmc.converge("ipmi_config", **DOCUMENT)
    assert result["verified"] is True and result["unsupported"] == []
    lan = fields(bmc.ipmitool("lan", "print", "1"))
    assert {name: lan[name] for name in ("IP Address Source", "Subnet Mask", "802.1q VLAN ID", "802.1q VLAN Priority")} == {
        "IP Address Source": "Static Address",
        "Subnet Mask": "255.255.0.0",
        "802.1q VLAN ID": "120",
        "802.1q VLAN Priority": "2",
    }
    seen = bmc.checkout("Lan_Conf", "SOL_Conf", "User3", "User4", "User7")
    assert {
        "Lan_Conf:Default_Gateway_IP_Address": "127.41.0.254",
        "Lan_Conf:Backup_Gateway_IP_Address": "127.41.0.253",
        "SOL_Conf:Enable_SOL": "No",
        "SOL_Conf:Volatile_Bit_Rate": "57600",
        "SOL_Conf:Non_Volatile_Bit_Rate": "57600",
        "User3:Username": "deploy",
        "User3:Lan_Privilege_Limit": "Administrator",
        "User7:Username": "oper",
        "User7:Lan_Privilege_Limit": "Operator",
        "User4:Username": "watch",
        "User4:Lan_Privilege_Limit": "User",
        "User4:Lan_Enable_Link_Auth": "Yes",
    }.items() <= seen.items()
    for user in DOCUMENT["users"]:
        words = ("-L", "USER", "chassis", "power", "status")
        assert "Chassis Power is" in bmc.ipmitool(*words, user=user["name"], password=user["password"])


def test_the_boot_override_is_part_of_the_document(bmc: Bmc) -> None:
    result = bmc.run("ipmi_config", boot={"bootdev": "network"}, sol={"enabled": False})
    assert (result.get("msg"), result["changed"]) == (None, True)
    assert "Force PXE" in bmc.ipmitool("chassis", "bootparam", "get", "5")
    assert bmc.sim.hardware("boot") == "pxe"


def test_a_value_that_cannot_be_is_found_before_anything_is_written(bmc: Bmc) -> None:
    users = [*DOCUMENT["users"], {"name": "new-without-password"}]
    result = bmc.run("ipmi_config", **{**DOCUMENT, "users": users})
    assert result["failed"] and result["reason"] == "bad_option"
    assert bmc.writes() == []


def test_what_ipmi_info_returns_is_in_order(start: Starter) -> None:
    accounts = {2: ("ADMIN", "Sesam-oeffne-di!", "admin"), 5: ("oper", "Oper-secret-2", "operator")}
    bmc = start(Model(users=accounts, power=True))
    info = bmc.run("ipmi_info")
    assert bmc.writes() == []
    found = info["bmc"]
    assert found["chassis"]["power"] == "on"
    assert [(user["user_id"], user["name"], user["privilege"]) for user in found["users"]] == [
        (2, "ADMIN", "administrator"),
        (5, "oper", "operator"),
    ]
    parts = {part: found[part] for part in ("lan", "users", "sol", "boot")}
    result = bmc.run("ipmi_config", **parts)
    assert (result.get("msg"), result["changed"], bmc.writes()) == (None, False, []), result


def test_what_ipmi_info_says_is_what_the_others_say(bmc: Bmc) -> None:
    bmc.run("ipmi_config", **DOCUMENT)
    found = bmc.run("ipmi_info")["bmc"]
    seen = bmc.checkout("Lan_Conf", "SOL_Conf")
    (lan,) = found["lan"]
    assert {
        "Lan_Conf:IP_Address": lan["ip_address"],
        "Lan_Conf:Subnet_Mask": lan["netmask"],
        "Lan_Conf:MAC_Address": lan["mac_address"].upper(),
        "Lan_Conf:Default_Gateway_IP_Address": lan["gateway"],
        "Lan_Conf:Vlan_id": str(lan["vlan_id"]),
        "Lan_Conf:Vlan_Priority": str(lan["vlan_priority"]),
        "SOL_Conf:Volatile_Bit_Rate": found["sol"]["bit_rate_volatile"],
        "SOL_Conf:Enable_SOL": "Yes" if found["sol"]["enabled"] else "No",
    }.items() <= seen.items()
    controller = fields(bmc.ipmitool("mc", "info"))
    assert controller["Manufacturer ID"] == str(found["controller"]["manufacturer_id"])
    assert controller["Firmware Revision"] == found["controller"]["firmware"]


def test_what_ipmi_sim_lacks_is_named(bmc: Bmc) -> None:
    info = bmc.run("ipmi_info", gather=["lan", "users", "sol"])
    missing = {(one["what"], one["setting"]) for one in info["unsupported"]}
    assert {("lan channel 1", name) for name in ("arp_responses", "gratuitous_arp", "gratuitous_arp_interval")} <= missing
    assert {("sol channel 1", name) for name in ("force_encryption", "retry_count", "payload_port")} <= missing
    assert {("user slot 2", name) for name in ("enabled", "sol_payload")} <= missing


def test_the_own_session_is_among_the_sessions(bmc: Bmc) -> None:
    info = bmc.run("ipmi_info", gather=["sessions"])
    assert [one["own"] for one in info["bmc"]["sessions"]] == [True]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else can read what our modules set: one row for each option of each configuring module.

A row says which options to set, and where an independent program shows the value. An option that
no program shows has a row too, with the reason. `test_witnesses.py` carries the rows out and
writes `docs/witnesses.md` from them.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Options = dict[str, t.Any]


@dataclass(frozen=True)
class Witness:
    """An independent program, and the place in its output."""

    #: ipmitool's command line, or a section of FreeIPMI's ipmi-config.
    program: str  #: "ipmitool" or "ipmi-config"
    where: str  #: a command line such as "lan print 1", or a section such as "Lan_Conf"
    name: str  #: the label of the line, or the key
    category: str = "core"  #: ipmi-config's category
    verbose: bool = False  #: ipmi-config shows it only when asked for more

    def __str__(self) -> str:
        return f"`{self.program} {self.where}`, {self.name}"


@dataclass(frozen=True)
class Row:
    """One option, set by its module and read by a witness."""

    module: str
    option: str  #: "ipv6.addressing" for an option in a dictionary
    options: Options  #: what the task says, the option and what it needs beside it
    witness: Witness
    shows: str  #: what the witness prints
    first: Options = field(default_factory=dict)  #: of a task before it, where the value would be there already


@dataclass(frozen=True)
class Unseen:
    """An option that no independent program can read, and what shows its effect instead."""

    module: str
    option: str
    why: str


def tool(where: str, name: str) -> Witness:
    """A line of ipmitool's output."""
    return Witness("ipmitool", where, name)


def freeipmi(section: str, key: str, category: str = "core", *, verbose: bool = False) -> Witness:
    """A key of FreeIPMI's ipmi-config."""
    return Witness("ipmi-config", section, key, category, verbose)


_ACCOUNT: t.Final = {"name": "witness", "password": "Seen-by-others-1", "user_id": 5}


def _lan() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, witness: Witness, shows: str, **more: t.Any) -> Row:
        return Row("ipmi_lan", option, {option: value, **more.pop("beside", {})}, witness, shows, **more)

    yield row("ip_source", "bios", freeipmi("Lan_Conf", "IP_Address_Source"), "Use_BIOS")
    yield row("netmask", "255.255.254.0", freeipmi("Lan_Conf", "Subnet_Mask"), "255.255.254.0")
    yield row("gateway", "127.0.0.7", freeipmi("Lan_Conf", "Default_Gateway_IP_Address"), "127.0.0.7")
    yield row("gateway_mac", "02:00:5e:00:53:01", freeipmi("Lan_Conf", "Default_Gateway_MAC_Address"), "02:00:5E:00:53:01")
    yield row("backup_gateway", "127.0.0.8", freeipmi("Lan_Conf", "Backup_Gateway_IP_Address"), "127.0.0.8")
    yield row(
        "backup_gateway_mac", "02:00:5e:00:53:02", freeipmi("Lan_Conf", "Backup_Gateway_MAC_Address"), "02:00:5E:00:53:02"
    )
    yield row("vlan_id", 123, freeipmi("Lan_Conf", "Vlan_id", verbose=True), "123")
    yield row("vlan_priority", 5, freeipmi("Lan_Conf", "Vlan_Priority", verbose=True), "5")
    yield row("snmp_community", "Gemeinschaft", tool("lan print 1", "SNMP Community String"), "Gemeinschaft")
    yield row("arp_responses", False, freeipmi("Lan_Conf_Misc", "Enable_ARP_Response"), "No")
    yield row("gratuitous_arp", True, freeipmi("Lan_Conf_Misc", "Enable_Gratuitous_ARPs"), "Yes")
    # ipmitool rounds down to whole seconds.
    yield row("gratuitous_arp_interval", 4000, tool("lan print 1", "Gratituous ARP Intrvl"), "4.0 seconds")


def _user() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, key: str, shows: str, before: t.Any = None) -> Row:
        options = {**_ACCOUNT, option: value}
        first = {**_ACCOUNT, option: before} if before is not None else {}
        return Row("ipmi_user", option, options, freeipmi("User5", key), shows, first)

    yield Row("ipmi_user", "name", dict(_ACCOUNT), freeipmi("User5", "Username"), "witness")
    yield row("privilege", "operator", "Lan_Privilege_Limit", "Operator")
    yield row("enabled", False, "Enable_User", "No", before=True)
    yield row("ipmi_messaging", False, "Lan_Enable_IPMI_Msgs", "No", before=True)
    yield row("link_auth", True, "Lan_Enable_Link_Auth", "Yes")
    yield row("callback", True, "Lan_Enable_Restricted_to_Callback", "Yes")
    yield row("sol_payload", True, "SOL_Payload_Access", "Yes")


def _sol() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, key: str, shows: str) -> Row:
        return Row("ipmi_sol", option, {option: value}, freeipmi("SOL_Conf", key), shows)

    yield row("enabled", False, "Enable_SOL", "No")
    yield row("force_encryption", True, "Force_SOL_Payload_Encryption", "Yes")
    yield row("force_authentication", True, "Force_SOL_Payload_Authentication", "Yes")
    yield row("privilege", "operator", "SOL_Privilege_Level", "Operator")
    yield row("bit_rate", "9600", "Volatile_Bit_Rate", "9600")
    yield row("bit_rate_volatile", "19200", "Volatile_Bit_Rate", "19200")
    yield row("bit_rate_non_volatile", "38400", "Non_Volatile_Bit_Rate", "38400")
    yield row("accumulate_interval", 50, "Character_Accumulate_Interval", "10")
    yield row("send_threshold", 77, "Character_Send_Threshold", "77")
    yield row("retry_count", 3, "SOL_Retry_Count", "3")
    yield row("retry_interval", 250, "SOL_Retry_Interval", "25")
    yield Row("ipmi_sol", "payload_port", {"payload_port": 6230}, tool("sol info 1", "Payload Port"), "6230")


def _boot() -> t.Iterator[Row]:
    def row(option: str, options: Options, key: str, shows: str) -> Row:
        return Row("ipmi_boot", option, options, freeipmi("Chassis_Boot_Flags", key, "chassis"), shows)

    yield row("bootdev", {"bootdev": "network"}, "Boot_Device", "PXE")
    yield row("persistent", {"bootdev": "hd", "persistent": True}, "Boot_Flags_Persistent", "Yes")
    yield row("uefiboot", {"bootdev": "hd", "uefiboot": True}, "BIOS_Boot_Type", "EFI")


ROWS: t.Final = (*_lan(), *_user(), *_sol(), *_boot())

UNSEEN: t.Final = (
    Unseen("ipmi_lan", "ip_address", "the BMC moves, so the witness is that ipmitool reaches it there (test_ipmi_lan.py)"),
    Unseen("ipmi_lan", "mac_address", "read only on every BMC known; shown by `ipmitool lan print 1`"),
    Unseen("ipmi_user", "password", "no BMC shows a password; ipmitool logs in with it (test_ipmi_user.py)"),
    Unseen("ipmi_user", "password_size", "a form of storing; ipmitool logs in with 16 and 20 bytes (test_ipmi_user.py)"),
    Unseen("ipmi_sol", "payload_channel", "read only on nearly every BMC; shown by `ipmitool sol info 1`"),
)

#: Options that say where or how, and are no setting of the BMC.
NO_SETTINGS: t.Final = frozenset(
    {
        "channel",
        "user_id",
        "state",
        "update_password",
        "allow_self",
        "on_unsupported",
        "verify_login",
        "verify_timeout",
        "verify_host",
    }
)

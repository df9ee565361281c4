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

    program: str  #: "ipmitool", "ipmi-config" or another of FreeIPMI's programs
    where: str  #: a command line such as "lan print 1", or a section of ipmi-config such as "Lan_Conf"
    name: str  #: the label of the line, or the key; "" is the whole output
    category: str = "core"  #: ipmi-config's category
    verbose: bool = False  #: ipmi-config shows it only when asked for more

    def __str__(self) -> str:
        return f"`{self.program} {self.where}`" + (f", {self.name}" if self.name else "")


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


def tool(where: str, name: str = "") -> Witness:
    """A line of ipmitool's output."""
    return Witness("ipmitool", where, name)


def freeipmi(section: str, key: str, category: str = "core", *, verbose: bool = False) -> Witness:
    """A key of FreeIPMI's ipmi-config."""
    return Witness("ipmi-config", section, key, category, verbose)


def other(program: str, option: str, name: str) -> Witness:
    """A line of another program of FreeIPMI's."""
    return Witness(program, option, name)


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


def _ipv6() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, witness: Witness, shows: str) -> Row:
        return Row("ipmi_lan", f"ipv6.{option}", {"ipv6": {option: value}}, witness, shows)

    def key(name: str) -> Witness:
        return freeipmi("Lan6_Conf", name)

    yield row("addressing", "ipv4", key("IPv6_IPv4_Addressing_Enables"), "IPv6_Disabled")
    yield row("addresses", ["2001:db8::10/64"], freeipmi("Lan6_Conf", "IPv6_Static_Address_0", verbose=True), "2001:db8::10")
    yield row("gateway", "2001:db8::1", key("IPv6_Static_Router_Address_1"), "2001:db8::1")
    yield row("gateway_mac", "02:00:5e:00:53:01", key("IPv6_Static_Router_Mac_Address_1"), "02:00:5E:00:53:01")
    yield row("gateway_prefix", "2001:db8::/64", key("IPv6_Static_Router_Prefix_Value_1"), "2001:db8::")
    yield row("backup_gateway", "2001:db8::2", key("IPv6_Static_Router_Address_2"), "2001:db8::2")
    yield row("backup_gateway_mac", "02:00:5e:00:53:02", key("IPv6_Static_Router_Mac_Address_2"), "02:00:5E:00:53:02")
    yield row("backup_gateway_prefix", "2001:db8::/56", key("IPv6_Static_Router_Prefix_Length_2"), "56")
    yield row("static_routers", True, key("IPv6_Static_Router_Address_Enable"), "Yes")
    yield row("dynamic_routers", False, tool("lan6 print", "Enable dynamic router address"), "no")


#: An option of the access to a channel: a value, and FreeIPMI's key and word for it.
_ACCESS: t.Final[tuple[tuple[str, t.Any, str, str], ...]] = (
    ("access_mode", "shared", "Access_Mode", "Shared"),
    ("per_message_auth", False, "Enable_Per_Message_Auth", "No"),
    ("user_level_auth", False, "Enable_User_Level_Auth", "No"),
    ("pef_alerting", False, "Enable_Pef_Alerting", "No"),
    ("privilege_limit", "oem", "Channel_Privilege_Limit", "OEM_Proprietary"),
)
_LEVELS: t.Final = (
    ("callback", "Callback"),
    ("user", "User"),
    ("operator", "Operator"),
    ("administrator", "Admin"),
)


def _channel() -> t.Iterator[Row]:
    def row(option: str, options: Options, section: str, key: str, shows: str) -> Row:
        return Row("ipmi_channel", option, options, freeipmi(section, key), shows)

    for option, value, key, shows in _ACCESS:
        # A channel that is not always there is no way in for this session; the test means it.
        beside = {"allow_self": True, "verify_login": False} if option == "access_mode" else {}
        yield row(option, {option: value, **beside}, "Lan_Channel", f"Non_Volatile_{key}", shows)
        for copy, prefix in (("volatile", "Volatile"), ("non_volatile", "Non_Volatile")):
            yield row(f"{copy}.{option}", {copy: {option: value}, **beside}, "Lan_Channel", f"{prefix}_{key}", shows)
    for level, prefix in _LEVELS:
        key = f"{prefix}_Enable_Auth_Type_Straight_Password"
        yield row(f"auth_types.{level}", {"auth_types": {level: ["md5"]}}, "Lan_Conf_Auth", key, "No")
    yield row(
        "auth_types.oem", {"auth_types": {"oem": ["md5"]}}, "Lan_Conf_Auth", "OEM_Enable_Auth_Type_MD5", "Yes"
    )
    suite = "Maximum_Privilege_Cipher_Suite_Id_1"
    yield row("cipher_privileges", {"cipher_privileges": {"1": "unused"}}, "Rmcpplus_Conf_Privilege", suite, "Unused")
    limits: tuple[tuple[str, t.Any, str, str], ...] = (
        ("threshold", 5, "Bad_Password_Threshold", "5"),
        ("reset_interval", 600, "Attempt_Count_Reset_Interval", "60"),
        ("lockout_interval", 300, "User_Lockout_Interval", "30"),
        ("log_event", True, "Enable_Event_Message_When_User_Disabled", "Yes"),
    )
    for option, value, key, shows in limits:
        yield row(f"bad_password.{option}", {"bad_password": {option: value}}, "Lan_Conf_User_Security", key, shows)


def _chassis() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, witness: Witness, shows: str) -> Row:
        return Row("ipmi_chassis", option, {option: value}, witness, shows)

    def button(key: str) -> Witness:
        return freeipmi("Chassis_Front_Panel_Buttons", key, "chassis")

    yield row("power_restore_policy", "previous", tool("chassis status", "Power Restore Policy"), "previous")
    yield row("identify", "on", other("ipmi-chassis", "--get-status", "Chassis Identify state"), "Indefinite on")
    yield row("power_button", False, button("Enable_Power_Off_Button_For_Power_Off_Only"), "No")
    yield row("reset_button", False, button("Enable_Reset_Button"), "No")
    yield row("diagnostic_button", False, button("Enable_Diagnostic_Interrupt_Button"), "No")
    yield row("standby_button", False, button("Enable_Standby_Button_For_Entering_Standby"), "No")


def _controller() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, witness: Witness, shows: str) -> Row:
        return Row("ipmi_controller", option, {option: value}, witness, shows)

    name = freeipmi("DCMI_Conf", "Management_Controller_Identifier_String", "dcmi")
    yield row("controller_id", "ccw0001", name, "ccw0001")
    yield row("asset_tag", "INV-2026-0815", tool("dcmi asset_tag", "Asset tag"), "INV-2026-0815")
    yield row("system_name", "ccw0001.example.org", tool("mc getsysinfo system_name"), "ccw0001.example.org")
    yield row("utc_offset", "60", other("bmc-device", "--get-sel-time-utc-offset", "SEL UTC Offset"), "60 minutes")


ROWS: t.Final = (*_lan(), *_ipv6(), *_channel(), *_user(), *_sol(), *_boot(), *_chassis(), *_controller())

UNSEEN: t.Final = (
    Unseen("ipmi_lan", "ip_address", "the BMC moves, so the witness is that ipmitool reaches it there (test_ipmi_lan.py)"),
    Unseen("ipmi_lan", "mac_address", "read only on every BMC known; shown by `ipmitool lan print 1`"),
    Unseen(
        "ipmi_lan",
        "nic_mode",
        "the maker's own command, which `ipmitool delloem lan get` or `ipmitool raw` reads (test_nic_mode.py)",
    ),
    *(
        Unseen("ipmi_lan", f"ipv6.{name}", "a fact that nobody can set; shown by `ipmitool lan6 print`")
        for name in ("dhcpv6_supported", "slaac_supported", "address_slots", "address_states", "dynamic_addresses")
    ),
    Unseen("ipmi_channel", "medium", "a fact that nobody can set; shown by `ipmitool channel info`"),
    *(
        Unseen("ipmi_chassis", name, "a fact that nobody can set here; shown by `ipmitool chassis status`")
        for name in (
            "power",
            "power_fault",
            "power_control_fault",
            "power_overload",
            "interlock",
            "intrusion",
            "drive_fault",
            "fan_fault",
        )
    ),
    Unseen("ipmi_chassis", "power_cycle_interval", "IPMI has no command that reads it; a power cycle takes that long (test_ipmi_chassis.py)"),
    *(
        Unseen("ipmi_controller", name, "a fact that nobody can set; shown by `ipmitool mc info` and `mc guid`")
        for name in (
            "manufacturer_id",
            "manufacturer",
            "product_id",
            "device_id",
            "device_revision",
            "firmware",
            "ipmi_version",
            "updating",
            "guid",
        )
    ),
    *(
        Unseen("ipmi_controller", name, "the clock goes on, so `ipmitool sel time get` is compared within seconds (test_ipmi_controller.py)")
        for name in ("clock", "clock_offset")
    ),
    Unseen("ipmi_controller", "kg", "no BMC shows its key to a stranger; ipmitool logs in with it (test_ipmi_controller.py)"),
    Unseen("ipmi_user", "password", "no BMC shows a password; ipmitool logs in with it (test_ipmi_user.py)"),
    Unseen("ipmi_user", "password_size", "a form of storing; ipmitool logs in with 16 and 20 bytes (test_ipmi_user.py)"),
    Unseen("ipmi_sol", "payload_channel", "read only on nearly every BMC; shown by `ipmitool sol info 1`"),
)

#: Options that say where or how, and are no setting of the BMC.
NO_SETTINGS: t.Final = frozenset(
    {
        "channel",
        "scope",
        "cipher_index",
        "cipher_probe",
        "clock_tolerance",
        "identify_seconds",
        "reset",
        "reset_timeout",
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

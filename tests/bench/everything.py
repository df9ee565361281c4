# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a converge of everything takes: all that ipmi_config and FreeIPMI's ipmi-config both know.

A row of `ROWS` is a piece of ipmi_config's document with the keys of ipmi-config that say the same. After our runs
`ipmi-config --diff` has to find nothing, so both have brought the BMC to one state.
"""

from __future__ import annotations

import collections
import contextlib
import pathlib
import typing as t
from dataclasses import dataclass, field

import yaml

from tests.bench import packets, rack
from tests.bench.packets import Converge, Count
from tests.integration.harness import CHECKOUT
from tests.integration.ipmi_sim.front import Front
from tests.integration.ipmi_sim.rig import free_port

CATEGORIES: t.Final = "core,chassis"
MODULE: t.Final = CHECKOUT / "plugins/modules/ipmi_config.py"
#: The part's name in ipmi_config's documentation, where a list is one of what its elements are.
Path = tuple[str, ...]
Keys = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Row:
    """A setting as both know it."""

    ours: Path  #: where it is in the document; slots of users are numbers
    value: t.Any
    theirs: Keys  #: by section
    sim: bool = True  #: ipmi_sim has it


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def _lan(host: str) -> t.Iterator[Row]:
    def row(option: str, value: t.Any, *, section: str = "Lan_Conf", sim: bool = True, **keys: str) -> Row:
        return Row(("lan", option), value, {section: keys}, sim)

    network = ".".join(host.split(".")[:2])
    gateway, backup = f"{network}.255.254", f"{network}.255.253"
    yield row("ip_source", "static", IP_Address_Source="Static")
    yield row("ip_address", host, IP_Address=host)
    yield row("netmask", "255.255.0.0", Subnet_Mask="255.255.0.0")
    yield row("gateway", gateway, Default_Gateway_IP_Address=gateway)
    yield row("gateway_mac", "02:00:5e:00:53:01", Default_Gateway_MAC_Address="02:00:5E:00:53:01")
    yield row("backup_gateway", backup, Backup_Gateway_IP_Address=backup)
    yield row("backup_gateway_mac", "02:00:5e:00:53:02", Backup_Gateway_MAC_Address="02:00:5E:00:53:02")
    yield row("vlan_id", 120, Vlan_id="120", Vlan_Id_Enable="Yes")
    yield row("vlan_priority", 2, Vlan_Priority="2")
    misc: dict[str, t.Any] = {"section": "Lan_Conf_Misc", "sim": False}
    yield row("arp_responses", False, **misc, Enable_ARP_Response="No")
    yield row("gratuitous_arp", True, **misc, Enable_Gratuitous_ARPs="Yes")
    # Its number counts from 0, in steps of 500 ms.
    yield row("gratuitous_arp_interval", 4000, **misc, Gratuitous_ARP_Interval="7")


def _ipv6() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, **keys: str) -> Row:
        return Row(("lan", "ipv6", option), value, {"Lan6_Conf": keys}, sim=False)

    address, router = "fd00:42::10", "fd00:42::fffe"
    yield row("addressing", "both", IPv6_IPv4_Addressing_Enables="IPv6_and_IPv4")
    keys = {"Source": "Static", "Enable": "Yes", "Prefix_Length": "64"}
    yield row("addresses", [f"{address}/64"], IPv6_Static_Address=address, **{f"IPv6_Static_Address_{key}": text for key, text in keys.items()})
    yield row("gateway", router, IPv6_Static_Router_Address_Enable="Yes", IPv6_Static_Router_Address_1=router)
    yield row("gateway_mac", "02:00:5e:00:53:03", IPv6_Static_Router_Mac_Address_1="02:00:5E:00:53:03")


def _users() -> t.Iterator[Row]:
    for slot, name, password, privilege in packets.USERS:
        at, section = ("users", str(slot)), f"User{slot}"
        yield Row((*at, "name"), name, {section: {"Username": name}})
        yield Row((*at, "password"), password, {section: {"Password": password}})
        yield Row((*at, "enabled"), True, {section: {"Enable_User": "Yes"}}, sim=False)
        yield Row((*at, "ipmi_messaging"), True, {section: {"Lan_Enable_IPMI_Msgs": "Yes"}})
        yield Row((*at, "link_auth"), True, {section: {"Lan_Enable_Link_Auth": "Yes"}})
        yield Row((*at, "callback"), False, {section: {"Lan_Enable_Restricted_to_Callback": "No"}})
        yield Row((*at, "privilege"), privilege, {section: {"Lan_Privilege_Limit": privilege.capitalize()}})
        yield Row((*at, "sol_payload"), True, {section: {"SOL_Payload_Access": "Yes"}}, sim=False)


def _channels() -> t.Iterator[Row]:
    def both(option: str, value: t.Any, key: str, theirs: str, *, sim: bool = True) -> Row:
        return Row(("channels", option), value, {"Lan_Channel": {f"{copy}_{key}": theirs for copy in ("Volatile", "Non_Volatile")}}, sim)

    yield both("access_mode", "always", "Access_Mode", "Always_Available")
    yield both("user_level_auth", False, "Enable_User_Level_Auth", "No", sim=False)
    yield both("per_message_auth", True, "Enable_Per_Message_Auth", "Yes")
    yield both("pef_alerting", False, "Enable_Pef_Alerting", "No", sim=False)
    yield both("privilege_limit", "administrator", "Channel_Privilege_Limit", "Administrator")
    # ipmi-config takes no key for a type that the BMC does not have at all.
    types = {"md5": "MD5", "password": "Straight_Password"}
    for level, theirs in (("callback", "Callback"), ("user", "User"), ("operator", "Operator"), ("administrator", "Admin"), ("oem", "OEM")):
        wanted = [] if level == "oem" else ["md5"]
        keys = {f"{theirs}_Enable_Auth_Type_{key}": _yes(name in wanted) for name, key in types.items()}
        yield Row(("channels", "auth_types", level), wanted, {"Lan_Conf_Auth": keys}, sim=False)
    for suite, privilege, theirs in ((0, "unused", "Unused"), (1, "user", "User"), (2, "operator", "Operator"), (3, "administrator", "Administrator")):
        keys = {f"Maximum_Privilege_Cipher_Suite_Id_{suite}": theirs}
        yield Row(("channels", "cipher_privileges", str(suite)), privilege, {"Rmcpplus_Conf_Privilege": keys}, sim=False)
    # Theirs counts in 10 s.
    security = (
        ("threshold", 5, "Bad_Password_Threshold", "5"),
        ("reset_interval", 300, "Attempt_Count_Reset_Interval", "30"),
        ("lockout_interval", 600, "User_Lockout_Interval", "60"),
        ("log_event", True, "Enable_Event_Message_When_User_Disabled", "Yes"),
    )
    for option, value, key, theirs in security:
        yield Row(("channels", "bad_password", option), value, {"Lan_Conf_User_Security": {key: theirs}}, sim=False)


def _sol() -> t.Iterator[Row]:
    def row(option: str, value: t.Any, *, sim: bool = True, **keys: str) -> Row:
        return Row(("sol", option), value, {"SOL_Conf": keys}, sim)

    yield row("enabled", True, Enable_SOL="Yes")
    yield row("privilege", "operator", sim=False, SOL_Privilege_Level="Operator")
    yield row("force_authentication", True, sim=False, Force_SOL_Payload_Authentication="Yes")
    yield row("force_encryption", True, sim=False, Force_SOL_Payload_Encryption="Yes")
    yield row("accumulate_interval", 50, sim=False, Character_Accumulate_Interval="10")
    yield row("send_threshold", 80, sim=False, Character_Send_Threshold="80")
    yield row("retry_count", 5, sim=False, SOL_Retry_Count="5")
    yield row("retry_interval", 200, sim=False, SOL_Retry_Interval="20")
    yield row("bit_rate", "57600", Non_Volatile_Bit_Rate="57600", Volatile_Bit_Rate="57600")


def _chassis() -> t.Iterator[Row]:
    power, buttons, flags = "Chassis_Power_Conf", "Chassis_Front_Panel_Buttons", "Chassis_Boot_Flags"
    yield Row(("chassis", "power_restore_policy"), "always_on", {power: {"Power_Restore_Policy": "On_State_AC_Apply"}}, sim=False)
    for button, key, on in (
        ("standby", "Enable_Standby_Button_For_Entering_Standby", True),
        ("diagnostic", "Enable_Diagnostic_Interrupt_Button", False),
        ("reset", "Enable_Reset_Button", False),
        ("power", "Enable_Power_Off_Button_For_Power_Off_Only", True),
    ):
        yield Row(("chassis", f"{button}_button"), on, {buttons: {key: _yes(on)}}, sim=False)
    yield Row(("boot", "bootdev"), "network", {flags: {"Boot_Device": "PXE"}}, sim=False)
    yield Row(("boot", "persistent"), True, {flags: {"Boot_Flags_Persistent": "Yes"}}, sim=False)
    yield Row(("boot", "uefiboot"), True, {flags: {"BIOS_Boot_Type": "EFI"}}, sim=False)


def rows(host: str, *, sim: bool) -> list[Row]:
    """What a BMC at this address is given; `sim`: what ipmi_sim has of it."""
    every = (*_lan(host), *_ipv6(), *_users(), *_channels(), *_sol(), *_chassis())
    return [row for row in every if row.sim or not sim]


def unknown(chosen: t.Iterable[Row]) -> list[Row]:
    """Those whose option ipmi_config's documentation does not have (yet)."""
    text = MODULE.read_text(encoding="utf-8").partition('DOCUMENTATION = r"""')[2].partition('"""')[0]
    options = yaml.safe_load(text)["options"]
    return [row for row in chosen if not _documented(options, tuple(part for part in row.ours if not part.isdigit()))]


def _documented(options: dict[str, t.Any], path: Path) -> bool:
    if not path:
        return True
    option = options.get(path[0])
    if option is None:
        return False
    below = option.get("suboptions")
    # A dictionary whose keys are not documented one by one takes any.
    return True if below is None else _documented(below, path[1:])


def document(chosen: t.Iterable[Row]) -> dict[str, t.Any]:
    """ipmi_config's document of these."""
    found: dict[str, t.Any] = {}
    for row in chosen:
        place = found
        for part in row.ours[:-1]:
            place = place.setdefault(part, {})
        place[row.ours[-1]] = row.value
    if "users" in found:
        found["users"] = [{"user_id": int(slot), **user} for slot, user in found["users"].items()]
        found["users_channel"] = 1
    for part in ("lan", "channels"):
        if part in found:
            found[part] = [{"channel": 1, **found[part]}]
    if "sol" in found:
        found["sol"]["channel"] = 1
    return found


def lines(chosen: t.Iterable[Row]) -> list[str]:
    """ipmi-config's file of these."""
    sections: Keys = {}
    for row in chosen:
        for section, keys in row.theirs.items():
            sections.setdefault(section, {}).update(keys)
    return [line for section, keys in sections.items() for line in packets.section(section, keys)]


@dataclass
class Bench:
    """A BMC behind a front that counts."""

    front: Front
    folder: pathlib.Path
    user: str
    password: str
    commands: t.Callable[[], collections.Counter[str]]  #: what it was asked so far

    def count(self, run: t.Callable[[], object]) -> Count:
        """What a run sends."""
        sent, asked = len(self.front.sent_by_clients), self.commands()
        run()
        return Count.of(self.front.sent_by_clients[sent:], self.commands() - asked)

    def ours(self, chosen: t.Sequence[Row], *, changed: bool) -> None:
        """ipmi_config."""
        packets.converge(self.front, self.user, self.password, document(chosen), self.folder, changed=changed)

    def theirs(self, chosen: t.Sequence[Row], action: str) -> str:
        """ipmi-config."""
        return packets.ipmi_config(self.front, self.user, self.password, action, lines(chosen), self.folder, CATEGORIES)


@contextlib.contextmanager
def on_ipmi_sim(folder: pathlib.Path, host: str, user: str, password: str) -> t.Iterator[Bench]:
    """An ipmi_sim as it comes from the factory."""
    folder.mkdir()
    with packets.bench(folder / "sim", host, user, password) as one:
        yield Bench(one.front, folder, user, password, lambda: packets.logged(one.sim.log()))


@contextlib.contextmanager
def on_the_rack(folder: pathlib.Path) -> t.Iterator[Bench]:
    """The first BMC of a simulated rack of one."""
    folder.mkdir()
    host = rack.address(1)
    with rack.running(folder, 1, free_port(host)) as running:
        front = Front((host, free_port(host)), (host, running.port))

        def commands() -> collections.Counter[str]:
            # The program of the rack counts each session's own requests too; ipmi_sim's log does not show them.
            counts = running.commands(1).items()
            return collections.Counter({packets.name_of(pair): count for pair, count in counts if pair not in packets.SESSION})

        try:
            yield Bench(front, folder, rack.USER, rack.PASSWORD, commands)
        finally:
            front.stop()


@dataclass(frozen=True)
class Everything:
    """The counts, how many keys of FreeIPMI's they are for, and what was left out."""

    converge: Converge
    keys: int
    left_out: list[str] = field(default_factory=list)


def measure(start: t.Callable[[str], contextlib.AbstractContextManager[Bench]], host: str, *, sim: bool) -> Everything:
    """Both on a BMC of their own, which are alike. Raises RuntimeError if they do not bring them to the same state."""
    chosen = rows(host, sim=sim)
    left_out = unknown(chosen)
    chosen = [row for row in chosen if row not in left_out]
    with start("ours") as one:
        ours = (one.count(lambda: one.ours(chosen, changed=True)), one.count(lambda: one.ours(chosen, changed=False)))
        differences = one.theirs(chosen, "--diff")
        if differences:
            raise RuntimeError(f"ipmi_config and ipmi-config do not agree:\n{differences}")
    with start("freeipmi") as other:
        commit = other.count(lambda: other.theirs(chosen, "--commit"))
        diff = other.count(lambda: other.theirs(chosen, "--diff"))
    keys = sum(len(keys) for row in chosen for keys in row.theirs.values())
    return Everything(Converge(ours, (commit, diff)), keys, [".".join(row.ours) for row in left_out])

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between makers, as data: the part of a personality that the commands read.

A personality's YAML file has these classes' names as its sections, and may leave out everything
that is as a plain BMC has it. Completion codes are numbers; 0 means "the BMC does not refuse".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .jsonable import decode


@dataclass(frozen=True)
class DeviceTraits:
    """Get Device ID (IPMI table 20-2) and what stands near it."""

    device_id: int = 0x20
    device_revision: int = 1
    provides_sdrs: bool = True
    firmware_major: int = 1  # 0 to 127
    firmware_minor: int = 0x23  # BCD
    ipmi_version: int = 0x02  # 02 is 2.0, 51 is 1.5
    support: int = 0xBF  # chassis, event generator, event receiver, FRU, SEL, SDR, sensors
    manufacturer_id: int = 32473  # 20 bits, IANA number; this is the one for documentation
    product_id: int = 0x0001
    aux_firmware: bytes = b""  # none or 4 bytes
    self_test: tuple[int, ...] = (0x55, 0x00)  # 55 no error, 56 not implemented, 57 damaged
    warm_reset_code: int = 0
    system_info_code: int = 0  # D4 on several boards
    system_info_oem: dict[int, bytes] = field(default_factory=dict)  # parameter to its block
    global_enables: int = 0x08
    kg_read_code: int = 0xCC  # most BMCs never tell the key
    kg_lockable: bool = True


@dataclass(frozen=True)
class FactoryUser:
    """An account that the maker puts in."""

    name: str = ""
    password: str | None = None
    password_size: int = 16
    enabled: bool = True
    privilege: int = 4
    link_auth: bool = True
    messaging: bool = True
    callback: bool = False
    sol: bool = True


@dataclass(frozen=True)
class UserTraits:
    """The rules of the user table (commands 06/43 to 06/47, 06/4C, 06/4D)."""

    max_users: int = 10  # 1 to 63
    factory: dict[int, FactoryUser] = field(
        default_factory=lambda: {
            1: FactoryUser(enabled=False, privilege=15, link_auth=False, messaging=False, sol=False),
            2: FactoryUser(name="ADMIN", password="ADMIN"),
        }
    )
    unused_privilege: int = 15  # limit of a slot that was never used: 0 or 15
    unspecified_privilege_code: int = 0  # Set User Access with limit 0
    fixed_names: tuple[int, ...] = (1,)
    fixed_name_code: int = 0xCC
    reserved: tuple[int, ...] = ()  # slots that refuse every write
    reserved_code: int = 0xCC
    name_pattern: str = r"[ -~]*"
    name_max: int = 16
    name_code: int = 0xCC
    empty_name_code: int = 0  # writing an empty name
    unset_name_code: int = 0  # reading a name that was never set
    duplicate_name_code: int = 0
    password_sizes: tuple[int, ...] = (16, 20)
    password_size_code: int = 0xC7  # the answer to a form that the BMC does not have
    password_min: int = 0
    password_classes: int = 0  # of lower, upper, digit, other: how many must be there
    password_not_name: bool = False
    password_policy_code: int = 0xCC
    test_password_code: int = 0  # not 0: operation 3 is not there
    enable_without_password_code: int = 0
    enable_without_name_code: int = 0
    redundant_disable_code: int = 0  # disabling what is disabled already
    enable_needs_password_bytes: bool = False  # C7 for the form without password bytes
    reports_enable_status: bool = True
    access_without_name_code: int = 0  # Set User Access on a slot without a name
    payload_without_name_code: int = 0  # Get User Payload Access on a slot without a name
    session_limit_supported: bool = True


@dataclass(frozen=True)
class ChannelTraits:
    """One channel (06/40 to 06/42)."""

    medium: int = 4  # 1 IPMB, 4 802.3 LAN, 5 serial, 12 system interface
    protocol: int = 1  # 1 IPMB-1.0, 5 KCS
    session_support: int = 2  # 0 none, 1 single, 2 multi, 3 by command
    modes: tuple[int, ...] = (0, 1, 2, 3)
    mode: int = 2
    pef_alerting: bool = True
    per_message_auth: bool = True
    user_level_auth: bool = True
    privilege_limit: int = 4
    payload_types: int = 0x0003  # b0 IPMI, b1 SOL
    non_volatile_sets_both: bool = False  # a write of the stored copy changes the live one


@dataclass(frozen=True)
class ParameterTraits:
    """What a family of parameters refuses: number of the parameter to completion code."""

    unsupported: dict[int, int] = field(default_factory=dict)
    read_only: dict[int, int] = field(default_factory=dict)
    ignored: tuple[int, ...] = ()  # the write is answered 00 and changes nothing
    length_code: int = 0xC7  # the answer to a write that is too short or too long


@dataclass(frozen=True)
class LanTraits:
    """LAN configuration (0C/01, 0C/02)."""

    channels: tuple[int, ...] = (1,)
    parameters: ParameterTraits = field(default_factory=ParameterTraits)
    rollback: bool = False  # writes under set-in-progress wait for "commit write"
    commit_code: int = 0  # the answer to "commit write" without rollback
    on_complete: bool = False  # the network changes at "set complete", not at each write
    address_with_dhcp: str = "accept"  # accept, refuse or ignore an address in DHCP mode
    address_with_dhcp_code: int = 0xD5
    sources: tuple[int, ...] = (1, 2)
    source: int = 2
    netmask_resets_gateway: bool = False
    auth_support: int = 0x14  # b0 none, b1 MD2, b2 MD5, b4 straight password, b5 OEM
    auth_enables: tuple[int, ...] = (0x14, 0x14, 0x14, 0x14, 0x00)
    auth_accepts: int = 0  # types taken at the login whatever the enables say
    arp: int = 0x02  # b1 answers, b0 gratuitous
    community: str = "public"
    destinations: int = 4  # non-volatile ones
    cipher_suites: tuple[int, ...] = (0, 1, 2, 3, 17)
    cipher_privileges: tuple[int, ...] = (4,) * 5  # by the index below; the rest is 0
    cipher_index: str = "position"  # a nibble's index: position in the list, or suite id
    cipher_refuses: tuple[int, ...] = ()  # listed, and refused at the login all the same
    cipher_accepts: tuple[int, ...] = ()  # accepted at the login, listed or not, disabled or not
    cipher_silent: bool = False  # a suite that is refused gets no answer
    bad_password_threshold: int = 0
    vlan: int = 0
    ipv6: bool = True
    ipv6_support: int = 0x07  # b0 IPv6 alone, b1 with IPv4, b2 alerts to IPv6
    ipv6_sources: int = 0x03  # b0 DHCPv6, b1 SLAAC
    ipv6_static: int = 1
    ipv6_static_status: int = 0  # of an enabled address: 0 active, 2 pending, 3 failed
    ipv6_dynamic: int = 1  # 1: by SLAAC; 2: one by DHCPv6 too


@dataclass(frozen=True)
class SolTraits:
    """Serial over LAN configuration (0C/21, 0C/22)."""

    parameters: ParameterTraits = field(default_factory=ParameterTraits)
    commit_code: int = 0
    enabled: bool = True
    force_encryption: bool = False
    force_authentication: bool = False
    privilege: int = 2
    accumulate: int = 12  # 5 ms units
    threshold: int = 96
    retry_count: int = 7
    retry_interval: int = 50  # 10 ms units
    bit_rate: int = 10  # 115200
    bit_rates: tuple[int, ...] = (0, 6, 7, 8, 9, 10)


@dataclass(frozen=True)
class ChassisTraits:
    """Chassis commands and boot options (network function 00)."""

    boot: ParameterTraits = field(default_factory=ParameterTraits)
    boot_devices: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15)
    boot_device_code: int = 0xCC
    boot_timeout: int = 60  # seconds
    restore_policies: int = 7  # b0 off, b1 previous, b2 on
    restore_policy: int = 0
    restart_cause: int = 1
    identify_force: bool = True
    identify_shown: int | None = None  # what Get Chassis Status always says of it, 0 to 3; None: what it is
    front_panel: int = 0x0F  # buttons that may be disabled: b3 standby b2 diag b1 reset b0 power
    status_front_panel: bool = True  # Get Chassis Status has its fourth byte
    poh_minutes: int = 60  # minutes a count; 0: the counter is not there


@dataclass(frozen=True)
class PefTraits:
    """Platform event filtering (04/10 to 04/17)."""

    parameters: ParameterTraits = field(default_factory=ParameterTraits)
    filters: int = 8
    policies: int = 8
    strings: int = 4
    actions: int = 0x3F  # b5 diagnostic interrupt .. b0 alert
    alert_code: int = 0  # Alert Immediate: not 0 where it cannot send
    trap_port: int = 162  # UDP port of all destinations
    whole_entries: bool = False  # an entry is refused unless each of its fields is valid


@dataclass(frozen=True)
class RecordTraits:
    """SDR, SEL, FRU and sensors."""

    sel_space: int = 512  # records
    sel_erase_seconds: float = 0.0
    sel_utc_offset: bool = True
    sdr_read_max: int = 0  # not 0: longer reads are answered CA
    fru_size: int = 512


@dataclass(frozen=True)
class DcmiTraits:
    """DCMI (group extension DC)."""

    supported: bool = True
    version: tuple[int, ...] = (1, 5)
    power: bool = True


@dataclass(frozen=True)
class NicTraits:
    """The maker's own command for the port that the BMC uses (`commands/nic_mode.py`)."""

    style: str = ""  # dell, dell_11g, supermicro, lenovo, ilo; empty: there is none
    value: bytes = b""  # what "get" shows at first, as the style has it
    delay: float = 0.0  # seconds until "get" shows what was set
    needs_reset: bool = False  # what was set comes into effect at a reset of the BMC
    refused: dict[int, int] = field(default_factory=dict)  # first byte to completion code


@dataclass(frozen=True)
class Traits:
    """All of it. `Traits()` is a plain BMC."""

    device: DeviceTraits = field(default_factory=DeviceTraits)
    users: UserTraits = field(default_factory=UserTraits)
    channels: dict[int, ChannelTraits] = field(
        default_factory=lambda: {
            0: ChannelTraits(medium=1, session_support=0, payload_types=0),
            1: ChannelTraits(),
            15: ChannelTraits(medium=12, protocol=5, session_support=0, payload_types=0),
        }
    )
    lan: LanTraits = field(default_factory=LanTraits)
    sol: SolTraits = field(default_factory=SolTraits)
    chassis: ChassisTraits = field(default_factory=ChassisTraits)
    pef: PefTraits = field(default_factory=PefTraits)
    records: RecordTraits = field(default_factory=RecordTraits)
    dcmi: DcmiTraits = field(default_factory=DcmiTraits)
    nic_mode: NicTraits = field(default_factory=NicTraits)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The sections of a personality file that belong to the commands."""
        return tuple(f.name for f in fields(cls))

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Traits:
        """Read the sections named by `names()`; raises ValueError on an unknown key."""
        return decode(cls, dict(data))

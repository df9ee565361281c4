# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What differs between makers, as data.

A row says which BMCs it is about (by what Get Device ID answers), what they do
differently, and where that is known from. Code asks `quirks_of()` and never looks at a
maker's name. A row that does not fit (other firmware, other product) does nothing.

To add one: add a field to `Quirks` if the difference is of a new kind, a row to `ROWS`,
and a case to `tests/unit/plugins/module_utils/test__quirks.py`.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, fields, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._nic_commands import (
    LAN_PARAMETER_C0,
    LAN_PARAMETER_E0,
    SELECTION_AND_FAILOVER,
    SUBCOMMAND_0C,
    NicCommands,
)


class Model(t.Protocol):
    """What tells BMCs apart, as Get Device ID answers it. A `DeviceId` is one."""

    @property
    def manufacturer_id(self) -> int:
        """IANA enterprise number."""

    @property
    def product_id(self) -> int:
        """The maker's number for the product."""

    @property
    def firmware(self) -> str:
        """Such as "2.05": the major number decimal, the minor two BCD digits."""


@dataclass(frozen=True)
class Quirks:
    """How a BMC differs from the specification. The defaults are the specification's."""

    #: Longest password in bytes.
    password_max: int = 20
    #: Shortest password in bytes that the BMC takes.
    password_min: int = 0
    #: Characters besides letters and digits that are put into new passwords: no maker is known to refuse these.
    password_symbols: str = "-_.+"
    #: User slots that cannot be used for other accounts, besides those that the BMC reports as fixed.
    reserved_user_ids: frozenset[int] = frozenset()
    #: How the BMC tells and takes the port that it uses; None: no command is known.
    nic_mode: NicCommands | None = None


@dataclass(frozen=True)
class Row:
    """One difference, for the BMCs that it is about."""

    manufacturer_id: int  #: IANA enterprise number, as in Get Device ID
    source: str  #: where this is known from
    product_ids: frozenset[int] = frozenset()  #: empty: all products
    firmware_before: tuple[int, int] | None = None  #: only older firmware: (major, minor), the minor as 0x23 for ".23"
    differs: t.Mapping[str, t.Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.differs) - {known.name for known in fields(Quirks)}
        if unknown or not self.differs or not self.source:
            raise ValueError(f"quirk of {self.manufacturer_id}: {sorted(unknown) or 'says nothing, or not from where'}")

    def fits(self, device: Model) -> bool:
        """Whether the row is about this BMC."""
        if device.manufacturer_id != self.manufacturer_id:
            return False
        if self.product_ids and device.product_id not in self.product_ids:
            return False
        return self.firmware_before is None or _version(device) < self.firmware_before


DELL, HPE, IBM, IMM, LENOVO, NVIDIA, SUPERMICRO, SUPERMICRO_OLD = 674, 11, 2, 20301, 19046, 5703, 10876, 47488

_IPMICFG = (
    'usage of Supermicro\'s IPMICFG (-raw 0x30 0x70 0x0c), as in https://serverfault.com/questions/361940 and many notes '
    "of others; no manual of the bytes. Boards before X9 are said to want one more byte, and refuse this one"
)
_XCAT = 'xCAT, bmcsetup in xCAT-genesis-scripts ("bmcport"), and its table ipmi: 0 shared, 1 dedicated'

ROWS: t.Final = (
    Row(
        DELL,
        "iDRAC user guides: user 1 is reserved; seen in MAAS and Ansible's Dell collections, which start at 2",
        differs={"reserved_user_ids": frozenset({1})},
    ),
    Row(
        NVIDIA,
        "MAAS LP#2130621: DGX H200 wants passwords of 13 to 20 characters",
        differs={"password_min": 13},
    ),
    Row(
        DELL,
        "ipmitool's lib/ipmi_delloem.c (iDRAC 7 and later) and FreeIPMI's ipmi-oem, which has it from documents of Dell "
        "and tried it on a PowerEdge R720. Older ones have another command, and refuse this one",
        differs={"nic_mode": SELECTION_AND_FAILOVER},
    ),
    Row(SUPERMICRO, _IPMICFG, differs={"nic_mode": SUBCOMMAND_0C}),
    Row(SUPERMICRO_OLD, _IPMICFG, differs={"nic_mode": SUBCOMMAND_0C}),
    Row(LENOVO, _XCAT, differs={"nic_mode": LAN_PARAMETER_C0}),
    Row(IMM, _XCAT, differs={"nic_mode": LAN_PARAMETER_C0}),
    Row(IBM, _XCAT, product_ids=frozenset({220}), differs={"nic_mode": LAN_PARAMETER_C0}),
    Row(
        HPE,
        "HPE iLO IPMI User Guide (c04530505), by way of ipmitool's lib/ipmi_hpeoem.c",
        differs={"nic_mode": LAN_PARAMETER_E0},
    ),
)


def quirks_of(device: Model) -> Quirks:
    """All rows that fit, later ones over earlier ones."""
    quirks = Quirks()
    for row in ROWS:
        if row.fits(device):
            quirks = replace(quirks, **row.differs)
    return quirks


def _version(device: Model) -> tuple[int, int]:
    # The minor number is BCD; BMCs that do not know that send hex digits.
    major, minor = device.firmware.split(".")
    return int(major), int(minor, 16)

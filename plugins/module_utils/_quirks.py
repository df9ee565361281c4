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


DELL, NVIDIA = 674, 5703

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

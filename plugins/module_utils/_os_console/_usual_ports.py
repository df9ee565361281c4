# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The port on which makers usually put Serial over LAN, as data.

Only a guess for when the firmware says nothing. A row needs a source; the name is looked for at the beginning of what DMI says of the
system's maker, without regard to case.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class UsualPort:
    """One maker's habit. vendor: how the system's maker in DMI begins. number: 0 to 3, as in ttyS0 to ttyS3. source: where this is known from."""

    vendor: str
    number: int
    source: str

    def __post_init__(self) -> None:
        if not self.vendor or not self.source or self.number not in range(4):
            raise ValueError(f"usual port of {self.vendor!r}: it says nothing, or not from where")


USUAL_PORTS: tuple[UsualPort, ...] = (
    UsualPort("Supermicro", 1, "confluent's autocons.c and autoconsole (xcat2/confluent): ttyS1 for this maker where ACPI names no port"),
    UsualPort("Super Micro", 1, "the same maker, as older boards spell it in DMI"),
    UsualPort("Dell", 1, "Dell's guides for SOL on PowerEdge use COM2; so do the Ceph project's laboratory and BlueBanquise. The BIOS can swap the two"),
)


def usual_port(vendor: str) -> UsualPort | None:
    """The habit of this maker, None where none is known."""
    for row in USUAL_PORTS:
        if vendor.strip().casefold().startswith(row.vendor.casefold()):
            return row
    return None

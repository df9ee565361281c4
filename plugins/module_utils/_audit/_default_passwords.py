# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Passwords that BMCs are known to leave the factory with, each with where it is published.

They are public; whoever attacks a BMC tries them first. Makers that print a password of its own on each machine
have no row for that.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

_RAPID7 = "HD Moore, A Penetration Tester's Guide to IPMI and BMCs, 2013"


@dataclass(frozen=True)
class Factory:
    """An account as it leaves the factory."""

    name: str
    password: str
    source: str


FACTORY: t.Final[tuple[Factory, ...]] = (
    Factory("ADMIN", "ADMIN", f"Supermicro: {_RAPID7}"),
    Factory("root", "calvin", f"Dell: {_RAPID7}; iDRAC6 user guide, User Authentication and Authorization"),
    Factory("USERID", "PASSW0RD", f"IBM and Lenovo, with a zero: {_RAPID7}; IBM support, RETAIN tip H194857"),
    Factory("admin", "admin", f"Fujitsu, ASUS: {_RAPID7}; Inspur OB5161M5 manual, 5.12; IBM Power10, Setting the password"),
    Factory("root", "changeme", f"Oracle: {_RAPID7}; ILOM administrator's guide, Preconfigured User Accounts"),
    Factory("default", "defaultpassword", "Oracle: ILOM administrator's guide, Preconfigured User Accounts"),
    Factory("admin", "password", "Gigabyte before March 2020: its security announcement 1762; Cisco CIMC: community.cisco.com 4259745"),
    Factory("admin", "Cisco1234", "Cisco CIMC: community.cisco.com 4259745"),
    Factory("root", "superuser", "Inspur and Intel: Intel S2600CP server management guide, table 11; QSSC-S4R specification, table 194"),
    Factory("test1", "superuser", "Intel S2600CP server management guide, table 11: test1 to test3"),
    Factory("sysadmin", "superuser", "AMI MegaRAC: notes on the NetApp BES-53248 (gist a5173edb of roerei)"),
    Factory("root", "0penBmc", "OpenBMC, with a zero: IBM POWER9 and NVIDIA BlueField BMC manuals"),
    Factory("qct.admin", "qct.admin", "Quanta: notes on the NetApp BES-53248 (gist a5173edb of roerei)"),
    Factory("admin", "cmb9.admin", "Quanta: default of published discovery scripts for Hitachi's racks"),
    Factory("root", "Huawei12#$", "Huawei: published lists of server makers' defaults; no manual read"),
    Factory("Administrator", "Admin@9000", "Huawei: published scripts for its servers over IPMI; no manual read"),
    Factory("admin", "Password@_", "H3C HDM: published lists of server makers' defaults; no manual read"),
    Factory("lenovo", "len0VO", "Lenovo, with a zero: published lists of server makers' defaults; no manual read"),
)

#: Each once.
FACTORY_PASSWORDS: t.Final[tuple[str, ...]] = tuple(dict.fromkeys(row.password for row in FACTORY))
#: The names that an attacker asks for first, each once.
FACTORY_NAMES: t.Final[tuple[str, ...]] = tuple(dict.fromkeys([*(row.name for row in FACTORY), "Admin", "guest"]))

#: Bytes that BMCs cut passwords to.
_FORMS: t.Final = (16, 20)


def known_passwords(name: str, own: t.Iterable[str] = ()) -> tuple[bytes, ...]:
    """What to compare the password of the account `name` with: none at all, its name, the factories', the site's own; each also cut off."""
    whole = [b"", *(text.encode() for text in (name, *FACTORY_PASSWORDS, *own))]
    return tuple(dict.fromkeys(password[:size] for password in whole for size in _FORMS))

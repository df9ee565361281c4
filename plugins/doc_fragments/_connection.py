# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This fragment is private to lightsout.bmc: other collections must not use it.

from __future__ import annotations


class ModuleDocFragment:
    """The options that every module has, from `module_utils/_connection.py`."""

    DOCUMENTATION = r"""
options:
  bmc_host:
    description:
      - Name or address (IPv4 or IPv6) of the BMC. Needed with O(bmc_interface=lan).
      - If the task and C(module_defaults) do not give it, the host's variable C(bmc_host) is taken, then E(BMC_HOST).
        This order holds for all connection options.
    type: str
  bmc_port:
    description:
      - UDP port of the BMC.
    type: int
    default: 623
  bmc_user:
    description:
      - Account that opens the session, at most 16 bytes. Left out, it is the null user.
      - If nothing else gives it, E(BMC_USER) is taken.
    type: str
  bmc_password:
    description:
      - Password of the account, at most 20 bytes. It is never shown or logged by this collection.
      - If nothing else gives it, E(BMC_PASSWORD) is taken.
      - >-
        ansible-core prints the arguments of a failing ad hoc command as they were typed. So on the command line, leave
        the password to the inventory, the environment or C(-e @file).
    type: str
  bmc_kg:
    description:
      - BMC key Kg in hex, at most 20 bytes, with or without C(0x). Only for BMCs that have one set.
      - If nothing else gives it, E(BMC_KG) is taken.
    type: str
  bmc_privilege:
    description:
      - Privilege that the session asks for. An account with less is refused by the BMC.
    type: str
    choices: [administrator, operator, user]
    default: administrator
  bmc_interface:
    description:
      - V(lan) goes over the network (RMCP+, cipher suite 17, else 3).
      - V(open) goes in band, through the IPMI driver of the managed host's operating system (Linux); it needs no O(bmc_host)
        and no account, but pyghmi on that host and the right to open C(/dev/ipmi0), which C(become) gives. What of these is
        missing is said in the failure. O(bmc_password) and the like are then not taken from variables and the environment, and
        the managed host does not get them.
    type: str
    choices: [lan, open]
    default: lan
  bmc_timeout:
    description:
      - Seconds in all that one request may take, repetitions included, before the BMC counts as unreachable.
      - A login that finds no free session slot is tried again within this time. A refused login never is.
    type: float
    default: 10.0
requirements:
  - pyghmi >= 1.6.19, on the controller; delegated to another host, on that host
  - with O(bmc_interface=open), pyghmi >= 1.5.30 on the managed host, such as the system's package C(python3-pyghmi), without what it needs itself
"""

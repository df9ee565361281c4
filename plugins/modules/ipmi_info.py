#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_info
short_description: Read what a BMC is and how it is set
version_added: 0.1.0
description:
  - Reads the controller, channels, LAN, users, Serial over LAN, chassis and boot override of a BMC in one session.
  - Parts that the BMC does not have are named in RV(unsupported), and are no failure.
  - The parts C(lan), C(users), C(channels), C(sol), C(boot), C(chassis) and C(controller) of RV(bmc) can be fed back to
    M(lightsout.bmc.ipmi_config). Secrets (passwords, keys, the SNMP community) are never read or returned.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.info
options:
  gather:
    description:
      - The parts to read. C(sessions) is left out by default, because what it reads is only a moment.
    type: list
    elements: str
    choices: [controller, channels, lan, users, sol, chassis, boot, sessions]
    default: [controller, channels, lan, users, sol, chassis, boot]
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_config
"""

EXAMPLES = r"""
- name: Read all
  lightsout.bmc.ipmi_info:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
  register: found

- name: Make sure that the BMC is one of ours
  lightsout.bmc.ipmi_info:
    gather: [controller, lan]
  register: found
  failed_when: found.bmc.lan[0].mac_address != bmc_mac
"""

RETURN = r"""
bmc:
  description: What the BMC is. Parts that were not gathered, or that it does not have, are left out.
  returned: success
  type: dict
  contains:
    controller:
      description: Maker, product and firmware (Get Device ID), the GUID, and the options of M(lightsout.bmc.ipmi_controller).
      type: dict
      contains:
        manufacturer_id: {description: IANA enterprise number., type: int}
        manufacturer: {description: 'The name of the maker, if the number is known.', type: str}
        product_id: {description: The maker's number for the product., type: int}
        device_id: {description: Device id., type: int}
        device_revision: {description: Device revision., type: int}
        firmware: {description: Firmware revision., type: str}
        ipmi_version: {description: Version of IPMI., type: str}
        updating: {description: Whether the firmware is being updated., type: bool}
        guid: {description: System GUID., type: str}
        controller_id: {description: Management controller identifier string (DCMI)., type: str}
        asset_tag: {description: Asset tag (DCMI)., type: str}
        system_name: {description: Name of the server that the BMC keeps., type: str}
        clock_offset: {description: 'Seconds that the clock of the event log is ahead of UTC, unless it was never set.', type: int}
        utc_offset: {description: 'The offset from UTC that the BMC was told, in minutes, or V(unset).', type: raw}
    channels:
      description: The channels, with the options of M(lightsout.bmc.ipmi_channel). Each copy's access is under its name.
      type: list
      elements: dict
      contains:
        channel: {description: Number., type: int}
        medium: {description: 'Medium, such as V(lan).', type: str}
        volatile: {description: Access settings in force., type: dict}
        non_volatile: {description: Access settings after a restart., type: dict}
        auth_types: {description: Authentication types of IPMI 1.5 by level. LAN channels only., type: dict}
        cipher_privileges: {description: 'The highest privilege by cipher suite, its ID as text. LAN channels only.', type: dict}
        bad_password: {description: When wrong passwords lock an account. LAN channels only., type: dict}
    lan:
      description:
        - LAN configurations, with the options of M(lightsout.bmc.ipmi_lan). C(ipv6) is there if the BMC has IPv6, C(nic_mode)
          if a command of the maker's is known. Of an IPv6 that is off only what it could do is read, and static routers only
          where they are used.
      type: list
      elements: dict
    users:
      description: Accounts, with the options of M(lightsout.bmc.ipmi_user) and their C(user_id).
      type: list
      elements: dict
    sol:
      description: Serial over LAN, with the options of M(lightsout.bmc.ipmi_sol).
      type: dict
    chassis:
      description: Power and faults (Get Chassis Status), and the options of M(lightsout.bmc.ipmi_chassis).
      type: dict
      contains:
        power: {description: V(on) or V(off)., type: str}
        power_restore_policy: {description: What happens when power comes back., type: str}
        power_fault: {description: A fault in the main power., type: bool}
        power_control_fault: {description: The BMC could not switch the power., type: bool}
        power_overload: {description: Switched off because of overload., type: bool}
        interlock: {description: Switched off by an interlock., type: bool}
        intrusion: {description: The chassis was opened., type: bool}
        drive_fault: {description: A drive is faulty., type: bool}
        fan_fault: {description: A fan is faulty., type: bool}
        identify: {description: 'The identify light, V(off), V(on) or V(timed), if the BMC tells.', type: str}
        power_button: {description: 'Whether the power button works, if the BMC tells.', type: bool}
        reset_button: {description: 'Whether the reset button works, if the BMC tells.', type: bool}
        diagnostic_button: {description: 'Whether the diagnostic button works, if the BMC tells.', type: bool}
        standby_button: {description: 'Whether the standby button works, if the BMC tells.', type: bool}
    boot:
      description: The boot override, with the options of M(lightsout.bmc.ipmi_boot).
      type: dict
    sessions:
      description: The sessions of the moment.
      type: list
      elements: dict
      contains:
        handle: {description: Session handle., type: int}
        user_id: {description: User slot., type: int}
        privilege: {description: Privilege in force., type: str}
        channel: {description: Channel., type: int}
        address: {description: 'Where it comes from, if the BMC says.', type: str}
        port: {description: UDP port there., type: int}
        own: {description: Whether it is this task's own., type: bool}
  sample:
    controller: {manufacturer: Supermicro, firmware: '1.3', ipmi_version: '2.0'}
    chassis: {power: 'on'}
unsupported:
  description: What the BMC does not have, or does not tell.
  returned: success
  type: list
  elements: dict
  contains:
    what: {description: What it belongs to., type: str}
    setting: {description: The name of the value., type: str}
    reason: {description: How it shows., type: str}
  sample: [{"what": "lan channel 1", "setting": "gratuitous_arp", "reason": "completion code 0x80"}]
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 71
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description: On failure, one word for its cause. See M(lightsout.bmc.ipmi_power).
  returned: failure
  type: str
  sample: unreachable
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Get User Access (06/44)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xD4'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._module import ArgumentSpec, ModuleLike, Result, with_bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._facts import PARTS, Facts
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec(
    {
        "gather": {
            "type": "list",
            "elements": "str",
            "choices": list(PARTS),
            "default": [part for part in PARTS if part != "sessions"],
        },
    }
)


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_bmc(module, lambda bmc: _work(bmc, module.params["gather"]))


def _work(bmc: Bmc, parts: t.Sequence[str]) -> Result:
    facts = Facts(Reader(bmc))
    document = facts.gather(parts)
    return {"changed": False, "bmc": document, "unsupported": [missing.as_dict() for missing in facts.missing]}


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

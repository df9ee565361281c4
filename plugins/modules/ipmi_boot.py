#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_boot
short_description: Choose what a server boots from next
version_added: 0.1.0
description:
  - Sets or clears the boot override of a BMC (System Boot Options, parameter 5), for the next boot or for all.
  - The override survives a slow power-on, because the BMC is told not to drop it after 60 seconds.
  - An override counts only while the BMC marks it as valid. A BMC clears that mark when the server has booted, so after
    a one-time boot there is no override any more, and the task sets it again.
  - Takes every option of C(community.general.ipmi_boot) and returns what that returns. Different here, because it is
    wrong there - V(default) is idempotent, V(floppy) reads back as itself, and refusals of the BMC fail the task.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
options:
  bmc_host:
    aliases: [name]
  bmc_port:
    aliases: [port]
  bmc_user:
    aliases: [user]
  bmc_password:
    aliases: [password]
  bmc_kg:
    aliases: [key]
  bootdev:
    description:
      - The device to boot from. V(network) is PXE, V(hd) the disk, V(safe) the disk in safe mode, V(optical) CD or DVD,
        V(setup) the firmware's setup, V(diagnostic) the diagnostic partition.
      - The V(remote_floppy), V(remote_optical), V(remote_media) and V(remote_hd) devices are those that the BMC's virtual
        media offer.
      - V(default) removes the override; O(persistent) and O(uefiboot) then mean nothing.
    type: str
    required: true
    choices:
      - network
      - floppy
      - hd
      - safe
      - optical
      - setup
      - default
      - diagnostic
      - remote_floppy
      - remote_optical
      - remote_media
      - remote_hd
  persistent:
    description:
      - Use the device for every boot, and not for the next one only. Not every firmware follows.
    type: bool
    default: false
  uefiboot:
    description:
      - Boot in UEFI mode. V(false) asks for legacy boot, which some firmware ignores.
    type: bool
    default: false
  state:
    description:
      - V(present) sets the override. V(absent) removes it if it is for O(bootdev).
    type: str
    choices: [present, absent]
    default: present
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_power
notes:
  - OpenIPMI's C(ipmi_sim) shows the device and never the valid bit. There the device is set and compared, the result
    warns that the rest could not be verified, and every run counts as a change. For the same reason it seems to have no
    override, so V(default) and O(state=absent) leave the device that was set. It refuses every device but V(network),
    V(hd), V(optical) and V(setup).
"""

EXAMPLES = r"""
- name: Boot from the network once, in UEFI mode
  lightsout.bmc.ipmi_boot:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    bootdev: network
    uefiboot: true

- name: Remove any override
  lightsout.bmc.ipmi_boot:
    bootdev: default

- name: Make sure that the server does not boot from the network next time
  lightsout.bmc.ipmi_boot:
    bootdev: network
    state: absent
"""

RETURN = r"""
bootdev:
  description: The device of the override after the task, V(default) if there is none.
  returned: success
  type: str
  sample: network
persistent:
  description: Whether the override is for every boot.
  returned: success
  type: bool
  sample: false
uefimode:
  description: Whether the override asks for UEFI mode.
  returned: success
  type: bool
  sample: true
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 8
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description: On failure, one word for its cause. See M(lightsout.bmc.ipmi_power).
  returned: failure
  type: str
  sample: refused
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Set System Boot Options (00/08)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xCC'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    COMMUNITY_GENERAL_ALIASES,
    ArgumentSpec,
    ModuleLike,
    Result,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._boot import BOOT, DEVICES, INSTANCE, plan_boot
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import read_values, show
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec(
    {
        "bootdev": {"type": "str", "required": True, "choices": list(DEVICES)},
        "persistent": {"type": "bool", "default": False},
        "uefiboot": {"type": "bool", "default": False},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    },
    connection_aliases=COMMUNITY_GENERAL_ALIASES,
)

_NO_OVERRIDE = {"bootdev": "default", "persistent": False, "uefiboot": False}


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(module, lambda line, _connection: _work(line, module.params, module.check_mode), check=_check)


def _check(params: t.Mapping[str, t.Any]) -> None:
    if params["state"] == "absent" and params["bootdev"] == "default":
        raise BadOption("bootdev: 'default' cannot be absent; it stands for having no override")


def _work(line: Line, params: t.Mapping[str, t.Any], check_mode: bool) -> Result:
    reader = Reader(line.bmc)
    # The whole override is read for the result, whatever is asked for.
    now = _read(reader)
    wanted = _wanted(params, now)
    result = converge(line, plan_boot(reader, wanted).cuts, check_mode=check_mode, proof=Proof(), strict=True)
    after = now if not result.changed else {**_NO_OVERRIDE, **wanted}
    return {
        "changed": result.changed,
        "bootdev": after["bootdev"],
        "persistent": after["persistent"],
        "uefimode": after["uefiboot"],
        "diff": {"before": now, "after": after},
        "warnings": result.progress.warnings,
    }


def _read(reader: Reader) -> dict[str, t.Any]:
    values, missing = read_values(reader, INSTANCE)
    if missing:
        raise Unsupported(f"the BMC does not support {missing[0]}")
    return show(BOOT, values)


def _wanted(params: t.Mapping[str, t.Any], now: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if params["bootdev"] == "default" or (params["state"] == "absent" and now["bootdev"] == params["bootdev"]):
        return {"bootdev": "default"}
    if params["state"] == "absent":
        return {}
    return {setting.name: params[setting.name] for setting in BOOT.settings}


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

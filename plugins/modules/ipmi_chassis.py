#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_chassis
short_description: Configure a server's chassis through its BMC
version_added: 0.1.0
description:
  - What the server does when mains power comes back, the identify light, the buttons of the front panel, and how long a
    power cycle is off.
  - Reads first, writes only what differs, and reads back what it wrote. What the task does not name is left alone.
  - To switch the server on and off, see M(lightsout.bmc.ipmi_power); for the boot device, M(lightsout.bmc.ipmi_boot).
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.unsupported
options:
  power_restore_policy:
    description:
      - What the server does when mains power comes back. V(previous) is what it did before.
      - A BMC that says that it has not all of them is asked before anything is written.
    type: str
    choices: [always_off, previous, always_on]
  identify:
    description:
      - The identify light. V(timed) is on for O(identify_seconds) and then goes out by itself; one that is on already is
        left as it is.
      - V(on) stays until it is switched off. BMCs that cannot do that fail with the advice to use V(timed).
      - Where the BMC does not tell whether the light is on, it is written each time. A warning says so, and that alone does
        not count as changed.
      - YAML's unquoted C(on) and C(off) work.
    type: str
    choices: ['off', 'on', timed]
  identify_seconds:
    description:
      - How long O(identify=timed) is on, 1 to 255 seconds. Left out, it is 15.
    type: int
  power_button:
    description:
      - Whether the power button works. Some BMCs have buttons that cannot be disabled; that is unsupported.
      - A BMC that does not tell what its buttons do takes all four of them at once, so then give all four.
    type: bool
  reset_button:
    description:
      - Whether the reset button works.
    type: bool
  diagnostic_button:
    description:
      - Whether the button for the diagnostic interrupt (NMI) works.
    type: bool
  standby_button:
    description:
      - Whether the button for standby (sleep) works.
    type: bool
  power_cycle_interval:
    description:
      - Seconds that a power cycle is off, 0 to 255. V(0) is as short as possible.
      - IPMI has no way to read it. So it is written each time, a warning says so, and it does not count as changed.
    type: int
  power:
    description:
      - Whether the server is on. This and the faults below can only be read; a task that names another value fails.
        They are here so that what M(lightsout.bmc.ipmi_info) returns can be fed back.
    type: str
    choices: ['on', 'off']
  power_fault:
    description: A fault in the main power. Read only.
    type: bool
  power_control_fault:
    description: The BMC could not switch the power. Read only.
    type: bool
  power_overload:
    description: Switched off because of overload. Read only.
    type: bool
  interlock:
    description: Switched off by an interlock. Read only.
    type: bool
  intrusion:
    description: The chassis was opened. Read only.
    type: bool
  drive_fault:
    description: A drive is faulty. Read only.
    type: bool
  fan_fault:
    description: A fan is faulty. Read only.
    type: bool
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_power
  - module: lightsout.bmc.ipmi_boot
notes:
  - OpenIPMI's C(ipmi_sim) has only O(identify) of these.
"""

EXAMPLES = r"""
- name: Come back after a power failure, and let nobody press a button
  lightsout.bmc.ipmi_chassis:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    power_restore_policy: previous
    power_button: false
    reset_button: false

- name: Show the technician which server it is
  lightsout.bmc.ipmi_chassis:
    identify: on

- name: The same for two minutes
  lightsout.bmc.ipmi_chassis:
    identify: timed
    identify_seconds: 120

- name: Give capacitors ten seconds when the power is cycled
  lightsout.bmc.ipmi_chassis:
    power_cycle_interval: 10
"""

RETURN = r"""
before:
  description: The settings that the task names, as they were. What the BMC does not tell is left out.
  returned: success
  type: dict
  sample: {"power_restore_policy": "always_off"}
after:
  description: The same settings after the task; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"power_restore_policy": "previous"}
written:
  description: The settings that were written, each with what it belongs to. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["chassis: power_restore_policy"]
unsupported:
  description: Settings of the task that this BMC does not have.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What the setting belongs to.
      type: str
    setting:
      description: The option's name.
      type: str
    reason:
      description: How it shows.
      type: str
  sample: []
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 4
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description:
    - On failure, one word for its cause that playbooks may branch on. Besides those of M(lightsout.bmc.ipmi_power) -
      V(unsupported), V(not_verified) (the BMC accepted a write and ignores it).
  returned: failure
  type: str
  sample: not_verified
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Set Power Restore Policy (00/06)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xD4'
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    ArgumentSpec,
    ModuleLike,
    Result,
    bring_about,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._chassis import CHASSIS_SPEC, check_chassis, plan_chassis
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import UNSUPPORTED_SPEC
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec({**CHASSIS_SPEC, **UNSUPPORTED_SPEC})


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(module, lambda line, _connection: _work(line, module), check=check_chassis)


def _work(line: Line, module: ModuleLike) -> Result:
    return bring_about(line, plan_chassis(Reader(line.bmc), module.params), module, Proof())


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

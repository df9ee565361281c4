#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_sol
short_description: Configure a BMC's Serial over LAN
version_added: 0.1.0
description:
  - Brings the Serial over LAN configuration of a BMC to what the task names, and leaves alone what it does not name.
  - Reads first, writes only what differs, and reads back what it wrote.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.unsupported
options:
  channel:
    description:
      - The channel whose Serial over LAN configuration is meant. Left out, it is the LAN channel.
    type: int
  enabled:
    description:
      - Whether Serial over LAN is on. It is switched on last, when it is encrypted and authenticated as asked.
    type: bool
  force_encryption:
    description:
      - Refuse consoles without encryption.
    type: bool
  force_authentication:
    description:
      - Refuse consoles without authentication of each packet.
    type: bool
  privilege:
    description:
      - The least privilege that may open the console.
    type: str
    choices: [user, operator, administrator, oem]
  bit_rate:
    description:
      - Rate of the serial port in bit/s, for both copies. V(serial) is what the serial configuration says.
    type: str
    choices: ['serial', '9600', '19200', '38400', '57600', '115200']
  bit_rate_volatile:
    description:
      - The rate in force now. It is written before O(bit_rate_non_volatile), so a wrong one is gone after a restart.
    type: str
    choices: ['serial', '9600', '19200', '38400', '57600', '115200']
  bit_rate_non_volatile:
    description:
      - The rate in force after a restart of the BMC.
    type: str
    choices: ['serial', '9600', '19200', '38400', '57600', '115200']
  accumulate_interval:
    description:
      - Milliseconds that the BMC collects characters before it sends them, 5 to 1275 in steps of 5.
    type: int
  send_threshold:
    description:
      - Characters at which it sends at once, 0 to 255. V(0) is never.
    type: int
  retry_count:
    description:
      - How often a packet is repeated that is not acknowledged, 0 to 7.
    type: int
  retry_interval:
    description:
      - Milliseconds between repetitions, 0 to 2550 in steps of 10.
    type: int
  payload_channel:
    description:
      - The channel that consoles run over. Most BMCs have it read only.
    type: int
  payload_port:
    description:
      - UDP port for consoles, usually 623.
    type: int
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_user
    description: Says who may open the console (sol_payload).
notes:
  - OpenIPMI's C(ipmi_sim) has only O(enabled) and the two bit rates; the others are unsupported there. It shows
    V(serial) for a rate that was never set, and refuses to be set to it.
"""

EXAMPLES = r"""
- name: A console that is encrypted, at 115200 bit/s
  lightsout.bmc.ipmi_sol:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    enabled: true
    force_encryption: true
    force_authentication: true
    privilege: operator
    bit_rate: 115200

- name: The same on mixed makers, where some lack a part of it
  lightsout.bmc.ipmi_sol:
    enabled: true
    bit_rate: 115200
    retry_count: 7
    retry_interval: 100
    on_unsupported: report
"""

RETURN = r"""
channel:
  description: The channel.
  returned: success
  type: int
  sample: 1
before:
  description: The settings that the task names, as they were.
  returned: success
  type: dict
  sample: {"enabled": false}
after:
  description: The same settings after the task; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"enabled": true}
written:
  description: The settings that were written, each with what it belongs to. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["sol channel 1: enabled"]
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
  sample: 14
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description:
    - On failure, one word for its cause that playbooks may branch on. Besides those of M(lightsout.bmc.ipmi_power) -
      V(unsupported), V(not_verified) (the BMC accepted a write and ignores it), V(restored) (a fresh login failed and the
      old values were put back), V(would_lock_out).
  returned: failure
  type: str
  sample: not_verified
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Set SOL Configuration Parameters (0C/21)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xCC'
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    ArgumentSpec,
    ModuleLike,
    Result,
    bring_about,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import UNSUPPORTED_SPEC
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL_SPEC, check_sol, plan_sol
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec({**SOL_SPEC, **UNSUPPORTED_SPEC})


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(module, lambda line, _connection: _work(line, module), check=check_sol)


def _work(line: Line, module: ModuleLike) -> Result:
    return bring_about(line, plan_sol(Reader(line.bmc), module.params), module, Proof())


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

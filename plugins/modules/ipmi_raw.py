#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_raw
short_description: Send one request to a BMC, byte by byte
version_added: 0.1.0
description:
  - For what no other module does, such as a maker's own commands. It is what C(ipmitool raw) is, for playbooks.
  - The bytes of the request never appear in a result, because they may hold a password. Set C(no_log) on a task whose answer
    is a secret, and where Ansible itself would show the task's arguments (ad hoc commands that fail, C(-vvv) with C(async) or
    C(delegate_to)).
  - A request whose answer gets lost is sent again only if it only reads. Otherwise the task fails with V(answer_lost) in
    RV(reason), because nobody knows whether it was carried out.
  - Activate Session and Set Session Privilege Level are refused, and so is Close Session for the module's own session.
    For a reset of the BMC, M(lightsout.bmc.ipmi_controller) waits until it is back.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
attributes:
  check_mode:
    description: A request that only reads is sent. Any other is not, and the task is skipped, as those of M(ansible.builtin.command) are.
    support: partial
    details:
      - What a request would change cannot be told.
  idempotent:
    description: Each run sends the request.
    support: none
  diff_mode:
    description: Shows that a request was sent that changes something, not what it changed.
    support: partial
    details:
      - The BMC's state is not known to the module.
options:
  netfn:
    description:
      - Network function of the request, 0 to 62, even. Decimal, or hex with C(0x), as for C(ipmitool raw).
    type: str
    required: true
  command:
    description:
      - Number of the command, 0 to 255, in the same form.
    type: str
    required: true
  data:
    description:
      - The bytes behind the command. A list of numbers, each decimal or hex with C(0x); or text in hex, such as V(01 0a) or
        V(0x01 0x0a).
    type: raw
  lun:
    description:
      - Logical unit of the controller, 0 to 3.
    type: str
    default: '0'
  accept:
    description:
      - Completion codes besides 0 that are no failure, decimal, or hex with C(0x).
    type: list
    elements: str
    default: []
  changes:
    description:
      - Whether the request changes something. It decides whether the task counts as changed, whether check mode sends it, and
        whether it may be repeated.
      - Left out, it is V(false) for the commands of IPMI and DCMI that only read, and V(true) for all others.
    type: bool
  target_address:
    description:
      - Address of another controller behind the BMC, 0 to 255, that the request is passed on to (bridged), as with
        C(ipmitool -t). Only with O(bmc_interface=lan).
    type: str
  target_channel:
    description:
      - The BMC's channel that the other controller is on, 0 to 15, as with C(ipmitool -b). V(0) is the primary IPMB.
    type: str
    default: '0'
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_controller
"""

EXAMPLES = r"""
- name: Why did the server start
  lightsout.bmc.ipmi_raw:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    netfn: 0x00
    command: 0x07
  register: cause
  failed_when: cause.code != 0 or cause.data[0] == 4

- name: A maker's own setting, where a BMC without it is fine
  lightsout.bmc.ipmi_raw:
    netfn: 0x30
    command: 0x70
    data: 0c 01 00
    accept: [0xc1]

- name: The same kind of request, which is known to only read
  lightsout.bmc.ipmi_raw:
    netfn: 0x30
    command: 0x70
    data: [0x0c, 0]
    changes: false
  register: mode
"""

RETURN = r"""
code:
  description: The completion code. 0 is success.
  returned: always, once the BMC answered
  type: int
  sample: 0
completion_code:
  description: The completion code as text.
  returned: always, once the BMC answered
  type: str
  sample: '0x00'
meaning:
  description: The completion code in words.
  returned: always, once the BMC answered
  type: str
  sample: completed normally
data:
  description: The bytes of the answer, behind the completion code.
  returned: success, unless skipped
  type: list
  elements: int
  sample: [4, 1]
hex:
  description: The same bytes in hex.
  returned: success, unless skipped
  type: str
  sample: 04 01
command:
  description: The command with its network function and number. One that is not known by its number is V(Raw command).
  returned: always, once the BMC answered
  type: str
  sample: Get System Restart Cause (00/07)
skipped:
  description: Whether the request was not sent, because it changes something and this is check mode.
  returned: in check mode, if it was not sent
  type: bool
  sample: true
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 1
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
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import meaning
from ansible_collections.lightsout.bmc.plugins.module_utils._module import ArgumentSpec, ModuleLike, Result, with_bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._raw import Request, send

SPEC = ArgumentSpec(
    {
        "netfn": {"type": "str", "required": True},
        "command": {"type": "str", "required": True},
        "data": {"type": "raw"},
        "lun": {"type": "str", "default": "0"},
        "accept": {"type": "list", "elements": "str", "default": []},
        "changes": {"type": "bool"},
        "target_address": {"type": "str"},
        "target_channel": {"type": "str", "default": "0"},
    }
)


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    params = dict(module.params)
    # Ansible adds the options to the result of an ordinary module.
    module.params["data"] = None

    def check(_options: t.Mapping[str, t.Any]) -> Request:
        return Request.from_params(params)

    with_bmc(module, lambda bmc: _work(bmc, Request.from_params(params), module.check_mode), check=check)


def _work(bmc: Bmc, request: Request, check_mode: bool) -> Result:
    command = request.command
    if command.writes and check_mode:
        return {
            "changed": False,
            "skipped": True,
            "command": str(command),
            "msg": f"{command} would have been sent if not in check mode",
        }
    answer = send(bmc, request)
    # Where a code other than 0 is fine, the BMC did not do it all the same.
    changed = command.writes and answer.code == 0
    return {
        "changed": changed,
        "command": str(command),
        "code": answer.code,
        "completion_code": f"0x{answer.code:02X}",
        "meaning": meaning(command, answer.code),
        "data": list(answer.data),
        "hex": answer.data.hex(" "),
        "diff": {"before": {}, "after": {"sent": str(command)} if changed else {}},
    }


def main() -> None:
    """The ordinary module form."""
    # Without no_log, Ansible writes the options to the system's log.
    run(AnsibleModule(**SPEC.kwargs(), no_log=True))


if __name__ == "__main__":
    main()

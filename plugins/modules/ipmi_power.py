#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_power
short_description: Switch a server on and off through its BMC
version_added: 0.1.0
description:
  - Brings a server to a power state and sees that it is there, within O(timeout). Without O(state) it only reports.
  - A BMC accepts a power command before the hardware has done anything. So the state is asked for until it is reached;
    a task that succeeds means that the server is on, or off.
  - Takes every option of C(community.general.ipmi_power) and returns what that returns, so a playbook moves over by
    changing the module's name. Different here, because it is wrong there - RV(ignore:changed) is true only if something
    was done, the key in RV(status) is C(targetAddress) without a stray colon, RV(powerstate) is there after every state,
    and the BMC's session is given back.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
attributes:
  idempotent:
    description: The second run changes nothing. V(reset), V(cycle) and V(boot) restart the server each time.
    support: partial
    details:
      - Each run with O(state=reset), O(state=cycle) or O(state=boot) restarts the server, as it is asked to.
  diff_mode:
    description: Shows the power state before and after.
    support: full
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
  state:
    description:
      - The state to bring the server to. Left out, the state is only reported.
      - V(on) and V(off) switch hard. V(off) does not ask the operating system.
      - V(shutdown) asks the operating system to shut down (the power button, as ACPI sees it), and is done when the
        server is off.
      - V(reset) resets a server that is on. V(cycle) switches it off and on again. Both fail if the server is off,
        because nobody asked to switch it on.
      - V(boot) switches on a server that is off, and resets one that is on.
      - YAML's unquoted C(on) and C(off) work.
    type: str
    choices: ['on', 'off', shutdown, reset, cycle, boot]
  timeout:
    description:
      - Seconds until the state must be reached.
    type: int
    default: 300
  force_after:
    description:
      - With O(state=shutdown), the seconds after which a server that is still on is switched off hard. This also
        happens at once where the BMC cannot ask the operating system.
    type: int
  machine:
    description:
      - Other controllers behind this BMC, such as the nodes of a multi-node chassis, that the request is passed on to
        (bridged). Then the BMC's own server is left alone.
    type: list
    elements: dict
    suboptions:
      targetAddress:
        description: IPMB address of the controller, 0 to 255.
        type: int
        required: true
      state:
        description: As O(state), for this controller. Left out, O(state) counts.
        type: str
        choices: ['on', 'off', shutdown, reset, cycle, boot]
author:
  - lightsout contributors (@lightsout)
notes:
  - With O(bmc_interface=open) it is the host of the task that is switched. When it goes down so does the connection, and the task ends as unreachable;
    use the network for anything but V(on) and reports.
seealso:
  - module: lightsout.bmc.ipmi_boot
"""

EXAMPLES = r"""
- name: Report the power state
  lightsout.bmc.ipmi_power:
    bmc_host: 192.0.2.10
    bmc_user: operator
    bmc_password: "{{ operator_password }}"
    bmc_privilege: operator

- name: Switch the server on, with the BMC from the inventory
  lightsout.bmc.ipmi_power:
    state: on

- name: Shut down, and switch off hard what is still on after five minutes
  lightsout.bmc.ipmi_power:
    state: shutdown
    force_after: 300

- name: Switch off two nodes of a chassis
  lightsout.bmc.ipmi_power:
    state: off
    machine:
      - targetAddress: 48
      - targetAddress: 50
"""

RETURN = r"""
powerstate:
  description: The server's power state after the task; in check mode, what it would be.
  returned: success and O(machine) is not given
  type: str
  sample: 'on'
forced:
  description: Whether the server had to be switched off hard, see O(force_after).
  returned: success, O(machine) is not given and O(state) is given
  type: bool
  sample: false
status:
  description: The power states, where O(machine) is given.
  returned: success and O(machine) is given
  type: list
  elements: dict
  contains:
    targetAddress:
      description: The controller's IPMB address.
      type: int
    powerstate:
      description: The power state after the task.
      type: str
    changed:
      description: Whether this one was changed.
      type: bool
  sample:
    - targetAddress: 48
      powerstate: 'off'
      changed: true
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 3
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description:
    - On failure, one word for its cause that playbooks may branch on - V(unreachable), V(name_not_resolved),
      V(login_refused), V(privilege_refused), V(no_session_slot), V(session_lost), V(answer_lost), V(refused),
      V(malformed_answer), V(not_now), V(timeout), V(bad_option), V(missing_library), V(driver_unavailable).
  returned: failure
  type: str
  sample: unreachable
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Chassis Control (00/02)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xD5'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    COMMUNITY_GENERAL_ALIASES,
    ArgumentSpec,
    ModuleLike,
    Result,
    with_bmc,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._power import STATES, Done, Order, carry_out, is_on, word

SPEC = ArgumentSpec(
    {
        "state": {"type": "str", "choices": STATES},
        "timeout": {"type": "int", "default": 300},
        "force_after": {"type": "int"},
        "machine": {
            "type": "list",
            "elements": "dict",
            "options": {
                "targetAddress": {"type": "int", "required": True},
                "state": {"type": "str", "choices": STATES},
            },
        },
    },
    connection_aliases=COMMUNITY_GENERAL_ALIASES,
)


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_bmc(module, lambda bmc: _work(bmc, module.params, module.check_mode), check=_check)


def _work(bmc: Bmc, params: t.Mapping[str, t.Any], check_mode: bool) -> Result:
    if params["machine"] is None:
        return _own(bmc, params, check_mode)
    return _bridged(bmc, params, check_mode)


def _check(params: t.Mapping[str, t.Any]) -> None:
    if params["timeout"] < 1:
        raise BadOption(f"timeout is {params['timeout']}; it must be at least 1 second")
    if params["force_after"] is not None and params["force_after"] < 0:
        raise BadOption(f"force_after is {params['force_after']}; it must be 0 or more seconds")
    for entry in params["machine"] or []:
        if not 0 <= entry["targetAddress"] <= 255:
            raise BadOption(f"targetAddress is {entry['targetAddress']}; an IPMB address is 0 to 255")


def _own(bmc: Bmc, params: t.Mapping[str, t.Any], check_mode: bool) -> Result:
    done = _order(bmc, params["state"], params, None, check_mode)
    result: Result = {"changed": done.changed, "powerstate": done.powerstate}
    if params["state"] is not None:
        result["forced"] = done.forced
        result["diff"] = {"before": {"powerstate": done.before}, "after": {"powerstate": done.powerstate}}
    return result


def _bridged(bmc: Bmc, params: t.Mapping[str, t.Any], check_mode: bool) -> Result:
    status, before = [], []
    for entry in params["machine"]:
        address = entry["targetAddress"]
        done = _order(bmc, entry["state"] or params["state"], params, address, check_mode)
        status.append({"targetAddress": address, "powerstate": done.powerstate, "changed": done.changed})
        before.append({"targetAddress": address, "powerstate": done.before})
    after = [{"targetAddress": one["targetAddress"], "powerstate": one["powerstate"]} for one in status]
    return {
        "changed": any(one["changed"] for one in status),
        "status": status,
        "diff": {"before": {"status": before}, "after": {"status": after}},
    }


def _order(bmc: Bmc, state: str | None, params: t.Mapping[str, t.Any], bridge: int | None, check_mode: bool) -> Done:
    if state is None:
        now = word(is_on(bmc, bridge))
        return Done(False, now, now)
    order = Order(state, float(params["timeout"]), params["force_after"], bridge)
    return carry_out(bmc, order, check_mode=check_mode)


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

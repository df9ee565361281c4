#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_sol_session
short_description: Say who holds a server's serial console, and free it
version_added: 0.1.0
description:
  - Serial over LAN (SOL) has one holder at a time, and most tools take it from each other without a word. BMCs can say who holds
    it. This module asks them.
  - With O(state=released) it frees the console. It never cuts off anybody unasked - by default it fails if the console is held,
    and names the holder; O(when_held) and O(expect_holder) say otherwise.
  - A session that a run of ours left behind when it died is told apart from a living one, see RV(console.instances[].holder.stale)
    and O(stale).
  - Free means free of Serial over LAN. A maker's own way to the same port (a command line over SSH, a web console) does not show.
  - Whether Serial over LAN is on, and how, is for M(lightsout.bmc.ipmi_sol).
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
attributes:
  diff_mode:
    description: Shows whether the console is held, and by whom, before and after.
options:
  state:
    description:
      - V(queried) only reads.
      - V(released) sees to it that the console is free.
    type: str
    choices: [queried, released]
    default: queried
  when_held:
    description:
      - What O(state=released) does with a console that somebody holds.
      - V(fail) fails and names the holder.
      - V(wait) looks again every O(wait_interval) seconds, until it is free. After O(wait_timeout) seconds the task fails and names
        the holder. Meanwhile the BMC is asked for nothing else, and the module's session stays open.
      - V(take) cuts the holder off, if O(expect_holder) describes him. If not, the task fails and names the holder.
    type: str
    choices: [fail, wait, take]
    default: fail
  expect_holder:
    description:
      - Whom O(when_held=take) may cut off. All that is given must be so; what the BMC does not tell matches nothing.
    type: dict
    suboptions:
      user:
        description: The name of the holder's account on the BMC.
        type: str
      address:
        description: The address that the holder came from. BMCs tell IPv4 addresses only.
        type: str
      session_id:
        description: The holder's session, as RV(console.instances[].holder.session_id) has it. Nobody but this one session.
        type: str
  stale:
    description:
      - What O(state=released) does, whatever O(when_held) says, with a session that blocks the console and has nobody behind it.
      - V(release) frees the console from a session of our own account and our own address whose program died. Any other is
        treated as somebody's.
      - V(release_any) does so too where the BMC no longer lists the session, which therefore may have been anybody's.
      - V(fail) treats them all as somebody's.
      - Where controllers share one address and one account (containers behind the host's address), a session of another one can
        look as if its program had died. Use V(fail) there, or an account for each.
    type: str
    choices: [fail, release, release_any]
    default: release
  instance:
    description:
      - Which instance of the console, 1 to 15. Nearly every BMC has one.
      - Left out, O(state=queried) is about all of them, and O(state=released) about instance 1, which is what clients open.
    type: int
  wait_timeout:
    description:
      - How long O(when_held=wait) waits, 1 to 86400 seconds.
    type: int
    default: 300
  wait_interval:
    description:
      - Seconds between two looks while waiting, 1 to 30. BMCs end a session that is silent for a minute.
    type: int
    default: 5
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_sol
  - module: lightsout.bmc.ipmi_info
notes:
  - Many BMCs do not tell the one who is cut off. His console just falls silent.
  - Right before it cuts somebody off, the module looks once more whether the same session still has the console. IPMI cannot
    name a session when it deactivates, so a moment remains in which another may come.
  - To free another user's console, most BMCs want O(bmc_privilege=administrator).
"""

EXAMPLES = r"""
- name: Who has the console
  lightsout.bmc.ipmi_sol_session:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
  register: console

- name: Tell them
  ansible.builtin.debug:
    msg: "{{ item.holder.user }} from {{ item.holder.address }}"
  loop: "{{ console.console.instances | selectattr('holder') }}"

- name: Wait until whoever is there has left, at most an hour
  lightsout.bmc.ipmi_sol_session:
    state: released
    when_held: wait
    wait_timeout: 3600
    wait_interval: 10

- name: Take it from the colleague who went home and left it open, and from nobody else
  lightsout.bmc.ipmi_sol_session:
    state: released
    when_held: take
    expect_holder:
      user: jane
      address: 192.0.2.77
"""

RETURN = r"""
console:
  description:
    - The console as it is after the task; in check mode as it would be. Of a failed task, as it was when the task gave up.
    - With O(instance), and with O(state=released), the one instance alone.
  returned: success, and if the task failed because of who holds the console
  type: dict
  contains:
    state:
      description:
        - V(held) if any of the instances is, V(free) if all are.
        - V(unknown) where the BMC refuses to say, or contradicts itself. That is not free.
      type: str
    capacity:
      description: How many instances there can be at a time. Not set where the BMC does not say.
      type: int
    instances:
      description: Those that are held, and the first.
      type: list
      elements: dict
      contains:
        instance:
          description: Its number, from 1.
          type: int
        state:
          description: V(free), V(held) or V(unknown).
          type: str
        serial_port:
          description: Which of the host's serial ports it is, from 1. Not set where the BMC does not say.
          type: int
        reason:
          description: Why the state or the holder is not known.
          type: str
        holder:
          description: The session that has it. Not set if nobody has, or if the BMC does not say. The same holds for each value in it.
          type: dict
          contains:
            session_id:
              description: The session's number on the BMC.
              type: str
            handle:
              description: The session's short number.
              type: int
            user_id:
              description: The account's slot.
              type: int
            user:
              description: The account's name.
              type: str
            privilege:
              description: The privilege that the session uses now.
              type: str
            channel:
              description: The BMC's channel that it came over.
              type: int
            address:
              description: The client's address. Not set for IPv6, which has no place in the BMC's answer.
              type: str
            mac:
              description: The client's or the gateway's MAC address.
              type: str
            port:
              description: The client's UDP port.
              type: int
            ours:
              description: Whether it is the session of this very task.
              type: bool
            same_account:
              description: Whether it has the account and the address of this task's own session. Not set where that cannot be told.
              type: bool
            stale:
              description:
                - Whether nobody is behind the session any more. True if the BMC no longer lists it; and if it has our account and
                  our address, and no program where this task runs has its UDP port open.
                - False for all others that the BMC lists. Not set where it cannot be told; such a one is treated as somebody's.
              type: bool
            stale_reason:
              description: What that follows from.
              type: str
  sample:
    state: held
    capacity: 1
    instances:
      - instance: 1
        state: held
        serial_port: 1
        reason: ''
        holder:
          session_id: '0x020046D2'
          handle: 3
          user_id: 3
          user: jane
          privilege: operator
          channel: 1
          address: 192.0.2.77
          mac: null
          port: 51322
          ours: false
          same_account: false
          stale: false
          stale_reason: the BMC lists it, and it is another user's
evicted:
  description:
    - Who was cut off, in the form of RV(console.instances[].holder); in check mode, who would be. Not set if nobody was.
    - A warning names him too.
  returned: O(state=released); also on failure, if somebody was cut off and another came at once
  type: dict
  sample: null
waited:
  description: How many seconds the task waited for the holder to leave.
  returned: success and O(state=released)
  type: float
  sample: 0.0
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 2
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description:
    - On failure, one word for its cause that playbooks may branch on. Besides those of M(lightsout.bmc.ipmi_power) -
      V(console_held) (somebody holds the console, and the task does not say that he may be cut off), V(console_unknown) (the BMC does not say
      whether it is free, or who holds it), V(not_verified) (the BMC accepted the release, and the session still holds the console).
  returned: failure
  type: str
  sample: console_held
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Deactivate Payload (06/49)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xD4'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import ConsoleState
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import Released, Wish, look, release
from ansible_collections.lightsout.bmc.plugins.module_utils._ending import ending_orderly
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._module import ArgumentSpec, ModuleLike, Result, with_bmc

SPEC = ArgumentSpec(
    {
        "state": {"type": "str", "choices": ["queried", "released"], "default": "queried"},
        "when_held": {"type": "str", "choices": ["fail", "wait", "take"], "default": "fail"},
        "expect_holder": {
            "type": "dict",
            "options": {"user": {"type": "str"}, "address": {"type": "str"}, "session_id": {"type": "str"}},
        },
        "stale": {"type": "str", "choices": ["fail", "release", "release_any"], "default": "release"},
        "instance": {"type": "int"},
        "wait_timeout": {"type": "int", "default": 300},
        "wait_interval": {"type": "int", "default": 5},
    },
)


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    # It may wait for hours, and be ended by who has seen enough.
    with ending_orderly():
        with_bmc(module, lambda bmc: _work(bmc, module), check=Wish.from_params)


def _work(bmc: Bmc, module: ModuleLike) -> Result:
    machine = Machine()
    if module.params["state"] == "queried":
        console = look(bmc, machine, module.params["instance"])
        return {"changed": False, "console": console.as_result(), "diff": {"before": _shown(console), "after": _shown(console)}}
    released = release(bmc, Wish.from_params(module.params), machine, check_mode=module.check_mode)
    return {
        "changed": released.evicted is not None,
        "console": released.after.as_result(),
        "evicted": None if released.evicted is None else released.evicted.as_result(),
        "waited": round(released.waited, 1),
        "diff": {"before": _shown(released.before), "after": _shown(released.after)},
        "warnings": list(_warnings(released, module.check_mode)),
    }


def _shown(console: ConsoleState) -> dict[str, t.Any]:
    """For diff mode."""
    return {f"instance {instance.number}": str(instance) for instance in console.instances}


def _warnings(released: Released, check_mode: bool) -> t.Iterator[str]:
    if released.note:
        yield released.note
    holder = released.evicted
    if holder is not None:
        yield f"{'would cut off' if check_mode else 'cut off'} {holder} ({holder.session}: {holder.stale_reason})"


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

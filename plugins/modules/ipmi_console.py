#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_console
short_description: Read a server's serial console, type at it, and watch it boot
version_added: 0.1.0
description:
  - Opens the serial console over the BMC (Serial over LAN), collects what the host prints, waits for patterns, types lines, keys, a break
    or a SysRq, and gives the console back on every path.
  - It never takes a console from anybody unasked. O(when_held) and O(expect_holder) say otherwise, as those of
    M(lightsout.bmc.ipmi_sol_session) do.
  - With O(observe_boot) it restarts the host and returns its boot, with the times of firmware, loader, kernel and login.
  - A console that says nothing is told apart - held, not enabled, at a wrong bit rate, not used by the operating system, or of a host that
    is off. See RV(console.diagnosis).
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
attributes:
  check_mode:
    description: Looks who holds the console, opens nothing, types nothing, and says what would be done.
    support: full
  idempotent:
    description: Each run does what it says. A task that only listens changes nothing.
    support: none
  diff_mode:
    description: Shows what is done to the host and to a holder, not what comes of it.
    support: partial
    details:
      - Never shows secrets.
options:
  timeout:
    description:
      - Seconds for the whole stay at the console, at most 86400. Without a pattern to wait for, it is listened to so long.
      - Left out, it is 30, and 900 with O(observe_boot). Waiting for a holder (O(when_held=wait)) comes before, and has its own time.
    type: float
  expect:
    description:
      - Wait until one of these comes, after all O(steps). The one that comes first ends the task. If none comes in time, the task fails.
      - Each entry is a regular expression (Python's, C(^) and C($) at the ends of lines), or a dictionary with C(pattern), C(name), and one of
        C(send), C(send_line), C(send_secret). An entry with one of those three is answered each time that it comes, and the waiting
        goes on.
      - The text is the console's without codes for the terminal. What a pattern has found is not found again.
    type: list
    elements: raw
  steps:
    description:
      - What is done, in this order. A step types something, or waits, or types and then waits.
    type: list
    elements: dict
    suboptions:
      send:
        description: Type these characters, as they are. Nothing is added.
        type: str
      send_line:
        description: Type this and Enter. Empty, Enter alone.
        type: str
      send_secret:
        description: Type the secret of this name from O(secrets), and Enter. It is shown nowhere, also where the host echoes it.
        type: str
      send_break:
        description: Send a break on the serial line.
        type: bool
        default: false
      send_sysrq:
        description: Send a break and this key, Linux' magic SysRq, such as V(h) (help), V(s) (sync), V(b) (restart at once).
        type: str
      expect:
        description: Wait for one of these, as O(expect) does.
        type: list
        elements: raw
      timeout:
        description: Seconds that this O(steps[].expect) may take. O(timeout) holds too.
        type: float
  secrets:
    description:
      - Passwords and the like, by names that O(steps[].send_secret) and C(send_secret) of patterns use.
      - None of the values appears in any output. They are taken out of the transcript, too.
    type: dict
  observe_boot:
    description:
      - Reset the host, or switch it on if it is off, with the console open, and watch the boot.
      - The task ends at the login, or at a pattern of O(steps) or O(expect). It fails where the boot stops before (a panic, no boot device, an
        emergency shell), or does not come so far in O(timeout).
    type: bool
    default: false
  probe:
    description:
      - If nothing came, press Enter once and listen for three seconds more. So a host that waits for a login is told apart from one that does
        not use the port.
      - In a boot loader's menu, Enter boots. It is pressed only if the console said nothing at all.
    type: bool
    default: false
  when_held:
    description:
      - What to do with a console that somebody holds.
      - V(fail) fails and names the holder.
      - V(wait) looks again every O(wait_interval) seconds, until it is free, at most O(wait_timeout) seconds.
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
      - What is done, whatever O(when_held) says, with a session that blocks the console and has nobody behind it. As that of
        M(lightsout.bmc.ipmi_sol_session).
    type: str
    choices: [fail, release, release_any]
    default: release
  instance:
    description:
      - Which instance of the console, 1 to 15. Nearly every BMC has one.
    type: int
  wait_timeout:
    description:
      - How long O(when_held=wait) waits, 1 to 86400 seconds.
    type: int
    default: 300
  wait_interval:
    description:
      - Seconds between two looks while waiting, 1 to 30.
    type: int
    default: 5
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_sol_session
  - module: lightsout.bmc.ipmi_sol
  - module: lightsout.bmc.ipmi_power
notes:
  - What the host printed before the console was opened is not there. BMCs keep nothing.
  - If the task is ended by Ctrl-C, SIGHUP, SIGTERM or its C(timeout), the console is given back first.
    After a SIGKILL, the BMC frees it when it misses the session, within about a minute, and the next run of this account frees it at once.
    C(async) ends a task by SIGKILL, so give it more seconds than O(timeout).
  - It works over the network only, not with O(bmc_interface=open).
"""

EXAMPLES = r"""
- name: What does it say now
  lightsout.bmc.ipmi_console:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    timeout: 10
    probe: true
  register: console

- name: Restart the host and see how long each part of the boot takes
  lightsout.bmc.ipmi_console:
    observe_boot: true
    timeout: 600
  register: boot

- name: Log in and look
  lightsout.bmc.ipmi_console:
    timeout: 60
    secrets:
      root: "{{ root_password }}"
    steps:
      - send_line: ""
        expect: ['login: ']
      - send_line: root
        expect: ['Password: ']
      - send_secret: root
        expect: ['# $', {pattern: Login incorrect, name: refused}]
      - send_line: ip -brief address
        expect: ['# $']
      - send_line: exit

- name: Wait for the login prompt or a panic, whichever comes first, and choose the first entry of GRUB's menu at once
  lightsout.bmc.ipmi_console:
    observe_boot: true
    expect:
      - {pattern: 'GNU GRUB', send: "\r"}
      - {pattern: 'Kernel panic.*', name: panic}
      - {pattern: '^\S+ login: ', name: login}
  register: boot
  failed_when: boot is failed or boot.matched.name == 'panic'

- name: Have a host that hangs tell what its tasks do
  lightsout.bmc.ipmi_console:
    timeout: 10
    steps:
      - send_sysrq: w
"""

RETURN = r"""
transcript:
  description: What the host printed, in UTF-8, without codes for the terminal, and with lines as they were overwritten. At most 20,000 lines and
    2,097,152 characters, the last; a line of more than 4,096 goes on in the next.
  returned: success, and failure once the options were found to be in order and a session was open
  type: str
  sample: "Debian GNU/Linux 12 n1 ttyS0\n\nn1 login:"
raw:
  description: The bytes that the host sent, in Base64; secrets are masked. At most 1 MiB, the last.
  returned: as RV(transcript)
  type: str
  sample: bjEgbG9naW46IA==
truncated:
  description: Whether there was more than is kept of RV(transcript), RV(raw) or RV(events).
  returned: as RV(transcript)
  type: bool
  sample: false
matched:
  description: The pattern that came last, and that had no answer. Not set if none came.
  returned: as RV(transcript)
  type: dict
  contains:
    name:
      description: Its name; the pattern, if it has none.
      type: str
    pattern:
      description: The regular expression.
      type: str
    text:
      description: The text that it found.
      type: str
    groups:
      description: What its groups found.
      type: list
      elements: str
    named_groups:
      description: What its named groups found.
      type: dict
    at:
      description: Seconds since the console was opened.
      type: float
    step:
      description: The step, from 1. O(expect) comes after the last of O(steps).
      type: int
  sample:
    name: login
    pattern: '^(\S+) login: '
    text: 'n1 login: '
    groups: [n1]
    named_groups: {}
    at: 41.7
    step: 1
events:
  description:
    - What happened, in this order, each with C(at), seconds since the console was opened, and C(event) - V(opened), V(sent), V(break), V(sysrq),
      V(matched), V(restart), V(power), V(stage), V(trouble). C(text), C(secret), C(name) and C(step) say more. A secret has no text.
      At most 10,000, the last.
  returned: as RV(transcript)
  type: list
  elements: dict
  sample:
    - {at: 0.0, event: opened}
    - {at: 0.001, event: sent, text: "\r"}
boot:
  description: The boot that O(observe_boot) has watched. Not set without it.
  returned: as RV(transcript)
  type: dict
  contains:
    action:
      description: V(reset), or V(on) if the host was off; V(unknown) if an error left that open.
      type: str
    stages:
      description:
        - Seconds from the restart until the first text of each stage (C(firmware), C(loader), C(kernel), C(login)). A stage that was not seen is not there.
      type: dict
    missing:
      description: The stages that were not seen.
      type: list
      elements: str
    trouble:
      description: What stopped the boot, with its text. Not set if nothing did.
      type: dict
  sample:
    action: reset
    stages: {firmware: 0.6, loader: 24.1, kernel: 29.3, login: 41.7}
    missing: []
    trouble: null
console:
  description: Whose the console was right before it was opened, as RV(ignore:console) of M(lightsout.bmc.ipmi_sol_session), and what is wrong with it.
  returned: as RV(transcript)
  type: dict
  contains:
    state:
      description: V(free), V(held), or V(unknown) where the BMC does not say.
      type: str
    capacity:
      description: How many instances there can be at a time.
      type: int
    instances:
      description: The instance, with its C(holder) if it is held.
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
          description: The session that has it, with all that M(lightsout.bmc.ipmi_sol_session) returns of it.
          type: dict
          contains:
            session_id:
              description: The session's number on the BMC.
              type: str
            user:
              description: The account's name.
              type: str
            address:
              description: The client's address.
              type: str
            stale:
              description: Whether nobody is behind the session any more.
              type: bool
    diagnosis:
      description: Why the console says nothing. Not set if it says something, or if that cannot be told. On success a warning has it too.
      type: dict
      contains:
        cause:
          description:
            - V(held) (somebody has it), V(not_enabled) (Serial over LAN is off), V(not_allowed) (this account, or a session of this
              privilege, may not use it), V(unsupported) (the BMC or the session cannot do it), V(encryption) and V(limit) (the BMC
              refuses so), V(host_off), V(wrong_rate) (garbage came),
              V(not_configured) (the host is on and answers nothing, or its operating system does not use the port), V(other_port) (the BMC
              carries the console on another UDP port than the session), V(not_taken) (the BMC does not
              get rid of what is typed), V(quiet) (nothing came, and nothing was typed; see O(probe)).
          type: str
        detail:
          description: What it is told by.
          type: str
        advice:
          description: What to do.
          type: str
  sample:
    state: free
    capacity: 1
    instances:
      - {instance: 1, state: free, serial_port: 1, holder: null, reason: ''}
    diagnosis: null
evicted:
  description: Who was cut off, in the form of RV(console.instances[].holder); in check mode, who would be. Not set if nobody was. A warning names him too.
  returned: as RV(transcript)
  type: dict
  sample: null
requests:
  description: How many requests were sent in the session, without what was typed.
  returned: success
  type: int
  sample: 6
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description:
    - On failure, one word for its cause that playbooks may branch on. Besides those of M(lightsout.bmc.ipmi_sol_session) -
      V(timeout) (a pattern or the login did not come in time), V(boot_failed) (the boot stopped), V(console_disabled), V(console_limit),
      V(console_encryption) (the BMC does not open it), V(console_lost) (somebody else has it now, or the BMC ended it), V(console_unavailable) (the
      BMC does not pass on what is typed), V(unsupported).
  returned: failure
  type: str
  sample: console_held
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Activate Payload (06/48)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0x81'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._console_script import Script
from ansible_collections.lightsout.bmc.plugins.module_utils._console_visit import Visit
from ansible_collections.lightsout.bmc.plugins.module_utils._ending import ending_orderly
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._module import ArgumentSpec, ModuleLike, Result, with_bmc

SPEC = ArgumentSpec(
    {
        "timeout": {"type": "float"},
        "expect": {"type": "list", "elements": "raw"},
        "steps": {
            "type": "list",
            "elements": "dict",
            "options": {
                "send": {"type": "str"},
                "send_line": {"type": "str"},
                # The name of a secret.
                "send_secret": {"type": "str", "no_log": False},
                "send_break": {"type": "bool", "default": False},
                "send_sysrq": {"type": "str"},
                "expect": {"type": "list", "elements": "raw"},
                "timeout": {"type": "float"},
            },
        },
        "secrets": {"type": "dict", "no_log": True},
        "observe_boot": {"type": "bool", "default": False},
        "probe": {"type": "bool", "default": False},
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
    with ending_orderly():
        with_bmc(module, lambda bmc: _work(bmc, module), check=_check)


def _check(params: t.Mapping[str, t.Any]) -> None:
    if params["bmc_interface"] != "lan":
        raise BadOption(
            f"bmc_interface is {params['bmc_interface']}; Serial over LAN goes over the network only (lan). "
            "Who holds the console can be asked in band, by ipmi_sol_session"
        )
    Wish.from_params(params)
    Script.from_params(params)


def _work(bmc: Bmc, module: ModuleLike) -> Result:
    visit = Visit(bmc, Wish.from_params(module.params), Script.from_params(module.params), Machine())
    return visit.run(check_mode=module.check_mode)


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

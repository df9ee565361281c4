#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_channel
short_description: Configure who may use a BMC's channel, and how
version_added: 0.1.0
description:
  - Brings the access settings, authentication types, cipher suites and bad password threshold of a channel to what the task
    names, and leaves alone what it does not name.
  - Reads first, writes only what differs, and reads back what it wrote.
  - A channel's access has two copies, the one in force (volatile) and the one loaded when the BMC starts (non-volatile).
    Both are written unless O(scope) says otherwise. Of the session's own channel the one in force comes first and is proved
    by a fresh login; if the stored one is then refused, the first is put back.
  - A task that closes the session's own way in (its channel, its privilege, every cipher suite that it can log in with) is
    refused before anything is written.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.own_account
  - lightsout.bmc._policy.proof
  - lightsout.bmc._policy.unsupported
options:
  allow_self:
    description:
      - Allow the channel that the session runs over to be closed to it. Without it such a task is refused before anything is
        written. With it there is no fresh login, because there is nothing to log in with.
  channel:
    description:
      - The channel. Left out, it is the LAN channel that the session runs over, else the first of medium 802.3.
    type: int
  access_mode:
    description:
      - When the channel can be used. V(shared) is for serial channels.
    type: str
    choices: [disabled, pre_boot, always, shared]
  per_message_auth:
    description:
      - Whether every message of a session of IPMI 1.5 is authenticated, and not only the login.
    type: bool
  user_level_auth:
    description:
      - Whether commands of the privilege user are authenticated in sessions of IPMI 1.5.
    type: bool
  pef_alerting:
    description:
      - Whether the channel sends the alerts of platform event filtering.
    type: bool
  privilege_limit:
    description:
      - The highest privilege of any session on the channel.
    type: str
    choices: [callback, user, operator, administrator, oem]
  scope:
    description:
      - The copy that O(access_mode), O(per_message_auth), O(user_level_auth), O(pef_alerting) and
        O(privilege_limit) are about. V(volatile) is gone after a restart of the BMC, V(non_volatile) takes effect with it.
        Some BMCs change both with the stored one; then the one in force is put back.
    type: str
    choices: [both, volatile, non_volatile]
    default: both
  volatile:
    description:
      - The copy in force, by itself. What is given here and outside must not differ.
    type: dict
    suboptions:
      access_mode:
        description:
          - When the channel can be used. V(shared) is for serial channels.
        type: str
        choices: [disabled, pre_boot, always, shared]
      per_message_auth:
        description:
          - Whether every message of a session of IPMI 1.5 is authenticated, and not only the login.
        type: bool
      user_level_auth:
        description:
          - Whether commands of the privilege user are authenticated in sessions of IPMI 1.5.
        type: bool
      pef_alerting:
        description:
          - Whether the channel sends the alerts of platform event filtering.
        type: bool
      privilege_limit:
        description:
          - The highest privilege of any session on the channel.
        type: str
        choices: [callback, user, operator, administrator, oem]
  non_volatile:
    description:
      - The copy loaded when the BMC starts, by itself. What is given here and outside must not differ.
    type: dict
    suboptions:
      access_mode:
        description:
          - When the channel can be used. V(shared) is for serial channels.
        type: str
        choices: [disabled, pre_boot, always, shared]
      per_message_auth:
        description:
          - Whether every message of a session of IPMI 1.5 is authenticated, and not only the login.
        type: bool
      user_level_auth:
        description:
          - Whether commands of the privilege user are authenticated in sessions of IPMI 1.5.
        type: bool
      pef_alerting:
        description:
          - Whether the channel sends the alerts of platform event filtering.
        type: bool
      privilege_limit:
        description:
          - The highest privilege of any session on the channel.
        type: str
        choices: [callback, user, operator, administrator, oem]
  medium:
    description:
      - What the channel is, such as V(lan). It can only be read; a task that names another one fails. It is here so that what
        M(lightsout.bmc.ipmi_info) returns can be fed back.
    type: str
  auth_types:
    description:
      - The authentication types of IPMI 1.5 for each level. Levels that are not named stay as they are; V([]) takes all from
        one. Sessions of IPMI 2.0 do not use them.
    type: dict
    suboptions:
      callback:
        description: Types that may open a session of this level.
        type: list
        elements: str
        choices: [none, md2, md5, password, oem]
      user:
        description: Types that may open a session of this level.
        type: list
        elements: str
        choices: [none, md2, md5, password, oem]
      operator:
        description: Types that may open a session of this level.
        type: list
        elements: str
        choices: [none, md2, md5, password, oem]
      administrator:
        description: Types that may open a session of this level.
        type: list
        elements: str
        choices: [none, md2, md5, password, oem]
      oem:
        description: Types that may open a session of this level.
        type: list
        elements: str
        choices: [none, md2, md5, password, oem]
  cipher_privileges:
    description:
      - The highest privilege of sessions over each cipher suite of IPMI 2.0, such as C(17) or C(0), by its ID - V(unused),
        V(callback), V(user), V(operator), V(administrator) or V(oem). Suites that are not named stay as they are.
      - The key C(others) stands for every other suite that the BMC offers.
      - A suite that the BMC does not offer may be V(unused); anything else is unsupported.
      - Where the privileges are by ID, suite 0 has one even if the BMC does not list it, and counts as offered.
      - Which suite a privilege belongs to differs between makers, by the place in the BMC's list or by the suite's ID. It is found
        out by itself, see O(cipher_index).
    type: dict
  cipher_index:
    description:
      - What the BMC's list of privileges is by. V(auto) finds out - by the list itself, by the suite of the session, by privileges
        that would belong to no suite, and by beginning logins with those suites that decide it (O(cipher_probe)). Where none
        of it tells, the task fails and asks for this option.
      - V(position) is the place in the BMC's list of suites, V(id) is the ID of the suite.
    type: str
    choices: [auto, id, position]
    default: auto
  cipher_probe:
    description:
      - Begin a login with each suite after privileges were written, and go no further. A suite of the task that is unused and can be
        logged in with all the same, or is enabled and refused, fails the task; nothing is put back then.
      - A run that changed nothing asks for the unused suites only, because a login that a BMC lets begin takes one of its session slots
        for up to a minute.
      - What was seen is in RV(cipher_suites). Done over the network only, for the channel of the session, and not in check mode.
    type: bool
    default: true
  bad_password:
    description:
      - When an account is locked because of wrong passwords. What is left out stays as it is.
    type: dict
    suboptions:
      threshold:
        description: Wrong passwords that lock an account, 1 to 255. V(0) is off.
        type: int
      reset_interval:
        description: Seconds after which wrong passwords are forgotten, 0 to 655350 in steps of 10. V(0) is never.
        type: int
      lockout_interval:
        description: Seconds after which the account is unlocked by itself, 0 to 655350 in steps of 10. V(0) is never.
        type: int
      log_event:
        description: Whether a lockout is written to the event log.
        type: bool
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_user
    description: Says what a single account may do on the channel.
notes:
  - A suite that the BMC offers without having its algorithms (a status of 04h to 07h or 10h) is warned about, and is no failure.
  - A login that was begun takes one of the BMC's session slots for up to a minute. So the suite of the session is not asked,
    and a BMC without a free slot is waited for (O(bmc_timeout)) and counts as telling nothing.
  - OpenIPMI's C(ipmi_sim) keeps cipher suite privileges and does not apply them, so a suite that is V(unused) there fails the
    task unless O(cipher_probe=false). It has no O(bad_password), and O(auth_types) can only be read. It refuses to switch
    O(per_message_auth) and O(user_level_auth) off, and ignores O(pef_alerting), which fails the task.
"""

EXAMPLES = r"""
- name: Only suites 17 and 3, and lock out who guesses passwords
  lightsout.bmc.ipmi_channel:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    cipher_privileges:
      17: administrator
      3: administrator
      others: unused
    bad_password:
      threshold: 5
      reset_interval: 300
      lockout_interval: 900
      log_event: true

- name: No session without authentication of each message, in both copies
  lightsout.bmc.ipmi_channel:
    access_mode: always
    per_message_auth: true
    user_level_auth: true
    privilege_limit: administrator
    auth_types:
      callback: []
      user: [md5]
      operator: [md5]
      administrator: [md5]

- name: Alerts from the next restart on
  lightsout.bmc.ipmi_channel:
    pef_alerting: true
    scope: non_volatile

- name: Close a second LAN channel
  lightsout.bmc.ipmi_channel:
    channel: 8
    access_mode: disabled
"""

RETURN = r"""
channel:
  description: The channel.
  returned: success
  type: int
  sample: 1
before:
  description: The settings that the task names, as they were. Those of each copy are under its name.
  returned: success
  type: dict
  sample: {"volatile": {"pef_alerting": false}, "non_volatile": {"pef_alerting": false}}
after:
  description: The same settings after the task; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"volatile": {"pef_alerting": true}, "non_volatile": {"pef_alerting": true}}
cipher_suites:
  description: What the BMC does with each suite at a login. Also on failure, if it is not what the BMC is set to.
  returned: if O(cipher_privileges) is given, O(cipher_probe) is not switched off, and not in check mode
  type: list
  elements: dict
  contains:
    suite:
      description: The suite's ID.
      type: int
    privilege:
      description: What it is set to. Nothing, if the BMC keeps no privilege for it.
      type: str
    opens:
      description: Whether logins over it begin. Nothing, if the BMC does not tell.
      type: bool
    status:
      description: What the BMC answered.
      type: str
  sample:
    - {"suite": 0, "privilege": "unused", "opens": false, "status": "0x11 (no cipher suite match)"}
    - {"suite": 17, "privilege": "administrator", "opens": true, "status": "used by this session"}
written:
  description: The settings that were written, each with what it belongs to. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["channel 1, volatile access: pef_alerting"]
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
verified:
  description: Whether a fresh login proved a change that could cut the connection. V(false) if none was tried.
  returned: if there was such a change
  type: bool
  sample: true
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
  sample: Set Channel Access (06/40)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xCC'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    ArgumentSpec,
    ModuleLike,
    Result,
    bring_about,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import CHANNEL_OPTIONS, check_channel, plan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import (
    PROOF_SPEC,
    SELF_SPEC,
    UNSUPPORTED_SPEC,
    proof_from,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec({**CHANNEL_OPTIONS, **SELF_SPEC, **PROOF_SPEC, **UNSUPPORTED_SPEC})


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(module, lambda line, connection: _work(line, connection, module), check=_check)


def _check(params: t.Mapping[str, t.Any]) -> None:
    check_channel(params)
    proof_from(params)


def _work(line: Line, connection: Connection, module: ModuleLike) -> Result:
    params = module.params
    planned = plan_channel(Reader(line.bmc), params, connection, allow_self=params["allow_self"])
    return bring_about(line, planned, module, proof_from(params))


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

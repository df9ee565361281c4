#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_user
short_description: Manage accounts of a BMC
version_added: 0.1.0
description:
  - Makes, changes or removes an account of a BMC, by its name.
  - Reads first, writes only what differs, in the order that BMCs need, and reads back what it wrote. Whether the password
    is right the BMC is asked itself.
  - The account that opens the session is not deleted, disabled, demoted or cut off unless O(allow_self=true). Its own
    new password is proved by a fresh login, and put back if that fails.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.own_account
  - lightsout.bmc._policy.proof
  - lightsout.bmc._policy.unsupported
options:
  channel:
    description:
      - The channel that privilege and access hold for. Left out, it is the LAN channel.
    type: int
  name:
    description:
      - Name of the account, at most 16 bytes. The slot is found by it.
    type: str
    required: true
  user_id:
    description:
      - The slot, 1 to 63. Left out, it is the slot that has the name, else the first free one behind fixed and reserved
        slots. Given, the account in that slot gets the name.
    type: int
  state:
    description:
      - V(absent) disables the account, takes its privilege and its name. A slot with a fixed name keeps the name.
    type: str
    choices: [present, absent]
    default: present
  password:
    description:
      - The password. It is written only if the BMC, asked whether it is the account's (Test Password), says no. Needed
        for a new account.
    type: str
  password_size:
    description:
      - The form that the BMC keeps the password in. V(16) is the one that IPMI 1.5 can use, V(20) holds up to 20 bytes.
      - V(auto) writes 16 bytes if they are enough, and accepts either form of the right password.
    type: str
    choices: [auto, '16', '20']
    default: auto
  update_password:
    description:
      - V(on_create) leaves the password of an account alone that is already there.
    type: str
    choices: [always, on_create]
    default: always
  privilege:
    description:
      - The highest privilege of the account on the channel. A new account gets V(user) if this is left out.
    type: str
    choices: [callback, user, operator, administrator, oem, no_access]
  enabled:
    description:
      - Whether the account can be used. A new account is enabled if this is left out.
      - Some BMCs do not tell whether an account is enabled. There a login with O(password) decides; without it the
        setting counts as unsupported.
    type: bool
  link_auth:
    description:
      - Whether the account may be used to authenticate links (PPP).
    type: bool
  ipmi_messaging:
    description:
      - Whether the account may open IPMI sessions. A new account may if this is left out.
    type: bool
  callback:
    description:
      - Whether the account is restricted to callback. Some BMCs then refuse it over the network.
    type: bool
  sol_payload:
    description:
      - Whether the account may open the serial console (Serial over LAN).
    type: bool
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_config
    description: Manages several accounts in one session.
notes:
  - OpenIPMI's C(ipmi_sim) has no payload access, so O(sol_payload) is unsupported there. It does not tell whether an
    account is enabled, and keeps one bit for O(enabled) and O(ipmi_messaging), so each changes the other.
    It answers "right" to every Test Password, so a password that changes later is not noticed there, and it cuts
    passwords to 16 bytes.
"""

EXAMPLES = r"""
- name: An account for power and console
  lightsout.bmc.ipmi_user:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    name: operator
    password: "{{ operator_password }}"
    privilege: operator
    sol_payload: true

- name: Disable the maker's account
  lightsout.bmc.ipmi_user:
    name: ADMIN
    enabled: false

- name: Change the password of the account in use
  lightsout.bmc.ipmi_user:
    name: "{{ bmc_user }}"
    password: "{{ new_password }}"

- name: Remove an account
  lightsout.bmc.ipmi_user:
    name: intern
    state: absent
"""

RETURN = r"""
user_id:
  description: The slot of the account. None if it is absent and was.
  returned: success
  type: int
  sample: 3
before:
  description: The settings that the task names, as they were. Of C(password) only whether it was the one given.
  returned: success
  type: dict
  sample: {"name": "", "privilege": "no_access"}
after:
  description: The same settings after the task; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"name": "operator", "privilege": "operator"}
written:
  description: The settings that were written, each with what it belongs to. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["user 'operator' (slot 3): name"]
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
  sample: Set User Name (06/45)
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
    try_login,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import ACCOUNT_OPTIONS, Account, plan_users
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import (
    PROOF_SPEC,
    SELF_SPEC,
    UNSUPPORTED_SPEC,
    proof_from,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import CHANNEL_SPEC
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec({**CHANNEL_SPEC, **ACCOUNT_OPTIONS, **SELF_SPEC, **PROOF_SPEC, **UNSUPPORTED_SPEC})


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(
        module,
        lambda line, connection: _work(line, connection, module),
        check=lambda params: (_account(params), proof_from(params)),
    )


def _account(params: t.Mapping[str, t.Any]) -> Account:
    return Account.from_params(params, allow_self=params["allow_self"])


def _work(line: Line, connection: Connection, module: ModuleLike) -> Result:
    found = plan_users(Reader(line.bmc), [_account(module.params)], module.params["channel"], connection, try_login)
    planned = found[0] if found else Planned({"user_id": None}, ())
    return bring_about(line, planned, module, proof_from(module.params))


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

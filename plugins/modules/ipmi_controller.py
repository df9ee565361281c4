#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_controller
short_description: Configure and restart a BMC itself
version_added: 0.1.0
description:
  - The names that a BMC keeps (DCMI identifier string and asset tag, system name), its clock, and its key Kg.
  - Reads first, writes only what differs, and reads back what it wrote. What the task does not name is left alone.
  - With O(reset), the BMC is restarted after that, and the task waits until it answers a fresh login. The server itself is
    not touched; for that, see M(lightsout.bmc.ipmi_power).
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.proof
  - lightsout.bmc._policy.unsupported
attributes:
  idempotent:
    description: The second run changes nothing, and writes nothing. O(reset) restarts the BMC each time.
    support: partial
    details:
      - Each run with O(reset) restarts the BMC, as it is asked to.
options:
  controller_id:
    description:
      - Management controller identifier string (DCMI), at most 63 bytes. Many BMCs use it as their host name, and give it to
        the DHCP server.
      - An empty string takes it away.
    type: str
  asset_tag:
    description:
      - Asset tag (DCMI), at most 63 bytes. An empty string takes it away.
    type: str
  system_name:
    description:
      - Name of the server that the BMC keeps (system info), at most 64 bytes. An empty string takes it away.
    type: str
  clock:
    description:
      - What the clock of the BMC's event log shows. V(utc) is UTC, V(local) is the local time of the machine that the task
        runs on, as it is now.
      - It is compared within O(clock_tolerance). A clock that was never set counts as different.
      - The two clocks are compared half-way between request and answer, so a slow network does not count. The machine that
        the task runs on must have the right time.
    type: str
    choices: [utc, local]
  clock_offset:
    description:
      - Seconds that the clock shall be ahead of UTC, negative for behind. O(clock=utc) is V(0).
        Give one of the two.
    type: int
  clock_tolerance:
    description:
      - Seconds that the clock may be off before it is set, 1 to 86400.
    type: int
    default: 5
  utc_offset:
    description:
      - What the BMC is told about the offset of its clock from UTC, -1440 to 1440 minutes, or V(unset). The clock itself
        stays as it is. Few BMCs have it.
    type: str
  kg:
    description:
      - The BMC key Kg that sessions shall need from now on, in hex as O(bmc_kg) is, at most 20 bytes. An empty string, or
        only zeros, takes it away.
      - What it is now follows from the session, which could not have been opened with a wrong O(bmc_kg). So the next task
        needs the new key in O(bmc_kg).
      - It is written last and proved by a fresh login with it. If that fails, the old key is put back.
      - With O(bmc_interface=open), a BMC that does not tell its key gets it each time. A warning says so, and that alone does
        not count as changed.
    type: str
  reset:
    description:
      - Restart the BMC, once the settings are done. V(warm) keeps more of its state; many BMCs have V(cold) only, and then
        say so.
      - The task is done when the sessions of before have ended and a fresh login works. If the old session goes on, the BMC
        did not restart, and the task fails with V(not_verified) in RV(reason).
      - Check mode does not restart it.
    type: str
    choices: [cold, warm]
  reset_timeout:
    description:
      - Seconds until the BMC must answer a fresh login after O(reset), 1 to 3600.
    type: int
    default: 300
  manufacturer_id:
    description:
      - IANA enterprise number of the maker. This and the options below can only be read; a task that names another value
        fails. They are here so that what M(lightsout.bmc.ipmi_info) returns can be fed back, and to make sure that this is
        the BMC that is meant.
    type: int
  manufacturer:
    description: The name of the maker. Read only.
    type: str
  product_id:
    description: The maker's number for the product. Read only.
    type: int
  device_id:
    description: Device id. Read only.
    type: int
  device_revision:
    description: Device revision. Read only.
    type: int
  firmware:
    description: Firmware revision. Read only.
    type: str
  ipmi_version:
    description: Version of IPMI. Read only.
    type: str
  updating:
    description: Whether the firmware is being updated. Read only.
    type: bool
  guid:
    description: System GUID. Read only.
    type: str
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_info
  - module: lightsout.bmc.ipmi_power
notes:
  - OpenIPMI's C(ipmi_sim) has only the clock of these.
"""

EXAMPLES = r"""
- name: Name the BMC after its server, and set its clock
  lightsout.bmc.ipmi_controller:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    controller_id: "{{ inventory_hostname }}-bmc"
    asset_tag: "{{ inventory_number }}"
    clock: utc

- name: Ask for a key from now on
  lightsout.bmc.ipmi_controller:
    bmc_kg: "{{ old_kg }}"
    kg: "{{ new_kg }}"

- name: Restart a BMC that has become slow
  lightsout.bmc.ipmi_controller:
    reset: cold
    reset_timeout: 600

- name: Make sure of the firmware
  lightsout.bmc.ipmi_controller:
    firmware: '1.74'
  check_mode: true
"""

RETURN = r"""
before:
  description: The settings that the task names, as they were. Of the key only whether it was the one given.
  returned: success
  type: dict
  sample: {"asset_tag": "", "clock_offset": -3600}
after:
  description: The same settings after the task; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"asset_tag": "4711", "clock_offset": 0}
seconds:
  description: Seconds from the command to restart until the BMC answered a fresh login.
  returned: success, O(reset) is given and check mode is off
  type: float
  sample: 41.5
written:
  description: The settings that were written, and the reset. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["controller: asset_tag", "controller: cold reset"]
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
  description: Whether a fresh login proved the new key. V(false) if none was tried.
  returned: if O(kg) was changed
  type: bool
  sample: true
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
      V(unsupported), V(not_verified) (the BMC accepted a write or a reset and ignores it), V(restored) (a fresh login with
      the new key failed and the old one was put back).
  returned: failure
  type: str
  sample: not_verified
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Set Asset Tag (2C/08)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xD4'
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, BmcError, CompletionError, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    ArgumentSpec,
    ModuleLike,
    Result,
    bring_about,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._reset import RESETS, restart
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._controller import (
    CONTROLLER_SPEC,
    check_controller,
    plan_controller,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import PROOF_SPEC, UNSUPPORTED_SPEC, proof_from
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec(
    {
        **CONTROLLER_SPEC,
        "reset": {"type": "str", "choices": list(RESETS)},
        "reset_timeout": {"type": "int", "default": 300},
        **PROOF_SPEC,
        **UNSUPPORTED_SPEC,
    },
    mutually_exclusive=(("clock", "clock_offset"),),
)


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(module, lambda line, connection: _work(line, connection, module), check=_check)


def _check(params: t.Mapping[str, t.Any]) -> None:
    check_controller(params)
    proof_from(params)
    if not 1 <= params["reset_timeout"] <= 3600:
        raise BadOption(f"reset_timeout is {params['reset_timeout']}; it must be 1 to 3600 seconds")


def _work(line: Line, connection: Connection, module: ModuleLike) -> Result:
    params = module.params
    planned = plan_controller(Reader(line.bmc), params, connection)
    result = bring_about(line, planned, module, proof_from(params))
    if params["reset"] is None:
        return result
    if module.check_mode:
        return {**result, "changed": True}
    return _reset(line, params["reset"], float(params["reset_timeout"]), result)


def _reset(line: Line, kind: str, timeout: float, result: Result) -> Result:
    written = [*result["written"], f"controller: {kind} reset"]
    try:
        done = restart(line, kind, timeout)
    except BmcError as error:
        refused = isinstance(error, (Unsupported, CompletionError))
        error.progress = Progress(written=result["written"] if refused else written)
        raise
    warnings = [] if done.proved else ["the BMC answered all the time, so whether it restarted is not known"]
    return {
        **result,
        "changed": True,
        "written": written,
        "seconds": round(done.seconds, 1),
        "warnings": result["warnings"] + warnings,
    }


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

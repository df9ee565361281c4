#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: console_marker
short_description: Write a marker on a host's serial ports, and say what runs on its consoles
version_added: 0.1.0
description:
  - Writes a line on each serial port of the managed host that names the port, such as C(lightsout-console-check 4f2a9c ttyS1), again and
    again. Which of them arrives over Serial over LAN tells which port that is wired to, and that it works.
  - The playbook C(lightsout.bmc.console_check) does both ends.
  - A port that the kernel or a program uses keeps its bit rate and is not taken from it. The line is seen by whoever is at that console.
    A port that nobody uses may be given O(bit_rate), and gets its own back.
  - Also says what the kernel's command line has for consoles, on which of them the kernel prints, and on which ports one can log in.
extends_documentation_fragment:
  - lightsout.bmc._attributes.info
  - lightsout.bmc._attributes.host
attributes:
  check_mode:
    description: Says which ports there are and what runs on them, and opens none.
    support: full
options:
  nonce:
    description:
      - What tells this marker from all others, 4 to 64 letters and digits.
    type: str
    required: true
  devices:
    description:
      - The serial ports, such as V(/dev/ttyS1). Left out, all that there are - on Linux C(ttyS*) and C(ttyAMA*), on FreeBSD C(ttyu*).
      - Left out, a port is not written on that a program has open which is neither the kernel's console nor a login, such as a UPS's, and
        RV(ports[].error) says so. A port that is named here is.
    type: list
    elements: path
  seconds:
    description:
      - For how long, 0 to 600. V(0) writes nothing, and opens no port.
    type: float
    default: 10
  interval:
    description:
      - Seconds between two markers, 0.1 to 60.
    type: float
    default: 1
  bit_rate:
    description:
      - The rate in bit/s for ports that nobody uses, that of the BMC's console. Without it, they are written on at the rate that they have.
    type: int
  root:
    description:
      - Folder that holds the host's C(/dev), C(/proc) and C(/sys), for a task that runs in a container.
    type: path
    default: /
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_console
notes:
  - Needs the right to write on the ports, usually root's (C(become)).
  - Where flow control holds the characters back, the task ends nevertheless; see RV(ports[].blocked).
"""

EXAMPLES = r"""
- name: Write the marker while the console is read
  lightsout.bmc.console_marker:
    nonce: 4f2a9c
    seconds: 20
  become: true
  async: 60
  poll: 0
  register: marking

- name: Read it over the BMC
  lightsout.bmc.ipmi_console:
    timeout: 15
    expect: ['lightsout-console-check 4f2a9c (\S+)']
  register: console

- name: Which serial port is it
  ansible.builtin.debug:
    msg: "{{ console.matched.groups[0] }}"
"""

RETURN = r"""
ports:
  description: The ports that were found or given. What comes after C(in_use) is known of ports that were opened only.
  returned: success, and failure once the options were found to be in order
  type: list
  elements: dict
  contains:
    device: {description: Its device., type: str}
    name: {description: 'The device without its folder, as the marker has it.', type: str}
    in_use: {description: Whether the kernel prints on it or a program has it open., type: bool}
    bit_rate: {description: The rate in bit/s that it had. Not set where it was not opened., type: int}
    markers: {description: How many markers were written., type: int}
    blocked: {description: Whether flow control held characters back., type: bool}
    error: {description: Why it could not be written on; else empty., type: str}
  sample:
    - {device: /dev/ttyS1, name: ttyS1, in_use: true, bit_rate: 115200, markers: 10, blocked: false, error: ''}
running:
  description: What runs on the consoles now. A value that the system does not tell is not set.
  returned: success, and failure once the options were found to be in order
  type: dict
  contains:
    cmdline_consoles: {description: The values of C(console=) on the kernel's command line., type: list, elements: str}
    active: {description: The consoles that the kernel prints on. The last is C(/dev/console)., type: list, elements: str}
    logins: {description: 'The serial ports that a getty, or somebody who is logged in, reads from.', type: list, elements: str}
  sample:
    cmdline_consoles: ['tty0', 'ttyS1,115200n8']
    active: [tty0, ttyS1]
    logins: [ttyS1]
"""

import dataclasses
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._console_marker import NONCE, Host, find_ports, write_markers

SPEC: t.Final[dict[str, t.Any]] = {
    "nonce": {"type": "str", "required": True},
    "devices": {"type": "list", "elements": "path"},
    "seconds": {"type": "float", "default": 10},
    "interval": {"type": "float", "default": 1},
    "bit_rate": {"type": "int"},
    "root": {"type": "path", "default": "/"},
}


def wrong(params: t.Mapping[str, t.Any]) -> str | None:
    """What is wrong with the options."""
    if not NONCE.fullmatch(params["nonce"]):
        return "nonce must be 4 to 64 letters and digits"
    if not 0 <= params["seconds"] <= 600:
        return f"seconds is {params['seconds']:g}; it must be 0 to 600"
    if not 0.1 <= params["interval"] <= 60:
        return f"interval is {params['interval']:g}; it must be 0.1 to 60 seconds"
    return None


def main() -> None:
    """Ansible's entry."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    params = module.params
    problem = wrong(params)
    if problem is not None:
        module.fail_json(msg=problem)
    host = Host(params["root"])
    running = host.running()
    ports = find_ports(host, params["devices"], running)
    if params["seconds"] > 0 and not module.check_mode:
        write_markers(host, ports, params["nonce"], params["seconds"], params["interval"], params["bit_rate"])
    result: dict[str, t.Any] = {"changed": False, "ports": [port.as_result() for port in ports], "running": dataclasses.asdict(running)}
    if ports and all(port.error for port in ports):
        told = "; ".join(f"{port.device}: {port.error}" for port in ports)
        module.fail_json(msg=f"none of the serial ports could be written on: {told}", **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()

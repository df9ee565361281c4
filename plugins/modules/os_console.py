#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: os_console
short_description: Set the serial console of an operating system, from the loader to the login
version_added: 0.1.0
description:
  - Brings the loader, the kernel's arguments and the login of a system to one serial port and one rate, in one call. What is there
    already is taken into account - arguments that are not about the console stay, in their order, and every other serial console
    goes, because the kernel prints on the first one of a type only.
  - Runs on the managed host, as root. With O(root) it works on a system in a folder, such as an image, or a disk in a rescue system.
  - Everything is planned before the first write. A file is replaced in one step, and keeps its owner, mode and labels. GRUB's
    configuration is made in a second file, checked by GRUB's own tools, and put in place only then. If anything refuses, all is put back
    as it was, and the task fails and says why.
  - Never restarts the host. RV(reboot_needed) says whether that is left to do.
  - A system whose loader is not known is refused, not passed over.
extends_documentation_fragment:
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.host
attributes:
  check_mode:
    description: Reads, writes nothing, and says what would change.
    support: full
  diff_mode:
    description: Shows each file before and after, without passwords. What programs make from them (such as C(grub.cfg)) is not shown.
    support: full
  idempotent:
    description: The second run changes nothing, and writes nothing.
    support: full
  action_group:
    description: Talks to no BMC, so it is in no group.
    support: none
    membership: []
options:
  port:
    description:
      - The serial port that the BMC carries, V(0) to V(3). V(1) is COM2, C(ttyS1).
      - Left out, it is looked for in this order - the port that the firmware names (ACPI's table SPCR), the usual one of the server's maker,
        the only one with carrier, the only one that there is, and O(port_hint). If none of these tells, the task fails and says what was seen.
      - For a system in a folder (O(root)) the machine is not looked at, because the system will run elsewhere.
    type: int
    choices: [0, 1, 2, 3]
  port_hint:
    description:
      - The port that the BMC says it carries, one less than C(serial_port) of M(lightsout.bmc.ipmi_sol_session). It counts where nothing else tells.
    type: int
    choices: [0, 1, 2, 3]
  bit_rate:
    description:
      - Rate in bit/s. Firmware and BMC need the same. Left out, it is the one that the firmware names for the port (SPCR), else 115200.
    type: int
    choices: [9600, 19200, 38400, 57600, 115200]
  screen:
    description:
      - Whether the kernel writes on the screen as well. The serial port stays the last console, so it is C(/dev/console).
    type: bool
    default: true
  grub_serial:
    description:
      - Whether GRUB 2 speaks on the port itself.
      - V(auto) leaves it to the firmware if that is UEFI and redirects its own text to this port, by the ACPI table SPCR. The menu would come twice.
    type: str
    choices: [auto, 'on', 'off']
    default: auto
  quiet:
    description:
      - Whether the kernel is told to be quiet. Left out, C(quiet) and C(rhgb) stay as they are.
    type: bool
  login:
    description:
      - Whether there is a login on the port.
    type: bool
    default: true
  root_login:
    description:
      - Whether root may log in there, by C(/etc/securetty), or C(/etc/ttys) on FreeBSD. Left out, that stays as it is.
    type: bool
  root:
    description:
      - The folder of the system, V(/) for the one that runs.
    type: path
    default: /
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_sol
  - module: lightsout.bmc.ipmi_console
"""

EXAMPLES = r"""
- name: Set the console of a server whose Serial over LAN is COM2
  lightsout.bmc.os_console:
    port: 1
    bit_rate: 115200
  become: true
  register: console

- name: Say what is left to do
  ansible.builtin.debug:
    msg: Restart it when nobody minds
  when: console.reboot_needed

- name: Set it in an image
  lightsout.bmc.os_console:
    port: 0
    root: /mnt/image
"""

RETURN = r"""
port:
  description: The serial port.
  returned: success
  type: int
  sample: 1
device:
  description: Its name on the system.
  returned: success
  type: str
  sample: ttyS1
bit_rate:
  description: The rate in bit/s.
  returned: success
  type: int
  sample: 115200
found_by:
  description:
    - What named the port - C(given), C(spcr) (the firmware), C(vendor) (the maker's usual port), C(carrier), C(only_port) or C(bmc) (O(port_hint)).
  returned: success
  type: str
  sample: spcr
notes:
  description: What contradicts the port or the rate, such as firmware at another rate. Each is a warning, too.
  returned: success
  type: list
  elements: str
parts:
  description: The parts of the system that were found, in the order of a boot.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Which one., type: str}
    layer: {description: "C(loader), C(kernel) or C(login).", type: str}
    changed: {description: "Whether it was changed, or would be in check mode.", type: bool}
    commands: {description: What the system's own programs were called for., type: list, elements: str}
    notes: {description: What a person should know., type: list, elements: str}
  sample:
    - {name: grub2_debian, layer: loader, changed: true, commands: [Make GRUB's configuration anew], notes: []}
files:
  description: The files that changed. In check mode those that would be written, without those that programs make.
  returned: success
  type: list
  elements: str
  sample: [/boot/grub/grub.cfg, /etc/default/grub.d/zz-serial-console.cfg]
running:
  description: What the system that runs now has. All is empty for one in a folder.
  returned: success
  type: dict
  contains:
    cmdline_consoles: {description: The consoles that the kernel was started with., type: list, elements: str}
    active: {description: The consoles that it writes on., type: list, elements: str}
    logins: {description: The serial ports with a login., type: list, elements: str}
  sample: {cmdline_consoles: ['console=ttyS0'], active: [ttyS0], logins: [ttyS0]}
reboot_needed:
  description:
    - Whether this run changed (or would change) what counts only after a restart, or the kernel runs with other consoles than those that are set.
    - A later run does not tell a change of the loader alone, such as its menu on the port, again.
    - Nothing runs from a folder, so that it is V(false) there.
  returned: success
  type: bool
reason:
  description: On failure V(refused).
  returned: failure
  type: str
"""

import os
import re
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _apply, _running
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._find_port import find_port
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._freebsd import started_otherwise
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._machine import Unseen, this_machine
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import GrubSerial, Port, Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._parts import PARTS
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._system import RealSystem

SPEC: t.Final[dict[str, t.Any]] = {
    "port": {"type": "int", "choices": [0, 1, 2, 3]},
    "port_hint": {"type": "int", "choices": [0, 1, 2, 3]},
    "bit_rate": {"type": "int", "choices": [9600, 19200, 38400, 57600, 115200]},
    "screen": {"type": "bool", "default": True},
    "grub_serial": {"type": "str", "choices": ["auto", "on", "off"], "default": "auto"},
    "quiet": {"type": "bool"},
    "login": {"type": "bool", "default": True},
    "root_login": {"type": "bool"},
    "root": {"type": "path", "default": "/"},
}

#: How other systems than Linux call a port, by the beginning of their parts' names.
_DEVICES: t.Final[dict[str, t.Callable[[Port], str]]] = {"freebsd": lambda port: port.freebsd, "illumos": lambda port: port.illumos}
#: The parts that say where root may log in, or refuse to.
_ROOT_LOGIN: t.Final = ("securetty", "freebsd_ttys", "illumos_login")
#: A line of a loader's file that has a password: GRUB legacy's, FreeBSD's and illumos's.
_PASSWORD: t.Final = re.compile(r"^([ \t]*\w*password\w*\b[ \t]*=?[ \t]*)\S.*$", re.IGNORECASE | re.MULTILINE)
#: An argument of the kernel's that has one: dracut's for iSCSI, and what is called so.
_PASSWORD_ARGUMENT: t.Final = re.compile(
    r"(\b[\w.]*passw(?:or)?d[\w.]*=)(?!\(hidden\))(\\?\"[^\"\n]*\"|[^\s\"']+)|(\bnetroot=iscsi:)[^@\s]+(?=@)", re.IGNORECASE
)
#: Where the passphrase of an encrypted disk is typed at boot: neither a file nor a random key.
_TYPED: t.Final = re.compile(r"^[ \t]*[^#\s]\S*[ \t]+\S+(?:[ \t]+(?:none|-)(?:[ \t].*)?)?[ \t]*$", re.MULTILINE)
#: bit/s where neither the task nor the firmware says one.
USUAL_RATE = 115200


def run(params: t.Mapping[str, t.Any], *, check_mode: bool) -> dict[str, t.Any]:
    """The whole work; the result. Raises Refused."""
    if not os.path.isdir(params["root"]):
        raise Refused(f"{params['root']} is no folder")
    system = RealSystem(params["root"])
    found = find_port(this_machine() if system.runs else Unseen(), params["port"], params["port_hint"], params["bit_rate"])
    wish = Wish(
        port=found.port,
        bit_rate=params["bit_rate"] or found.bit_rate or USUAL_RATE,
        screen=params["screen"],
        grub_serial=GrubSerial(params["grub_serial"]),
        quiet=params["quiet"],
        login=params["login"],
        root_login=params["root_login"],
    )
    planned = _apply.plan(system, wish, PARTS)
    changes = [change for each in planned for change in each.plan.files]
    changed = any(each.plan.changed for each in planned)
    files = tuple(change.path for change in changes) if check_mode or not changed else _apply.apply(system, wish, planned)
    running = _running.look(system)
    later = system.runs and any(each.plan.changed and each.plan.reboot for each in planned)
    return {
        "changed": changed,
        "diff": [
            {"before_header": change.path, "after_header": change.path, "before": _shown(change.before), "after": _shown(change.after)}
            for change in changes
        ],
        "port": wish.port.number,
        "device": _device(wish.port, planned),
        "bit_rate": wish.bit_rate,
        "found_by": found.found_by.value,
        "notes": [*found.notes, *_unheard(wish, planned), *_passphrases(system, wish, planned)],
        "parts": [_shown_part(each) for each in planned],
        "files": list(files),
        "running": {
            "cmdline_consoles": list(running.cmdline_consoles),
            "active": list(running.active),
            "logins": list(running.logins),
        },
        "reboot_needed": later or running.differs(wish) or started_otherwise(system, wish),
    }


def _shown(text: str | None) -> str:
    """A file's text for people, without passwords; bytes that are no UTF-8 are shown as question marks."""
    return _without_arguments(_PASSWORD.sub(r"\1(hidden)", text or "")).encode("utf-8", "replace").decode("utf-8")


def _without_arguments(text: str) -> str:
    """A text without the passwords that are among the kernel's arguments."""
    return _PASSWORD_ARGUMENT.sub(lambda match: f"{match[1] or match[3]}(hidden)", text)


def _device(port: Port, planned: t.Sequence[_apply.Planned]) -> str:
    """What the system calls the port."""
    families = {each.part.name.partition("_")[0] for each in planned}
    return next((name(port) for family, name in _DEVICES.items() if family in families), port.linux)


def _unheard(wish: Wish, planned: t.Sequence[_apply.Planned]) -> list[str]:
    """Wishes that no part of this system can fulfil."""
    if wish.root_login is None or any(each.part.name in _ROOT_LOGIN for each in planned):
        return []
    return ["root_login does nothing here: the system has no list of terminals where root may log in (/etc/securetty)"]


def _passphrases(system: RealSystem, wish: Wish, planned: t.Sequence[_apply.Planned]) -> list[str]:
    """Who is used to type the passphrase of a disk at the screen would wait there for ever."""
    if not any(each.plan.changed and each.plan.reboot for each in planned) or not _TYPED.search(system.read("/etc/crypttab") or ""):
        return []
    return [f"a disk's passphrase (/etc/crypttab) may be asked for on {wish.port.linux} alone from the next boot on, for that is /dev/console then"]


def _shown_part(each: _apply.Planned) -> dict[str, t.Any]:
    return {
        "name": each.part.name,
        "layer": each.part.layer.value,
        "changed": each.plan.changed,
        "commands": [command.why for command in each.plan.commands],
        "notes": list(each.plan.notes),
    }


def main() -> None:
    """The module."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        result = run(module.params, check_mode=module.check_mode)
    except Refused as refused:
        module.fail_json(msg=_without_arguments(str(refused)), reason="refused")
    for note in result["notes"]:
        module.warn(note)
    module.exit_json(**result)


if __name__ == "__main__":
    main()

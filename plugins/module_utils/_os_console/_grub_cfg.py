# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GRUB 2: what grub-mkconfig made, and how it is made anew.

A configuration is made in a second file, checked by grub-script-check, and put in the place of the first only then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import _kernel_arguments
from ._model import Command, GrubSerial, Port, Wish
from ._part import Refused, System
from ._spcr import AddressSpace, BadSpcr, Spcr

_SECTION = re.compile(r"^### BEGIN \S*/10_linux\S* ###$(.*?)^### END ", re.DOTALL | re.MULTILINE)
_LINUX = re.compile(r"^[ \t]*linux(?:16|efi)?[ \t]+\S+[ \t]*(.*)$", re.MULTILINE)
_TERMINAL = re.compile(r"^[ \t]*terminal_(?:input|output)[ \t]+(.*)$", re.MULTILINE)
_SERIAL = re.compile(r"^[ \t]*(serial\b.*)$", re.MULTILINE)

#: The EFI partitions that Proxmox's own tool fills; a loader there reads what that tool wrote, and no other grub.cfg.
_PROXMOX = "/etc/kernel/proxmox-boot-uuids"
#: What the loader that started the system says of itself (systemd's Boot Loader Interface), in UTF-16.
_LOADER_INFO = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-442b29bb8c4f"
_XEN = re.compile(r"^[ \t]*(?:multiboot2?|xen_hypervisor)[ \t]+\S*/xen", re.MULTILINE)
#: Arguments of kernels that Xen starts, in the place of GRUB_CMDLINE_LINUX.
_XEN_OWN = re.compile(r"^[ \t]*(?:export[ \t]+)?GRUB_CMDLINE_LINUX_XEN_REPLACE=", re.MULTILINE)

#: Firmware says with this table where it sends its own text.
_SPCR = "/sys/firmware/acpi/tables/SPCR"


def speaks(system: System, wish: Wish) -> bool:
    """Whether GRUB shall speak on the port itself. UEFI that redirects its text has the menu there already: it would come twice."""
    if wish.grub_serial is not GrubSerial.AUTO:
        return wish.grub_serial is GrubSerial.ON
    return not (system.is_directory("/sys/firmware/efi") and _redirects(system, wish))


def _redirects(system: System, wish: Wish) -> bool:
    """Whether the firmware says that its text goes to the port. There can be a table that says it goes nowhere, or to another one."""
    table = system.read(_SPCR)
    if table is None:
        return False
    try:
        spcr = Spcr.from_bytes(table.encode("utf-8", "surrogateescape"))
    except BadSpcr:
        return False
    others = [Port(number).address for number in range(4) if number != wish.port.number]
    return spcr.enabled and not (spcr.space == AddressSpace.IO and spcr.address in others)


def terminal(system: System, wish: Wish) -> str:
    """GRUB_TERMINAL. Firmware redirects text (console), and not GRUB's graphics."""
    return "console serial" if speaks(system, wish) else "console"


def serial_command(wish: Wish) -> str:
    """GRUB_SERIAL_COMMAND: the port, and eight bits without parity."""
    return f"serial --unit={wish.port.number} --speed={wish.bit_rate} --word=8 --parity=no --stop=1"


def refuse_others(system: System, made: Sequence[str]) -> None:
    """Raises Refused where something else than GRUB starts the kernels, though GRUB's files are there: made, its grub.cfg.

    What is written there would count for nothing; or, with Xen, take the kernel's console away, for Xen has the port for itself.
    """
    if (system.read(_PROXMOX) or "").strip():
        raise Refused(
            f"{', '.join(made)} is not what is started: proxmox-boot-tool fills the EFI partitions ({_PROXMOX}). Set the kernel's arguments"
            " in /etc/kernel/cmdline (systemd-boot) or /etc/default/grub, and run proxmox-boot-tool refresh"
        )
    if system.runs and "systemd-boot" in (system.read(_LOADER_INFO) or "").replace("\0", ""):
        raise Refused(f"the system was started by systemd-boot, which does not read {', '.join(made)}")
    defaults = ("/etc/default/grub", *system.glob("/etc/default/grub.d/*.cfg"))
    if any(_XEN.search(system.read(path) or "") for path in made) and not any(_XEN_OWN.search(system.read(path) or "") for path in defaults):
        raise Refused(
            f"{', '.join(made)} starts Xen, which has the serial port for itself. Give the port to Xen (GRUB_CMDLINE_XEN), and its kernels"
            ' another console: GRUB_CMDLINE_LINUX_XEN_REPLACE="console=hvc0", then this sets those without Xen'
        )


def kernel_lines(text: str) -> list[str]:
    """The arguments of each of the system's own kernels; entries of other systems and of a person's own are not among them."""
    return [line for section in _SECTION.findall(text) for line in _LINUX.findall(section)]


def is_as_wished(text: str, system: System, wish: Wish, *, kernels: bool = True) -> bool:
    """Whether a grub.cfg speaks where it shall, and starts each kernel with the consoles of the wish. Without kernels they are elsewhere."""
    if _terminals(text) != set(terminal(system, wish).split()):
        return False
    if speaks(system, wish) and _SERIAL.findall(text)[-1:] != [serial_command(wish)]:
        return False
    return not kernels or all(_kernel_is_as_wished(line, wish) for line in kernel_lines(text))


def _terminals(text: str) -> set[str]:
    return {word for line in _TERMINAL.findall(text) for word in line.split()}


def _kernel_is_as_wished(line: str, wish: Wish) -> bool:
    tokens = line.split()
    consoles = _kernel_arguments.consoles(tokens)
    merged = _kernel_arguments.merge(consoles, wish)
    # Recovery entries have no quiet, whatever is wished.
    shouts = wish.quiet is not False or not {"quiet", "rhgb"} & set(tokens)
    return shouts and consoles == tuple(token for token in merged if token != "quiet")


def _real(system: System, target: str) -> str:
    """The file behind the links: what moves onto a link takes its place, and GRUB may know the file by its other name."""
    readlink = system.program("readlink")
    return system.ask((readlink, "-f", target)).strip() if readlink else target


def rebuild(system: System, target: str) -> tuple[tuple[Command, ...], tuple[str, ...]]:
    """The commands that make a grub.cfg anew, and the files that they write. Raises Refused where GRUB's tools are missing."""
    make = system.program("grub-mkconfig", "grub2-mkconfig")
    check = system.program("grub-script-check", "grub2-script-check")
    move = system.program("mv")
    if make is None or check is None or move is None:
        raise Refused(f"{target} has to be made anew, and grub-mkconfig, grub-script-check or mv is not there")
    target = _real(system, target)
    new = f"{target}.serial-console"
    commands = (
        Command((make, "-o", new), "Make GRUB's configuration anew"),
        Command((check, new), "Check GRUB's new configuration"),
        Command((move, "-f", new, target), "Put GRUB's new configuration in place"),
    )
    return commands, (target, new, f"{new}.new")


def notes(system: System, wish: Wish) -> tuple[str, ...]:
    """What a person should know of GRUB's terminal."""
    if speaks(system, wish):
        return ()
    return ("GRUB leaves the port to the firmware, which redirects its text there",)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GRUB legacy (0.9x): RHEL to 6, SUSE to 11, Debian to 5. One file is the loader's and the kernels' configuration, read at each boot."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from . import _grub_cfg, _kernel_arguments, _shell_assignments
from ._model import FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

#: Red Hat's name, everybody's name (there a link to the first), and Red Hat's on UEFI.
CONFIGS = ("/boot/grub/grub.conf", "/boot/grub/menu.lst", "/boot/efi/EFI/redhat/grub.conf")
_GRUB2 = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
#: What SUSE gives to kernels that are installed later.
_SUSE = "/etc/sysconfig/bootloader"
_SUSE_APPEND = ("DEFAULT_APPEND", "FAILSAFE_APPEND")

_TITLE = re.compile(r"^[ \t]*title\b", re.MULTILINE)
_COMMAND = re.compile(r"^[ \t]*(?P<word>[a-z]+)(?:[ \t]*=[ \t]*|[ \t]+|(?=\r?\n?$))(?P<rest>[^\r\n]*)")
_KERNEL = re.compile(r"^(?P<head>[ \t]*kernel[ \t=]+(?:--\S+[ \t]+)*(?P<image>\S+))(?P<arguments>[^\r\n]*)")
#: Debian's update-grub writes its kernels' arguments from these comments.
_KOPT = re.compile(r"^(?P<head># kopt(?:_\d\w*)?=)(?P<arguments>[^\r\n]*)")
#: They paint, or hide the menu, which a serial line shows as rubbish or not at all.
_PAINT = ("splashimage", "hiddenmenu", "gfxmenu", "color")
#: What `kernel` also starts, and what is not Linux.
_NOT_LINUX = ("memtest", "xen")
_TERMINAL = "terminal --timeout=5 serial console"


@dataclasses.dataclass(frozen=True)
class _Serial:
    """The port as GRUB's `serial` sets it. Its defaults are GRUB's."""

    unit: str = "0"
    speed: str = "9600"
    word: str = "8"
    parity: str = "no"
    stop: str = "1"
    port: str = ""

    @classmethod
    def parse(cls, rest: str) -> _Serial | None:
        """None for options that are not known."""
        options = dict(re.findall(r"--(\w+)=(\S+)", rest))
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**options) if set(options) <= known and not re.sub(r"--\w+=\S+", "", rest).strip() else None


class GrubLegacy:
    """See `Part`. It also sets the kernels' arguments."""

    name = "grub_legacy"
    layer = Layer.LOADER

    def applies(self, system: System) -> bool:
        """Whether there is a configuration with entries, and none of GRUB 2, beside which cloud images leave one for their hosts."""
        return not any(map(system.glob, _GRUB2)) and bool(_configs(system))

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """What has to change. Raises Refused."""
        configs = _configs(system)
        path, before = next(iter(configs.items()))
        differing = [other for other, text in configs.items() if text != before]
        if differing:
            raise Refused(f"{path} and {differing[0]} differ, and GRUB reads one of them only: make the other a link to it, or remove it")
        entries, notes = _entries(path, before, wish)
        title = _first_title(entries)
        header, more = _header(entries[:title].splitlines(keepends=True), wish, speaks=_grub_cfg.speaks(system, wish))
        changes = (FileChange(path, before, "".join(header) + entries[title:]), _suse(system, wish))
        files = tuple(change for change in changes if change and change.before != change.after)
        return PartPlan(files, reboot=bool(files), notes=more + notes)


def _configs(system: System) -> dict[str, str]:
    texts = {path: system.read(path) or "" for path in CONFIGS}
    return {path: text for path, text in texts.items() if _TITLE.search(text)}


def _first_title(text: str) -> int:
    match = _TITLE.search(text)
    return match.start() if match else len(text)


def _header(lines: list[str], wish: Wish, *, speaks: bool) -> tuple[list[str], tuple[str, ...]]:
    """The lines before the first entry, and what was changed in them."""
    silent = [line for at, line in enumerate(lines) if at not in _serial_lines(lines)]
    if not speaks:
        return silent, ()
    kept = lines
    if not _speaks_as_wished(lines, wish):
        end = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
        at = min([_place(silent), *_serial_lines(lines)])
        kept = [*silent[:at], f"serial --unit={wish.port.number} --speed={wish.bit_rate}{end}", _TERMINAL + end, *silent[at:]]
    paint = [word for word in map(_word, kept) if word in _PAINT]
    kept = ["#" + line if _word(line) in _PAINT else line for line in kept]
    return kept, ((f"{', '.join(paint)} are comments now: they hide or paint the menu",) if paint else ())


def _speaks_as_wished(lines: Sequence[str], wish: Wish) -> bool:
    """One `serial` of the wish, and after it one `terminal` that does not wait for a key for ever."""
    found = [_COMMAND.match(lines[at]) for at in _serial_lines(lines)]
    said = [(match["word"], match["rest"]) for match in found if match]
    if [word for word, _rest in said] != ["serial", "terminal"]:
        return False
    serial = _Serial.parse(said[0][1])
    words = said[1][1].split()
    wanted = _Serial(unit=str(wish.port.number), speed=str(wish.bit_rate))
    return serial == wanted and words[-2:] == ["serial", "console"] and any(word.startswith("--timeout=") for word in words)


def _serial_lines(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines that say whether and how GRUB speaks on a port."""
    found = []
    for at, line in enumerate(lines):
        match = _COMMAND.match(line)
        if match and (match["word"] == "serial" or (match["word"] == "terminal" and "serial" in match["rest"].split())):
            found.append(at)
    return found


def _place(lines: Sequence[str]) -> int:
    """After the last command: below it may be comments that belong to the first entry, or that a tool takes for its own."""
    commands = [at for at, line in enumerate(lines) if _word(line)]
    return commands[-1] + 1 if commands else 0


def _word(line: str) -> str:
    """The command of a line, "" where it has none."""
    match = _COMMAND.match(line)
    return match["word"] if match else ""


def _entries(path: str, text: str, wish: Wish) -> tuple[str, tuple[str, ...]]:
    """The text with the arguments of all of Linux's kernels."""
    lines = text.splitlines(keepends=True)
    linux, others = 0, set()
    for at, line in enumerate(lines):
        kernel = _KERNEL.match(line)
        image = kernel["image"].rsplit("/", 1)[-1] if kernel else ""
        if image.startswith(_NOT_LINUX):
            others.add(image)
            continue
        match = kernel or _KOPT.match(line)
        if match is None:
            continue
        linux += 1 if kernel else 0
        lines[at] = match["head"] + _arguments(f"{path}, line {at + 1}", match["arguments"], wish, bool(kernel)) + line[match.end() :]
    if not linux:
        raise Refused(f"{path} has no entry that starts a kernel of Linux")
    xen = sorted(image for image in others if image.startswith("xen"))
    return "".join(lines), ((f"the entries of {', '.join(xen)} are left: there the port is Xen's own",) if xen else ())


def _arguments(where: str, text: str, wish: Wish, kernel: bool) -> str:
    if text.rstrip().endswith("\\"):
        raise Refused(f"{where}: the arguments go on in the next line; write them in one")
    try:
        before = _kernel_arguments.split(text)
    except ValueError as error:
        raise Refused(f"{where}: {error}") from error
    after = _kernel_arguments.merge(before, wish)
    return text if after == before else (" " if kernel else "") + _kernel_arguments.join(after)


def _suse(system: System, wish: Wish) -> FileChange | None:
    """The arguments of kernels to come, where the system has such a setting."""
    before = system.read(_SUSE)
    if before is None:
        return None
    try:
        now = _shell_assignments.values([before], _SUSE_APPEND)
        wanted = {name: _kernel_arguments.join(_kernel_arguments.merge(_kernel_arguments.split(value), wish)) for name, value in now.items()}
        return FileChange(_SUSE, before, _shell_assignments.put(before, wanted))
    except (_shell_assignments.NotUnderstood, ValueError) as error:
        raise Refused(f"{_SUSE}: {error}") from error

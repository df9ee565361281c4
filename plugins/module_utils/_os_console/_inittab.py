# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login on the serial port by sysvinit: /etc/inittab (Debian to 7 and without systemd, Red Hat to 5, SUSE to 11)."""

from __future__ import annotations

import dataclasses
import re

from ._getty_call import GettyCall
from ._init import Init, init_of
from ._model import Command, FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

INITTAB = "/etc/inittab"
#: Terminal settings that sysvinit keeps over a boot; the rate of an earlier console is in it.
IOCTL_SAVE = "/etc/ioctl.save"

_ENTRY = re.compile(r"^(?P<off>#?)(?P<id>[^:#\s]{1,4}):(?P<levels>[0-9A-Ca-cS]*):(?P<action>\w+):(?P<process>[^\r\n]*)")
_MULTI_USER = "2345"


@dataclasses.dataclass(frozen=True)
class _Entry:
    """A line of the file. off: it is a comment that shows an entry."""

    line: int
    off: bool
    id: str
    levels: str
    action: str
    process: str

    @property
    def getty(self) -> GettyCall | None:
        """The getty that it starts, if it is one."""
        return GettyCall.parse(self.process)

    @property
    def text(self) -> str:
        """The line, without its end."""
        return f"{self.id}:{self.levels}:{self.action}:{self.process}"

    def on(self, device: str) -> bool:
        """Whether it is a getty on this line."""
        getty = self.getty
        return getty is not None and getty.device == device


class Inittab:
    """One getty on the port, gettys on other serial ports left as they are."""

    name = "inittab"
    layer = Layer.LOGIN

    def applies(self, system: System) -> bool:
        """Whether sysvinit is the system's init."""
        return init_of(system) is Init.SYSV

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """What has to change in the file. Raises Refused where the system has no getty for a serial port."""
        before = system.read(INITTAB) or ""
        lines = before.splitlines(keepends=True)
        entries = [_Entry(at, bool(m["off"]), m["id"], m["levels"], m["action"], m["process"]) for at, m in enumerate(map(_ENTRY.match, lines)) if m]
        notes = _others(entries, wish)
        if wish.login:
            notes += _one_getty(system, wish, lines, entries)
        else:
            _turn_off(lines, [entry for entry in entries if not entry.off and entry.on(wish.port.linux)])
        after = "".join(lines)
        if after == before:
            return PartPlan(notes=tuple(notes))
        return PartPlan(_files(system, before, after), _commands(system), notes=tuple(notes))


def _one_getty(system: System, wish: Wish, lines: list[str], entries: list[_Entry]) -> list[str]:
    """Change the lines so that exactly one entry is a getty on the port. Gives notes."""
    device = wish.port.linux
    mine = [entry for entry in entries if not entry.off and entry.on(device)]
    if not mine:
        entry = _new(system, wish, entries)
        at = _place(entries, device, len(lines))
        end = _end(lines)
        if lines and not lines[at - 1].endswith("\n"):
            lines[at - 1] += end
        lines.insert(at, entry.text + end)
        return []
    kept = _right(mine[0], wish, entries)
    lines[kept.line] = kept.text + lines[kept.line][len(lines[kept.line].rstrip("\r\n")) :]
    _turn_off(lines, mine[1:])
    return [f"{INITTAB} had {len(mine)} logins on {device}, which took each other's characters; {kept.id} stays"] if mine[1:] else []


def _right(entry: _Entry, wish: Wish, entries: list[_Entry]) -> _Entry:
    """The entry at the rate of the wish, started again after each logout, in the run level that the system boots to."""
    getty = entry.getty
    process = getty.at(wish.bit_rate) if getty else entry.process
    default = next((each.levels for each in entries if not each.off and each.action == "initdefault"), "")
    levels = entry.levels + "".join(level for level in default if level in _MULTI_USER and level not in entry.levels)
    return dataclasses.replace(entry, off=False, levels=levels, action="respawn", process=process)


def _new(system: System, wish: Wish, entries: list[_Entry]) -> _Entry:
    """An entry of our own: like the example that the system shows for the port in a comment, else with the system's own getty."""
    device = wish.port.linux
    shown = next((entry for entry in entries if entry.off and entry.on(device)), None)
    levels = next((e.levels for e in entries if not e.off and e.getty and e.action == "respawn" and e.levels), _MULTI_USER)
    entry = shown or _Entry(0, True, f"S{wish.port.number}", levels, "respawn", _process(system, wish))
    taken = {each.id for each in entries if not each.off}
    free = [name for name in (entry.id, f"S{wish.port.number}", f"T{wish.port.number}", f"tS{wish.port.number}", f"ser{wish.port.number}") if name not in taken]
    if not free:
        raise Refused(f"{INITTAB} uses every id that an entry for {device} could have: {', '.join(sorted(taken))}")
    return _right(dataclasses.replace(entry, id=free[0]), wish, entries)


def _process(system: System, wish: Wish) -> str:
    program = system.program("getty", "agetty")
    if program is None:
        raise Refused(f"the system has no getty for {wish.port.linux}: neither getty nor agetty is there")
    # Both take the line without its carrier (-L), which a BMC does not always raise. agetty of old wants this order as well.
    return f"{program} -L {wish.port.linux} {wish.bit_rate} vt100"


def _place(entries: list[_Entry], device: str, end: int) -> int:
    """The number of the line before which a new entry goes: after the example, else after the last getty, else at the end."""
    shown = [entry.line for entry in entries if entry.off and entry.on(device)]
    gettys = [entry.line for entry in entries if not entry.off and entry.getty]
    return (shown[-1:] or gettys[-1:] or [end - 1])[0] + 1


def _turn_off(lines: list[str], entries: list[_Entry]) -> None:
    for entry in entries:
        lines[entry.line] = "#" + lines[entry.line]


def _others(entries: list[_Entry], wish: Wish) -> list[str]:
    gettys = [entry.getty for entry in entries if not entry.off and entry.action != "off"]
    others = sorted({getty.device for getty in gettys if getty and getty.device.startswith("ttyS") and getty.device != wish.port.linux})
    return [f"{INITTAB} also has a login on {', '.join(others)}, which is left"] if others else []


def _end(lines: list[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"


def _files(system: System, before: str, after: str) -> tuple[FileChange, ...]:
    saved = system.read(IOCTL_SAVE)
    stale = (FileChange(IOCTL_SAVE, saved, None),) if saved is not None else ()
    return (FileChange(INITTAB, before, after), *stale)


def _commands(system: System) -> tuple[Command, ...]:
    if not system.runs:
        return ()
    return (Command((system.program("telinit") or "/sbin/telinit", "q"), "init reads /etc/inittab again"),)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FreeBSD: the boot blocks' /boot.config, the loader's /boot/loader.conf (which also tells the kernel), and the logins of /etc/ttys."""

from __future__ import annotations

import dataclasses
import re

from . import _loader_conf
from ._model import Command, FileChange, Layer, PartPlan, Wish
from ._part import System

BOOT_CONFIG = "/boot.config"
LOADER_CONF = "/boot/loader.conf"
LOADER_CONF_LOCAL = "/boot/loader.conf.local"
TTYS = "/etc/ttys"

_TTY = re.compile(r"^(?P<name>\w+)(?P<gap>[ \t]+)(?P<rest>[^\r\n]*?)(?P<comment>[ \t]*(?:#[^\r\n]*)?)(?P<end>\r?\n?)$")
_FIELD = re.compile(r"\"[^\"]*\"|\S+")
_GETTY = "/usr/libexec/getty"
_PORT_RATE = re.compile(r"io:(?P<address>0x[0-9a-fA-F]+|\d+)(?:,br:(?P<rate>\d+))?$")


def _is_freebsd(system: System) -> bool:
    return system.read("/boot/defaults/loader.conf") is not None and system.read(TTYS) is not None


def _boots_by_uefi(system: System) -> bool:
    """What the kernel says where it runs; of an image, whether its EFI partition is where the system mounts it."""
    sysctl = system.program("sysctl") if system.runs else None
    if sysctl:
        return system.ask((sysctl, "-n", "machdep.bootmethod")).strip() == "UEFI"
    return bool(system.glob("/boot/efi/[Ee][Ff][Ii]/*"))


class FreeBsdBootBlocks:
    """The first stages on a BIOS. They know only COM1, and UEFI does without them."""

    name = "freebsd_boot_config"
    layer = Layer.LOADER

    def applies(self, system: System) -> bool:
        """Whether it is FreeBSD, booted by a BIOS."""
        return _is_freebsd(system) and not _boots_by_uefi(system)

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """/boot.config with -D -h and the rate, all other flags kept."""
        if wish.port.number != 0:
            return PartPlan(notes=(f"the boot blocks know only COM1, so {BOOT_CONFIG} is left; {wish.port.freebsd} speaks from the loader on",))
        before = system.read(BOOT_CONFIG)
        flags = _Flags.parse(before or "")
        wanted = dataclasses.replace(flags, letters=_letters(flags.letters, wish), rate=wish.bit_rate)
        if wanted == flags:
            return PartPlan()
        return PartPlan((FileChange(BOOT_CONFIG, before, wanted.text),), reboot=True)


@dataclasses.dataclass(frozen=True)
class _Flags:
    """What /boot.config says. words: a kernel or loader to boot. letters: flags of one letter. rate: that of -S, bit/s."""

    words: tuple[str, ...]
    letters: str
    rate: int | None

    @classmethod
    def parse(cls, text: str) -> _Flags:
        """Flags may stand together: -DhS115200."""
        words, letters, rate = [], "", None
        for word in text.split():
            if not word.startswith("-"):
                words.append(word)
                continue
            letters += re.sub(r"S\d*", "", word[1:])
            said = re.search(r"S(\d+)", word)
            rate = int(said[1]) if said else rate
        return cls(tuple(words), "".join(dict.fromkeys(letters)), rate)

    @property
    def text(self) -> str:
        """The file: one line."""
        return " ".join([*self.words, f"-{self.letters}", f"-S{self.rate}"]) + "\n"


def _letters(letters: str, wish: Wish) -> str:
    """-h: serial. -D: and the screen. -P would choose by whether there is a keyboard."""
    wanted = "Dh" if wish.screen else "h"
    return letters if set(letters) & set("DhP") == set(wanted) else wanted + "".join(letter for letter in letters if letter not in "DhP")


class FreeBsdLoader:
    """The loader's own console, and through it the kernel's."""

    name = "freebsd_loader"
    layer = Layer.KERNEL

    def applies(self, system: System) -> bool:
        """Whether it is FreeBSD."""
        return _is_freebsd(system)

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """/boot/loader.conf with all of it, other files without what contradicts."""
        files = (LOADER_CONF, *system.glob("/boot/loader.conf.d/*.conf"), LOADER_CONF_LOCAL)
        # The loader gives the kernel this one itself; one that names another port or rate would win.
        own = [_loader_conf.settings(system.read(path) or "").get("hw.uart.console") for path in files]
        drop = () if all(value is None or _is_port(value, wish) for value in own) else ("hw.uart.console",)
        changes, notes = _loader_conf.converge(system, files, LOADER_CONF, _wanted(system, wish), drop)
        return PartPlan(changes, reboot=bool(changes), notes=notes + _uefi_notes(system))


def _wanted(system: System, wish: Wish) -> dict[str, str]:
    screen = "efi" if _boots_by_uefi(system) else "vidconsole"
    return {
        "boot_multicons": "YES" if wish.screen else "NO",
        "boot_serial": "YES",
        "comconsole_speed": str(wish.bit_rate),
        "comconsole_port": f"0x{wish.port.address:X}",
        "console": f"comconsole,{screen}" if wish.screen else "comconsole",
    }


def started_otherwise(system: System, wish: Wish) -> bool:
    """Whether the kernel that runs was started for another console, by the loader's variables, which it keeps (kenv)."""
    kenv = system.program("kenv") if system.runs and _is_freebsd(system) else None
    if kenv is None:
        return False
    now = _loader_conf.settings(system.ask((kenv,)))
    return any(not _loader_conf.same(now.get(name, ""), value) for name, value in _wanted(system, wish).items())


def _is_port(value: str, wish: Wish) -> bool:
    match = _PORT_RATE.match(value)
    return match is not None and int(match["address"], 0) == wish.port.address and match["rate"] in (None, str(wish.bit_rate))


def _uefi_notes(system: System) -> tuple[str, ...]:
    if not _boots_by_uefi(system):
        return ()
    return ("UEFI that redirects its own text to the port shows the loader twice: the screen's console (efi) is the firmware's",)


class FreeBsdTtys:
    """The login on the port."""

    name = "freebsd_ttys"
    layer = Layer.LOGIN

    def applies(self, system: System) -> bool:
        """Whether it is FreeBSD."""
        return _is_freebsd(system)

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """The port's line in /etc/ttys, and a signal for init, which then reads the file again."""
        before = system.read(TTYS) or ""
        lines = before.splitlines(keepends=True)
        ours = [at for at, line in enumerate(lines) if (match := _TTY.match(line)) and match["name"] == wish.port.freebsd]
        for at in ours:
            lines[at] = _line(lines[at], wish)
        if wish.login and not ours:
            end = "\r\n" if "\r\n" in before else "\n"
            if lines and not lines[-1].endswith("\n"):
                lines[-1] += end
            secure = "insecure" if wish.root_login is False else "secure"
            lines.append(f'{wish.port.freebsd}\t"{_GETTY} 3wire"\tvt100\tonifconsole {secure}{end}')
        after = "".join(lines)
        if after == before:
            return PartPlan()
        kill = system.program("kill") or "/bin/kill"
        commands = (Command((kill, "-HUP", "1"), "init reads /etc/ttys again"),) if system.runs else ()
        return PartPlan((FileChange(TTYS, before, after),), commands)


def _line(line: str, wish: Wish) -> str:
    """The line of the port as wished; the same where it is so already."""
    match = _TTY.match(line)
    if match is None:
        return line
    fields = _FIELD.findall(match["rest"])
    getty, kind, *flags = fields + ["none", "unknown"][len(fields) :]
    if wish.login:
        getty = getty if _keeps_rate(getty, wish) else f'"{_GETTY} 3wire"'
        kind = "vt100" if kind in ("unknown", "dialup", "network") else kind
    flags = _flags(flags, wish)
    if [getty, kind, *flags] == fields:
        return line
    return f"{match['name']}{match['gap']}{getty}\t{kind}\t{' '.join(flags)}{match['comment']}{match['end']}"


def _keeps_rate(getty: str, wish: Wish) -> bool:
    """Whether the entry of gettytab leaves the console's rate (3wire), or names the wish's (std.115200, 3wire.115200)."""
    match = re.match(rf"\"{_GETTY}[ \t]+(?:3wire|(?:std|3wire)\.(?P<rate>\d+))\"$", getty)
    return match is not None and match["rate"] in (None, str(wish.bit_rate))


def _flags(flags: list[str], wish: Wish) -> list[str]:
    """on or onifconsole for a login, off without; secure is root's right to log in."""
    state = next((flag for flag in flags if flag in ("on", "onifconsole", "onifexists")), None)
    wanted = (state or "onifconsole") if wish.login else "off"
    rest = [flag for flag in flags if flag not in ("on", "off", "onifconsole", "onifexists")]
    if wish.root_login is not None:
        now = "secure" if wish.root_login else "insecure"
        rest = rest if now in rest else [now, *(flag for flag in rest if flag not in ("secure", "insecure"))]
    return [wanted, *rest]

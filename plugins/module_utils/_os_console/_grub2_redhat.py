# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GRUB 2 on Red Hat Enterprise Linux 7 to 10, Fedora and what comes from them.

/etc/default/grub is for kernels to come and for GRUB itself. Since RHEL 8 the kernels that are there have entries of their own
(/boot/loader/entries), which grubby edits. It removes every argument of a name and appends what it is given, so it is given all consoles,
in their order, in one call. RHEL 7 has no such entries: there grub2-mkconfig writes the kernels' lines.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from . import _grub_cfg, _grub_defaults, _kernel_arguments
from ._model import Command, FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

#: What kernels to come are started with, from RHEL 9 on.
_CMDLINE = "/etc/kernel/cmdline"
_ENTRIES = "/boot/loader/entries/*.conf"
_GRUBENV = ("/boot/grub2/grubenv", "/boot/efi/EFI/*/grubenv")
_GRUB_CFG = ("/boot/grub2/grub.cfg", "/boot/efi/EFI/*/grub.cfg")

#: What grub2-mkconfig asks for the kernels.
_SCRIPT = "/etc/grub.d/10_linux"

_KERNEL = re.compile(r'^kernel="?(.*?)"?$', re.MULTILINE)
_ARGS = re.compile(r'^args="(.*)"$', re.MULTILINE)
#: What grub2-mkconfig and anaconda add by themselves to each entry.
_ADDED = re.compile(r"(root=.*|ro|rw|LANG=.*|\$\w+|quiet|rhgb)$")


@dataclasses.dataclass(frozen=True)
class Entry:
    """A kernel that GRUB offers, as grubby tells it. kernel: the path of its image."""

    kernel: str
    arguments: tuple[str, ...]


class Grub2Redhat:
    """See `Part`."""

    name = "grub2_redhat"
    layer = Layer.LOADER

    def applies(self, system: System) -> bool:
        """GRUB 2 with grubby."""
        return system.read(_grub_defaults.PATH) is not None and bool(_made(system)) and system.program("grubby") is not None

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """/etc/default/grub, /etc/kernel/cmdline, each kernel's entry, and grub.cfg where it is not what that says."""
        _grub_cfg.refuse_others(system, _made(system))
        files = _grub_defaults.plan(system, wish) + _kernel_cmdline(system, wish)
        has_entries = _uses_entries(system)
        commands, generated = self._grub_cfg(system, wish, has_entries=has_entries, files=files)
        if has_entries:
            grubby = _grubby(system, wish)
            commands += grubby
            generated += _grubby_writes(system) if commands else ()
        if not files and not commands:
            return PartPlan()
        return PartPlan(files=files, commands=commands, generated=generated, reboot=True, notes=_grub_cfg.notes(system, wish))

    @staticmethod
    def _grub_cfg(system: System, wish: Wish, *, has_entries: bool, files: Sequence[FileChange]) -> tuple[tuple[Command, ...], tuple[str, ...]]:
        """What makes each grub.cfg anew that is not as wished. With entries a grub.cfg has no kernels."""
        commands: tuple[Command, ...] = ()
        generated: tuple[str, ...] = ()
        for path in _made(system):
            text = system.read(path) or ""
            if _grub_cfg.is_as_wished(text, system, wish, kernels=not has_entries) and (has_entries or not files):
                continue
            _refuse_losses(system, text, has_entries=has_entries)
            more = _grub_cfg.rebuild(system, path)
            commands, generated = commands + more[0], generated + more[1]
        return commands, generated


def _made(system: System) -> list[str]:
    """The grub.cfg that grub2-mkconfig made. One in the EFI partition may be a stub that leads to the other; that one is nobody's to write."""
    paths = [path for pattern in _GRUB_CFG for path in system.glob(pattern)]
    return [path for path in paths if "### BEGIN " in (system.read(path) or "")]


def _uses_entries(system: System) -> bool:
    """Whether the kernels are in entries of their own. With GRUB_ENABLE_BLSCFG=false such files can be left over."""
    return bool(system.glob(_ENTRIES)) and any("blscfg" in (system.read(path) or "") for path in _made(system))


def _kernel_cmdline(system: System, wish: Wish) -> tuple[FileChange, ...]:
    """/etc/kernel/cmdline with the console. Where there is none, none is made."""
    before = system.read(_CMDLINE)
    if before is None:
        return ()
    tokens = _split(before, _CMDLINE)
    merged = _kernel_arguments.merge(tokens, wish)
    return () if merged == tokens else (FileChange(_CMDLINE, before, _kernel_arguments.join(merged) + "\n"),)


def entries(system: System) -> tuple[Entry, ...]:
    """The kernels that GRUB offers. Raises Refused where grubby fails."""
    grubby = system.program("grubby") or "grubby"
    found = []
    for block in re.split(r"^index=\d+$", system.ask((grubby, "--info=ALL")), flags=re.MULTILINE)[1:]:
        kernel, args = _KERNEL.search(block), _ARGS.search(block)
        # Entries of other systems have neither.
        if kernel and args:
            found.append(Entry(kernel[1], _split(args[1], f"the entry of {kernel[1]}")))
    return tuple(found)


def _grubby(system: System, wish: Wish) -> tuple[Command, ...]:
    """The calls that give each entry its consoles: one for all, or one for each kernel where they keep different ones of other types."""
    grubby = system.program("grubby") or "grubby"
    found = entries(system)
    if not found:
        raise Refused(f"{grubby} --info=ALL shows no kernel, though there are entries in /boot/loader/entries")
    wrong = [entry for entry in found if not _is_as_wished(entry, wish)]
    wanted = {entry.kernel: _kernel_arguments.consoles(_kernel_arguments.merge(entry.arguments, wish)) for entry in found}
    if not wrong:
        return ()
    which = ["ALL"] if len(set(wanted.values())) == 1 else list(dict.fromkeys(entry.kernel for entry in wrong))
    calls = []
    for kernel in which:
        added = next(iter(wanted.values())) if kernel == "ALL" else wanted[kernel]
        options = [f"--update-kernel={kernel}"]
        if wish.quiet is False:
            options.append("--remove-args=quiet rhgb")
        options.append("--args=" + _kernel_arguments.join(added + (("quiet",) if wish.quiet else ())))
        calls.append(Command((grubby, *options), f"Give the consoles to {'all kernels' if kernel == 'ALL' else kernel}"))
    return tuple(calls)


def _is_as_wished(entry: Entry, wish: Wish) -> bool:
    merged = _kernel_arguments.merge(entry.arguments, wish)
    return sorted(merged) == sorted(entry.arguments) and _kernel_arguments.consoles(merged) == _kernel_arguments.consoles(entry.arguments)


def _grubby_writes(system: System) -> tuple[str, ...]:
    """The files that grubby may write."""
    patterns = (_ENTRIES, *_GRUBENV)
    return (_grub_defaults.PATH, _CMDLINE, *(path for pattern in patterns for path in system.glob(pattern)))


def _refuse_losses(system: System, grub_cfg: str, *, has_entries: bool) -> None:
    """Raises Refused where grub2-mkconfig would write the kernels' arguments anew without some that somebody gave them by grubby.

    RHEL 7 has them in grub.cfg, RHEL 8 in grubenv ($kernelopts), RHEL 9 in the entries, which it writes anew up to 9.2 and then no more.
    """
    if has_entries and not _writes_entries(system):
        return
    if has_entries:
        said = [token for entry in entries(system) for token in entry.arguments]
    else:
        # The first entry: those for recovery have arguments of their own.
        said = [token for line in _grub_cfg.kernel_lines(grub_cfg)[:1] for token in _split(line, "grub.cfg")]
    known = _grub_defaults.arguments(system)
    lost = [token for token in _kernel_arguments.without_consoles(dict.fromkeys(said)) if token not in known and not _ADDED.match(token)]
    if lost:
        raise Refused(f"the kernel is started with {' '.join(lost)}, which {_grub_defaults.PATH} does not say, so it would be lost; add it there first")


def _writes_entries(system: System) -> bool:
    """Whether grub2-mkconfig writes the arguments of all entries anew, from /etc/default/grub. Since RHEL 9.3 it does so by an option only."""
    if any("$kernelopts" in (system.read(path) or "") for path in system.glob(_ENTRIES)):
        return True
    make = system.program("grub2-mkconfig", "grub-mkconfig")
    by_option = make is not None and "update-bls-cmdline" in (system.read(make) or "")
    return not by_option and "update_bls_cmdline" in (system.read(_SCRIPT) or "")


def _split(text: str, where: str) -> tuple[str, ...]:
    try:
        return _kernel_arguments.split(text)
    except ValueError as error:
        raise Refused(f"{where}: {error}") from error

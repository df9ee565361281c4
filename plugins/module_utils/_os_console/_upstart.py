# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login on the serial port by upstart: jobs in /etc/init (RHEL 6, Ubuntu to 14.10).

RHEL 6 brings a job that starts a getty by itself on the last console, if it is a serial one, at the rate that the kernel set. A job of an
administrator's on the same port would be a second one.
"""

from __future__ import annotations

import dataclasses
import re

from ._getty_call import GettyCall
from ._init import Init, init_of
from ._model import Command, FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

_EXEC = re.compile(r"^(?P<before>[ \t]*exec[ \t]+)(?P<command>[^\r\n]*?)(?P<after>[ \t]*)$", re.MULTILINE)
_AUTOMATIC = re.compile(r"^start on fedora\.serial-console-available\b", re.MULTILINE)
_MANUAL = re.compile(r"^[ \t]*manual[ \t]*(#.*)?\r?\n?", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class _Job:
    """A job that is a getty on a line. exec: where its command stands in the text."""

    path: str
    text: str
    exec: re.Match[str]
    getty: GettyCall

    @property
    def name(self) -> str:
        """As initctl wants it."""
        return self.path.rsplit("/", 1)[1][: -len(".conf")]

    @property
    def override(self) -> str:
        """The file that may say that the job is not started by itself."""
        return f"/etc/init/{self.name}.override"

    def at(self, bit_rate: int) -> str:
        """The job's text with this rate, and started by itself."""
        text = self.text[: self.exec.start("command")] + self.getty.at(bit_rate) + self.text[self.exec.end("command") :]
        return _MANUAL.sub("", text)


class Upstart:
    """One getty on the port: the system's own where it starts one by itself, else a job."""

    name = "upstart"
    layer = Layer.LOGIN

    def applies(self, system: System) -> bool:
        """Whether upstart is the system's init."""
        return init_of(system) is Init.UPSTART

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """What has to change in /etc/init. Raises Refused."""
        jobs = _jobs(system)
        mine = [job for job in jobs if job.getty.device == wish.port.linux]
        notes = _others(jobs, wish)
        automatic = _automatic(system)
        if not wish.login:
            if automatic:
                raise Refused(f"{automatic} starts a login on the last console by itself, which is {wish.port.linux}; login=false needs it gone")
            return _remove(system, mine, notes)
        if automatic:
            note = f"{automatic} starts the login on {wish.port.linux} by itself, at the kernel's rate, since it is the last console"
            return _remove(system, mine, (*notes, note))
        return _job_of_ours(system, wish, mine, notes)


def _jobs(system: System) -> list[_Job]:
    jobs = []
    for path in system.glob("/etc/init/*.conf"):
        text = system.read(path) or ""
        # Of several, upstart takes the last.
        for match in list(_EXEC.finditer(text))[-1:]:
            getty = GettyCall.parse(match["command"])
            if getty is not None:
                jobs.append(_Job(path, text, match, getty))
    return jobs


def _automatic(system: System) -> str | None:
    """The job that is a getty on whatever serial console comes last."""
    return next((path for path in system.glob("/etc/init/*.conf") if _AUTOMATIC.search(system.read(path) or "")), None)


def _others(jobs: list[_Job], wish: Wish) -> tuple[str, ...]:
    devices = sorted({job.getty.device for job in jobs if job.getty.device.startswith("ttyS") and job.getty.device != wish.port.linux})
    return (f"/etc/init also has a login on {', '.join(devices)}, which is left",) if devices else ()


def _remove(system: System, jobs: list[_Job], notes: tuple[str, ...]) -> PartPlan:
    files = tuple(FileChange(job.path, job.text, None) for job in jobs)
    told = tuple(f"{job.path} was another login on {job.getty.device}, and is removed" for job in jobs)
    commands = tuple(_stop(system, job) for job in jobs if system.runs and _is_running(system, job.name))
    return PartPlan(files, commands, notes=notes + told)


def _job_of_ours(system: System, wish: Wish, mine: list[_Job], notes: tuple[str, ...]) -> PartPlan:
    if not mine:
        return _new(system, wish, notes)
    kept = mine[0]
    rest = _remove(system, mine[1:], notes)
    text = kept.at(wish.bit_rate)
    files: tuple[FileChange, ...] = (FileChange(kept.path, kept.text, text),) if text != kept.text else ()
    files += _started_by_itself(system, kept.override)
    commands: tuple[Command, ...] = ()
    if files and system.runs:
        verb = "restart" if _is_running(system, kept.name) else "start"
        commands = (Command((_initctl(system), verb, kept.name), f"the login on {wish.port.linux} starts as it is set now"),)
    return PartPlan(files + rest.files, commands + rest.commands, notes=rest.notes)


def _new(system: System, wish: Wish, notes: tuple[str, ...]) -> PartPlan:
    device = wish.port.linux
    getty = system.program("getty")
    agetty = system.program("agetty")
    if getty:
        path, call, stop = f"/etc/init/{device}.conf", f"{getty} -L {wish.bit_rate} {device} vt102", "stop on runlevel [!2345]"
    elif agetty:
        path, call, stop = f"/etc/init/serial-{device}.conf", f"{agetty} /dev/{device} {wish.bit_rate} vt100-nav", "stop on starting runlevel [016]"
    else:
        raise Refused(f"the system has no getty for {device}: neither getty nor agetty is there")
    text = f"# {device} - getty, on the serial port that the BMC carries\n\nstart on stopped rc RUNLEVEL=[2345]\n{stop}\n\nrespawn\nexec {call}\n"
    name = path.rsplit("/", 1)[1][: -len(".conf")]
    commands = (Command((_initctl(system), "start", name), f"the login on {device} starts"),) if system.runs else ()
    files = (FileChange(path, system.read(path), text), *_started_by_itself(system, f"/etc/init/{name}.override"))
    return PartPlan(files, commands, notes=notes)


def _started_by_itself(system: System, override: str) -> tuple[FileChange, ...]:
    """Without the word "manual" in the job's override, which keeps it from starting."""
    text = system.read(override)
    if text is None or not _MANUAL.search(text):
        return ()
    left = _MANUAL.sub("", text)
    return (FileChange(override, text, left if left.strip() else None),)


def _stop(system: System, job: _Job) -> Command:
    return Command((_initctl(system), "stop", job.name), f"the other login on {job.getty.device} ends")


def _is_running(system: System, name: str) -> bool:
    return " start/" in system.ask((_initctl(system), "status", name))


def _initctl(system: System) -> str:
    return system.program("initctl") or "/sbin/initctl"

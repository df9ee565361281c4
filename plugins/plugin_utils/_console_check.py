# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Whether a console works, and if not, at which layer: a verdict from evidence. No I/O.

The questions are asked in the order in which characters would stop: the BMC, the power, who has the console, the wire and its
rate, the kernel, the login, the console server, and what the next boot will do. The first that has an answer is the verdict.
"""

from __future__ import annotations

import dataclasses
import enum
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_evidence import Evidence


class Layer(enum.Enum):
    """Where a console stops."""

    BMC = "bmc"
    POWER = "power"
    HELD = "held"
    HOST = "host"
    PORT = "port"
    RATE = "rate"
    LOADER = "loader"
    KERNEL = "kernel"
    LOGIN = "login"
    CONSOLE_SERVER = "console_server"


class State(enum.Enum):
    """works: a marker came all the way, and all layers are as they should be. unproven: it may work; the check could not tell."""

    WORKS = "works"
    FAILS = "fails"
    UNPROVEN = "unproven"


@dataclass(frozen=True)
class Verdict:
    """What a console's check comes to.

    cause: one word that scripts may branch on. port: the host's port that Serial over LAN is wired to, where a marker showed it.
    """

    state: State
    layer: Layer | None
    cause: str
    detail: str
    advice: str = ""
    port: str | None = None
    rate: int | None = None  #: bit/s that the BMC uses
    notes: tuple[str, ...] = ()

    def as_result(self) -> dict[str, t.Any]:
        """As the filter gives it."""
        found = dataclasses.asdict(self)
        return {**found, "state": self.state.value, "layer": self.layer.value if self.layer else None, "notes": list(self.notes)}


#: What ipmi_console says of a BMC that does not open the console, in our words.
_REFUSALS: t.Final = {"not_enabled": "sol_off", "console_disabled": "sol_off", "console_held": "held"}
_SERIAL: t.Final = re.compile(r"ttyS\d+|ttyAMA\d+|ttyu\d+|hvc\d+|uart.*")


def verdict(found: Evidence) -> Verdict:
    """Ask each question until one has an answer."""
    for question in _QUESTIONS:
        answer = question(found)
        if answer is not None:
            break
    else:
        answer = _works(found)
    return dataclasses.replace(answer, port=found.port, rate=found.rate, notes=tuple(_notes(found)))


def _fails(layer: Layer, cause: str, detail: str, advice: str) -> Verdict:
    return Verdict(State.FAILS, layer, cause, detail, advice)


def _unproven(layer: Layer, cause: str, detail: str, advice: str) -> Verdict:
    return Verdict(State.UNPROVEN, layer, cause, detail, advice)


# Before anything is written on the host.


def _bmc_answers(found: Evidence) -> Verdict | None:
    if not found.bmc_reason:
        return None
    if found.bmc_reason == "unreachable":
        return _fails(Layer.BMC, "bmc_unreachable", found.bmc_message, "Look at the BMC's cable, address and VLAN; ipmi_lan sets them in band")
    return _fails(Layer.BMC, "bmc_failed", found.bmc_message, "See to the account and the privilege that the inventory gives (bmc_user, bmc_password)")


def _sol_is_on(found: Evidence) -> Verdict | None:
    if found.sol_enabled is False:
        return _fails(Layer.BMC, "sol_off", "Serial over LAN is switched off", "Run the role bmc_sol with bmc_sol_enabled: true")
    return None


def _host_is_on(found: Evidence) -> Verdict | None:
    if found.power == "off" or (found.refusal and found.refusal[0] == "host_off"):
        return _fails(Layer.POWER, "host_off", "the host is off", "Switch it on: ipmi_power with state: on, or the playbook power")
    return None


def _nobody_has_it(found: Evidence) -> Verdict | None:
    held = found.holder or (found.refusal[1] if found.refusal and _REFUSALS.get(found.refusal[0], found.refusal[0]) == "held" else "")
    if not held or found.served:
        return None
    waits = f"; the console server {found.server} waits for it" if found.server and "held" in found.guard else ""
    return _fails(Layer.HELD, "held", f"the console is {held}{waits}", "Ask the holder to leave it, and check again; nobody was disturbed")


def _bmc_opens_it(found: Evidence) -> Verdict | None:
    if found.refusal is None or found.refusal[0] in ("quiet", "not_configured", "host_off"):
        return None
    cause, detail, advice = found.refusal
    return _fails(Layer.BMC, _REFUSALS.get(cause, cause), detail, advice or "See the guide on consoles")


# No marker came.


def _rate_is_one(found: Evidence) -> Verdict | None:
    if found.port or not found.garbage:
        return None
    return _fails(Layer.RATE, "wrong_rate", f"{found.garbage}; {_rates(found)}", _ONE_RATE)


_ONE_RATE: t.Final = "Say one rate for the group (bmc_sol_bit_rate), and run the roles bmc_sol and serial_console; the firmware's setup needs the same"


def _rates(found: Evidence) -> str:
    ports = ", ".join(f"{port.name} at {port.bit_rate}" for port in found.ports if port.bit_rate and port.in_use)
    return f"the BMC uses {found.rate or 'a rate that it does not tell'}" + (f", the host has {ports} (bit/s)" if ports else " (bit/s)")


def _host_is_reached(found: Evidence) -> Verdict | None:
    if found.port or not (found.unreachable or found.marking):
        return None
    said = f"; the console said {found.said!r}" if found.said else ""
    if found.unreachable:
        advice = "See to the host's SSH. Without it nothing can be written on its ports, so only what the BMC says was looked at"
        return _unproven(Layer.HOST, "host_unreachable", f"Ansible does not reach the host: {found.unreachable}{said}", advice)
    return _unproven(Layer.HOST, "not_marked", f"{found.marking}{said}", "See to the right to write on the host's serial ports (console_check_become)")


def _there_are_ports(found: Evidence) -> Verdict | None:
    if found.port or found.ports:
        return None
    advice = "Switch the serial port on in the firmware's setup, or name it (console_check_devices)"
    return _fails(Layer.PORT, "no_port", "the operating system knows no serial port", advice)


def _rates_agree(found: Evidence) -> Verdict | None:
    """Many BMCs drop what they cannot read, so a wrong rate may show as silence."""
    others = [port for port in found.ports if port.in_use and port.bit_rate and port.bit_rate != found.rate]
    if found.port or not found.rate or not others:
        return None
    return _fails(Layer.RATE, "wrong_rate", f"nothing came over Serial over LAN; {_rates(found)}", _ONE_RATE)


def _ports_take_it(found: Evidence) -> Verdict | None:
    held_back = [port.name for port in found.ports if port.blocked]
    if found.port or not held_back:
        return None
    advice = "Switch flow control off: no r at the end of the kernel's console=, and none in the firmware's setup"
    return _fails(Layer.PORT, "flow_control", f"flow control holds back what is written on {', '.join(held_back)}", advice)


def _wire_is_there(found: Evidence) -> Verdict | None:
    if found.port:
        return None
    tried = ", ".join(port.name for port in found.ports if not port.error)
    advice = "In the firmware's setup, give Serial over LAN one of the host's ports (COM1, COM2)"
    where = f"the log of the console server {found.server}" if found.served else "Serial over LAN"
    untried = "; ".join(f"{port.name}: {port.error}" for port in found.ports if port.error)
    if untried:
        advice = "Name the port (console_check_devices), if nothing minds the marker there; else see which port the firmware's setup gives Serial over LAN"
        return _unproven(Layer.PORT, "not_tried", f"what was written on {tried or 'no port'} did not come to {where}; {untried}", advice)
    return _fails(Layer.PORT, "not_wired", f"what was written on {tried} did not come to {where}", advice)


# A marker came: the wire is good.


def _kernel_uses_it(found: Evidence) -> Verdict | None:
    port = found.port
    set_up = [value.partition(",")[0] for value in found.cmdline or ()]
    if port is None or (found.active is None and found.cmdline is None) or port in (set_up if found.active is None else found.active):
        return None
    others = [name for name in dict.fromkeys((*(found.active or ()), *set_up)) if _SERIAL.fullmatch(name) and name != port]
    if port in set_up:
        advice = "Leave one console=ttyS… alone, the last: of two of one kind the kernel prints on the first only"
        detail = f"console={port} is on the kernel's command line, and the kernel does not print on it ({_printed(found)})"
        return _fails(Layer.KERNEL, "console_unused", detail, advice)
    if others:
        advice = f"Run the role serial_console with bmc_sol_port: {_digits(port)}, and restart the host"
        return _fails(Layer.PORT, "wrong_port", f"Serial over LAN is wired to {port}, and the kernel's console is {', '.join(others)}", advice)
    advice = f"Run the role serial_console, which adds console=tty0 console={port} with the rate, and restart the host"
    return _fails(Layer.KERNEL, "no_console", f"the kernel's command line has no console= for {port} ({_printed(found)})", advice)


def _printed(found: Evidence) -> str:
    return f"it prints on {', '.join(found.active) or 'nothing'}" if found.active is not None else "where it prints is not known"


def _digits(port: str) -> str:
    return "".join(letter for letter in port if letter.isdigit())


def _kernel_has_the_rate(found: Evidence) -> Verdict | None:
    port = next((one for one in found.ports if one.name == found.port), None)
    said = [_said_rate(value) for value in found.cmdline or () if value.partition(",")[0] == found.port]
    rate = next((rate for rate in said if rate), None)
    if port is None or not port.bit_rate or not rate or rate == port.bit_rate:
        return None
    detail = f"the kernel prints on {port.name} at {rate} bit/s when it starts, and the line works at {port.bit_rate}"
    return _fails(Layer.RATE, "kernel_rate", detail, _ONE_RATE)


def _said_rate(value: str) -> int | None:
    """The rate of a console=: ttyS1,115200n8."""
    match = re.match(r"\d+", value.partition(",")[2])
    return int(match[0]) if match else None


def _login_is_there(found: Evidence) -> Verdict | None:
    if found.port is None or not found.wants_login or found.logins is None or found.port in found.logins:
        return None
    others = ", ".join(found.logins) or "none"
    advice = f"Run the role serial_console, or start serial-getty@{found.port}.service"
    return _fails(Layer.LOGIN, "no_getty", f"no login waits on {found.port} (on serial ports: {others})", advice)


def _server_has_it(found: Evidence) -> Verdict | None:
    if not found.server or not found.port or found.logged:
        return None
    why = found.log_problem or found.guard or ("its log has no marker" if found.served else "it does not have the console")
    advice = "Look at the services bmc-console and the console server there, and run the playbook console_server"
    return _fails(Layer.CONSOLE_SERVER, "not_served", f"Serial over LAN works, and the console server {found.server} shows nothing: {why}", advice)


def _next_boot_has_it(found: Evidence) -> Verdict | None:
    for layer in (Layer.LOADER, Layer.KERNEL, Layer.LOGIN):
        names = [part.name for part in found.parts if part.layer == layer.value and part.changed]
        if names and (layer is not Layer.LOGIN or found.wants_login):
            detail = f"the console works now, and {', '.join(names)} is not set for it"
            return _fails(layer, f"{layer.value}_not_set", detail, "Run the role serial_console")
    return None


def _log_is_read(found: Evidence) -> Verdict | None:
    """The console server has the console, and whether a marker came to it cannot be seen."""
    if not found.served or found.port or not found.log_problem:
        return None
    advice = "See to the way to the console server (SSH, sudo), and to console_server_log_folder"
    detail = f"the log of the console server {found.server} cannot be read: {found.log_problem}"
    return _unproven(Layer.CONSOLE_SERVER, "log_unreadable", detail, advice)


_QUESTIONS: t.Final = (
    _bmc_answers,
    _sol_is_on,
    _host_is_on,
    _nobody_has_it,
    _bmc_opens_it,
    _rate_is_one,
    _host_is_reached,
    _there_are_ports,
    _log_is_read,
    _rates_agree,
    _ports_take_it,
    _wire_is_there,
    _kernel_uses_it,
    _kernel_has_the_rate,
    _login_is_there,
    _server_has_it,
    _next_boot_has_it,
)


def _works(found: Evidence) -> Verdict:
    way = f"the log of the console server {found.server}" if found.logged else "Serial over LAN"
    return Verdict(State.WORKS, None, "works", f"what was written on {found.port} came to {way}")


def _notes(found: Evidence) -> t.Iterator[str]:
    """What works, and still should be known."""
    if found.rate and found.stored_rate and found.rate != found.stored_rate:
        yield f"the BMC uses {found.rate} bit/s now, and {found.stored_rate} after its next restart"
    if found.port is None:
        return
    if found.wanted_port is not None and _digits(found.port) != str(found.wanted_port):
        yield f"bmc_sol_port is {found.wanted_port}, and Serial over LAN is wired to {found.port}"
    if found.active and found.port in found.active and found.active[-1] != found.port:
        yield f"/dev/console is {found.active[-1]}, so the messages of services at boot are not on {found.port}"
    if found.system_problem:
        yield f"whether the next boot will have it is not known: {found.system_problem}"
    if found.reboot_needed:
        yield "what runs differs from what is set: a restart is needed"

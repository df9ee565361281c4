# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Why a console says nothing, and what to do about it. Only what can be told is told."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._boot_stages import BootWatch
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import SAYS_NOTHING, ConsoleState
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BmcError,
    CompletionError,
    ConsoleDisabled,
    ConsoleEncryption,
    ConsoleHeld,
    ConsoleLimit,
    ConsoleUnavailable,
    Unsupported,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import ACTIVATE_PAYLOAD, GET_SESSION_INFO
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._session_info import SessionInfo, current_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option
from ansible_collections.lightsout.bmc.plugins.module_utils._power import is_on
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import AUTHENTICATION, ENABLE, RATE_NON_VOLATILE, RATE_VOLATILE
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Numbered, Reader, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._terminal import junk

#: From this share of bytes on that no text has, what came is garbage; less than so many bytes say nothing.
_GARBAGE, _ENOUGH = 0.15, 4
#: So many of the first and the last bytes tell whether it became garbage on the way.
_PART = 100
#: Completion code: insufficient privilege.
_PRIVILEGE: t.Final = 0xD4


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a console."""

    cause: str
    detail: str  #: what it is told by
    advice: str

    def __str__(self) -> str:
        return f"{self.detail}. {self.advice}"

    def as_result(self) -> dict[str, t.Any]:
        """As the module returns it."""
        return {"cause": self.cause, "detail": self.detail, "advice": self.advice}


# The BMC does not open it.


def of_refusal(reader: Reader, error: BmcError) -> Diagnosis | None:
    """Why the BMC did not open the console; None where its answer says all that is known."""
    if isinstance(error, Unsupported):
        return _unsupported(str(error))
    if not isinstance(error, CompletionError) or error.command is not ACTIVATE_PAYLOAD:
        return None
    if isinstance(error, ConsoleHeld):
        return held(str(error))
    if error.code == _PRIVILEGE:
        return _privilege(reader)
    if isinstance(error, ConsoleDisabled):
        return _disabled(reader)
    if isinstance(error, ConsoleLimit):
        return Diagnosis("limit", "the BMC has as many consoles open as it can (82h)", "Leave instance out; nearly every BMC has one")
    if isinstance(error, ConsoleEncryption):
        return Diagnosis(
            "encryption",
            f"the BMC does not open it with this session's encryption ({error.code:02X}h)",
            "Compare ipmi_sol's force_encryption with the cipher suites that the BMC offers (ipmi_channel)",
        )
    if error.outcome is Outcome.UNSUPPORTED:
        return _unsupported("the BMC does not know Activate Payload (C1h)")
    return None


def held(console: ConsoleState | str) -> Diagnosis:
    """Somebody has it, or what he left behind; a text where the BMC says no more than that."""
    if not isinstance(console, str):
        holder = next((instance.holder for instance in console.instances if instance.holder), None)
        if holder is not None and holder.stale:
            stale = "release" if holder.same_account else "release_any"
            return Diagnosis("held", f"{console}: {holder.stale_reason}", f"Nobody is behind that session any more; stale={stale} frees the console")
    return Diagnosis("held", str(console), "Ask the holder to leave it; ipmi_sol_session says who it is, and when_held=wait waits for it")


def _privilege(reader: Reader) -> Diagnosis:
    session = reader.bmc.connection.privilege
    needed = _parameter(reader, AUTHENTICATION, "privilege")
    asks = f"Serial over LAN asks for {option(needed)} (SOL parameter 2)" if needed is not None else "Serial over LAN asks for more"
    return Diagnosis(
        "not_allowed",
        f"this session's privilege is {option(session)}, and {asks} (D4h)",
        "Log in with a higher bmc_privilege, or lower what ipmi_sol has as privilege",
    )


def _unsupported(detail: str) -> Diagnosis:
    return Diagnosis(
        "unsupported",
        detail,
        "This BMC or this session cannot do Serial over LAN: it needs IPMI 2.0 over the network, some makers' licence, or newer firmware. "
        "The maker's own console is left",
    )


def _disabled(reader: Reader) -> Diagnosis:
    if _parameter(reader, ENABLE, "enabled") is False:
        return Diagnosis("not_enabled", "Serial over LAN is switched off (SOL parameter 1)", "Switch it on with ipmi_sol, enabled=true")
    if _parameter(reader, ENABLE, "enabled"):
        return Diagnosis(
            "not_allowed",
            f"Serial over LAN is on, and the account {_account(reader)}may not use it (81h)",
            "Allow it with ipmi_user, sol_payload=true, or use another account",
        )
    return Diagnosis(
        "not_enabled",
        "the BMC says that Serial over LAN is disabled (81h), and not whether for the channel or for the account",
        "Switch it on with ipmi_sol, enabled=true, and allow it to the account with ipmi_user, sol_payload=true",
    )


def _account(reader: Reader) -> str:
    try:
        found = reader.read(GET_SESSION_INFO, current_request(), SessionInfo.from_wire)
    except SAYS_NOTHING:
        return ""
    return f"(user {found.user_id}) " if found.user_id else ""


def _parameter(reader: Reader, parameter: Numbered, field: str) -> t.Any:
    """None where the BMC does not say."""
    try:
        return getattr(parameter.load(reader, Target(lan_channel(reader, None)), {}), field)
    except (*SAYS_NOTHING, Unsupported):
        return None


# It is open.


@dataclass(frozen=True)
class Seen:
    """What a visit at an open console has shown."""

    raw: bytes
    typed: bool
    boot: BootWatch | None = None
    error: BmcError | None = None
    elsewhere: int | None = None  #: the UDP port of `SolConsole.elsewhere`


def of_silence(reader: Reader, seen: Seen) -> Diagnosis | None:
    """What is wrong with a console that is open; None where nothing seems to be. Raises what ends a session."""
    share, first, last = junk(seen.raw), junk(seen.raw[:_PART]), junk(seen.raw[-_PART:])
    if len(seen.raw) >= _PART and first < _GARBAGE <= last:
        return _wrong_rate_later(reader, last)
    if len(seen.raw) >= _ENOUGH and share >= _GARBAGE:
        return _wrong_rate(reader, len(seen.raw), share)
    if isinstance(seen.error, ConsoleUnavailable) or not seen.raw:
        return _silent(reader, seen)
    if seen.boot is not None and "firmware" in seen.boot.times and not {"kernel", "login"} & set(seen.boot.times):
        return _silent_kernel(reader, seen.boot)
    return None


def _silent(reader: Reader, seen: Seen) -> Diagnosis | None:
    on = _on(reader)
    if on is False:
        return Diagnosis("host_off", "the host is off", "Switch it on: ipmi_power state=on, or observe_boot=true to see it boot")
    if isinstance(seen.error, ConsoleUnavailable):
        return Diagnosis("not_taken", str(seen.error), "Look whether the operating system still runs (ipmi_power, a SysRq); flow control must be off")
    if not seen.typed and seen.boot is None:
        return Diagnosis(
            "quiet",
            "the console is open, and nothing came",
            "That is usual for a host that waits for a login: probe=true presses Enter, and tells whether anybody answers",
        )
    if seen.elsewhere is not None:
        return Diagnosis(
            "other_port",
            f"the BMC carries the console on UDP port {seen.elsewhere}, and nothing of it came over the session's port {reader.bmc.connection.port}",
            "Set it to the port that the BMC itself has for sessions (623 is usual): ipmi_sol with payload_port",
        )
    what = "a whole boot was not shown" if seen.boot is not None else "what was typed was not answered"
    state = "" if on is None else "the host is on, "
    return Diagnosis(
        "not_configured",
        f"{state}the console is open, and {what}",
        "Nothing on the host uses this serial port, or the host hangs. In the firmware's setup, redirect the console to the port that carries Serial over "
        f"LAN{_rate_hint(reader)}; in the operating system, add console=tty0 console=ttyS0 (or ttyS1) with the rate to the kernel's command line, "
        "and a login (getty) on that port",
    )


def _silent_kernel(reader: Reader, boot: BootWatch) -> Diagnosis:
    last = list(boot.times)[-1]
    return Diagnosis(
        "not_configured",
        f"the console shows the {last}, and nothing of an operating system",
        "The operating system does not use this serial port, or there is none to boot. Add console=tty0 console=ttyS0 (or ttyS1) with the rate"
        f"{_rate_hint(reader)} to the kernel's command line, and a login (getty) on that port",
    )


def _on(reader: Reader) -> bool | None:
    try:
        return is_on(reader.bmc)
    except SAYS_NOTHING:
        return None


def _wrong_rate(reader: Reader, count: int, share: float) -> Diagnosis:
    live, stored = _rates(reader)
    rates = f"the BMC's live rate is {_named(live)}, the stored one {_named(stored)}"
    if None not in (live, stored) and live != stored:
        advice = "Try the stored one at once: ipmi_sol with bit_rate_volatile. The host's firmware, loader and operating system must have the same"
    else:
        advice = "Set all to one rate: ipmi_sol with bit_rate, the firmware's setup, the loader, console=ttyS…,RATE of the kernel (115200 is usual)"
    return Diagnosis("wrong_rate", f"{share:.0%} of {count} bytes are no text, as with a wrong bit rate; {rates}", advice)


def _wrong_rate_later(reader: Reader, share: float) -> Diagnosis:
    """The usual mistake: firmware and loader are right, and the kernel was told no rate."""
    live, _stored = _rates(reader)
    rate = "RATE" if live is None else str(live)
    return Diagnosis(
        "wrong_rate",
        f"text came at first, and {share:.0%} of the last {_PART} bytes are no text, as with a wrong bit rate; the BMC's live rate is {_named(live)}",
        f"What starts later has another rate than firmware and loader: give the kernel console=ttyS…,{rate} (without a rate it takes 9600), and the login "
        "(getty) on that port the same",
    )


def _rates(reader: Reader) -> tuple[int | None, int | None]:
    """bit/s, live and stored."""
    return t.cast("tuple[int | None, int | None]", tuple(_parameter(reader, one, "bit_rate") for one in (RATE_VOLATILE, RATE_NON_VOLATILE)))


def _named(rate: int | None) -> str:
    return "not told" if rate is None else f"{rate} bit/s"


def _rate_hint(reader: Reader) -> str:
    live, _stored = _rates(reader)
    return "" if live is None else f", at {live} bit/s,"

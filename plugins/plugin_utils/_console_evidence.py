# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the tasks of a console's check have found out about one host: from registered results to a record."""

from __future__ import annotations

import base64
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._console_marker import MARK
from ansible_collections.lightsout.bmc.plugins.module_utils._terminal import Terminal, junk

Result = t.Mapping[str, t.Any]

#: Of fewer bytes, or of a smaller share of them that no text has, nothing follows. The same as in a visit's diagnosis.
_ENOUGH, _GARBAGE = 4, 0.15
#: What the console server and its program write into the log themselves: time stamps, who came and went, who has the console.
_OF_THE_SERVER = re.compile(rb"\[(?:bmc-console |-- |[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d )[^\]\r\n]*\]")


@dataclass(frozen=True)
class MarkedPort:
    """A serial port of the host that markers were written on."""

    name: str  #: such as ttyS1
    in_use: bool
    bit_rate: int | None  #: bit/s
    markers: int = 1
    blocked: bool = False
    error: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the operating system, and what would change if its console were set again."""

    name: str
    layer: str  #: loader, kernel or login
    changed: bool


@dataclass(frozen=True)
class Evidence:
    """All that is known of one console. What was not looked at, or is not told, is None or empty."""

    # The BMC
    bmc_reason: str = ""  #: why it could not be asked, one word
    bmc_message: str = ""
    power: str | None = None  #: on or off
    sol_enabled: bool | None = None
    rate: int | None = None  #: bit/s that the BMC uses now
    stored_rate: int | None = None  #: and after its restart
    # Whose it is
    holder: str = ""  #: who has it, in words; empty where nobody has
    server: str = ""  #: the console server that should have it; empty where there is none
    served: bool = False  #: the console server has it
    guard: str = ""  #: what the console server's program said last
    log_problem: str = ""  #: why its log cannot be read
    # The host
    unreachable: str = ""  #: why Ansible does not get to the host
    marking: str = ""  #: why no markers were written; empty where they were
    ports: tuple[MarkedPort, ...] = ()
    cmdline: tuple[str, ...] | None = None  #: values of console= of the running kernel
    active: tuple[str, ...] | None = None
    logins: tuple[str, ...] | None = None
    # What came
    arrived: tuple[str, ...] = ()  #: ports whose markers came over Serial over LAN
    logged: tuple[str, ...] = ()  #: ports whose markers are in the console server's log
    refusal: tuple[str, str, str] | None = None  #: cause, detail, advice of ipmi_console
    garbage: str = ""  #: what is told of bytes that are no text
    said: str = ""  #: the last line that came, and was no marker
    # What is set for the next boot
    parts: tuple[Part, ...] = ()
    system_problem: str = ""  #: why that is not known
    reboot_needed: bool = False
    # What the site wants
    wanted_port: int | None = None  #: 0 to 3
    wants_login: bool = True

    @property
    def port(self) -> str | None:
        """The host's port that Serial over LAN is wired to."""
        return next(iter((*self.arrived, *self.logged)), None)


def evidence(results: Result, nonce: str) -> Evidence:
    """Read what the playbook's tasks registered. A task that was skipped tells nothing."""
    fields: dict[str, t.Any] = {}
    fields |= _of_bmc(_ran(results.get("bmc")))
    fields |= _of_holder(_ran(results.get("session")), _ran(results.get("server_session")), str(_stdout(results.get("guard"))))
    fields |= _of_host(_ran(results.get("started")), _ran(results.get("marked")))
    fields |= _of_console(_ran(results.get("listened")), nonce)
    fields |= _of_log(_ran(results.get("logged")), _ran(results.get("tail")), nonce)
    fields |= _of_system(_ran(results.get("system")))
    wanted = results.get("wanted") or {}
    number = wanted.get("port")
    return Evidence(
        **fields,
        server=str(results.get("server") or ""),
        wanted_port=None if number in (None, "") else int(number),
        wants_login=bool(wanted.get("login", True)),
    )


def _ran(result: Result | None) -> Result:
    """The result of a task; empty where it was left out."""
    return {} if not result or result.get("skipped") else result


def _wrong(result: Result) -> bool:
    return bool(result.get("failed") or result.get("unreachable"))


def _message(result: Result) -> str:
    return str(result.get("msg") or result.get("stderr") or "no reason was given").strip()


def _stdout(result: Result | None) -> str:
    return str(_ran(result).get("stdout") or "")


def _number(value: t.Any) -> int | None:
    """A rate; "serial" (the serial configuration's) is none."""
    return int(value) if str(value).isdigit() else None


def _of_bmc(result: Result) -> dict[str, t.Any]:
    if not result or _wrong(result):
        return {"bmc_reason": str(result.get("reason") or "not_asked"), "bmc_message": _message(result)}
    bmc = result.get("bmc") or {}
    sol = bmc.get("sol") or {}
    return {
        "power": (bmc.get("chassis") or {}).get("power"),
        "sol_enabled": sol.get("enabled"),
        "rate": _number(sol.get("bit_rate_volatile")),
        "stored_rate": _number(sol.get("bit_rate_non_volatile")),
    }


def _of_holder(session: Result, from_server: Result, guard: str) -> dict[str, t.Any]:
    console = session.get("console") or {}
    if console.get("state") != "held":
        return {"guard": guard}
    instance = next(one for one in console["instances"] if one["state"] == "held")
    return {"holder": _named(instance), "served": served(from_server, guard), "guard": guard}


def _named(instance: Result) -> str:
    holder = instance.get("holder") or {}
    if not holder.get("user_id") and not holder.get("address"):
        return f"held; {instance.get('reason') or 'by whom the BMC does not say'}"
    user = f"user {holder.get('user_id')}" + (f" ({holder['user']})" if holder.get("user") else "")
    return f"held by {user}" + (f" from {holder['address']}" if holder.get("address") else "")


def served(from_server: Result, guard: str) -> bool:
    """Whether the console server has the console: its account, its address, and a program on it that has the session's port.

    Where the BMC does not tell, the last line of its program in the log does. One that waits does not have it, whoever else uses its account there.
    """
    if "the console is held" in guard:
        return False
    console = from_server.get("console") or {}
    holders = [one["holder"] for one in console.get("instances", []) if one.get("holder")]
    told = next((holder.get("same_account") for holder in holders), None)
    if told is not None:
        return bool(told) and not holders[0].get("stale")
    return "the console is open" in guard


def _of_host(started: Result, marked: Result) -> dict[str, t.Any]:
    if started.get("unreachable"):
        return {"unreachable": _message(started)}
    result = marked or started
    if not result:
        return {"marking": "no markers were written"}
    running = result.get("running") or {}
    ports = tuple(
        MarkedPort(one["name"], one["in_use"], one.get("bit_rate"), one["markers"], one["blocked"], one["error"]) for one in result.get("ports") or []
    )
    # In check mode, for example.
    none = ports and not any(port.markers or port.blocked or port.error for port in ports)
    return {
        "marking": _message(result) if _wrong(result) else "no markers were written" if none else "",
        "ports": ports,
        "cmdline": _words(running.get("cmdline_consoles")),
        "active": _words(running.get("active")),
        "logins": _words(running.get("logins")),
    }


def _words(values: t.Iterable[t.Any] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(map(str, values))


def markers(text: str, nonce: str) -> tuple[str, ...]:
    """The ports whose markers are in a text, in the order of their first ones. A name ends in a digit; what does not was cut short."""
    return tuple(dict.fromkeys(re.findall(rf"{MARK} {re.escape(nonce)} (\w*\d)\b", text)))


def _of_console(listened: Result, nonce: str) -> dict[str, t.Any]:
    if not listened:
        return {}
    transcript = str(listened.get("transcript") or "")
    matched = (listened.get("matched") or {}).get("text") or ""
    arrived = dict.fromkeys((*markers(transcript, nonce), *markers(matched, nonce)))
    found: dict[str, t.Any] = {"arrived": tuple(arrived), "said": _last_line(transcript)}
    diagnosis = (listened.get("console") or {}).get("diagnosis") or {}
    cause = diagnosis.get("cause")
    if cause == "wrong_rate":
        found["garbage"] = str(diagnosis["detail"])
    elif cause:
        found["refusal"] = (str(cause), str(diagnosis["detail"]), str(diagnosis["advice"]))
    elif _wrong(listened) and listened.get("reason") != "timeout":
        found["refusal"] = (str(listened.get("reason") or "console_failed"), _message(listened), "")
    return found


def _last_line(transcript: str) -> str:
    lines = [line.strip() for line in transcript.splitlines() if line.strip() and MARK not in line]
    return lines[-1][-80:] if lines else ""


def _of_log(logged: Result, tail: Result, nonce: str) -> dict[str, t.Any]:
    if not logged:
        return {}
    found: dict[str, t.Any] = {"logged": markers(_stdout(logged), nonce)}
    if str(logged.get("stderr") or "").strip():
        found["log_problem"] = str(logged["stderr"]).strip()
    elif _wrong(logged) and logged.get("unreachable"):
        found["log_problem"] = _message(logged)
    if not found["logged"]:
        data = _OF_THE_SERVER.sub(b"", base64.b64decode(_stdout(tail)))
        share = junk(data)
        if len(data) >= _ENOUGH and share >= _GARBAGE:
            found["garbage"] = f"{share:.0%} of the last {len(data)} bytes in the console server's log are no text"
        terminal = Terminal()
        terminal.feed(data)
        found["said"] = _last_line(terminal.text)
    return found


def _of_system(result: Result) -> dict[str, t.Any]:
    if not result:
        return {}
    if _wrong(result):
        return {"system_problem": _message(result)}
    parts = tuple(Part(one["name"], one["layer"], bool(one["changed"])) for one in result.get("parts") or [])
    return {"parts": parts, "reboot_needed": bool(result.get("reboot_needed"))}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC that follows a script and keeps a record of what it was asked.

Requests and answers are written as in the simulator's tests: "0C/02 01 14 00 00" is network function, command
and data in hex; an answer is its completion code and data. A rule is about all requests that begin with it, the
longest such rule decides, and a request without a rule fails the test.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, Bridge, SolLink
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command

#: The answer is lost on the way: the request was carried out, or never arrived.
LOST: t.Final = "lost"
DROPPED: t.Final = "dropped"

Handler = t.Callable[[bytes], bytes]
CONNECTION: t.Final = Connection("192.0.2.10", user="admin", password="secret", timeout=10.0)


def text(value: str, size: int = 16) -> str:
    """Text as a fixed field, in hex."""
    return value.encode().ljust(size, b"\0").hex(" ").upper()


def shown(command: Command, data: bytes) -> str:
    """A request as rules and records have it."""
    return f"{command.net_fn:02X}/{command.code:02X} {data.hex(' ').upper()}".strip()


@dataclass
class Clock:
    """Time that passes only where somebody waits."""

    time: float = 1000.0
    pauses: list[float] = field(default_factory=list)
    #: What happens while somebody waits; called once, at the first pause.
    meanwhile: t.Callable[[], object] | None = None

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds
        if self.meanwhile is not None:
            event, self.meanwhile = self.meanwhile, None
            event()


class Scripted:
    """A `Link` with a BMC behind it."""

    def __init__(self, clock: Clock | None = None, *, session: bytes | None = b"\x01\0\0\0") -> None:
        self.clock = clock or Clock()
        self.asked: list[str] = []
        self.written: list[str] = []
        self.bridges: list[Bridge | int | None] = []
        #: For each request: how long an answer was waited for, and whether it may be repeated.
        self.patience: list[tuple[float, bool]] = []
        self.closed = self.abandoned = 0
        #: The session's cipher suite.
        self.suite: int | None = 17
        #: What carries Serial over LAN, if the script is about that.
        self.sol: SolLink | None = None
        #: Nothing gets through any more.
        self.gone = False
        self._session = session
        self._rules: dict[str, Handler] = {}
        self._once: list[tuple[str, str]] = []

    # The script.

    def on(self, request: str, answer: str | Handler) -> Scripted:
        """Answer so, always. A later rule for the same request replaces an earlier one."""
        self._rules[request] = answer if callable(answer) else _fixed(answer)
        return self

    def once(self, request: str, *answers: str) -> Scripted:
        """Answer so first, one for each time; then as the other rules say. Also LOST and DROPPED."""
        self._once += [(request, answer) for answer in answers]
        return self

    def bmc(self, connection: Connection = CONNECTION) -> Bmc:
        """A session with it."""
        return Bmc(connection, self, now=self.clock.now, pause=self.clock.pause)

    def another(self, session: bytes = b"\x02\0\0\0") -> Scripted:
        """A further session with the same BMC."""
        fresh = Scripted(self.clock, session=session)
        fresh._rules, fresh._once, fresh.suite = self._rules, self._once, self.suite
        return fresh

    def asked_for(self, request: str) -> list[str]:
        """The requests so far that begin so."""
        return [one for one in self.asked if one.startswith(request)]

    def forget(self) -> None:
        """Begin the record anew."""
        for record in (self.asked, self.written, self.bridges, self.patience):
            record.clear()

    # The link.

    def exchange(
        self, command: Command, data: bytes, *, deadline: float, resend: bool, bridge: Bridge | int | None
    ) -> tuple[int, bytes] | None:
        assert not self.closed and not self.abandoned, f"{command} after the session was given up"
        request = shown(command, data)
        self.asked.append(request)
        if command.writes:
            self.written.append(request)
        self.bridges.append(bridge)
        self.patience.append((deadline - self.clock.now(), resend))
        answer = None if self.gone else self._answer(request, data)
        if answer is None:
            self.clock.time = max(self.clock.time, deadline)
            return None
        return answer[0], answer[1:]

    @property
    def session_id(self) -> bytes | None:
        return self._session

    @property
    def cipher_suite(self) -> int | None:
        return self.suite

    def close(self) -> None:
        self.closed += 1

    def abandon(self) -> None:
        self.abandoned += 1

    def _answer(self, request: str, data: bytes) -> bytes | None:
        for number, (begin, answer) in enumerate(self._once):
            if request.startswith(begin):
                del self._once[number]
                if answer == LOST:
                    self._carry_out(request, data)
                return None if answer in (LOST, DROPPED) else bytes.fromhex(answer)
        return self._carry_out(request, data)

    def _carry_out(self, request: str, data: bytes) -> bytes:
        rules = [rule for rule in self._rules if request.startswith(rule)]
        assert rules, f"the script says nothing about {request}"
        return self._rules[max(rules, key=len)](data)


def _fixed(answer: str) -> Handler:
    code_and_data = bytes.fromhex(answer)
    return lambda data: code_and_data


# What BMCs have in common.


def identified(bmc: Scripted, *, channel: int = 1, guid: str | None = "00" + " 11" * 16) -> Scripted:
    """Knows its device ID (a maker without quirks), its LAN channel, and its GUID."""
    bmc.on("06/01", "00 20 01 02 05 02 BF 57 01 00 34 12")
    bmc.on("06/42", "CC")
    info = f"00 {channel:02X} 04 01 80 F2 1B 00 00 00"
    bmc.on("06/42 0E", info).on(f"06/42 {channel:02X}", info)
    bmc.on("06/37", guid or "C1")
    bmc.on("06/3C", "00")
    return bmc


def named(bmc: Scripted) -> Scripted:
    """Has the identifier string "bmc1", no asset tag and no system name, and a clock that was never set."""
    bmc.on("2C/09", "00 DC 05 62 6D 63 31 00").on("2C/06", "00 DC 00").on("06/59 00 02", "00 11 00 00 00")
    return bmc.on("0A/48", "00 FF FF FF FF").on("0A/5C", "00 FF 07")


class Parameters:
    """Numbered parameters of a channel that can be read and written, as LAN and SOL have them."""

    def __init__(self, bmc: Scripted, get: str, set_: str, values: t.Mapping[int, str], channel: int = 1) -> None:
        self.values = {number: bytes.fromhex(value) for number, value in values.items()}
        bmc.on(f"{get} {channel:02X}", self._get)
        bmc.on(f"{set_} {channel:02X}", self._set)

    def __getitem__(self, number: int) -> str:
        return self.values[number].hex(" ").upper()

    def __setitem__(self, number: int, value: str) -> None:
        self.values[number] = bytes.fromhex(value)

    def _get(self, data: bytes) -> bytes:
        if data[1] not in self.values:
            return b"\x80"
        return b"\x00\x11" + self.values[data[1]]

    def _set(self, data: bytes) -> bytes:
        number, value = data[1], data[2:]
        if number not in self.values:
            return b"\x80"
        if number == 0:
            if value == self.values[0] == b"\x01":
                return b"\x81"
            value = b"\x00" if value == b"\x02" else value
        self.values[number] = value
        return b"\x00"


def address(text_: str) -> str:
    """An IPv4 address in hex."""
    return ipaddress.IPv4Address(text_).packed.hex(" ").upper()


#: LAN parameters of a BMC with a static address.
LAN: t.Final[dict[int, str]] = {
    0: "00",
    3: address("192.0.2.10"),
    4: "01",
    5: "02 00 00 00 00 01",
    6: address("255.255.255.0"),
    10: "01",
    11: "03",
    12: address("192.0.2.1"),
    13: "00 00 00 00 00 00",
    14: address("0.0.0.0"),
    15: "00 00 00 00 00 00",
    16: text("public", 18),
    20: "00 00",
    21: "00",
}

#: SOL parameters: off, nothing forced, 9600 bit/s.
SOL: t.Final[dict[int, str]] = {
    0: "00",
    1: "00",
    2: "02",
    3: "0C 60",
    4: "07 32",
    5: "06",
    6: "06",
    7: "01",
    8: "6F 02",
}


def lan(bmc: Scripted, channel: int = 1, **changed: str) -> Parameters:
    """LAN parameters; `p20="..."` sets one, `p20=""` takes it away."""
    return Parameters(bmc, "0C/02", "0C/01", _changed(LAN, changed), channel)


def sol(bmc: Scripted, channel: int = 1, **changed: str) -> Parameters:
    """SOL parameters; changed as in `lan`."""
    return Parameters(bmc, "0C/22", "0C/21", _changed(SOL, changed), channel)


def _changed(values: t.Mapping[int, str], changed: t.Mapping[str, str]) -> dict[int, str]:
    numbered = {int(name.removeprefix("p")): value for name, value in changed.items()}
    return {number: value for number, value in {**values, **numbered}.items() if value}


@dataclass
class User:
    """A slot of the user table."""

    name: str = ""
    password: bytes = b""
    access: int = 0x0F  #: callback 6, link 5, messaging 4, privilege 3:0
    enabled: bool = False
    payload: int = 0  #: first byte of the payload access


class Users:
    """A user table on channel 1, as the commands 06/43 to 06/47, 4C and 4D show it."""

    def __init__(self, bmc: Scripted, slots: t.Mapping[int, User], *, size: int = 10, fixed: int = 1, tells: bool = True) -> None:
        self.slots = {number: slots.get(number, User()) for number in range(1, size + 1)}
        self.fixed = fixed
        #: Whether Get User Access tells who is enabled.
        self.tells = tells
        for command, handler in {
            "06/43": self._set_access,
            "06/44": self._get_access,
            "06/45": self._set_name,
            "06/46": self._get_name,
            "06/47": self._password,
            "06/4C": self._set_payload,
            "06/4D": self._get_payload,
        }.items():
            bmc.on(command, handler)

    def __getitem__(self, number: int) -> User:
        return self.slots[number]

    def _get_access(self, data: bytes) -> bytes:
        user = self.slots.get(data[1] & 0x3F)
        if user is None:
            return b"\xc9"
        status = (1 if user.enabled else 2) if self.tells else 0
        enabled = sum(one.enabled for one in self.slots.values())
        return bytes([0, len(self.slots), status << 6 | enabled, self.fixed, user.access])

    def _set_access(self, data: bytes) -> bytes:
        user = self.slots[data[1] & 0x3F]
        user.access = (data[0] & 0x70 if data[0] & 0x80 else user.access & 0x70) | data[2] & 0x0F
        return b"\0"

    def _get_name(self, data: bytes) -> bytes:
        return b"\0" + self.slots[data[0] & 0x3F].name.encode().ljust(16, b"\0")

    def _set_name(self, data: bytes) -> bytes:
        if data[0] <= self.fixed:
            return b"\xcc"
        self.slots[data[0] & 0x3F].name = data[1:].rstrip(b"\0").decode()
        return b"\0"

    def _password(self, data: bytes) -> bytes:
        user, operation, given = self.slots[data[0] & 0x3F], data[1] & 3, data[2:]
        if operation < 2:
            user.enabled = operation == 1
        elif operation == 2:
            user.password = given
        elif len(given) != len(user.password):
            return b"\x81"
        elif given != user.password:
            return b"\x80"
        return b"\0"

    def _get_payload(self, data: bytes) -> bytes:
        return bytes([0, self.slots[data[1]].payload, 0, 0, 0])

    def _set_payload(self, data: bytes) -> bytes:
        user = self.slots[data[1] & 0x3F]
        user.payload = user.payload & ~data[2] if data[1] & 0x40 else user.payload | data[2]
        return b"\0"

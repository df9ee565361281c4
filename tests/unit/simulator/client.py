# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A console without a network: it hands datagrams to a BMC and reads what comes back."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulator import commands as _commands  # noqa: F401  registers the handlers
from tests.simulator.bmc import Bmc
from tests.simulator.clock import Clock
from tests.simulator.faults import Faults
from tests.simulator.personalities import with_overrides
from tests.simulator.protocol import packets
from tests.simulator.protocol.crypto import (
    SUITES,
    Handshake,
    Keys,
    Suite,
    decrypt,
    encrypt,
    integrity_code,
    md5_code,
)
from tests.simulator.protocol.rmcpplus import NO_CODE_LENGTH
from tests.simulator.rack import RackFile, fresh_state, parse

START = 1_800_000_000.0
PEER = ("127.0.0.1", 40001)
CONSOLE_ID = b"\xa4\xa3\xa2\xa0"
CONSOLE_RANDOM = bytes(range(16))
ADMIN, PASSWORD = b"admin", b"secret"


def make_bmc(entry: Mapping[str, Any] | None = None, **personality: Any) -> Bmc:
    """A BMC on a held clock; user 2 is `admin` with the password `secret`."""
    row = {
        "name": "b1",
        "address": "127.0.0.1",
        "users": {2: {"name": "admin", "password": "secret"}},
        "personality": personality,
        **(entry or {}),
    }
    file: RackFile = parse({"bmcs": [row]})
    made = file.bmcs[0]
    kind = with_overrides(made.maker, made.personality)
    power = None if made.power is None else made.power == "on"
    return Bmc(made.name, kind, Clock(START), fresh_state(made, kind), power_on=power)


@dataclass
class Client:
    """Speaks RMCP+ with one BMC. `replies` are the datagrams not read yet."""

    bmc: Bmc
    peer: tuple[str, int] = PEER
    replies: list[bytes] = field(default_factory=list)
    suite: Suite = SUITES[3]
    bmc_id: bytes = bytes(4)
    keys: Keys = field(default_factory=lambda: Keys(b"", b""))
    sequence: int = 0
    rq_seq: int = 0
    shake: Handshake | None = None

    def __post_init__(self) -> None:
        self.bmc.send = lambda data, peer: self.replies.append(data)

    def exchange(self, datagram: bytes) -> bytes | None:
        """Send a datagram; the next one that came back, or None."""
        self.bmc.receive(datagram, self.peer)
        return self.replies.pop(0) if self.replies else None

    def plain(self, kind: int, payload: bytes) -> bytes | None:
        """A payload outside a session: the payload of the answer."""
        answer = self.exchange(packets.RMCP_IPMI + packets.header_20(kind, bytes(4), 0, payload))
        return None if answer is None else answer[16:]

    # --- the handshake, each step giving the answer's payload

    def open(self, suite: int = 3, privilege: int = 4, algorithms: bytes | None = None) -> bytes:
        self.suite = SUITES[suite]
        chosen = self.suite
        numbers = (chosen.auth, chosen.integrity, chosen.confidentiality)
        records = b"".join(bytes((k, 0, 0, 8, n, 0, 0, 0)) for k, n in enumerate(numbers))
        request = bytes((7, privilege, 0, 0)) + CONSOLE_ID + (algorithms or records)
        answer = self.plain(packets.PAYLOAD_OPEN_REQUEST, request)
        assert answer is not None
        self.bmc_id = answer[8:12] if answer[1] == 0 else bytes(4)
        return answer

    def rakp1(self, name: bytes = ADMIN, privilege: int = 4, by_name: bool = True) -> bytes:
        role = privilege | (0x10 if by_name else 0)
        head = bytes((8, 0, 0, 0)) + self.bmc_id + CONSOLE_RANDOM + bytes((role, 0, 0, len(name)))
        answer = self.plain(packets.PAYLOAD_RAKP1, head + name)
        assert answer is not None
        if answer[1] == 0:
            auth, ours = self.suite.auth, CONSOLE_RANDOM
            self.shake = Handshake(
                auth, CONSOLE_ID, self.bmc_id, ours, answer[8:24], answer[24:40], bytes((role,)), name
            )
        return answer

    def rakp3(self, password: bytes = PASSWORD, kg: bytes | None = None, status: int = 0) -> bytes | None:
        assert self.shake is not None
        code = b"" if status else self.shake.rakp3_code(password)
        sik = self.shake.session_key(kg or password)
        self.keys = Keys.derive(self.suite.auth, sik)
        request = bytes((9, status, 0, 0)) + self.bmc_id + code
        return self.plain(packets.PAYLOAD_RAKP3, request)

    def login(
        self,
        suite: int = 3,
        name: bytes = ADMIN,
        password: bytes = PASSWORD,
        privilege: int = 4,
        raise_to: int | None = None,
    ) -> Client:
        """A whole login; then the privilege is raised, if it is above User."""
        assert self.open(suite, privilege)[1] == 0
        assert self.rakp1(name, privilege)[1] == 0
        answer = self.rakp3(password)
        assert answer is not None
        assert answer[1] == 0
        self.sequence = 0
        wanted = privilege if raise_to is None else raise_to
        if wanted > 2:
            assert self.ask("06/3B", bytes((wanted,)).hex())[:2] == "00"
        return self

    # --- requests inside the session

    def message(self, command: str, data: str = "", rq_seq: int | None = None) -> bytes:
        netfn, cmd = (int(part, 16) for part in command.split("/"))
        if rq_seq is None:
            self.rq_seq = (self.rq_seq + 1) % 64
            rq_seq = self.rq_seq
        head = bytes((0x20, netfn << 2))
        tail = bytes((0x81, rq_seq << 2, cmd)) + bytes.fromhex(data)
        return (
            head + bytes((packets.checksum(head),)) + tail + bytes((packets.checksum(tail),))
        )

    def wrap(self, payload: bytes, kind: int = 0, sequence: int | None = None) -> bytes:
        """A datagram of the session; its sequence number counts up unless it is given."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        if self.suite.confidentiality:
            kind |= 0x80
            payload = encrypt(self.keys.k2, payload)
        if self.suite.integrity:
            kind |= 0x40
        body = packets.header_20(kind, self.bmc_id, sequence, payload)
        if self.suite.integrity:
            body = packets.integrity_pad(body)
            body += integrity_code(self.suite.integrity, self.keys.k1, body)
        return packets.RMCP_IPMI + body

    def unwrap(self, datagram: bytes) -> bytes:
        """The payload of a datagram of the session, its AuthCode checked."""
        packet = packets.parse_20(datagram[4:], NO_CODE_LENGTH[self.suite.integrity])
        assert packet.session_id == CONSOLE_ID
        if self.suite.integrity:
            code = integrity_code(self.suite.integrity, self.keys.k1, packet.signed)
            assert code == packet.auth_code
        return decrypt(self.keys.k2, packet.payload) if packet.encrypted else packet.payload

    def ask(self, command: str, data: str = "", rq_seq: int | None = None) -> str:
        """Completion code and data in hex, or the empty text if nothing came back."""
        answer = self.exchange(self.wrap(self.message(command, data, rq_seq)))
        return "" if answer is None else self.unwrap(answer)[6:-1].hex(" ")


@dataclass
class OldClient:
    """Speaks IPMI 1.5."""

    bmc: Bmc
    auth_type: int = 2
    password: bytes = PASSWORD
    session_id: bytes = bytes(4)
    sequence: int = 0
    rq_seq: int = 0
    replies: list[bytes] = field(default_factory=list)
    last_sequence: int = 0  # of the last answer

    def __post_init__(self) -> None:
        self.bmc.send = lambda data, peer: self.replies.append(data)

    def send(self, command: str, data: bytes, *, auth_type: int | None = None) -> bytes | None:
        """A datagram, as the session stands; the message that came back."""
        netfn, cmd = (int(part, 16) for part in command.split("/"))
        self.rq_seq = (self.rq_seq + 1) % 64
        head = bytes((0x20, netfn << 2))
        tail = bytes((0x81, self.rq_seq << 2, cmd)) + data
        message = head + bytes((packets.checksum(head),)) + tail + bytes((packets.checksum(tail),))
        kind = self.auth_type if auth_type is None else auth_type
        kind = kind if any(self.session_id) else 0
        sequence = struct.pack("<I", self.sequence)
        code = {
            0: b"",
            2: md5_code(self.password, self.session_id, message, sequence),
            4: self.password.ljust(16, b"\0"),
        }[kind]
        raw = packets.build_15(packets.Packet15(kind, self.sequence, self.session_id, code, message))
        self.bmc.receive(raw, PEER)
        if not self.replies:
            return None
        packet = packets.parse_15(self.replies.pop(0)[4:])
        self.last_sequence = packet.sequence
        return packet.message[6:-1]

    def ask(self, command: str, data: bytes = b"") -> bytes | None:
        """A request of the session."""
        answer = self.send(command, data)
        self.sequence += 1
        return answer

    def challenge(self, name: bytes = ADMIN) -> bytes:
        answer = self.send("06/39", bytes((self.auth_type,)) + name.ljust(16, b"\0"))
        assert answer is not None
        return answer

    def login(self, name: bytes = ADMIN, privilege: int = 4) -> bytes | None:
        """Challenge and activation; the answer to the activation."""
        made = self.challenge(name)
        assert made[0] == 0, made.hex()
        self.session_id, self.sequence = made[1:5], 0
        request = bytes((self.auth_type, privilege)) + made[5:21] + struct.pack("<I", 1000)
        answer = self.send("06/3A", request)
        if answer is not None and answer[0] == 0:
            self.auth_type = answer[1]
            self.session_id = answer[2:6]
            self.sequence = struct.unpack("<I", answer[6:10])[0]
        return answer


def put_faults(bmc: Bmc, **faults: Any) -> None:
    """Faults by their names."""
    bmc.set_faults(Faults.from_mapping(faults))

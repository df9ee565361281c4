# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RMCP+ (IPMI 13.17 to 13.24): Open Session, RAKP 1 to 4, session packets in and out."""

from __future__ import annotations

import os
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from ..registry import Privilege
from . import login, packets
from .crypto import (
    SUITES,
    BadPacket,
    Handshake,
    Keys,
    Suite,
    decrypt,
    encrypt,
    equal,
    integrity_code,
    suite_of,
)
from .session import Peer, Session

if TYPE_CHECKING:
    from ..bmc import Bmc

PENDING_LIMIT = 64
PENDING_SECONDS = 20.0
NAME_MAX = 16
NO_SESSION = bytes(4)
NO_CODE_LENGTH = {0: 0, 1: 12, 2: 16, 4: 16}

_OPEN = struct.Struct("<BBxx4s8s8s8s")
_RAKP1 = struct.Struct("<Bxxx4s16sBxxB")
_RAKP3 = struct.Struct("<BBxx4s")


class Status(IntEnum):
    """RMCP+ and RAKP message status codes (table 13-15)."""

    OK = 0x00
    NO_RESOURCES = 0x01
    BAD_SESSION = 0x02
    BAD_PAYLOAD = 0x03
    BAD_AUTH = 0x04
    BAD_INTEGRITY = 0x05
    NO_AUTH_MATCH = 0x06
    NO_INTEGRITY_MATCH = 0x07
    INACTIVE_SESSION = 0x08
    BAD_ROLE = 0x09
    UNAUTHORIZED_ROLE = 0x0A
    NO_ROLE_RESOURCES = 0x0B
    BAD_NAME_LENGTH = 0x0C
    UNAUTHORIZED_NAME = 0x0D
    BAD_GUID = 0x0E
    BAD_CHECK_VALUE = 0x0F
    BAD_CONFIDENTIALITY = 0x10
    NO_SUITE_MATCH = 0x11
    BAD_PARAMETER = 0x12


class Refused(Exception):
    """A step of the handshake is answered with this status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass
class Pending:
    """A handshake on its way."""

    suite: Suite
    console_id: bytes
    bmc_id: bytes
    limit: int  # the most that the cipher suite allows
    at: float
    handshake: Handshake | None = None
    account: login.Account | None = None
    max_privilege: Privilege = Privilege.USER
    # What RAKP 1 and 3 were answered, without their message tags: a console whose answer got
    # lost asks again, and needs the same one.
    answers: dict[bytes, bytes] = field(default_factory=dict)
    finished: bool = False


class RmcpPlus:
    """The RMCP+ side of one BMC. `receive` gives the request in a packet, or handles it itself."""

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self._pending: OrderedDict[bytes, Pending] = OrderedDict()

    def forget(self) -> None:
        """Drop every handshake; the BMC restarts."""
        self._pending.clear()

    # --- session packets

    def unpack(self, data: bytes) -> tuple[Session | None, packets.Packet20]:
        """Check a packet: its session, its AuthCode, its sequence number; decrypt its payload.

        `data` starts at the authentication type. Raises BadPacket for what a BMC drops.
        """
        session_id = packets.session_of(data)
        if session_id == NO_SESSION:
            return None, packets.parse_20(data, 0)
        session = self._bmc.sessions.find(session_id)
        if session is None or session.suite is None or session.keys is None:
            raise BadPacket("no such session")
        suite = session.suite
        packet = packets.parse_20(data, NO_CODE_LENGTH[suite.integrity])
        if suite.integrity and packet.authenticated:
            code = integrity_code(suite.integrity, session.keys.k1, packet.signed)
            if not equal(code, packet.auth_code):
                raise BadPacket("AuthCode")
        elif suite.integrity and self._bmc.personality.protocol.requires_integrity:
            raise BadPacket("unauthenticated packet")
        if bool(suite.confidentiality) < packet.encrypted:
            raise BadPacket("encrypted, but the suite has no encryption")
        window = session.window if packet.authenticated else session.plain_window
        if not window.accept(packet.sequence):
            raise BadPacket("sequence number")
        return session, packet

    def payload(self, session: Session | None, packet: packets.Packet20) -> bytes:
        """The payload in clear."""
        if not packet.encrypted:
            return packet.payload
        if session is None or session.keys is None:
            raise BadPacket("encrypted outside a session")
        return decrypt(session.keys.k2, packet.payload)

    def pack(
        self,
        session: Session | None,
        kind: int,
        payload: bytes,
        *,
        encrypted: bool = True,
        authenticated: bool = True,
    ) -> bytes:
        """A datagram to the console; encryption and AuthCode where session and caller have them."""
        if session is None or session.suite is None or session.keys is None:
            return packets.RMCP_IPMI + packets.header_20(kind, NO_SESSION, 0, payload)
        suite, keys = session.suite, session.keys
        if suite.confidentiality and encrypted:
            kind |= 0x80
            payload = encrypt(keys.k2, payload)
        signing = bool(suite.integrity) and authenticated
        if signing:
            kind |= 0x40
        sequence = session.next_sequence(signing)
        body = packets.header_20(kind, session.console_id, sequence, payload)
        if signing:
            body = packets.integrity_pad(body)
            body += integrity_code(suite.integrity, keys.k1, body)
        return packets.RMCP_IPMI + body

    # --- the handshake

    def open_session(self, data: bytes, peer: Peer) -> bytes:
        """Answer RMCP+ Open Session Request (13.17)."""
        if len(data) != _OPEN.size:
            raise BadPacket("Open Session length")
        tag: int
        console_id: bytes
        tag, wanted, console_id, *algorithms = _OPEN.unpack(data)
        try:
            pending = self._open(wanted & 0x0F, console_id, algorithms)
        except Refused as refusal:
            if self._bmc.state.traits.lan.cipher_silent:
                raise BadPacket("cipher suite") from refusal
            return bytes((tag, refusal.status, 0, 0)) + console_id
        suite = pending.suite
        chosen = (
            bytes((kind, 0, 0, 8, number, 0, 0, 0))
            for kind, number in enumerate((suite.auth, suite.integrity, suite.confidentiality))
        )
        head = bytes((tag, Status.OK, pending.limit, 0))
        return head + console_id + pending.bmc_id + b"".join(chosen)

    def _open(self, wanted: int, console_id: bytes, algorithms: list[bytes]) -> Pending:
        bmc = self._bmc
        if wanted > Privilege.OEM:
            raise Refused(Status.BAD_ROLE)
        for kind, record in enumerate(algorithms):
            if record[0] != kind or record[3] not in (0, 8):
                raise Refused(Status.BAD_PAYLOAD)
        suite = self._suite(wanted, algorithms)
        limit = bmc.state.suite_limit(bmc.channel, suite.number)
        if wanted > limit:
            raise Refused(Status.UNAUTHORIZED_ROLE)
        if bmc.sessions.full:
            raise Refused(Status.NO_RESOURCES)
        bmc_id = self._new_id()
        pending = Pending(suite, console_id, bmc_id, wanted or limit, bmc.clock.now())
        self._pending[bmc_id] = pending
        if len(self._pending) > PENDING_LIMIT:
            self._pending.popitem(last=False)
        return pending

    def _suite(self, wanted: int, algorithms: list[bytes]) -> Suite:
        """The suite asked for; a record of length 0 leaves the choice to the BMC (13.17)."""
        state, channel = self._bmc.state, self._bmc.channel
        offered = [number for number in SUITES if state.suite_limit(channel, number)]
        asked = [record[4] & 0x3F if record[3] else None for record in algorithms]
        if None not in asked:
            auth, integrity, confidentiality = (number or 0 for number in asked)
            suite = suite_of(auth, integrity, confidentiality)
            if suite is None or suite.number not in offered:
                raise Refused(self._mismatch(auth, integrity, confidentiality))
            return suite
        for number in sorted(offered, reverse=True):
            suite = SUITES[number]
            have = (suite.auth, suite.integrity, suite.confidentiality)
            fits = all(a in (None, h) for a, h in zip(asked, have, strict=True))
            if fits and state.suite_limit(channel, number) >= wanted:
                return suite
        raise Refused(Status.NO_SUITE_MATCH)

    def _mismatch(self, auth: int, integrity: int, confidentiality: int) -> Status:
        known = SUITES.values()
        if auth not in {suite.auth for suite in known}:
            return Status.BAD_AUTH
        if integrity not in {suite.integrity for suite in known}:
            return Status.BAD_INTEGRITY
        if confidentiality not in {suite.confidentiality for suite in known}:
            return Status.BAD_CONFIDENTIALITY
        return Status.NO_SUITE_MATCH

    def _new_id(self) -> bytes:
        while True:
            bmc_id = self._bmc.sessions.new_id().to_bytes(4, "little")
            if bmc_id not in self._pending:
                return bmc_id

    def rakp1(self, data: bytes, peer: Peer) -> bytes:
        """Answer RAKP message 1 with RAKP message 2 (13.20, 13.21)."""
        if len(data) < _RAKP1.size:
            raise BadPacket("RAKP 1 length")
        tag, bmc_id, console_random, role, length = _RAKP1.unpack_from(data)
        name = data[_RAKP1.size :]
        pending = self._find(bmc_id)
        if pending is not None and data[1:] in pending.answers:
            return bytes((tag,)) + pending.answers[data[1:]]
        if pending is None or pending.finished:
            return bytes((tag, Status.BAD_SESSION, 0, 0)) + NO_SESSION
        try:
            if length > NAME_MAX:
                raise Refused(Status.BAD_NAME_LENGTH)
            if len(name) < length:
                raise Refused(Status.BAD_PARAMETER)
            shake = self._rakp1(pending, console_random, role, name[:length])
        except Refused as refusal:
            del self._pending[bmc_id]
            return bytes((tag, refusal.status, 0, 0)) + pending.console_id
        assert pending.account is not None
        code = shake.rakp2_code(pending.account.password)
        answer = bytes((Status.OK, 0, 0)) + pending.console_id + shake.bmc_random + shake.guid + code
        pending.answers[data[1:]] = answer
        return bytes((tag,)) + answer

    def _rakp1(self, pending: Pending, random: bytes, role: int, name: bytes) -> Handshake:
        bmc = self._bmc
        wanted = role & 0x0F
        if wanted > Privilege.OEM:
            raise Refused(Status.BAD_ROLE)
        found = login.accounts(bmc, bmc.channel, name)
        if not found:
            raise Refused(Status.UNAUTHORIZED_NAME)
        account = login.choose(found, wanted, bool(role & 0x10))
        if account is None or wanted > pending.limit:
            raise Refused(Status.UNAUTHORIZED_ROLE)
        if login.too_many(bmc, account, bmc.channel):
            raise Refused(Status.NO_RESOURCES)
        pending.account = account
        pending.max_privilege = Privilege(min(wanted or account.limit, pending.limit))
        pending.handshake = Handshake(
            auth=pending.suite.auth,
            console_id=pending.console_id,
            bmc_id=pending.bmc_id,
            console_random=random,
            bmc_random=os.urandom(16),
            guid=bmc.state.device.guid,
            role=bytes((role,)),
            name=name,
        )
        return pending.handshake

    def rakp3(self, data: bytes, peer: Peer) -> bytes | None:
        """Answer RAKP message 3 with RAKP message 4 (13.22, 13.23); the session is up then."""
        if len(data) < _RAKP3.size:
            raise BadPacket("RAKP 3 length")
        tag, status, bmc_id = _RAKP3.unpack_from(data)
        pending = self._find(bmc_id)
        if pending is not None and data[1:] in pending.answers:
            return bytes((tag,)) + pending.answers[data[1:]]
        if (
            pending is None
            or pending.finished
            or pending.handshake is None
            or pending.account is None
        ):
            return bytes((tag, Status.BAD_SESSION, 0, 0)) + NO_SESSION
        pending.finished = True
        if status != Status.OK:
            # The console did not like RAKP 2: as a rule it has another password.
            if status == Status.BAD_CHECK_VALUE:
                login.failed(self._bmc, pending.account.user, self._bmc.channel)
            return None
        try:
            code = self._rakp3(pending, pending.handshake, pending.account, data[8:], peer)
        except Refused as refusal:
            return bytes((tag, refusal.status, 0, 0)) + pending.console_id
        answer = bytes((Status.OK, 0, 0)) + pending.console_id + code
        pending.answers[data[1:]] = answer
        return bytes((tag,)) + answer

    def _rakp3(
        self,
        pending: Pending,
        shake: Handshake,
        account: login.Account,
        code: bytes,
        peer: Peer,
    ) -> bytes:
        bmc = self._bmc
        if not equal(shake.rakp3_code(account.password), code):
            login.failed(bmc, account.user, bmc.channel)
            raise Refused(Status.BAD_CHECK_VALUE)
        if bmc.sessions.full:
            raise Refused(Status.NO_RESOURCES)
        login.succeeded(account.user)
        sik = shake.session_key(bmc.state.channels[bmc.channel].kg or account.password)
        bmc.sessions.add(
            Session(
                id=int.from_bytes(pending.bmc_id, "little"),
                handle=bmc.sessions.new_handle(),
                kind="2.0",
                user_id=account.user_id,
                privilege=min(Privilege.USER, pending.max_privilege),
                max_privilege=pending.max_privilege,
                channel=bmc.channel,
                peer=peer,
                last_used=bmc.clock.now(),
                suite=pending.suite,
                keys=Keys.derive(shake.auth, sik),
                console_id=pending.console_id,
            )
        )
        return shake.rakp4_code(sik)

    def _find(self, bmc_id: bytes) -> Pending | None:
        pending = self._pending.get(bmc_id)
        if pending is not None and self._bmc.clock.now() - pending.at > PENDING_SECONDS:
            del self._pending[bmc_id]
            return None
        return pending

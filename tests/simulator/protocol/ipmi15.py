# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPMI 1.5 sessions (13.6, 22.16, 22.17): challenge, activation, authenticated packets."""

from __future__ import annotations

import os
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..registry import Completion, Privilege
from . import login, packets
from .crypto import BadPacket, equal, md5_code
from .session import Peer, Session, Window

if TYPE_CHECKING:
    from ..bmc import Bmc

CHALLENGE_LIMIT = 64
CHALLENGE_SECONDS = 20.0
NO_SESSION = bytes(4)
AHEAD = BEHIND = 8
ACTIVATE = (0x06, 0x3A)


@dataclass(frozen=True)
class Challenge:
    """What Get Session Challenge gave out, under a temporary session id."""

    session_id: bytes
    challenge: bytes
    auth_type: int
    name: bytes
    at: float


def auth_code(auth_type: int, password: bytes, session_id: bytes, data: bytes, seq: bytes) -> bytes:
    """The AuthCode of a packet; empty for type none."""
    if auth_type == packets.AUTH_MD5:
        return md5_code(password, session_id, data, seq)
    return password.ljust(16, b"\0") if auth_type == packets.AUTH_PASSWORD else b""


class Ipmi15:
    """The IPMI 1.5 side of one BMC."""

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self._challenges: OrderedDict[bytes, Challenge] = OrderedDict()
        self.activation: tuple[Challenge, login.Account] | None = None  # of the packet at hand
        self._started: Session | None = None  # by that packet
        # Activations by their temporary id: one whose answer got lost comes again.
        self._activated: dict[bytes, tuple[bytes, Session, bytes]] = {}

    def forget(self) -> None:
        """Drop every challenge; the BMC restarts."""
        self._challenges.clear()
        self._activated.clear()

    def unpack(self, data: bytes) -> tuple[Session | None, bytes]:
        """Session and message of a packet; `data` starts at the authentication type."""
        packet = packets.parse_15(data)
        self.activation = None
        if packet.session_id == NO_SESSION:
            return None, packet.message
        challenge = self._find(packet.session_id)
        if challenge is not None:
            self.activation = (challenge, self._prove(challenge, packet))
            return None, packet.message
        session = self._bmc.sessions.find(packet.session_id)
        if session is None or session.kind != "1.5":
            raise BadPacket("no such session")
        self._check(session, packet)
        return session, packet.message

    def _check(self, session: Session, packet: packets.Packet15) -> None:
        unsigned_is_good = not self._per_message(session) or self._user_level(session, packet)
        if packet.auth_type != session.auth_type and not (
            packet.auth_type == packets.AUTH_NONE and unsigned_is_good
        ):
            raise BadPacket("authentication type")
        sequence = packet.sequence.to_bytes(4, "little")
        password = session.password
        code = auth_code(packet.auth_type, password, packet.session_id, packet.message, sequence)
        if not equal(code, packet.auth_code):
            raise BadPacket("AuthCode")
        if not session.window.accept(packet.sequence):
            raise BadPacket("sequence number")

    def _per_message(self, session: Session) -> bool:
        return self._bmc.state.channels[session.channel].volatile.per_message_auth

    def _user_level(self, session: Session, packet: packets.Packet15) -> bool:
        """Whether this is a user-level session on a channel that does not authenticate those."""
        access = self._bmc.state.channels[session.channel].volatile
        return not access.user_level_auth and session.privilege <= Privilege.USER

    def pack(self, session: Session | None, message: bytes) -> bytes:
        """A datagram to the console."""
        if session is None:
            return packets.build_15(packets.Packet15(0, 0, NO_SESSION, b"", message))
        number = session.next_sequence()
        sequence = number.to_bytes(4, "little")
        kind = session.auth_type
        code = auth_code(kind, session.password, session.wire_id, message, sequence)
        return packets.build_15(packets.Packet15(kind, number, session.wire_id, code, message))

    # --- login

    def challenge(self, auth_type: int, name: bytes) -> bytes:
        """Get Session Challenge (06/39): temporary session id and challenge string."""
        bmc = self._bmc
        if not any(self._enabled(level, auth_type) for level in range(1, Privilege.OEM + 1)):
            raise Completion(0xCC)
        if not login.accounts(bmc, bmc.channel, name):
            raise Completion(0x81 if name else 0x82)
        session_id = bmc.sessions.new_id().to_bytes(4, "little")
        made = Challenge(session_id, os.urandom(16), auth_type, name, bmc.clock.now())
        self._challenges[session_id] = made
        if len(self._challenges) > CHALLENGE_LIMIT:
            self._drop(next(iter(self._challenges)))
        return made.session_id + made.challenge

    def _drop(self, session_id: bytes) -> None:
        del self._challenges[session_id]
        self._activated.pop(session_id, None)

    def _types(self, mask: int) -> set[int]:
        return {kind for kind in (packets.AUTH_NONE, 2, 4) if mask >> kind & 1}

    def _prove(self, challenge: Challenge, packet: packets.Packet15) -> login.Account:
        """The account whose password made this packet; a wrong one is counted and dropped."""
        found = login.accounts(self._bmc, self._bmc.channel, challenge.name)
        if packet.auth_type != challenge.auth_type or packet.sequence or not found:
            raise BadPacket("activation")
        for account in found:
            code = auth_code(
                packet.auth_type, account.password, packet.session_id, packet.message, bytes(4)
            )
            # A password in the 20-byte form is of no use here (22.30).
            if equal(code, packet.auth_code) and account.user.password_size == 16:
                return account
        self._drop(challenge.session_id)
        login.failed(self._bmc, found[0].user, self._bmc.channel)
        raise BadPacket("password")

    def activate(self, data: bytes, peer: Peer) -> bytes:
        """Activate Session (06/3A), request data to response data."""
        if self.activation is None:
            raise Completion(0x85)
        challenge, account = self.activation
        bmc = self._bmc
        known = self._activated.get(challenge.session_id)
        if known is not None:
            if known[0] != data:
                raise Completion(0x85)
            self._started = known[1]
            return known[2]
        auth_type, wanted = data[0] & 0x0F, data[1] & 0x0F
        first_out = int.from_bytes(data[18:22], "little")
        if auth_type != challenge.auth_type or data[2:18] != challenge.challenge:
            raise Completion(0xCC)
        if not first_out:
            raise Completion(0x84)
        if not 1 <= wanted <= account.limit or not self._enabled(wanted, auth_type):
            raise Completion(0x86)
        if bmc.sessions.full:
            raise Completion(0x81)
        if login.too_many(bmc, account, bmc.channel):
            raise Completion(0x82)
        login.succeeded(account.user)
        session = self._start(account, auth_type, Privilege(wanted), first_out, peer)
        # The next number that the console will use is the first that its window takes.
        first_in = session.window.next.to_bytes(4, "little")
        answer = bytes((session.auth_type,)) + session.wire_id + first_in + bytes((wanted,))
        self._activated[challenge.session_id] = (data, session, answer)
        return answer

    def _enabled(self, wanted: int, auth_type: int) -> bool:
        """Whether LAN parameter 2, or a firmware that ignores it, lets this type in at this privilege."""
        state = self._bmc.state
        lan, ignored = state.lan[self._bmc.channel], state.traits.lan.auth_accepts
        return auth_type in self._types(lan.auth_support & lan.auth_enables[wanted - 1] | ignored)

    def _start(
        self, account: login.Account, auth_type: int, limit: Privilege, first_out: int, peer: Peer
    ) -> Session:
        bmc = self._bmc
        first_in = secrets.randbelow(0xFFFFFF00) + 1
        session = Session(
            id=bmc.sessions.new_id(),
            handle=bmc.sessions.new_handle(),
            kind="1.5",
            user_id=account.user_id,
            privilege=min(Privilege.USER, limit),
            max_privilege=limit,
            channel=bmc.channel,
            peer=peer,
            last_used=bmc.clock.now(),
            auth_type=auth_type if self._authenticates() else packets.AUTH_NONE,
            password=account.password,
            window=Window(first_in - 1, AHEAD, BEHIND),
            sent=first_out - 1,
        )
        bmc.sessions.add(session)
        self._started = session
        return session

    def _authenticates(self) -> bool:
        return self._bmc.state.channels[self._bmc.channel].volatile.per_message_auth

    def answer_activation(self, challenge: Challenge, password: bytes, message: bytes) -> bytes:
        """The packet that answers Activate Session: temporary id, first outbound sequence number.

        It is the first packet of the session; a refusal has the sequence number 0.
        """
        number = 0 if self._started is None else self._started.next_sequence()
        self._started = None
        kind, session_id = challenge.auth_type, challenge.session_id
        code = auth_code(kind, password, session_id, message, number.to_bytes(4, "little"))
        return packets.build_15(packets.Packet15(kind, number, session_id, code, message))

    def _find(self, session_id: bytes) -> Challenge | None:
        challenge = self._challenges.get(session_id)
        if challenge and self._bmc.clock.now() - challenge.at > CHALLENGE_SECONDS:
            self._drop(session_id)
            return None
        return challenge

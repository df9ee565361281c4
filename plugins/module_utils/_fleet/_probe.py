# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Asks many addresses at once whether a BMC is there. No session, no secret.

One process, one socket for each address family, a bounded rate. Each address is asked Get Channel
Authentication Capabilities (IPMI 2.0, 22.13) in an IPMI 1.5 packet, which every BMC answers to anybody.
An address that stays silent is asked again, together with the RMCP presence ping (13.2.3).
"""

from __future__ import annotations

import collections
import errno
import select
import socket
import struct
import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Place, Probed
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AuthCapabilities, auth_capabilities_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_AUTH_CAPABILITIES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_15 import answer_in, request_packet
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType, Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

#: Packets a second that a network of BMCs bears easily; each costs an ARP request where the address is near.
DEFAULT_RATE: t.Final = 8000.0
#: When an address that is silent is asked again, in parts of the time that it has to answer.
_AGAIN: t.Final = (0.35, 0.7)
#: How often packets are sent, in seconds.
_TICK: t.Final = 0.002
#: A burst is what the rate allows in this time: longer than a tick, which always takes a little more than it should.
_BURST: t.Final = 0.006
_RECEIVE_BUFFER: t.Final = 4 << 20
_LONGEST: t.Final = 512

#: RMCP header (13.1.3): version 1.0, reserved, sequence FFh: no acknowledge wanted, class ASF.
_RMCP_ASF: t.Final = b"\x06\x00\xff\x06"
#: ASF: its IANA number, type, tag, reserved, length of the data.
_ASF_IANA: t.Final = 4542
_PING, _PONG = 0x80, 0x40
#: Pong's "supported entities", bit 7: IPMI.
_PONG_IPMI: t.Final = 0x80
_PRESENT_CHANNEL: t.Final = 0x0E
#: Completion codes with which BMCs of IPMI 1.5 refuse the request for 2.0 data.
_ASK_PLAINLY: t.Final = frozenset({0xC7, 0xCC})
_COMPLETE: t.Final = 0x00
#: The requester's sequence numbers that tell the answers apart.
_EXTENDED, _PLAIN = 1, 2

# Linux: errors that routers and hosts report for a socket's packets (ip(7)).
_IP_RECVERR: t.Final = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
_MSG_ERRQUEUE: t.Final = 0x2000
_NO_ROOM: t.Final = frozenset({errno.ENOBUFS, errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOMEM})


@dataclass(frozen=True)
class Answer:
    """What came of asking one place."""

    place: Place
    probed: Probed | None = None  #: None: nobody answered
    seconds: float = 0.0  #: between the first question and the answer
    closed: bool = False  #: a machine there says that nothing listens
    refused: int | None = None  #: the completion code of a BMC that does not tell
    error: str = ""  #: why nothing could be sent, or did not arrive


def ping_packet(tag: int) -> bytes:
    """RMCP presence ping (13.2.3): the IANA number is the high byte first."""
    return _RMCP_ASF + struct.pack(">IBBBB", _ASF_IANA, _PING, tag, 0, 0)


def capabilities_packet(extended: bool = True) -> bytes:
    """Get Channel Authentication Capabilities in an IPMI 1.5 packet outside a session (13.6)."""
    data = auth_capabilities_request(_PRESENT_CHANNEL, Privilege.ADMINISTRATOR, extended=extended)
    return request_packet(GET_CHANNEL_AUTH_CAPABILITIES, data, _EXTENDED if extended else _PLAIN)


@dataclass(frozen=True)
class _Capabilities:
    """An answer to `capabilities_packet`."""

    code: int
    extended: bool
    data: bytes


def read_packet(packet: bytes) -> Probed | _Capabilities | None:
    """A pong, an answer to Get Channel Authentication Capabilities, or None for anything else."""
    if packet[:1] != _RMCP_ASF[:1] or len(packet) < 12:
        return None
    if packet[3] & 0x1F == _RMCP_ASF[3]:
        iana, kind = struct.unpack_from(">IB", packet, 4)
        if iana != _ASF_IANA or kind != _PONG or len(packet) < 21:
            return None
        return Probed(pong=True, ipmi_1_5=bool(packet[20] & _PONG_IPMI))
    told = answer_in(packet, GET_CHANNEL_AUTH_CAPABILITIES)
    return None if told is None else _Capabilities(told.code, told.number == _EXTENDED, told.data)


@dataclass
class _Asked:
    """One place that was asked."""

    place: Place
    where: tuple[t.Any, ...]  # as sendto takes it
    patience: float
    first: float = 0.0  # when it was first asked; 0: not yet
    times: int = 0
    pong: bool = False
    plainly: bool = False
    error: str = ""
    done: bool = False


@dataclass
class Prober:
    """Asks places and hands out an answer for each, as soon as it is known."""

    report: t.Callable[[Answer], None]
    rate: float = DEFAULT_RATE  #: packets a second
    now: t.Callable[[], float] = time.monotonic
    _asked: dict[tuple[str, int], _Asked] = field(default_factory=dict)
    _open: int = 0
    _again: collections.deque[tuple[float, _Asked]] = field(default_factory=collections.deque)
    _sockets: dict[int, socket.socket] = field(default_factory=dict)

    def run(self, groups: t.Iterable[tuple[t.Sequence[Place], float]]) -> None:
        """Ask all places of all groups; the number is the seconds that the group's places have to answer.

        Places are numeric addresses. Each is reported once. Raises OSError where no socket can be had.
        """
        try:
            fresh = collections.deque(self._enlist(groups))
            self._loop(fresh)
        finally:
            for sock in self._sockets.values():
                sock.close()
            self._sockets.clear()

    def _enlist(self, groups: t.Iterable[tuple[t.Sequence[Place], float]]) -> t.Iterator[_Asked]:
        for places, patience in groups:
            for place in places:
                family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
                if family not in self._sockets:
                    self._sockets[family] = _open_socket(family)
                where = socket.getaddrinfo(place.host, place.port, family, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0][4]
                asked = _Asked(place, where, patience)
                if self._asked.setdefault((str(where[0]), place.port), asked) is asked:
                    self._open += 1
                    yield asked

    def _loop(self, fresh: collections.deque[_Asked]) -> None:
        poll = select.poll()
        for sock in self._sockets.values():
            poll.register(sock, select.POLLIN | select.POLLERR)
        ending: collections.deque[_Asked] = collections.deque(sorted(fresh, key=lambda asked: asked.patience))
        allowance, last = 1.0, self.now()
        while self._open:
            now = self.now()
            allowance = min(allowance + (now - last) * self.rate, max(1.0, self.rate * _BURST))
            last = now
            while allowance >= 1 and (asked := self._next(fresh, now)) is not None:
                allowance -= self._ask(asked, now)
            while ending and (ending[0].done or (ending[0].first and now >= ending[0].first + ending[0].patience)):
                self._give_up(ending.popleft(), now)
            poll.poll(self._pause(fresh, ending, now) * 1000)
            self._receive()

    def _pause(self, fresh: t.Sequence[_Asked], ending: t.Sequence[_Asked], now: float) -> float:
        """Seconds until there is something to do unless an answer comes."""
        if fresh:
            return _TICK
        due = [self._again[0][0]] if self._again else []
        due += [ending[0].first + ending[0].patience] if ending else []
        return max(_TICK, min(due, default=now) - now)

    def _next(self, fresh: collections.deque[_Asked], now: float) -> _Asked | None:
        while self._again and (self._again[0][1].done or self._again[0][0] <= now):
            asked = self._again.popleft()[1]
            if not asked.done:
                return asked
        return fresh.popleft() if fresh else None

    def _ask(self, asked: _Asked, now: float) -> float:
        """Send what is due; how many packets that were."""
        packets = [capabilities_packet(extended=not asked.plainly)]
        if asked.times:
            packets.append(ping_packet(asked.times & 0x7F))
        else:
            asked.first = now
        sent = sum(self._send(asked, packet) for packet in packets)
        if asked.times < len(_AGAIN):
            self._schedule(asked.first + _AGAIN[asked.times] * asked.patience, asked)
        asked.times += 1
        return max(1.0, sent)

    def _schedule(self, when: float, asked: _Asked) -> None:
        """Keep the queue in order. Almost always this is an append."""
        held = []
        while self._again and self._again[-1][0] > when:
            held.append(self._again.pop())
        self._again.append((when, asked))
        self._again.extend(reversed(held))

    def _send(self, asked: _Asked, packet: bytes) -> int:
        sock = self._sockets[socket.AF_INET6 if len(asked.where) == 4 else socket.AF_INET]
        for _attempt in range(3):
            try:
                sock.sendto(packet, asked.where)
                return 1
            except OSError as error:
                if error.errno in _NO_ROOM:
                    # The system's queue is full: what is not sent now is sent when it is due again.
                    asked.error = "this machine's network queue is full: lower probe_rate"
                    return 1
                # An error that an earlier packet came back with is reported by the next one's sendto.
                if not self._read_errors(sock) or asked.done:
                    asked.error = error.strerror or str(error)
                    return 1
        return 1

    def _receive(self) -> None:
        for sock in self._sockets.values():
            self._read_errors(sock)
            while True:
                try:
                    packet, sender = sock.recvfrom(_LONGEST)
                except BlockingIOError:
                    break
                except OSError:
                    # An error that waits in the queue; the packets behind it are read the next time.
                    self._read_errors(sock)
                    break
                self._answered(packet, sender)

    def _read_errors(self, sock: socket.socket) -> bool:
        """Note which places are reported as closed or out of reach. Whether there was any report."""
        found = False
        while True:
            try:
                _data, ancillary, _flags, destination = sock.recvmsg(_LONGEST, _LONGEST, _MSG_ERRQUEUE)
            except OSError:
                # Empty; or a system that has no such queue.
                return found
            found = True
            asked = self._asked.get((destination[0], destination[1])) if destination else None
            if asked is None or asked.done:
                continue
            number = struct.unpack_from("=I", ancillary[0][2])[0] if ancillary else 0
            if number == errno.ECONNREFUSED:
                self._finish(asked, Answer(asked.place, closed=True, seconds=self.now() - asked.first))
            elif number:
                asked.error = OSError(number, _text(number)).strerror or ""

    def _answered(self, packet: bytes, sender: tuple[t.Any, ...]) -> None:
        asked = self._asked.get((sender[0], sender[1]))
        if asked is None or asked.done:
            return
        found = read_packet(packet)
        if isinstance(found, Probed):
            asked.pong = True
        elif found is not None:
            self._told(asked, found)

    def _told(self, asked: _Asked, found: _Capabilities) -> None:
        seconds = self.now() - asked.first
        if found.code == _COMPLETE:
            try:
                probed = _probed(AuthCapabilities.from_wire(found.data))
            except MalformedData:
                # Cut short on the way: it is asked again, or counts as silent.
                return
            self._finish(asked, Answer(asked.place, replace(probed, pong=asked.pong), seconds))
        elif found.code in _ASK_PLAINLY and found.extended:
            if not asked.plainly:
                asked.plainly = True
                self._send(asked, capabilities_packet(extended=False))
        else:
            probed = Probed(ipmi_1_5=True, pong=asked.pong)
            self._finish(asked, Answer(asked.place, probed, seconds, refused=found.code))

    def _give_up(self, asked: _Asked, now: float) -> None:
        if not asked.done:
            probed = Probed(pong=True) if asked.pong else None
            self._finish(asked, Answer(asked.place, probed, now - asked.first, error=asked.error))

    def _finish(self, asked: _Asked, answer: Answer) -> None:
        asked.done = True
        self._open -= 1
        self.report(answer)


def _probed(told: AuthCapabilities) -> Probed:
    return Probed(
        ipmi_1_5=told.ipmi_1_5,
        ipmi_2_0=told.ipmi_2_0,
        oem_id=told.oem_id,
        anonymous_login=told.anonymous_login,
        null_users=told.null_users,
        no_authentication=AuthType.NONE in told.auth_types,
        kg_set=told.kg_set,
    )


def _text(number: int) -> str:
    return {errno.EHOSTUNREACH: "no way to this host", errno.ENETUNREACH: "no way to this network"}.get(number, errno.errorcode.get(number, ""))


def _open_socket(family: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        level, option = _IP_RECVERR[socket.AddressFamily(family)]
        sock.setsockopt(level, option, 1)
    except OSError:
        sock.close()
        raise
    return sock

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""UDP sockets, and which BMC answers at which address.

An address that a BMC has left stays bound, and is silent, as an address without a machine is:
a closed port would tell the caller at once that nobody is there.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import socket
from dataclasses import dataclass

from .bmc import Bmc
from .clock import Clock, Timer
from .protocol.session import Peer

LOG = logging.getLogger("simulator.network")
BUFFER = 4 << 20  # bytes; the system may grant less
LARGEST_DATAGRAM = 65535
BURST = 32  # datagrams of one socket before the others have their turn
DHCP = 2


class Listener:
    """One socket. Its owner gets the datagrams; without one they are lost."""

    def __init__(self, address: str, port: int, loop: asyncio.AbstractEventLoop) -> None:
        """Raises OSError, naming the address, if it cannot be bound."""
        self.address = address
        self.owner: Bmc | None = None
        self.lost = 0  # answers that the system had no room for
        self._socket = bind(address, port)
        self._loop = loop
        loop.add_reader(self._socket.fileno(), self._readable)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def send(self, data: bytes, peer: Peer) -> None:
        try:
            self._socket.sendto(data, peer)
        except OSError as error:
            # No room, or a console that is gone: UDP loses it either way.
            self.lost += 1
            LOG.debug("%s to %s: %s", self.address, peer, error)

    def _readable(self) -> None:
        for _unused in range(BURST):
            try:
                data, peer = self._socket.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                return
            except OSError as error:
                # "Port unreachable" from a console that is gone; the next datagram may be good.
                LOG.debug("%s: %s", self.address, error)
                continue
            if self.owner is not None:
                self.owner.receive(data, peer)


@dataclass(frozen=True)
class Lease:
    """What DHCP gives a BMC, in dotted form."""

    address: str
    netmask: str = "255.255.255.0"
    gateway: str = "0.0.0.0"


@dataclass
class Place:
    """Where a BMC is, and how it moves. Delays are seconds."""

    port: int = 623
    lease: Lease | None = None
    fixed: str | None = None  # an IPv6 address, which it never leaves
    unreachable_vlans: frozenset[int] = frozenset()
    unreachable_nics: frozenset[int] = frozenset()  # first byte of the maker's command for the port
    move_delay: float = 0.0
    dhcp_delay: float = 0.0
    moves: bool = True  # False: only a reset brings a new address into effect
    sessions_survive: bool = True
    listener: Listener | None = None
    timer: Timer | None = None
    moved: int = 0


class Network:
    """All sockets of a rack."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: dict[tuple[str, int], Listener] = {}
        self._places: dict[Bmc, Place] = {}

    def add(self, bmc: Bmc, place: Place) -> None:
        """Give a BMC its place; it listens after `start`."""
        self._places[bmc] = place
        bmc.network = self
        bmc.port = place.port

    def place(self, bmc: Bmc) -> Place:
        return self._places[bmc]

    def start(self) -> None:
        """Bind every BMC's address. Raises OSError where that is not possible, or is taken."""
        for bmc, place in self._places.items():
            address = self._address(bmc, place)
            listener = self._listener(address, place.port)
            if listener.owner is not None:
                raise OSError(f"{bmc.name} and {listener.owner.name} are both at {address}")
            self._own(bmc, place, listener)

    def close(self) -> None:
        """Close every socket."""
        for place in self._places.values():
            if place.timer is not None:
                place.timer.cancel()
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    # --- what BMCs report

    def settings_changed(self, bmc: Bmc, channel: int) -> None:
        """The LAN settings of a channel have changed; move after the delay."""
        place = self._places[bmc]
        if channel != bmc.channel or not place.moves or bmc.faults.never_moves:
            return
        if place.timer is not None:
            place.timer.cancel()
        dhcp = bmc.state.lan[channel].source == DHCP
        delay = place.move_delay + bmc.faults.move_delay + (place.dhcp_delay if dhcp else 0.0)
        # Even without delay the answer to the write comes from the old address.
        place.timer = self._clock.call_later(delay, lambda: self._move(bmc, place))

    def restarted(self, bmc: Bmc) -> None:
        """After a reset the stored settings are the live ones."""
        place = self._places[bmc]
        if place.timer is not None:
            place.timer.cancel()
        if not bmc.faults.never_moves:
            self._move(bmc, place)

    def _move(self, bmc: Bmc, place: Place) -> None:
        place.timer = None
        address = self._address(bmc, place)
        if place.listener is not None and place.listener.address == address:
            return
        if place.listener is not None:
            place.listener.owner = None
            place.listener = None
        if not place.sessions_survive:
            bmc.sessions.close_all()
        place.moved += 1
        try:
            listener = self._listener(address, place.port)
        except OSError as error:
            LOG.warning("%s is nowhere now: %s", bmc.name, error)
            return
        if listener.owner is not None:
            LOG.warning("%s: %s already belongs to %s", bmc.name, address, listener.owner.name)
            return
        self._own(bmc, place, listener)
        LOG.info("%s is at %s now", bmc.name, address)

    def _listener(self, address: str, port: int) -> Listener:
        listener = self._listeners.get((address, port))
        if listener is None:
            listener = Listener(address, port, asyncio.get_running_loop())
            self._listeners[address, port] = listener
        return listener

    def _own(self, bmc: Bmc, place: Place, listener: Listener) -> None:
        listener.owner = bmc
        place.listener = listener
        bmc.send = listener.send

    def _address(self, bmc: Bmc, place: Place) -> str:
        """Where the settings put a BMC. Renews its lease and says if its VLAN can be reached."""
        lan = bmc.state.lan[bmc.channel]
        wrong_vlan = lan.vlan_enabled and lan.vlan_id in place.unreachable_vlans
        bmc.reachable = not wrong_vlan and not place.unreachable_nics.intersection(bmc.state.nic.value[:1])
        if place.fixed is not None:
            return place.fixed
        if lan.source == DHCP and place.lease is not None:
            lan.address = ipaddress.IPv4Address(place.lease.address).packed
            lan.netmask = ipaddress.IPv4Address(place.lease.netmask).packed
            lan.gateway = ipaddress.IPv4Address(place.lease.gateway).packed
            bmc.changed()
        return str(lan.ipv4)


def bind(address: str, port: int) -> socket.socket:
    """A UDP socket with large buffers. Raises OSError that names the address."""
    parsed = ipaddress.ip_address(address)
    if parsed.is_unspecified or parsed.is_multicast:
        # 0.0.0.0 would take every address that no other socket has.
        raise OSError(errno.EADDRNOTAVAIL, f"not an address of one machine: {address}")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        sock.setblocking(False)
        sock.bind((address, port))
    except OSError as error:
        sock.close()
        raise OSError(error.errno, f"{error.strerror}: {address} port {port}") from error
    return sock

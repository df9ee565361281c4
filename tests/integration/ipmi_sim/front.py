# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network in front of an ipmi_sim: passes UDP packets on, counts them, loses them, and moves.

ipmi_sim stays where it was started, whatever address it is given. This is what a client talks to,
and it really moves: once the BMC has another address, it answers there and no longer here.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import selectors
import socket
import threading
import typing as t

Address = tuple[str, int]

#: Longest UDP packet that is passed on, in bytes; IPMI's are below 1,500.
_LONGEST = 2048


class Front:
    """Passes packets between clients and one BMC, in a thread of its own."""

    def __init__(self, outside: Address, inside: Address, *, moved: pathlib.Path | None = None) -> None:
        """Serve at `outside` for the BMC at `inside`.

        `moved` is a named pipe; each line in it says that the file `ip_addr` beside it may have another address.
        """
        self.port = outside[1]
        self.sent_by_clients: list[bytes] = []
        #: How many more packets are passed on, from clients and from the BMC; None is all.
        self.patience: int | None = None
        self.answers: int | None = None
        #: Whether a packet gets lost, either way.
        self.loses: t.Callable[[], bool] = lambda: False
        self._inside = inside
        self._moved = moved
        self._selector = selectors.DefaultSelector()
        self._ways: dict[Address, socket.socket] = {}
        self._outer = self._listen(outside[0])
        self._wake, self._stop = os.pipe()
        self._selector.register(self._wake, selectors.EVENT_READ, self._nothing)
        self._pipe = -1
        if moved is not None:
            # Read and write, so that it never ends.
            self._pipe = os.open(moved, os.O_RDWR | os.O_NONBLOCK)
            self._selector.register(self._pipe, selectors.EVENT_READ, self._move)
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name=f"front of {inside}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it answers now."""
        host: str = self._outer.getsockname()[0]
        return host

    def stop(self) -> None:
        """End the thread and close everything."""
        self._stopping = True
        os.write(self._stop, b"x")
        self._thread.join()
        for way in [self._outer, *self._ways.values()]:
            way.close()
        for handle in [self._wake, self._stop, *([self._pipe] if self._pipe >= 0 else [])]:
            os.close(handle)
        self._selector.close()

    def _listen(self, host: str) -> socket.socket:
        outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        outer.bind((host, self.port))
        self._selector.register(outer, selectors.EVENT_READ, self._from_client)
        return outer

    def _serve(self) -> None:
        while not self._stopping:
            for key, _events in self._selector.select():
                key.data()

    def _nothing(self) -> None:
        """The thread was woken to stop."""

    def _move(self) -> None:
        os.read(self._pipe, 4096)
        assert self._moved is not None
        wanted = (self._moved.parent / "ip_addr").read_text(encoding="ascii").strip()
        if wanted != self.address and wanted.startswith("127."):
            self._selector.unregister(self._outer)
            self._outer.close()
            self._outer = self._listen(wanted)

    def _from_client(self) -> None:
        packet, client = self._outer.recvfrom(_LONGEST)
        self.sent_by_clients.append(packet)
        if self.loses():
            return
        if self.patience is not None:
            if self.patience <= 0:
                return
            self.patience -= 1
        if client not in self._ways:
            way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            way.connect(self._inside)
            self._selector.register(way, selectors.EVENT_READ, self._to(client, way))
            self._ways[client] = way
        with contextlib.suppress(ConnectionRefusedError):  # a BMC that is gone is silent, as on a real network
            self._ways[client].send(packet)

    def _to(self, client: Address, way: socket.socket) -> t.Callable[[], None]:
        def pass_on() -> None:
            try:
                answer = way.recv(_LONGEST)
            except ConnectionRefusedError:
                return
            if self.loses():
                return
            if self.answers is not None:
                if self.answers <= 0:
                    return
                self.answers -= 1
            self._outer.sendto(answer, client)

        return pass_on

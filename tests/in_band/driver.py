# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the kernel's IPMI driver, for tests on machines without one.

The seam is the system call: pyghmi's own in-band session runs, and what it hands to `open` and `ioctl` comes here. No
file takes ioctls without a driver of its own, so nothing less will do. What the real driver does is shown on a whole
server (`make test-server`), and nowhere else.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import threading
import typing as t

from pyghmi.ipmi.private import localsession

#: Network function, command and data of a request; its completion code and data, or None where there is no answer.
Answer = t.Callable[[int, int, bytes], "bytes | None"]
#: Longest message, in bytes.
_LONGEST = 4096
#: How long a BMC has to notice that its line was closed, in seconds.
_PATIENCE = 10
#: A response's network function is its request's, plus one.
_RESPONSE = 1


class Device:
    """An open device: a request in, and its answer out when there is one."""

    def __init__(self) -> None:
        # Each datagram is one answer: network function, command, completion code, data.
        self._inside, self._outside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def fileno(self) -> int:
        """To wait for an answer."""
        return self._outside.fileno()

    def close(self) -> None:
        """As a file's."""
        self._outside.close()
        self._inside.close()

    @property
    def closed(self) -> bool:
        """Whether it was given back."""
        return self._outside.fileno() < 0

    def ask(self, net_fn: int, command: int, data: bytes) -> None:
        """Take a request."""
        raise NotImplementedError

    def deliver(self, net_fn: int, command: int, answer: bytes) -> None:
        """An answer has come: completion code and data."""
        self._inside.send(bytes([net_fn, command]) + answer)

    def await_end(self) -> None:
        """Closed: wait until the other side has noticed, where it takes one device at a time."""

    def receive(self) -> bytes:
        """The next answer. Raises BlockingIOError, as the driver does, where there is none."""
        return self._outside.recv(_LONGEST, socket.MSG_DONTWAIT)


class ScriptedDevice(Device):
    """Answers from a function."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def ask(self, net_fn: int, command: int, data: bytes) -> None:
        answer = self._answer(net_fn, command, data)
        if answer is not None:
            self.deliver(net_fn + _RESPONSE, command, answer)


class VmDevice(Device):
    """Passes requests to a BMC as QEMU does: OpenIPMI's "VM" protocol over TCP (its lanserv/README.vm)."""

    #: Ends a message, ends a command of the protocol's own, and begins a byte that stands for one of these three.
    _MESSAGE, _COMMAND, _ESCAPE = 0xA0, 0xA1, 0xAA
    _HELLO: t.Final = (b"\xff\x01", b"\x08\x00")  # the protocol's version; no capabilities

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._line = socket.create_connection((host, port), timeout=10)
        self._line.settimeout(None)
        self._sequence = 0
        self._alive = True
        for hello in self._HELLO:
            self._line.sendall(self._escaped(hello) + bytes([self._COMMAND]))
        self._pump = threading.Thread(target=self._listen, name=f"line to {host}:{port}", daemon=True)
        self._pump.start()

    def close(self) -> None:
        if self._alive:
            self._alive = False
            with contextlib.suppress(OSError):  # the BMC may have closed it
                self._line.shutdown(socket.SHUT_WR)
        super().close()

    def await_end(self) -> None:
        """A BMC hangs up on a second line, so the first must have ended on its side too."""
        self._pump.join(_PATIENCE)

    def ask(self, net_fn: int, command: int, data: bytes) -> None:
        self._sequence = (self._sequence + 1) & 0xFF
        message = bytes([self._sequence, net_fn << 2, command]) + data
        message += bytes([-sum(message) & 0xFF])
        self._line.sendall(self._escaped(message) + bytes([self._MESSAGE]))

    def _escaped(self, message: bytes) -> bytes:
        special = (self._MESSAGE, self._COMMAND, self._ESCAPE)
        return b"".join(bytes([self._ESCAPE, byte | 0x10]) if byte in special else bytes([byte]) for byte in message)

    def _listen(self) -> None:
        with self._line:
            self._take()

    def _take(self) -> None:
        message, escaped = bytearray(), False
        while chunk := self._heard():
            for byte in chunk:
                if byte == self._MESSAGE:
                    # Sequence number, network function and LUN, command, completion code, data, checksum.
                    self._deliver_unless_closed(message[1] >> 2, message[2], bytes(message[3:-1]))
                if byte in (self._MESSAGE, self._COMMAND):
                    message.clear()
                elif byte == self._ESCAPE:
                    escaped = True
                else:
                    message.append(byte & ~0x10 if escaped else byte)
                    escaped = False

    def _deliver_unless_closed(self, net_fn: int, command: int, answer: bytes) -> None:
        try:
            self.deliver(net_fn, command, answer)
        except OSError:
            if self._alive:
                raise

    def _heard(self) -> bytes:
        try:
            return self._line.recv(_LONGEST)
        except OSError:
            # The line is gone: there will be no more answers.
            return b""


class Driver:
    """What `open` and `fcntl` are to pyghmi."""

    def __init__(self, make: t.Callable[[str], Device]) -> None:
        self._make = make
        #: Errors of the next system calls that pass a request on, by number.
        self.failures: list[int] = []
        self.opened: list[Device] = []

    def install(self, target: t.Any = localsession) -> None:
        """Put it between pyghmi and the kernel."""
        target.open = self.open
        target.fcntl = self

    def open(self, path: str, _mode: str) -> Device:
        """The device."""
        self.await_ends()
        device = self._make(path)
        self.opened.append(device)
        return device

    def await_ends(self) -> None:
        """Wait until what was closed is closed on the other side too."""
        for device in self.opened:
            if device.closed:
                device.await_end()

    def ioctl(self, device: t.Any, request: int, argument: t.Any) -> int:
        """The three requests that pyghmi knows; for a file that is not ours, the kernel's own answer."""
        if not isinstance(device, Device):
            return int(fcntl.ioctl(device, request, argument))
        if request == localsession.IPMICTL_SEND_COMMAND:
            if self.failures:
                number = self.failures.pop(0)
                raise OSError(number, os.strerror(number))
            message = argument.msg
            device.ask(message.netfn, message.cmd, bytes(message.data[: message.data_len]))
        elif request == localsession.IPMICTL_RECV:
            answer = device.receive()
            message = argument.msg
            message.netfn, message.cmd, message.data_len = answer[0], answer[1], len(answer) - 2
            for place, byte in enumerate(answer[2:]):
                message.data[place] = byte
        elif request != localsession.IPMICTL_SET_MY_ADDRESS_CMD:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        return 0

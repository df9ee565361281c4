# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The program `bmc-console`, which a console server gets its consoles from.

`bmc-console NAME` carries one console on its own terminal. `bmc-console --serve` carries all of the table on Unix
sockets: a Python process for each console would need 20 MB of its own, a thread needs a fraction of one. On SIGHUP it
takes up the table as it is then, and leaves every console alone whose row says the same as before.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import stat
import sys
import termios
import threading
import time
import tty
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._console_relay import Entry, Relay, Terminal
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

#: Where the role puts the table of consoles.
TABLE: t.Final = "/etc/bmc-console/consoles.json"
#: Consoles of one process: a session's wait refuses file numbers from 1024 on, and a console has three files.
SHARD: t.Final = 200
#: A thread needs little of it.
_STACK: t.Final = 512 * 1024
#: Seconds before a process that ended by itself is replaced.
_PAUSE: t.Final = 1.0
#: Seconds between two looks whether a socket is there.
_LOOK: t.Final = 0.05
#: Seconds in which a told end must be done: giving a console back takes two requests.
_LEAVING: t.Final = 20.0


class Table:
    """The table of consoles, read again when it has changed: passwords change while the program runs."""

    def __init__(self, path: str) -> None:
        """Raises BadOption."""
        self._path = path
        self._lock = threading.Lock()
        self._stamp = self._now()
        self.folder, self.entries = read_table(path)

    def _now(self) -> tuple[int, int, int]:
        try:
            found = pathlib.Path(self._path).stat()
        except OSError as error:
            raise BadOption(f"the table of consoles {self._path} cannot be read: {error.strerror}") from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def entry(self, name: str) -> Entry:
        """A console as the table has it now. Raises BadOption."""
        with self._lock:
            self._renew()
            if name not in self.entries:
                raise BadOption(f"the table {self._path} has no console {name}")
            return self.entries[name]

    def all(self) -> dict[str, Entry]:
        """All consoles, as the table has them now. Raises BadOption."""
        with self._lock:
            self._renew()
            return self.entries

    def _renew(self) -> None:
        stamp = self._now()
        if stamp == self._stamp:
            return
        folder, entries = read_table(self._path)
        if folder != self.folder:
            raise BadOption(f"the table {self._path} has another folder for the sockets, {folder}: restart the program")
        self.entries, self._stamp = entries, stamp


def read_table(path: str) -> tuple[str, dict[str, Entry]]:
    """The folder of the sockets, and the consoles by name. Raises BadOption.

    The table holds passwords: one that others can read is refused.
    """
    file = pathlib.Path(path)
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadOption(f"the table of consoles {path} cannot be read: {error.strerror}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadOption(f"the table of consoles {path} holds passwords, and others than its owner may use it: chmod 600 {path}")
    try:
        table = json.loads(text)
        return table["folder"], {name: Entry.from_table(name, row) for name, row in table["consoles"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        # The exceptions' own texts may repeat a password.
        raise BadOption(f"the table of consoles {path} is not one that the role console_server wrote") from None


class Bell:
    """Whether one of some signals has come: `file` becomes readable then, and stays so until it is stilled."""

    def __init__(self, *signals: signal.Signals) -> None:
        self.file, self._writable = os.pipe()
        for file in (self.file, self._writable):
            os.set_blocking(file, False)
        for number in signals:
            signal.signal(number, lambda _number, _frame: self.ring())

    def ring(self) -> None:
        """As a signal does."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._writable, b".")

    def still(self) -> None:
        """It rings again at the next signal."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.file, 64):
                pass


def on_terminal(table: Table, name: str) -> None:
    """Carry one console on standard input and output, until it is left or the program is told to end."""
    ending = Bell(signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    before = termios.tcgetattr(0) if os.isatty(0) else None
    blocking = [os.get_blocking(file) for file in (0, 1)]
    if before is not None:
        tty.setraw(0)
    try:
        for file in (0, 1):
            os.set_blocking(file, False)
        Relay(table.entry(name), Terminal(0, 1, ending.file), renew=lambda: table.entry(name)).run()
    finally:
        for file in (0, 1):
            os.set_blocking(file, blocking[file])
        if before is not None:
            with contextlib.suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(0, termios.TCSADRAIN, before)


class Shard:
    """The consoles of one process, a socket for each. It ends with the process whose end makes `parent` readable."""

    def __init__(self, table: Table, names: t.Sequence[str], parent: int) -> None:
        self._table, self._parent = table, parent
        self._ending, self._changed = Bell(signal.SIGINT, signal.SIGTERM), Bell(signal.SIGHUP)
        entries = table.all()
        # Some may be gone since they were handed out.
        self._entries = {name: entries[name] for name in names if name in entries}
        self._threads: dict[str, threading.Thread] = {}
        self._clients: dict[str, socket.socket] = {}
        self._closing = threading.Lock()
        self._listeners = {name: _listener(pathlib.Path(table.folder, name)) for name in self._entries}

    def serve(self) -> None:
        """Until a signal ends it, the parent is gone, or all its consoles have left the table."""
        while self._listeners:
            ready = self._wait()
            if self._ending.file in ready or self._parent in ready:
                break
            for name, listener in self._listeners.items():
                if listener.fileno() in ready:
                    self._start(name, listener.accept()[0])
            if self._changed.file in ready:
                self._changed.still()
                self._take_up()
        self._ending.ring()
        for name in list(self._listeners):
            self._close(name)
        deadline = time.monotonic() + _LEAVING
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _wait(self) -> set[int]:
        """The files that have something to read."""
        poll = select.poll()
        for number in (self._ending.file, self._parent, self._changed.file, *(one.fileno() for one in self._listeners.values())):
            poll.register(number, select.POLLIN)
        return {number for number, _event in poll.poll()}

    def _close(self, name: str) -> None:
        """Listen for this console no more."""
        with self._listeners.pop(name) as listener:
            pathlib.Path(listener.getsockname()).unlink(missing_ok=True)

    def _take_up(self) -> None:
        """The table has changed: what it says of these consoles."""
        entries = _readable(self._table)
        if entries is None:
            return
        for name, before in list(self._entries.items()):
            now = entries.get(name)
            if now is None:
                self._close(name)
                del self._entries[name]
            else:
                self._entries[name] = now
            if now is None or not now.same_console(before):
                self._hang_up(name)

    def _hang_up(self, name: str) -> None:
        """The console is given back. The console server comes again, and is served by the new row."""
        with self._closing:
            client = self._clients.get(name)
            if client is not None:
                with contextlib.suppress(OSError):  # the console server may have left by itself
                    client.shutdown(socket.SHUT_RDWR)

    def _start(self, name: str, client: socket.socket) -> None:
        before = self._threads.get(name)
        thread = threading.Thread(target=self._carry, args=(name, client, before), daemon=True, name=name)
        self._threads[name] = thread
        thread.start()

    def _carry(self, name: str, client: socket.socket, before: threading.Thread | None) -> None:
        client.setblocking(False)
        if before is not None:
            # A restarted console server comes back before its old connection has given the console back.
            before.join()
        with self._closing:
            self._clients[name] = client
        try:
            # It may be gone from the table by now.
            entry = self._entries.get(name)
            if entry is not None:
                terminal = Terminal(client.fileno(), client.fileno(), self._ending.file)
                Relay(entry, terminal, renew=lambda: self._table.entry(name)).run()
        finally:
            with self._closing:
                del self._clients[name]
                client.close()


def _listener(path: pathlib.Path) -> socket.socket:
    """A socket that its owner alone may connect to."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen()
    return listener


class Service:
    """The processes that carry all consoles, so many each."""

    def __init__(self, table: Table) -> None:
        threading.stack_size(_STACK)
        self._table = table
        # Where this process is killed, the other end closes, and the others give their consoles back.
        self._parent, self._alive = os.pipe()
        self._running: dict[int, list[str]] = {}
        self._waiting: list[list[str]] = []
        self._ending, self._changed = Bell(signal.SIGINT, signal.SIGTERM), Bell(signal.SIGHUP)

    def serve(self) -> None:
        """Until a signal ends it."""
        self._start(list(self._table.entries))
        _tell_ready()
        poll = select.poll()
        for bell in (self._ending, self._changed):
            poll.register(bell.file, select.POLLIN)
        while True:
            ready = {number for number, _event in poll.poll(_PAUSE * 1000)}
            if self._ending.file in ready:
                break
            if self._changed.file in ready:
                self._changed.still()
                self._take_up()
            self._replace_one()
            self._start_waiting()
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
        for pid in self._running:
            os.waitpid(pid, 0)

    def _start(self, names: t.Sequence[str]) -> None:
        for first in range(0, len(names), SHARD):
            self._fork(list(names[first : first + SHARD]))

    def _fork(self, names: list[str]) -> None:
        try:
            self._running[_fork(self._table, names, self._parent, self._alive)] = names
        except OSError as error:
            # The others' consoles are not given back because there is no room for these.
            _complain(error)
            self._waiting.append(names)

    def _start_waiting(self) -> None:
        """Those that there was no room for."""
        waiting, self._waiting = self._waiting, []
        for names in waiting:
            self._fork(names)

    def _replace_one(self) -> None:
        """Where one has ended by itself, and not because it had no console any more."""
        pid, _status = os.waitpid(-1, os.WNOHANG) if self._running else (0, 0)
        if pid and (names := self._running.pop(pid)):
            self._fork(names)

    def _take_up(self) -> None:
        """The table has changed. Each process sees to its consoles; new ones get processes of their own, until a restart."""
        entries = _readable(self._table)
        if entries is None:
            return
        shards = [*self._running.values(), *self._waiting]
        for names in shards:
            for name in names:
                if name not in entries:
                    # Its process does that too, unless it was killed.
                    pathlib.Path(self._table.folder, name).unlink(missing_ok=True)
            names[:] = [name for name in names if name in entries]
        for pid in self._running:
            os.kill(pid, signal.SIGHUP)
        carried = {name for names in shards for name in names}
        self._start([name for name in entries if name not in carried])


def _tell_ready() -> None:
    """Tell the service manager that all sockets are there, if it asked for that (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        # A name that begins with @ is in no file system.
        manager.connect("\0" + address[1:] if address.startswith("@") else address)
        manager.sendall(b"READY=1")


def _fork(table: Table, names: t.Sequence[str], parent: int, alive: int) -> int:
    """A process of its own for these consoles; its number. Returns when it listens, or has ended."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writable)
        os.read(readable, 1)  # its end
        os.close(readable)
        return pid
    code = 1
    try:
        os.close(readable)
        os.close(alive)
        consoles = Shard(table, names, parent)
        os.close(writable)
        consoles.serve()
        code = 0
    except (OSError, BadOption) as error:
        _complain(error)
    finally:
        # Not back into the parent's code, whatever happened.
        os._exit(code)


def await_sockets(table: Table) -> bool:
    """Whether every console of the table has its socket, soon: the service may be about to take the table up."""
    deadline = time.monotonic() + _LEAVING
    while not all(pathlib.Path(table.folder, name).is_socket() for name in table.entries):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK)  # a folder does not tell when it changes
    return True


def _readable(table: Table) -> dict[str, Entry] | None:
    """All consoles, as the table has them now; None where it cannot be read, which is said."""
    try:
        return table.all()
    except BadOption as error:
        _complain(error)
        return None


def _complain(error: Exception) -> None:
    """Say what is wrong to whoever started the program. It is no module of Ansible's, so this is where a program says so."""
    sys.stderr.write(f"bmc-console: {error}\n")
    sys.stderr.flush()


def main(arguments: t.Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    parser = argparse.ArgumentParser(prog="bmc-console", description="Carry the consoles of BMCs, and take none from anybody.")
    parser.add_argument("--table", default=TABLE, help="the table of consoles that the role console_server wrote: %(default)s")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--serve", action="store_true", help="all consoles, on Unix sockets in the table's folder")
    what.add_argument("--wait", action="store_true", help="return when the service has a socket for each console of the table, or fail")
    what.add_argument("name", nargs="?", help="one console, on this terminal")
    given = parser.parse_args(arguments)
    try:
        table = Table(given.table)
        if given.name is not None:
            table.entry(given.name)
    except BadOption as error:
        _complain(error)
        return 2
    if given.wait:
        return 0 if await_sockets(table) else 1
    if given.serve:
        Service(table).serve()
    else:
        on_terminal(table, given.name)
    return 0

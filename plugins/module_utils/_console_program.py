# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The program `bmc-console`, which a console server gets its consoles from.

`bmc-console NAME` carries one console on its own terminal. `bmc-console --serve` carries all of the table on Unix
sockets: a Python process for each console would need 20 MB of its own, a thread needs a fraction of one.
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
#: Seconds in which a told end must be done: giving a console back takes two requests.
_LEAVING: t.Final = 20.0


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


def _stop_at_signals() -> int:
    """A file that becomes readable, and stays so, at the first signal that ends the program."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)

    def stop(_number: int, _frame: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(writable, b".")

    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return readable


def on_terminal(entry: Entry) -> None:
    """Carry one console on standard input and output, until it is left or the program is told to end."""
    stopped = _stop_at_signals()
    before = termios.tcgetattr(0) if os.isatty(0) else None
    if before is not None:
        tty.setraw(0)
    try:
        Relay(entry, Terminal(0, 1, stopped)).run()
    finally:
        if before is not None:
            with contextlib.suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(0, termios.TCSADRAIN, before)


class Shard:
    """The consoles of one process, a socket for each."""

    def __init__(self, folder: str, entries: t.Sequence[Entry]) -> None:
        self._stopped = _stop_at_signals()
        self._threads: dict[str, threading.Thread] = {}
        self._listeners: dict[int, tuple[Entry, socket.socket]] = {}
        for entry in entries:
            listener = _listener(pathlib.Path(folder, entry.name))
            self._listeners[listener.fileno()] = entry, listener

    def serve(self) -> None:
        """Until a signal ends it."""
        poll = select.poll()
        for number in (self._stopped, *self._listeners):
            poll.register(number, select.POLLIN)
        while True:
            ready = [number for number, _event in poll.poll()]
            if self._stopped in ready:
                break
            for number in ready:
                entry, listener = self._listeners[number]
                self._start(entry, listener.accept()[0])
        for _entry, listener in self._listeners.values():
            pathlib.Path(listener.getsockname()).unlink(missing_ok=True)
        deadline = time.monotonic() + _LEAVING
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start(self, entry: Entry, client: socket.socket) -> None:
        before = self._threads.get(entry.name)
        thread = threading.Thread(target=self._carry, args=(entry, client, before), daemon=True, name=entry.name)
        self._threads[entry.name] = thread
        thread.start()

    def _carry(self, entry: Entry, client: socket.socket, before: threading.Thread | None) -> None:
        with client:
            if before is not None:
                # A restarted console server comes back before its old connection has given the console back.
                before.join()
            Relay(entry, Terminal(client.fileno(), client.fileno(), self._stopped)).run()


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


def serve(folder: str, entries: t.Sequence[Entry]) -> None:
    """Carry all consoles, so many in each process, until a signal ends it."""
    threading.stack_size(_STACK)
    shards = [entries[first : first + SHARD] for first in range(0, len(entries), SHARD)]
    running: dict[int, t.Sequence[Entry]] = {}
    stopped = _stop_at_signals()
    for shard in shards:
        running[_fork(folder, shard)] = shard
    _tell_ready()
    poll = select.poll()
    poll.register(stopped, select.POLLIN)
    while not poll.poll(_PAUSE * 1000):
        pid, _status = os.waitpid(-1, os.WNOHANG) if running else (0, 0)
        if pid:
            shard = running.pop(pid)
            running[_fork(folder, shard)] = shard
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)


def _tell_ready() -> None:
    """Tell the service manager that all sockets are there, if it asked for that (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        # A name that begins with @ is in no file system.
        manager.connect("\0" + address[1:] if address.startswith("@") else address)
        manager.sendall(b"READY=1")


def _fork(folder: str, shard: t.Sequence[Entry]) -> int:
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
        consoles = Shard(folder, shard)
        os.close(writable)
        consoles.serve()
        code = 0
    except OSError as error:
        print(f"bmc-console: {error}", file=sys.stderr, flush=True)
    finally:
        # Not back into the parent's code, whatever happened.
        os._exit(code)


def main(arguments: t.Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    parser = argparse.ArgumentParser(prog="bmc-console", description="Carry the consoles of BMCs, and take none from anybody.")
    parser.add_argument("--table", default=TABLE, help="the table of consoles that the role console_server wrote: %(default)s")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--serve", action="store_true", help="all consoles, on Unix sockets in the table's folder")
    what.add_argument("name", nargs="?", help="one console, on this terminal")
    given = parser.parse_args(arguments)
    try:
        folder, entries = read_table(given.table)
        if given.name is not None and given.name not in entries:
            raise BadOption(f"the table {given.table} has no console {given.name}")
    except BadOption as error:
        print(f"bmc-console: {error}", file=sys.stderr)
        return 2
    if given.serve:
        serve(folder, list(entries.values()))
    else:
        on_terminal(entries[given.name])
    return 0

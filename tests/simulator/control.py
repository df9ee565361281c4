# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control socket: one JSON object a line in, one a line out.

A request is `{"do": NAME, "bmc": NAME or list or "*", ...}`; the answer is `{"ok": true, ...}` or
`{"ok": false, "error": TEXT}`. `ACTIONS` lists what there is.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .bmc import Bmc
from .faults import Faults
from .rack import Rack
from .sol import Change

LOG = logging.getLogger("simulator.control")
LINE_LIMIT = 1 << 20
Request = dict[str, Any]


class Control:
    """Serves one rack on a Unix socket."""

    def __init__(self, rack: Rack, path: Path) -> None:
        self._rack = rack
        self._path = path
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Raises OSError if the socket cannot be made; one that nobody serves is replaced."""
        if self._path.is_socket() and not _is_served(self._path):
            self._path.unlink()
        self._server = await asyncio.start_unix_server(
            self._serve, path=str(self._path), limit=LINE_LIMIT
        )
        os.chmod(self._path, 0o600)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                answer = self.answer(line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
                if answer.get("watching"):
                    await self._stream(answer["watching"], reader, writer)
        except (ConnectionError, ValueError) as error:
            # The client went away, or sent a line without an end: nobody is left to tell.
            LOG.info("a client of the control socket: %s", error)
            writer.transport.abort()
        finally:
            writer.close()

    async def _stream(
        self, names: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Every change of hands of these consoles as it happens, until the client goes away."""
        changes: asyncio.Queue[tuple[str, Change]] = asyncio.Queue()

        def note(bmc: Bmc, change: Change) -> None:
            changes.put_nowait((bmc.name, change))

        watched = [self._rack.bmcs[name].sol for name in names]
        for sol in watched:
            sol.watchers.append(note)
        gone = asyncio.ensure_future(reader.read())
        try:
            while not gone.done():
                news = asyncio.ensure_future(changes.get())
                await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not news.done():
                    news.cancel()
                    break
                name, change = news.result()
                line = {"bmc": name, **dataclasses.asdict(change)}
                writer.write(json.dumps(line).encode() + b"\n")
                await writer.drain()
        finally:
            gone.cancel()
            for sol in watched:
                sol.watchers.remove(note)

    def answer(self, line: bytes) -> dict[str, Any]:
        """Do one request."""
        try:
            request = json.loads(line)
            action = ACTIONS[request["do"]]
            return {"ok": True, **action(self._rack, request)}
        except KeyError as error:
            return {"ok": False, "error": f"unknown or missing {error}"}
        except (ValueError, TypeError) as error:
            return {"ok": False, "error": str(error)}


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        try:
            sock.connect(str(path))
        except OSError:
            return False
    return True


def chosen(rack: Rack, request: Request) -> list[Bmc]:
    """The BMCs that a request is for."""
    names = request.get("bmc", "*")
    if names == "*":
        return list(rack.bmcs.values())
    return [rack.bmcs[name] for name in ([names] if isinstance(names, str) else names)]


def describe(rack: Rack, bmc: Bmc) -> dict[str, Any]:
    """What a test wants to know of a BMC."""
    place = rack.network.place(bmc)
    listener = place.listener
    counters = bmc.counters
    return {
        "maker": bmc.personality.name,
        "address": listener.address if listener and bmc.reachable else None,
        "port": place.port,
        "moved": place.moved,
        "power": "on" if bmc.power.on else "off",
        "satellites": {f"{n}": "on" if b.power.on else "off" for (_unused, n), b in bmc.satellites.items()},
        "console": bmc.console.stage.value,
        "sessions": [
            {"handle": s.handle, "user": s.user_id, "privilege": int(s.privilege), "kind": s.kind}
            for s in bmc.sessions
        ],
        "sol": list(bmc.sol.active()),
        "datagrams": counters.datagrams,
        "dropped": counters.dropped,
        "requests": sum(counters.requests.values()),
        "writes": counters.writes,
        "repeated": counters.repeated,
        "logins": bmc.sessions.opened,
        "internal_errors": counters.internal_errors,
        "by_command": {f"{n:02X}/{c:02X}": k for (n, c), k in sorted(counters.requests.items())},
        "resetting": bmc.resetting,
    }


def _ping(rack: Rack, request: Request) -> dict[str, Any]:
    return {"bmcs": list(rack.bmcs), "now": rack.clock.now()}


def _status(rack: Rack, request: Request) -> dict[str, Any]:
    return {"bmcs": {bmc.name: describe(rack, bmc) for bmc in chosen(rack, request)}}


def _state(rack: Rack, request: Request) -> dict[str, Any]:
    return {"bmcs": {bmc.name: bmc.state.to_json() for bmc in chosen(rack, request)}}


def _put(rack: Rack, request: Request) -> dict[str, Any]:
    """Set one value of the state as `state` shows it, `at` a list of keys and indices: what no command would set so."""
    path = [str(step) for step in request["at"]]
    for bmc in chosen(rack, request):
        whole: Any = bmc.state.to_json()
        place = whole
        for step in path[:-1]:
            place = place[_step(place, step)]
        last = _step(place, path[-1])
        place[last] = request["value"]
        bmc.state = type(bmc.state).from_json(whole, bmc.personality)
    return {}


def _step(place: Any, step: str) -> Any:
    """The key or index; a step that is not there is a mistake of the test's."""
    key = int(step) if isinstance(place, list) else step
    if isinstance(place, dict) and key not in place:
        raise ValueError(f"there is no {key} among {', '.join(map(str, place))}")
    return key


def _history(rack: Rack, request: Request) -> dict[str, Any]:
    events = {b.name: [e.to_json() for e in b.power.history] for b in chosen(rack, request)}
    return {"bmcs": events}


def _journal(rack: Rack, request: Request) -> dict[str, Any]:
    """The last requests in sessions, the oldest first. `clear_counters` empties it."""
    return {"bmcs": {b.name: [dataclasses.asdict(e) for e in b.journal] for b in chosen(rack, request)}}


def _consoles(rack: Rack, request: Request) -> dict[str, Any]:
    """Who had the console, the oldest first."""
    return {"bmcs": {b.name: [dataclasses.asdict(c) for c in b.sol.history] for b in chosen(rack, request)}}


def _watch(rack: Rack, request: Request) -> dict[str, Any]:
    """The connection carries nothing else from now on than changes of hands, one a line."""
    return {"watching": [bmc.name for bmc in chosen(rack, request)]}


def _expire(rack: Rack, request: Request) -> dict[str, Any]:
    """The sessions from `port` have been silent for too long."""
    return {"ended": sum(bmc.sessions.expire(int(request["port"])) for bmc in chosen(rack, request))}


def _type(rack: Rack, request: Request) -> dict[str, Any]:
    """Press keys at the host itself."""
    for bmc in chosen(rack, request):
        bmc.console.receive(str(request["text"]).encode("latin-1"))
    return {}


def _faults(rack: Rack, request: Request) -> dict[str, Any]:
    for bmc in chosen(rack, request):
        bmc.set_faults(bmc.faults.updated(request.get("faults", {})))
    return {"bmcs": {b.name: dataclasses.asdict(b.faults) for b in chosen(rack, request)}}


def _heal(rack: Rack, request: Request) -> dict[str, Any]:
    for bmc in chosen(rack, request):
        bmc.set_faults(Faults())
    return {}


def _clock(rack: Rack, request: Request) -> dict[str, Any]:
    if request.get("hold"):
        rack.clock.hold()
    if request.get("run"):
        rack.clock.run(asyncio.get_running_loop())
    rack.clock.advance(float(request.get("advance", 0)))
    return {"now": rack.clock.now()}


def _power(rack: Rack, request: Request) -> dict[str, Any]:
    """`set`: on or off at once; `mains`: off or on; `os_obeys`: true or false."""
    for bmc in chosen(rack, request):
        if "os_obeys" in request:
            bmc.power.os_obeys = bool(request["os_obeys"])
        if "set" in request:
            bmc.power.force(request["set"] in ("on", True))
        if "mains" in request:
            lost = request["mains"] in ("off", False)
            (bmc.power.mains_lost if lost else bmc.power.mains_back)()
    return {}


def _print(rack: Rack, request: Request) -> dict[str, Any]:
    """A program of the host writes `text` on the serial port that Serial over LAN is wired to."""
    for bmc in chosen(rack, request):
        bmc.console.print(str(request["text"]))
    return {}


def _reset(rack: Rack, request: Request) -> dict[str, Any]:
    for bmc in chosen(rack, request):
        bmc.reset(request.get("kind", "cold"))
    return {}


def _factory(rack: Rack, request: Request) -> dict[str, Any]:
    for bmc in chosen(rack, request):
        rack.factory_reset(bmc)
    return {}


def _close_sessions(rack: Rack, request: Request) -> dict[str, Any]:
    for bmc in chosen(rack, request):
        bmc.sessions.close_all()
    return {}


def _count(rack: Rack, request: Request) -> dict[str, Any]:
    """Set the counters and the power history to nothing."""
    for bmc in chosen(rack, request):
        bmc.counters = type(bmc.counters)()
        bmc.journal.clear()
        bmc.sol.history.clear()
        bmc.sessions.opened = 0
        bmc.power.history.clear()
    return {}


def _save(rack: Rack, request: Request) -> dict[str, Any]:
    if rack.store is None:
        raise ValueError("started without --state")
    rack.store.flush()
    return {}


ACTIONS: dict[str, Callable[[Rack, Request], dict[str, Any]]] = {
    "ping": _ping,
    "status": _status,
    "state": _state,
    "put": _put,
    "history": _history,
    "faults": _faults,
    "heal": _heal,
    "clock": _clock,
    "power": _power,
    "print": _print,
    "reset": _reset,
    "factory": _factory,
    "close_sessions": _close_sessions,
    "clear_counters": _count,
    "consoles": _consoles,
    "watch": _watch,
    "expire": _expire,
    "type": _type,
    "journal": _journal,
    "save": _save,
}


def call(path: Path, request: Request, timeout: float = 10.0) -> dict[str, Any]:
    """The client's side, for tests and `ctl`: one request, one answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        sock.connect(str(path))
        sock.sendall(json.dumps(request).encode() + b"\n")
        with sock.makefile("rb") as file:
            answer = json.loads(file.readline())
    assert isinstance(answer, dict)
    return answer

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: run a rack, or talk to one that runs (`ctl`)."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import personalities
from .clock import Clock
from .control import ACTIONS, Control, call
from .rack import Rack, RackError, RackFile, parse, read

GOOD, FAILED, WRONG_USE = 0, 1, 2
DEFAULT_RACK: dict[str, Any] = {
    "bmcs": [
        {
            "name": "bmc1",
            "address": "127.0.0.1",
            "users": {2: {"name": "admin", "password": "secret"}},
        }
    ]
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="simulator",
        description="A rack of simulated BMCs that speak IPMI 1.5 and 2.0 over LAN.",
        epilog="Talk to a running rack: simulator ctl --help",
    )
    made.add_argument("--rack", type=Path, metavar="FILE", help="YAML file; else one BMC at "
                      "127.0.0.1, user admin, password secret")
    made.add_argument("--state", type=Path, metavar="DIR", help="keep the BMCs' state here")
    made.add_argument("--port", type=int, metavar="N", help="UDP port of all BMCs without their "
                      "own; else the rack file's, else 623")
    made.add_argument("--control", type=Path, metavar="SOCKET", help="Unix socket for ctl")
    made.add_argument("--log", default="warning", choices=("debug", "info", "warning", "error"))
    made.add_argument("--list-makers", action="store_true", help="list the personalities and end")
    return made


def ctl_parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="simulator ctl",
        description="Send one request to a running rack and print its answer as JSON.",
        epilog="Examples: ctl --control S status bmc=r1n01; ctl --control S faults bmc=r1n01 "
        "'faults={\"silent\": true}'; ctl --control S clock advance=60",
    )
    made.add_argument("--control", type=Path, required=True, metavar="SOCKET")
    made.add_argument("do", choices=sorted(ACTIONS))
    made.add_argument("values", nargs="*", metavar="KEY=VALUE", help="VALUE is JSON, or text")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["ctl"]:
        return ctl(given[1:])
    options = parser().parse_args(given)
    if options.list_makers:
        for name in personalities.names():
            print(f"{name:20} {personalities.load(name).title}")
        return GOOD
    logging.basicConfig(level=options.log.upper(), format="%(asctime)s %(name)s %(message)s")
    try:
        file = parse(DEFAULT_RACK) if options.rack is None else read(options.rack)
        return asyncio.run(serve(file, options))
    except (RackError, ValueError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return WRONG_USE
    except OSError as error:
        hint = " (ports below 1024 need root; try --port 6230)"
        text = f"{error.strerror or error}{hint if isinstance(error, PermissionError) else ''}"
        print(f"simulator: {text}", file=sys.stderr)
        return FAILED


async def serve(file: RackFile, options: argparse.Namespace) -> int:
    """Run the rack until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    clock = Clock()
    clock.run(loop)
    rack = Rack.build(file, clock, port=options.port, state_folder=options.state)
    path = options.control or (Path(file.control) if file.control else None)
    control = None if path is None else Control(rack, path)
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    try:
        rack.network.start()
        if control is not None:
            await control.start()
        print(f"ready: {len(rack.bmcs)} BMCs", flush=True)
        await over.wait()
    finally:
        if control is not None:
            await control.close()
        rack.close()
    return GOOD


def ctl(arguments: Sequence[str]) -> int:
    """One request over the control socket."""
    options = ctl_parser().parse_args(arguments)
    request: dict[str, Any] = {"do": options.do}
    for pair in options.values:
        key, equals, value = pair.partition("=")
        if not equals:
            print(f"simulator ctl: {pair!r} is not KEY=VALUE", file=sys.stderr)
            return WRONG_USE
        request[key] = _value(value)
    try:
        answer = call(options.control, request)
    except OSError as error:
        print(f"simulator ctl: {options.control}: {error.strerror}", file=sys.stderr)
        return FAILED
    print(json.dumps(answer, indent=1))
    return GOOD if answer["ok"] else FAILED


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program that opens the console by `SolConsole` and carries keys and text, until it is told to end. It opens it once."""

from __future__ import annotations

import os
import select
import signal
import sys
import tty

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import ConsoleHeld, ConsoleLost
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import SolConsole


def main(host: str, port: str, user: str) -> int:
    """The exit code: 0 where it was told to end, 3 where somebody has the console, 4 where somebody took it."""
    signal.signal(signal.SIGTERM, lambda *_unused: sys.exit(0))
    tty.setraw(0)  # an echo must be the host's
    connection = Connection(host=host, port=int(port), user=user, password=os.environ["BMC_PASSWORD"], timeout=10.0)
    try:
        with open_session(connection) as bmc, SolConsole(bmc) as console:
            print("solo: open", flush=True)
            while True:
                text = console.receive(bmc.now())
                if text:
                    os.write(1, text)
                elif 0 in select.select([0, console.fileno()], [], [], 5.0)[0]:
                    console.send(os.read(0, 1024))
    except ConsoleHeld:
        print("solo: held", flush=True)
        return 3
    except ConsoleLost:
        print("solo: lost", flush=True)
        return 4


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

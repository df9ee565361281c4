# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program that asks many BMCs who holds their consoles, as the console server's guard does, without Ansible around it."""

from __future__ import annotations

import collections
import concurrent.futures
import json
import sys
import time

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import look
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session

#: Sessions at the same time.
_THREADS = 128
#: Seconds for a login. The rack and a console server with all its consoles share two cores: it takes long, which is measured.
_TIMEOUT = 120.0


def main() -> None:
    """Look once at each."""
    asked = json.load(sys.stdin)
    machine = Machine()

    def ask(host: str) -> str:
        connection = Connection(host=host, port=asked["port"], user=asked["user"], password=asked["password"], timeout=_TIMEOUT)
        with open_session(connection) as bmc:
            return look(bmc, machine).state.value

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        states = collections.Counter(pool.map(ask, asked["hosts"]))
    print(json.dumps({"seconds": time.monotonic() - start, "states": states}))


if __name__ == "__main__":
    main()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program for fleet.py: one look of the inventory plugin at networks, without Ansible around it.

It takes a JSON object on standard input: networks, port, parts, user, password. It prints the seconds that the
look took, how many BMCs answered and how many were read.
"""

from __future__ import annotations

import json
import sys
import time

from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._credentials import Credential
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._fleet import Fleet, Request, Snapshot
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import State
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._sources import Sources
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._survey import Manner


def main() -> None:
    """Look once."""
    asked = json.load(sys.stdin)
    credential = Credential("bench", asked["user"], asked["password"])
    manner = Manner(parts=tuple(asked["parts"]))
    request = Request(networks=tuple(asked["networks"]), port=asked["port"], manner=manner)
    fleet = Fleet(request, Sources(asked["port"]), lambda: [credential])
    start = time.monotonic()
    hosts, _kept = fleet.hosts(Snapshot(), fresh=True)
    seconds = time.monotonic() - start
    good = sum(host.record.state is State.OK for host in hosts)
    print(json.dumps({"seconds": seconds, "found": len(hosts), "good": good}))


if __name__ == "__main__":
    main()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server under test itself: that nobody waits for one which is gone."""

from __future__ import annotations

import os
import signal

import pytest

from tests.server.conftest import Room


def test_a_machine_that_dies_takes_its_bmc_along_and_is_named(room: Room) -> None:
    server = room.start()
    os.kill(server.machine.pid, signal.SIGKILL)
    ended = os.waitid(os.P_PID, server.bmc.sim.pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None and ended.si_status == signal.SIGKILL
    with pytest.raises(ConnectionError):
        server.machine.monitor.event("RESET")
    with pytest.raises(RuntimeError, match=r"QEMU ended by itself, with -9"):
        server.stop()

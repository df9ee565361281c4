# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sol_session against ipmi_sim, with ipmitool as the other party."""

from __future__ import annotations

import socket
import typing as t

import pytest

from tests.integration.harness import act
from tests.integration.ipmi_sim import rig
from tests.integration.ipmi_sim.conftest import Starter, next_address
from tests.integration.person import LEAVE, OPERATIONAL, Person, with_ipmitool


@pytest.fixture
def bmc(start: Starter) -> t.Iterator[rig.Bmc]:
    """A BMC whose host has a serial line."""
    with socket.create_server((next_address(), 0)) as serial:
        serial.settimeout(20)
        bmc = start(serial_host=serial.getsockname()[0], serial=serial.getsockname()[1], power=True)
        line, _peer = serial.accept()
        with line:
            yield bmc


def somebody(bmc: rig.Bmc) -> Person:
    """With ipmitool, past the front: ipmitool refuses a console on another port than the session's."""
    return with_ipmitool({**bmc.options, "bmc_host": bmc.sim.host, "bmc_port": bmc.sim.port})


def take(bmc: rig.Bmc, user: str) -> dict[str, t.Any]:
    return act("ipmi_sol_session", {**bmc.options, "state": "released", "when_held": "take", "expect_holder": {"user": user}})


def test_the_holder_is_named_and_not_disturbed(bmc: rig.Bmc) -> None:
    assert act("ipmi_sol_session", bmc.options)["console"]["state"] == "free"
    with somebody(bmc) as person:
        person.sees(OPERATIONAL)
        (instance,) = act("ipmi_sol_session", bmc.options)["console"]["instances"]
        assert (instance["state"], instance["serial_port"], instance["holder"]["user"]) == ("held", 1, bmc.user)
        # It does not tell addresses, so nobody knows whether the session is one of ours that died.
        assert (instance["holder"]["address"], instance["holder"]["stale"], instance["holder"]["ours"]) == (None, None, False)
        assert act("ipmi_sol_session", {**bmc.options, "state": "released"})["reason"] == "console_held"
        assert take(bmc, "somebody else")["reason"] == "console_held"
        person.types(LEAVE)
        person.sees("[terminated ipmitool]")
        person.leaves()
    assert act("ipmi_sol_session", {**bmc.options, "state": "released"})["changed"] is False


def test_it_is_taken_from_the_expected_holder(bmc: rig.Bmc) -> None:
    with somebody(bmc) as person:
        person.sees(OPERATIONAL)
        result = take(bmc, bmc.user)
        assert (result["changed"], result["evicted"]["user"], result["console"]["state"]) == (True, bmc.user, "free")
    assert take(bmc, bmc.user)["changed"] is False

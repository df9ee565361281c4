# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_audit against ipmi_sim: what it finds from outside, ipmitool can do or cannot."""

from __future__ import annotations

import subprocess
import typing as t

from tests.integration.harness import act
from tests.integration.ipmi_sim.rig import Bmc

STATES: t.Final = {"pass", "fail", "not_applicable", "not_assessed", "manual", "waived"}
#: Controls that are about what a stranger can do.
OUTSIDE: t.Final = ["C-01", "C-02", "C-03", "A-01"]


def audit(bmc: Bmc, **options: t.Any) -> dict[str, dict[str, t.Any]]:
    """What the audit finds, by control. Nothing may have been written.

    Logins that were begun stay for half a minute, so `Bmc.run` would take them for sessions that were left.
    """
    bmc.mark()
    result = act("ipmi_audit", {**bmc.options, **options})
    assert (result.get("msg"), result["changed"], bmc.writes()) == (None, False, [])
    return {finding["id"]: finding for finding in result["audit"]["findings"]}


def ipmitool(bmc: Bmc, *options: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
    """Log in with ipmitool, whatever comes of it."""
    command = ["ipmitool", *options, "-H", bmc.host, "-p", str(bmc.port), "-U", bmc.user, "-P", password or bmc.password]
    return subprocess.run([*command, "-N", "1", "-R", "1", "mc", "info"], capture_output=True, text=True, timeout=60, check=False)


def gets_in(bmc: Bmc, *options: str, password: str | None = None) -> bool:
    """Whether ipmitool gets in."""
    done = ipmitool(bmc, *options, password=password)
    return done.returncode == 0 and "Device ID" in done.stdout


def begins(bmc: Bmc, suite: int) -> bool:
    """Whether a login with this suite begins, as ipmitool sees it."""
    return "Error in open session response" not in ipmitool(bmc, "-I", "lanplus", "-C", str(suite)).stderr


def test_there_is_a_finding_for_every_control(bmc: Bmc) -> None:
    found = audit(bmc, profile="L3")
    assert {"C-01", "C-06", "A-01", "L-01"} <= set(found)
    for one in found.values():
        assert one["state"] in STATES and one["actual"]
        assert one["state"] in ("pass", "fail") or one["reason"], one
    assert bmc.password not in str(found)


def test_what_a_stranger_can_do_is_as_ipmitool_sees_it(bmc: Bmc) -> None:
    found = audit(bmc, controls=OUTSIDE)
    assert {one["method"] for one in found.values()} == {"probe"}
    assert found["C-01"]["state"] == "fail" and gets_in(bmc, "-I", "lanplus", "-C", "0", password="wrong")
    assert not gets_in(bmc, "-I", "lanplus", "-C", "3", password="wrong")
    assert found["C-02"]["state"] == "fail" and gets_in(bmc, "-I", "lanplus", "-C", "1")
    assert found["A-01"]["state"] == "fail" and gets_in(bmc, "-I", "lan")


def test_suites_that_are_listed_and_refused_are_told_from_those_that_work(bmc: Bmc) -> None:
    found = audit(bmc, controls=["C-03", "C-04"], profile="L3")
    tried = {entry["probe"].split(" ")[5]: entry["result"] for entry in found["C-03"]["evidence"] if "probe" in entry}
    # ipmitool does not know 18 and 19.
    assert list(tried) == ["18", "19", "4", "5", "8"]
    for suite in ("4", "5", "8"):
        assert tried[suite].startswith("a login begins") is begins(bmc, int(suite)), suite
    assert found["C-03"]["actual"].startswith("channel 1: a login begins with cipher suite 8; cipher suites 9, 10")
    # ipmi_sim has no SHA-256.
    assert found["C-04"]["state"] == "fail" and not begins(bmc, 17)


def test_a_suite_that_stays_open_after_it_was_mended_is_found_again(bmc: Bmc) -> None:
    (fix,) = audit(bmc, controls=["C-02"])["C-02"]["fixes"]
    channels = [{**channel, "cipher_probe": False} for channel in fix["channels"]]
    assert act("ipmi_config", {**bmc.options, "channels": channels})["changed"] is True
    found = audit(bmc, controls=["C-02"])["C-02"]
    assert (found["state"], found["fixes"]) == ("fail", [])
    found = audit(bmc, controls=["C-05"])["C-05"]
    assert found["actual"] == "channel 1: suites 4, 5, 8, 9, 10, 12, 13, 14: administrator instead of unused"


def test_without_probes_nothing_is_said_of_what_a_stranger_can_do(bmc: Bmc) -> None:
    found = audit(bmc, controls=["C-01", "C-02", "C-03"], probes=False)
    assert {one["state"] for one in found.values()} == {"not_assessed"}
    assert all("1 administrator" in one["actual"] for one in found.values())

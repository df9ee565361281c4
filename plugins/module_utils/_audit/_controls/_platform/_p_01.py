# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-01: what the next boots are told."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._boot import BootDevice, BootFlags
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._boot import BOOT, FLAGS
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target


def check(case: Case) -> t.Iterable[Verdict]:
    """Boot parameter 5: persistent (data 1 bit 6) and password bypass (data 3 bit 3), while the flags are valid (data 1 bit 7)."""
    flags: BootFlags = FLAGS.load(case.reader, Target(), {})
    if not flags.valid:
        yield Verdict(State.PASS, "no boot flags are in force")
        return
    asked = [f"device {BOOT['bootdev'].show(flags.device)}"]
    wrong = [text for text, on in (("at every boot", flags.persistent), ("the BIOS password is bypassed", flags.password_bypass)) if on]
    if not wrong:
        yield Verdict(State.PASS, f"{asked[0]}, at the next boot alone")
        return
    # Without a device there is nothing that ipmi_boot would take back.
    fix = None if flags.device is BootDevice.NONE else {"boot": {"bootdev": "default"}}
    yield Verdict(State.FAIL, ", ".join(asked + wrong), fix=fix)


CONTROL: t.Final = Control(
    id="P-01",
    title="No boot flags bypass the BIOS password or hold for every boot",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="Boot flags that stay let whoever reaches the network or the removable medium start what they like on the server, "
    "and one of them opens the BIOS setup without its password.",
    expected="boot flags are not in force, or for the next boot alone and without the bypass of the BIOS password",
    check=check,
    remedy=Remedy(
        how="Take the override back (ipmi_boot with bootdev default). Where it names no device: ipmitool chassis bootdev none.",
        fixable=Fixable.IPMI,
        disruption=Disruption.NONE,
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, table 28-14, parameter 5"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine room that does not exist: audits of as many BMCs as wanted, the same ones each time.

Most BMCs of a maker are set up alike, some are forgotten, some racks are new and as they left the factory, and a few
do not answer. What a finding says differs from BMC to BMC where it would.
"""

from __future__ import annotations

import random
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._audit import describe
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE

Json = dict[str, t.Any]

DAY: t.Final = "2026-11-20"
EARLIER: t.Final = "2026-11-13"


@dataclass(frozen=True)
class Board:
    """What a maker's BMCs have in common."""

    manufacturer: str
    manufacturer_id: int
    product_id: int
    firmware: str
    #: Of the controls so many in a thousand fail for good reasons of the maker's.
    careless: int


BOARDS: t.Final = (
    Board("Supermicro", 10876, 6929, "1.74", 130),
    Board("Dell", 674, 256, "7.10", 60),
    Board("HPE", 11, 8192, "2.78", 70),
    Board("Lenovo", 19046, 1110, "4.20", 90),
    Board("OpenBMC", 52893, 13, "2.14", 20),
)
#: What the failing control's text says; others say it plainly.
FAILS: t.Final = {
    "C-01": "suite 0 opens a session: status 00",
    "C-02": "suites 1, 2 and 6 open a session",
    "C-03": "suites 8 and 12 open a session",
    "C-06": "no BMC key is set",
    "A-01": "IPMI 1.5 is offered with MD5, MD2",
    "A-02": "channel 1: NONE is on for callback, user",
    "U-01": "channel 1: anonymous login is possible",
    "U-03": "user 2 (ADMIN) is enabled",
    "U-04": "user 2 has the maker's password",
    "U-06": "5 administrators: 2, 3, 4, 6, 9",
    "L-01": "channel 1: the threshold is 0",
    "S-02": "channel 1: encryption is not forced",
    "T-01": "channel 1: the community is a known default",
    "P-03": "the clock is 5,312 s behind",
}

#: What is looked at, about what, and what mends it, by the family of controls.
LOOKS: t.Final[dict[str, tuple[Json, tuple[str, str], Json]]] = {
    "C": (
        {"command": "Get Channel Cipher Suites (06/54)", "request": "01 00 80", "completion_code": "00", "response": "01 C0 00 00 40 80 C0 03 01 41 81"},
        ("suite 0", "suite 17"),
        {"channels": [{"channel": 1, "cipher_privileges": {"0": "no_access"}}]},
    ),
    "U": (
        {"command": "Get User Access (06/44)", "request": "01 02", "completion_code": "00", "response": "0A 42 01 34"},
        ("user 2 (ADMIN)", "user 3 (monitor)"),
        {"users": [{"user_id": 2, "password": {"from_policy": "new_password"}}]},
    ),
    "S": (
        {"command": "Get SOL Configuration Parameters (0C/22)", "request": "01 02 00 00", "completion_code": "00", "response": "11 02"},
        ("channel 1", "channel 8"),
        {"sol": {"force_encryption": True}},
    ),
}
OTHERS: t.Final = (
    {"command": "Get LAN Configuration Parameters (0C/02)", "request": "01 02 00 00", "completion_code": "00", "response": "11 14 14 14 14 00"},
    ("channel 1", "channel 8"),
    {"channels": [{"channel": 1, "auth_types": {"administrator": ["md5"]}}]},
)
#: Why nothing can be said, or it does not apply.
REASONS: t.Final = {
    "not_assessed": "the BMC answers C1h: invalid command",
    "manual": "IPMI does not show it",
    "not_applicable": "the BMC does not have it",
}


def padded(count: int) -> list[Json]:
    """The catalogue's texts, with invented controls after them up to `count`."""
    texts = [describe(control) for control in CATALOGUE][:count]
    severities = ("critical", "high", "high", "medium", "medium", "medium", "low", "low", "info")
    for number in range(len(texts) + 1, count + 1):
        texts.append(
            {
                "id": f"Z-{number:02d}",
                "title": f"Invented setting {number} is as the site wants it",
                "severity": severities[number % len(severities)],
                "profile": f"L{number % 3 + 1}",
                "rationale": "A control that was invented to fill a catalogue of the usual size with texts of the usual length.",
                "how": "Set it with ipmi_config, read it back, and look from outside whether the BMC does what it says.",
                "fixable": "ipmi",
                "disruption": "old_tools",
                "disturbs": "clients that know only what was switched off",
                "needs_reset": False,
                "references": ["Nobody, Nowhere", "IPMI 2.0, 22.99"],
            }
        )
    return texts


def room(racks: int, per_rack: int, *, texts: t.Sequence[Json] | None = None, day: str = DAY, seed: int = 7) -> dict[str, Json]:
    """The hosts' variables by their names: `rack`, `position`, and the registered result."""
    controls = padded(len(CATALOGUE)) if texts is None else texts
    hosts: dict[str, Json] = {}
    for rack in range(1, racks + 1):
        board = BOARDS[(rack * 7) % len(BOARDS)]
        factory = rack % 11 == 4
        for position in range(1, per_rack + 1):
            name = f"node{(rack - 1) * per_rack + position:04d}"
            # In every third rack a week changes everything; in the others things got better.
            dice = random.Random(f"{seed} {name} {day if rack % 3 == 0 else ''}")
            hosts[name] = {"rack": f"r{rack:02d}", "position": position, "bmc_compliance_audit": _result(dice, board, factory, rack, position, controls, day)}
    return hosts


def _result(dice: random.Random, board: Board, factory: bool, rack: int, position: int, controls: t.Sequence[Json], day: str) -> Json:
    address = f"192.0.2.{position % 250 + 1}" if rack % 2 else f"198.51.100.{position % 250 + 1}"
    # One control in six says something that no other BMC says.
    own = f"{address}, 02:00:5e:00:{rack:02x}:{position:02x}"
    if dice.random() < 0.015:
        return {"failed": True, "changed": False, "reason": "unreachable", "msg": f"{address}:623: no answer within 10 s"}
    odds = 0.45 if factory else board.careless / 1000 * dice.choice((0, 0, 0, 0.5, 1, 3))
    if day == EARLIER:
        odds = odds * 1.6 + 0.01
    return {
        "changed": False,
        "requests": 71,
        "audit": {
            "profile": "L2",
            "date": day,
            "catalogue": "0123456789ab",
            "bmc": {
                "host": f"{address}:623",
                "manufacturer_id": board.manufacturer_id,
                "manufacturer": board.manufacturer,
                "product_id": board.product_id,
                "firmware": board.firmware,
                "ipmi_version": "2.0",
                "cipher_suite": 3 if factory else 17,
            },
            "findings": [finding(control, _state(dice, control, odds), own if number % 6 == 0 else "") for number, control in enumerate(controls)],
            "summary": {},
        },
    }


def _state(dice: random.Random, control: Json, odds: float) -> str:
    if control["fixable"] not in ("ipmi", "none") or (control["fixable"] == "none" and control["severity"] != "info"):
        return "manual"
    if dice.random() < odds * (0.35 if control["severity"] == "critical" else 1):
        return "waived" if dice.random() < 0.06 else "fail"
    return dice.choices(("pass", "not_applicable", "not_assessed", "manual"), (88, 4, 5, 3))[0]


def finding(control: Json, state: str, own: str = "", **over: t.Any) -> Json:
    """What `ipmi_audit` returns for a control without texts; with an `own` text it is not the same as another BMC's."""
    fails = state in ("fail", "waived")
    look, subjects, fix = LOOKS.get(control["id"][0], OTHERS)
    evidence = [
        look,
        {"command": "Get Channel Authentication Capabilities (06/38)", "request": "8E 04", "completion_code": "00", "response": "01 94 04 03 00 00 00 00"},
    ]
    if own:
        evidence.append({"probe": "Open Session, suite 0", "result": f"{own}: status 11"})
    actual = (FAILS.get(control["id"], "it is not so") if fails else "as expected") if state != "not_assessed" else "the BMC does not say"
    return {
        "id": control["id"],
        "state": state,
        "severity": control["severity"],
        "expected": control["title"][0].lower() + control["title"][1:],
        "actual": f"{actual} ({own})" if own else actual,
        "reason": REASONS.get(state, ""),
        "method": "probe" if control["id"].startswith("C") else "config",
        "evidence": evidence,
        "parts": [
            {"subject": subjects[0], "state": "fail" if fails else state, "expected": "off", "actual": actual, "reason": ""},
            {"subject": subjects[1], "state": "pass", "expected": "off", "actual": "off", "reason": ""},
        ]
        if fails
        else [],
        "fixes": [fix] if state == "fail" and control["fixable"] == "ipmi" else [],
        "waiver": {"reason": "the board is replaced in spring", "expires": "2027-03-31", "expired": False} if state == "waived" else None,
        **over,
    }


class Hostvars:
    """As Ansible's: knows hosts, and gives their variables as they were said."""

    def __init__(self, hosts: t.Mapping[str, Json]) -> None:
        self._hosts = hosts

    def __contains__(self, host: object) -> bool:
        return host in self._hosts

    def raw_get(self, host: str) -> Json:
        """All of a host's variables."""
        return {"inventory_hostname": host, **self._hosts[host]}

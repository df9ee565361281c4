# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Accepted failures: a control, why it may fail, and until when."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

#: The module's option.
WAIVERS_SPEC: t.Final[dict[str, t.Any]] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "control": {"type": "str", "required": True},
        "reason": {"type": "str", "required": True},
        "expires": {"type": "str", "required": True},
    },
}


@dataclass(frozen=True)
class Waiver:
    """One accepted failure."""

    control: str
    reason: str
    expires: datetime.date  #: the last day that it holds

    def holds(self, today: datetime.date) -> bool:
        """Whether it still counts."""
        return today <= self.expires

    def as_dict(self, today: datetime.date) -> dict[str, t.Any]:
        """For results."""
        return {"reason": self.reason, "expires": self.expires.isoformat(), "expired": not self.holds(today)}


def parse_waivers(given: t.Sequence[t.Mapping[str, t.Any]], known: t.Collection[str]) -> dict[str, Waiver]:
    """The waivers by control. Raises BadOption for an unknown control, a control twice, no reason, or a date that is none."""
    waivers: dict[str, Waiver] = {}
    for entry in given:
        control = entry["control"]
        if control not in known:
            raise BadOption(f"waivers: {control!r} is no control of the catalogue")
        if control in waivers:
            raise BadOption(f"waivers: {control} is there twice")
        if not entry["reason"].strip():
            raise BadOption(f"waivers: {control} has no reason")
        waivers[control] = Waiver(control, entry["reason"].strip(), _date(control, entry["expires"]))
    return waivers


def _date(control: str, text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadOption(f"waivers: {control}: expires is {text!r}; a date is year-month-day, such as 2027-03-31") from None

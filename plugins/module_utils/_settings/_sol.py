# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of Serial over LAN settings (specification table 26-5, SOL Configuration Parameters)."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _sol as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_SOL, SET_SOL
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol import SolParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import CHANNEL_SPEC, lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned, one
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Family, Instance, Numbered, Reader, Section, Setting, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import choice, integer, name_of

FAMILY: t.Final = Family("sol", GET_SOL, SET_SOL)

#: What `bit_rate` means when it is not a number: the rate of the serial configuration.
SERIAL: t.Final = "serial"
BIT_RATES: t.Final = ["serial", "9600", "19200", "38400", "57600", "115200"]


def _parameter(number: SolParameter, codec: type[t.Any], title: str, order: int) -> Numbered:
    return Numbered(FAMILY, number, codec, f"SOL parameter {number} ({title})", order)


AUTHENTICATION = _parameter(SolParameter.AUTHENTICATION, wire.SolAuthentication, "authentication", 10)
ACCUMULATE = _parameter(SolParameter.ACCUMULATE, wire.SolAccumulate, "character accumulate and threshold", 20)
RETRY = _parameter(SolParameter.RETRY, wire.SolRetry, "retry", 30)
# The volatile copy first: a wrong rate is then gone after a restart.
RATE_VOLATILE = _parameter(SolParameter.BIT_RATE_VOLATILE, wire.SolBitRate, "volatile bit rate", 40)
RATE_NON_VOLATILE = _parameter(SolParameter.BIT_RATE_NON_VOLATILE, wire.SolBitRate, "non-volatile bit rate", 41)
CHANNEL = _parameter(SolParameter.PAYLOAD_CHANNEL, wire.SolPayloadChannel, "payload channel", 50)
PORT = _parameter(SolParameter.PAYLOAD_PORT, wire.SolPayloadPort, "payload port", 51)
# Opened last, once it is encrypted and authenticated as asked.
ENABLE = _parameter(SolParameter.ENABLE, wire.SolEnable, "enable", 90)


def _rate(given: t.Any) -> int:
    """bit/s; 0 stands for the rate of the serial configuration."""
    return 0 if str(given) == SERIAL else int(given)


def _rate_of(record: wire.SolBitRate) -> int | None:
    """None for a code that the specification does not have."""
    return None if record.unknown_code else record.bit_rate or 0


def _shown_rate(rate: int) -> str:
    return str(rate) if rate else SERIAL


SOL: t.Final = Section(
    "sol",
    (
        Setting(
            "enabled",
            ENABLE,
            get=lambda record: record.enabled,
            put=lambda record, value: wire.SolEnable(value),
            spec={"type": "bool"},
        ),
        Setting(
            "force_encryption",
            AUTHENTICATION,
            get=lambda record: record.force_encryption,
            put=lambda record, value: replace(record, force_encryption=value),
            spec={"type": "bool"},
        ),
        Setting(
            "force_authentication",
            AUTHENTICATION,
            get=lambda record: record.force_authentication,
            put=lambda record, value: replace(record, force_authentication=value),
            spec={"type": "bool"},
        ),
        Setting(
            "privilege",
            AUTHENTICATION,
            get=lambda record: record.privilege,
            put=lambda record, value: replace(record, privilege=value),
            spec={"type": "str", "choices": ["user", "operator", "administrator", "oem"]},
            parse=choice(Privilege),
            show=name_of,
        ),
        Setting(
            "accumulate_interval",
            ACCUMULATE,
            get=lambda record: record.interval_ms,
            put=lambda record, value: replace(record, interval_ms=value),
            spec={"type": "int"},
            parse=integer(5, 1275, step=5, unit="milliseconds"),
        ),
        Setting(
            "send_threshold",
            ACCUMULATE,
            get=lambda record: record.send_threshold,
            put=lambda record, value: replace(record, send_threshold=value),
            spec={"type": "int"},
            parse=integer(0, 255, unit="characters"),
        ),
        Setting(
            "retry_count",
            RETRY,
            get=lambda record: record.count,
            put=lambda record, value: replace(record, count=value),
            spec={"type": "int"},
            parse=integer(0, 7),
        ),
        Setting(
            "retry_interval",
            RETRY,
            get=lambda record: record.interval_ms,
            put=lambda record, value: replace(record, interval_ms=value),
            spec={"type": "int"},
            parse=integer(0, 2550, step=10, unit="milliseconds"),
        ),
        Setting(
            "bit_rate_volatile",
            RATE_VOLATILE,
            get=_rate_of,
            put=lambda record, value: wire.SolBitRate(value or None),
            spec={"type": "str", "choices": BIT_RATES},
            parse=_rate,
            show=_shown_rate,
        ),
        Setting(
            "bit_rate_non_volatile",
            RATE_NON_VOLATILE,
            get=_rate_of,
            put=lambda record, value: wire.SolBitRate(value or None),
            spec={"type": "str", "choices": BIT_RATES},
            parse=_rate,
            show=_shown_rate,
        ),
        Setting(
            "payload_channel",
            CHANNEL,
            get=lambda record: record.channel,
            put=lambda record, value: wire.SolPayloadChannel(value),
            spec={"type": "int"},
            parse=integer(0, 15),
        ),
        Setting(
            "payload_port",
            PORT,
            get=lambda record: record.port,
            put=lambda record, value: wire.SolPayloadPort(value),
            spec={"type": "int"},
            parse=integer(1, 65535),
        ),
    ),
    family=FAMILY,
)

#: The options; `bit_rate` stands for both copies.
SOL_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "bit_rate": dict(SOL["bit_rate_volatile"].spec),
    **SOL.argument_spec(),
    **CHANNEL_SPEC,
}


def check_sol(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The values that SOL options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    both = params.get("bit_rate")
    given = dict(params)
    for copy in ("bit_rate_volatile", "bit_rate_non_volatile"):
        if given.get(copy) is None:
            given[copy] = both
    return SOL.wanted(given)


def plan_sol(reader: Reader, params: t.Mapping[str, t.Any]) -> Planned:
    """The Serial over LAN configuration of one channel."""
    wanted = check_sol(params)
    channel = lan_channel(reader, params.get("channel"))
    plan = make_plan(reader, Instance(SOL, Target(channel), f"sol channel {channel}"), wanted)
    return one(Cut(plan), {"channel": channel})

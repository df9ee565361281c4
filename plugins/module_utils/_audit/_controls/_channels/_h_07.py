# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-07: serial channels neither expect a modem nor call anybody."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import no_serial_channel, serial_channels
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_SERIAL
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._parameters import get_request, payload
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._serial import (
    CallbackControl,
    ConnectionMode,
    DialString,
    DialStringCount,
    SerialParameter,
)

Record = t.TypeVar("Record")
#: How a BMC says that it does not have a parameter.
_ABSENT: t.Final = (Outcome.UNSUPPORTED, Outcome.ABSENT, Outcome.INVALID)
#: The first block of a string; blocks are counted from 1.
_FIRST_BLOCK: t.Final = 1


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Serial/Modem Configuration of channels of medium 5: parameters 3, 5, 20 and 21."""
    channels = serial_channels(case)
    if not channels:
        return [no_serial_channel()]
    return each(channels, lambda info: f"channel {info.channel}", lambda info: _judge(case, info))


def _judge(case: Case, info: ChannelInfo) -> Verdict:
    mode = _read(case, info, SerialParameter.CONNECTION_MODE, ConnectionMode.from_wire)
    found = ["a modem is expected"] if mode.modem else []
    callback = _if_there(lambda: _read(case, info, SerialParameter.CALLBACK_CONTROL, CallbackControl.from_wire))
    if callback is not None and (callback.cbcp or callback.ipmi):
        found.append("the BMC calls back")
    found += [f"dial string {number} is stored" for number in _dial_strings(case, info)]
    if found:
        return Verdict(State.FAIL, ", ".join(found))
    return Verdict(State.PASS, "a direct connection, no callback, no dial strings")


def _dial_strings(case: Case, info: ChannelInfo) -> t.Iterator[int]:
    """The dial strings that hold a number. It is not told: it may be one that nobody should know."""
    count = _if_there(lambda: _read(case, info, SerialParameter.DIAL_STRING_COUNT, DialStringCount.from_wire))
    for number in range(1, (count.count if count else 0) + 1):
        if _read(case, info, SerialParameter.DIAL_STRING, DialString.from_wire, number, _FIRST_BLOCK).text:
            yield number


def _read(case: Case, info: ChannelInfo, parameter: SerialParameter, decode: t.Callable[[bytes], Record], selector: int = 0, block: int = 0) -> Record:
    request = get_request(info.channel, parameter, selector, block)
    return case.reader.read(GET_SERIAL, request, lambda answer: decode(payload(answer)))


def _if_there(read: t.Callable[[], Record]) -> Record | None:
    """None where the BMC does not have the parameter, as one without a modem need not."""
    try:
        return read()
    except CompletionError as error:
        if error.outcome not in _ABSENT:
            raise
        return None


CONTROL: t.Final = Control(
    id="H-07",
    title="Serial channels expect no modem and call nobody",
    severity=Severity.LOW,
    profile=Profile.L1,
    rationale="A BMC that dials out, or back to a stored number, opens a way for data that nobody looks at.",
    expected="a direct connection, without callback and without dial strings",
    check=check,
    remedy=Remedy(
        how=(
            "Set the serial channel to a direct connection, and clear callback and dial strings, in the BMC's own pages or with ipmi-config of "
            "FreeIPMI (Serial_Conf). Where nobody uses the port, disable the channel (ipmi_channel, H-06)."
        ),
        fixable=Fixable.OEM,
        disruption=Disruption.CONNECTION,
        disturbs="whoever reaches the BMC by modem",
    ),
    sources=("Dan Farmer, zipmi, notes on captured firmware", "IPMI 2.0, table 25-4, parameters 3, 5, 20 and 21"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-06: the firmware firewall."""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each, wish
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _firewall
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_COMMAND_ENABLES,
    GET_COMMAND_SUPPORT,
    GET_CONFIGURABLE_COMMANDS,
    GET_NETFN_SUPPORT,
    Command,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._firewall import LunSupport, NetFnSupport

_NAME: t.Final = re.compile(r"([0-9A-Fa-f]{2})/([0-9A-Fa-f]{2})")
#: Commands of these and later network functions belong to a body or a maker.
_FIRST_WITH_OWNER: t.Final = 0x2C

#: Network function of the request, and command.
Name = tuple[int, int]


def check(case: Case) -> t.Iterable[Verdict]:
    """Get NetFn Support; the masks of the network functions and halves of command numbers that the policy names."""
    recorded = case.wanted("firmware_firewall")
    if not recorded:
        return [_look(case)]
    return each(_recorded(recorded), lambda entry: f"channel {entry[0]}", lambda entry: _compare(case, *entry))


def _recorded(given: t.Mapping[t.Any, t.Any]) -> list[tuple[int, set[Name]]]:
    return [(_channel(channel), _names(commands)) for channel, commands in given.items()]


def _channel(given: t.Any) -> int:
    # The keys of a dictionary come as text.
    if str(given) not in map(str, range(16)):
        raise BadOption(f"policy.firmware_firewall: {given!r} is not a channel, which is 0 to 15")
    return int(given)


def _names(given: t.Any) -> set[Name]:
    if not isinstance(given, list):
        raise BadOption(f"policy.firmware_firewall: {given!r} must be a list of commands such as 06/47")
    return {_name(str(text)) for text in given}


def _name(text: str) -> Name:
    found = _NAME.fullmatch(text)
    net_fn, code = (int(digits, 16) for digits in found.groups()) if found else (1, 0)
    if net_fn % 2 or net_fn >= _FIRST_WITH_OWNER:
        raise BadOption(f"policy.firmware_firewall: {text!r} must look like 06/47: an even network function below 2C, and a command")
    return net_fn, code


def _text(names: t.Iterable[Name]) -> str:
    return ", ".join(f"{net_fn:02X}/{code:02X}" for net_fn, code in sorted(names))


def _has_firewall(case: Case, channel: int) -> LunSupport | None:
    """What the firewall does on the controller's first unit; None where there is no firewall."""
    try:
        return case.reader.read(GET_NETFN_SUPPORT, _firewall.netfn_request(channel), NetFnSupport.from_wire).luns[0]
    except CompletionError as error:
        if error.outcome is not Outcome.UNSUPPORTED:
            raise
        return None


def _absent() -> Verdict:
    return Verdict(State.NOT_APPLICABLE, "no firmware firewall", reason="the BMC has no firmware firewall (it lacks Get NetFn Support)")


def _look(case: Case) -> Verdict:
    channel = case.own_channel()
    found = _has_firewall(case, channel)
    if found is None:
        return _absent()
    what = "some commands may be disabled" if found is LunSupport.RESTRICTED else "nothing is said to be disabled"
    return wish(f"channel {channel}: {what}", "the commands that are disabled", "firmware_firewall")


def _compare(case: Case, channel: int, disabled: set[Name]) -> Verdict:
    found = _has_firewall(case, channel)
    if found is None:
        return _absent()
    if not disabled:
        state = State.FAIL if found is LunSupport.RESTRICTED else State.PASS
        return Verdict(state, "some are disabled" if state is State.FAIL else "none is disabled", expected="no command is disabled")
    still_on, also_off = set(), set()
    for (net_fn, first), names in itertools.groupby(sorted(disabled), lambda name: (name[0], _firewall.first_of(name[1]))):
        recorded = set(names)
        configurable = _mask(case, GET_CONFIGURABLE_COMMANDS, channel, net_fn, first)
        off = configurable - _mask(case, GET_COMMAND_ENABLES, channel, net_fn, first)
        also_off |= off - recorded
        missing = recorded - off
        if missing - configurable:
            # What the BMC does not have cannot be used either.
            missing &= _mask(case, GET_COMMAND_SUPPORT, channel, net_fn, first)
        still_on |= missing
    expected = f"disabled: {_text(disabled)}"
    wrong = [f"{what}: {_text(names)}" for what, names in (("not disabled", still_on), ("also disabled", also_off)) if names]
    return Verdict(State.FAIL if wrong else State.PASS, "; ".join(wrong) or "as recorded", expected=expected)


def _mask(case: Case, command: Command, channel: int, net_fn: int, first: int) -> set[Name]:
    """The commands that are there, configurable or enabled, by the command that tells it."""
    request = _firewall.mask_request(channel, net_fn, first)
    bit = command != GET_COMMAND_SUPPORT

    def decode(answer: bytes) -> set[Name]:
        return {(net_fn, code) for code in _firewall.marked(answer, first, bit=bit)}

    return case.reader.read(command, request, decode)


CONTROL: t.Final = Control(
    id="P-06",
    title="The firmware firewall is as recorded",
    severity=Severity.INFO,
    profile=Profile.L3,
    rationale="The firmware firewall takes commands away from a channel. A change that nobody knows of opens what was closed, or hides "
    "that somebody closed the way back.",
    expected="of the network functions in policy.firmware_firewall exactly the commands named there are disabled",
    check=check,
    remedy=Remedy(
        how="Use ipmitool: firewall disable channel 1 lun 0 netfn 0x06 command 0x47, and firewall enable for the way back. Never disable "
        "the firewall's own commands, 06/60 and 06/61.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="programs that use the commands in question over that channel",
    ),
    sources=("zipmi, captures of BMC firmware", "IPMI 2.0, chapter 21"),
    options=(
        Option(
            "firmware_firewall",
            {"type": "dict"},
            "What the firmware firewall is known to disable: for each channel a list of commands such as 06/47. Network functions that "
            "are not named are not looked at; an empty list says that the channel has everything.",
            valid=_recorded,
        ),
    ),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""From options to a converged BMC: plan everything, then write everything, in one session.

Nothing is written before the whole of it is planned, so a value that cannot be is found
while the BMC is as it was.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, BmcError, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import AddressSource, SubnetMask
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _boot, _channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import NULL_USER, Account, Login, Slots, plan_account
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut, Line, Proof, carry_out
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_safely
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN, SOURCE
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Plan, make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target

CHANNEL_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {"channel": {"type": "int"}}

UNSUPPORTED_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "on_unsupported": {"type": "str", "default": "fail", "choices": ["fail", "report"]},
}

PROOF_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "verify_login": {"type": "bool", "default": True},
    "verify_timeout": {"type": "int", "default": 60},
    "verify_host": {"type": "str"},
}

SELF_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {"allow_self": {"type": "bool", "default": False}}

#: `bit_rate` stands for both copies.
SOL_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "bit_rate": dict(SOL["bit_rate_volatile"].spec),
    **SOL.argument_spec(),
    **CHANNEL_SPEC,
}

_NO_ADDRESS = "0.0.0.0"


@dataclass
class Converged:
    """What a converge found and did."""

    cuts: tuple[Cut, ...]
    progress: Progress = field(default_factory=Progress)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """One for each instance."""
        return tuple(cut.plan for cut in self.cuts)

    @property
    def changed(self) -> bool:
        """Whether any setting differed, of those that the BMC has."""
        refused = {(missing.label, missing.setting) for missing in self.progress.missing}
        return any(
            (plan.instance.label, name) not in refused
            for plan in self.plans
            for change in plan.changes
            for name in change.names
        )

    @property
    def missing(self) -> list[dict[str, str]]:
        """What the BMC does not support, as results show it."""
        found = [missing for plan in self.plans for missing in plan.missing] + self.progress.missing
        return [missing.as_dict() for missing in found]


def converge(line: Line, cuts: t.Sequence[Cut], *, check_mode: bool, proof: Proof, strict: bool) -> Converged:
    """Carry out plans. With `strict`, a setting that the BMC lacks is a failure, found before the first write.

    A BmcError that leaves here carries `progress`: what had been written by then.
    """
    result = Converged(tuple(cuts))
    if strict:
        _refuse_missing(result, "Nothing was written")
    if check_mode:
        return result
    try:
        for cut in cuts:
            if not cut.at_once(proof):
                write_safely(line.bmc, cut.plan, result.progress)
        for cut in cuts:
            carry_out(line, cut, proof, result.progress)
        if strict:
            _refuse_missing(result, "The rest was written")
    except BmcError as error:
        error.progress = result.progress
        raise
    return result


def _refuse_missing(result: Converged, state: str) -> None:
    found = [missing for plan in result.plans for missing in plan.missing] + result.progress.missing
    if found:
        raise Unsupported(
            f"the BMC does not support {'; '.join(str(missing) for missing in found)}. {state}. "
            "Leave these out, or set on_unsupported: report"
        )


def proof_from(params: t.Mapping[str, t.Any]) -> Proof:
    """The proof options. Raises BadOption."""
    timeout = params["verify_timeout"]
    if not 1 <= timeout <= 3600:
        raise BadOption(f"verify_timeout is {timeout}; it must be 1 to 3600 seconds")
    return Proof(params["verify_login"], float(timeout), params["verify_host"])


def check_lan(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The values that LAN options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    wanted = LAN.wanted(params)
    address, mask = wanted.get("ip_address"), wanted.get("netmask")
    gateway = wanted.get("gateway")
    if address is None or mask is None:
        return wanted
    record = SubnetMask(mask)
    network = int(mask) & int(address)
    last = network | (0xFFFFFFFF ^ int(mask))
    if record.prefix is not None and record.prefix < 31 and int(address) in (network, last) and str(address) != _NO_ADDRESS:
        what = "network's own address" if int(address) == network else "broadcast address"
        raise BadOption(f"ip_address: '{address}' is the {what} of its /{record.prefix}; a BMC needs a host's address")
    if gateway is not None and str(gateway) != _NO_ADDRESS and int(gateway) & int(mask) != network:
        raise BadOption(f"gateway: '{gateway}' is not in the network of {address}/{record.prefix}")
    return wanted


def plan_lan(reader: Reader, params: t.Mapping[str, t.Any], connection: Connection) -> Cut:
    """The LAN configuration of one channel."""
    wanted = check_lan(params)
    channel = _channel.lan_channel(reader, params.get("channel"))
    target = Target(channel)
    instance = Instance(LAN, target, f"lan channel {channel}", in_use=_is_own_channel(reader, channel, connection))
    plan = make_plan(reader, instance, wanted)
    moves = any("ip_address" in change.names for change in plan.changes)
    if moves:
        _refuse_address_without_static(reader, target, wanted)

    def after(now: Connection) -> Connection:
        return now.at(str(wanted["ip_address"])) if moves else now

    return Cut(plan, after)


def _is_own_channel(reader: Reader, channel: int, connection: Connection) -> bool:
    if connection.interface != "lan":
        return False
    own = _channel.present(reader)
    # A BMC that does not say counts as "yes": the careful way round.
    return own is None or own.channel not in _channel.NUMBERS or own.channel == channel


def _refuse_address_without_static(reader: Reader, target: Target, wanted: t.Mapping[str, t.Any]) -> None:
    source = wanted.get("ip_source") or SOURCE.load(reader, target, {}).value
    if source in (AddressSource.DHCP, AddressSource.BIOS):
        raise BadOption(
            f"ip_address: the BMC takes its address from {source.name}, so an address of one's own would be "
            "refused or overwritten. Add ip_source: static"
        )


def check_sol(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The values that SOL options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    both = params.get("bit_rate")
    given = dict(params)
    for copy in ("bit_rate_volatile", "bit_rate_non_volatile"):
        if given.get(copy) is None:
            given[copy] = both
    return SOL.wanted(given)


def plan_sol(reader: Reader, params: t.Mapping[str, t.Any]) -> Cut:
    """The Serial over LAN configuration of one channel."""
    wanted = check_sol(params)
    channel = _channel.lan_channel(reader, params.get("channel"))
    return Cut(make_plan(reader, Instance(SOL, Target(channel), f"sol channel {channel}"), wanted))


def plan_users(
    reader: Reader, accounts: t.Sequence[Account], channel: int | None, connection: Connection, login: Login
) -> list[Cut]:
    """Several accounts on one channel. The account in use comes last."""
    if not accounts:
        return []
    _refuse_twice(accounts)
    given = [account.user_id for account in accounts if account.user_id is not None]
    slots = Slots(reader, _channel.lan_channel(reader, channel), any_slot=given[0] if given else NULL_USER)
    # Given slots first, so that no new account is put into one of them.
    for slot in given:
        slots.take(slot)
    cuts = [plan_account(slots, account, connection, login) for account in accounts]
    return sorted((cut for cut in cuts if cut is not None), key=lambda cut: cut.plan.instance.in_use)


def _refuse_twice(accounts: t.Sequence[Account]) -> None:
    names = [account.name for account in accounts if account.user_id is None]
    slots = [str(account.user_id) for account in accounts if account.user_id is not None]
    for values, what in ((names, "name"), (slots, "user_id")):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise BadOption(f"users: {what} {', '.join(twice)} is there more than once")


def plan_boot(reader: Reader, params: t.Mapping[str, t.Any]) -> Cut:
    """The boot override."""
    return Cut(make_plan(reader, _boot.INSTANCE, _boot.complete(_boot.BOOT.wanted(params))))

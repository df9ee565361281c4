# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Platform event filtering at work: events to actions and alerts (IPMI section 17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import pet
from .registry import Completion
from .state import Destination, LanConfig

if TYPE_CHECKING:
    from .bmc import Bmc

ANY = 0xFF
ALERT, OFF, RESET, CYCLE, INTERRUPT = 0x01, 0x02, 0x04, 0x08, 0x20
PEF_ON = 0x01
ENABLED = 0x80
POLICY_ENABLED = 0x08
SEND_ALWAYS, NEXT_IF_FAILED, STOP, OTHER_CHANNEL, OTHER_KIND = range(5)
SUCCEEDED, FAILED, NO_ACKNOWLEDGE = 0x01, 0x02, 0x03
PET, IPV4 = 0, 0
# Chassis control operations in the order of their priority, by the action's bit.
POWER_ACTIONS = ((OFF, 0), (CYCLE, 2), (RESET, 3), (INTERRUPT, 4))


@dataclass(frozen=True)
class Event:
    """A system event as PEF looks at it."""

    generator: bytes  # 2 bytes
    body: bytes  # revision, sensor type, number, direction and type, data 1 to 3


def matches(entry: bytes, event: Event) -> bool:
    """Does an event filter (20 bytes, IPMI table 30-6 without its number) take the event?"""
    body = event.body
    pairs = ((entry[4], event.generator[0]), (entry[5], event.generator[1]))
    named = (*pairs, (entry[6], body[1]), (entry[7], body[2]), (entry[8], body[3]))
    if not entry[0] & ENABLED or any(want not in (ANY, got) for want, got in named):
        return False
    offsets = int.from_bytes(entry[9:11], "little")
    if offsets and not offsets >> (body[4] & 0x0F) & 1:
        return False
    masks = (entry[11:14], entry[14:17], entry[17:20])
    return all(_data_matches(mask, data) for mask, data in zip(masks, body[4:7], strict=True))


def _data_matches(mask: bytes, data: int) -> bool:
    """AND mask, compare 1 (1: this bit has to match exactly), compare 2 (the value)."""
    kept, exact, wanted = mask
    seen = data & kept
    if (seen ^ wanted) & exact & kept:
        return False
    loose = kept & ~exact
    # Of the bits that need not match exactly, one or more has to.
    return not loose or bool(~(seen ^ wanted) & loose)


def process(bmc: Bmc, event: Event, record: int) -> None:
    """Run an event that has been logged through the filters."""
    pef = bmc.state.pef
    if not pef.control & PEF_ON or _postponed(bmc):
        return
    pef.last_bmc = record
    found = [entry for entry in pef.filters if matches(entry, event)]
    wanted = 0
    for entry in found:
        wanted |= entry[1]
    allowed = wanted & pef.actions & bmc.state.traits.pef.actions
    for action, operation in POWER_ACTIONS:
        if allowed & action:
            _control(bmc, operation)
            break
    if allowed & ALERT:
        policies = {entry[2] & 0x0F: entry[3] for entry in found if entry[1] & ALERT}
        for policy, severity in policies.items():
            run_policy(bmc, policy, event.body, severity)


def _postponed(bmc: Bmc) -> bool:
    pef = bmc.state.pef
    until = pef.postpone_until
    return pef.postpone != 0 if until is None else bmc.clock.now() < until


def _control(bmc: Bmc, operation: int) -> None:
    try:
        bmc.power.control(operation, bmc.channel)
    except Completion as refusal:
        bmc.log.info("PEF: the power refuses %d: %02X", operation, refusal.code)


def run_policy(bmc: Bmc, policy: int, event: bytes, severity: int) -> None:
    """Walk the alert policies with this number (IPMI table 17-3)."""
    before: tuple[int, int] | None = None  # channel and kind of the last that succeeded
    for entry in bmc.state.pef.policies:
        if entry[0] >> 4 != policy or not entry[0] & POLICY_ENABLED:
            continue
        rule, channel, selector = entry[0] & 0x07, entry[1] >> 4, entry[1] & 0x0F
        lan = bmc.state.lan.get(channel)
        if lan is None or selector >= len(lan.destinations):
            continue
        kind = lan.destinations[selector].kind
        if before is not None and rule == STOP:
            return
        if before is not None and _skipped(rule, before, (channel, kind)):
            continue
        if alert(bmc, channel, selector, event, severity) == SUCCEEDED:
            before = (channel, kind)


def _skipped(rule: int, before: tuple[int, int], here: tuple[int, int]) -> bool:
    if rule == OTHER_CHANNEL:
        return before[0] == here[0]
    if rule == OTHER_KIND:
        return before[1] == here[1]
    return rule == NEXT_IF_FAILED


def alert(bmc: Bmc, channel: int, selector: int, event: bytes, severity: int) -> int:
    """Send one alert. Returns the status that Alert Immediate tells: 1 sent, 2 failed."""
    lan, pef = bmc.state.lan[channel], bmc.state.pef
    destination = lan.destinations[selector]
    if not _possible(bmc, channel, destination):
        pef.alert_status = FAILED
        return FAILED
    pef.sequence = pef.sequence % 0xFFFF + 1
    trap = _trap(bmc, lan, pef.sequence, event, severity)
    if destination.acknowledge:
        pef.waiting.add(trap.sequence)
    pef.alert_status = _send(bmc, trap, destination)
    if destination.acknowledge and pef.alert_status == SUCCEEDED:
        _repeat(bmc, trap, destination, destination.retries)
    return pef.alert_status


def _possible(bmc: Bmc, channel: int, destination: Destination) -> bool:
    if not bmc.state.channels[channel].volatile.pef_alerting or not bmc.reachable:
        return False
    return (
        destination.kind == PET
        and destination.address_format == IPV4
        and any(destination.address)
    )


def _trap(bmc: Bmc, lan: LanConfig, sequence: int, event: bytes, severity: int) -> pet.Trap:
    device = bmc.state.traits.device
    offset = bmc.state.sel.utc_offset
    return pet.Trap(
        community=lan.community.rstrip(b"\0"),
        agent=lan.address,
        guid=bmc.state.device.guid,
        sequence=sequence,
        time=int(bmc.clock.now() + bmc.state.sel.time_offset),
        utc_offset=offset,
        severity=severity,
        event=event,
        manufacturer=device.manufacturer_id,
        product=device.product_id,
    )


def _send(bmc: Bmc, trap: pet.Trap, destination: Destination) -> int:
    port = bmc.state.traits.pef.trap_port
    try:
        pet.send(trap.packet(), trap.agent, destination.address, port)
    except OSError as error:
        bmc.log.warning("no alert to %s: %s", destination.address.hex("."), error)
        return FAILED
    return SUCCEEDED


def _repeat(bmc: Bmc, trap: pet.Trap, destination: Destination, left: int) -> None:
    """Send again until PET Acknowledge came or the retries are used up."""

    def due() -> None:
        pef = bmc.state.pef
        if trap.sequence not in pef.waiting:
            return
        if not left:
            pef.waiting.discard(trap.sequence)
            pef.alert_status = NO_ACKNOWLEDGE
            return
        _send(bmc, trap, destination)
        _repeat(bmc, trap, destination, left - 1)

    bmc.clock.call_later(destination.timeout + 1.0, due)

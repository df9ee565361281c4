# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which port of the server the BMC uses: dedicated, shared with the host, or failover.

No standard has this; each maker has a command of its own:

- `dell`: 30/29 and 30/28, iDRAC 7 and later; `dell_11g`: 30/25 and 30/24, those before. ipmitool's
  lib/ipmi_delloem.c, and FreeIPMI's ipmi-oem, which cites documents of Dell.
- `supermicro`: 30/70 with the sub-command 0C. Usage of Supermicro's IPMICFG (`-raw 0x30 0x70 0x0c`),
  as in https://serverfault.com/questions/361940 and in many notes of others.
- `lenovo`: LAN parameter C0. xCAT's bmcsetup (its key "bmcport").
- `ilo`: LAN parameters E0 and C5. HPE iLO IPMI User Guide, by way of ipmitool's lib/ipmi_hpeoem.c.

The state holds what the maker's own "get" shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import BmcState, NicState
from .common import INVALID_FIELD, WRONG_LENGTH

if TYPE_CHECKING:
    from ..bmc import Bmc

NOT_THERE = 0xC1
DELL_DEDICATED, DELL_NONE, DELL_ALL = 1, 0, 6
DELL_LOMS = range(2, 6)
SUPERMICRO_NIC = 0x0C
READ, WRITE = 0, 1
LENOVO = 0xC0
ILO_SHARED_PORT, ILO_SELECTION = 0xC5, 0xE0
ILO_MARK = b"\xaa\x55"
ILO_RESET_NEEDED = 0x01
ILO_PORTS = 0x03  # b1 ALOM, b0 LOM: what there is to share
OEM_PARAMETERS = {"lenovo": (LENOVO,), "ilo": (ILO_SHARED_PORT, ILO_SELECTION)}


def _nic(ctx: Context, style: str) -> NicState:
    """The state of a BMC of this style; C1 on every other."""
    if ctx.bmc.state.traits.nic_mode.style != style:
        raise Completion(NOT_THERE)
    settle(ctx.bmc.state, ctx.bmc.clock.now())
    return ctx.bmc.state.nic


def settle(state: BmcState, now: float) -> None:
    """Let a write show that has had its time."""
    nic = state.nic
    if nic.wanted is not None and nic.wanted_at is not None and now >= nic.wanted_at:
        nic.value, nic.wanted, nic.wanted_at = nic.wanted, None, None


def _store(ctx: Context, value: bytes) -> bytes:
    """Take a value that is valid: at once, after the maker's delay, or at the next reset."""
    traits, nic = ctx.bmc.state.traits.nic_mode, ctx.bmc.state.nic
    code = traits.refused.get(value[0])
    if code:
        raise Completion(code)
    nic.wanted = value
    if traits.needs_reset:
        nic.wanted_at = None
        return b""
    nic.wanted_at = ctx.bmc.clock.now() + traits.delay
    # Without a delay the answer still leaves over the old port.
    ctx.bmc.clock.call_later(traits.delay, lambda: _switched(ctx.bmc, ctx.channel))
    settle(ctx.bmc.state, ctx.bmc.clock.now())
    return b""


def _switched(bmc: Bmc, channel: int) -> None:
    settle(bmc.state, bmc.clock.now())
    bmc.network_changed(channel)


@command(0x30, 0x29)
def get_dell(ctx: Context, data: bytes) -> bytes:
    """Get NIC Selection: 1 dedicated, 2 to 5 LOM 1 to 4; failover 0 none, 2 to 5, 6 all."""
    need(data, 0)
    return _nic(ctx, "dell").value


@command(0x30, 0x28, privilege=Privilege.ADMINISTRATOR)
def set_dell(ctx: Context, data: bytes) -> bytes:
    """Set NIC Selection: selection, failover. A port does not fail over to itself."""
    need(data, 2)
    _nic(ctx, "dell")
    selection, failover = data
    if selection == DELL_DEDICATED:
        fits = failover == DELL_NONE
    else:
        fits = selection in DELL_LOMS and failover in (DELL_NONE, DELL_ALL, *DELL_LOMS)
    if not fits or selection == failover:
        raise Completion(INVALID_FIELD)
    return _store(ctx, data)


@command(0x30, 0x25)
def get_dell_11g(ctx: Context, data: bytes) -> bytes:
    """Get NIC Selection: 0 shared, 1 with failover to LOM 2, 2 dedicated, 3 with failover to all."""
    need(data, 0)
    return _nic(ctx, "dell_11g").value


@command(0x30, 0x24, privilege=Privilege.ADMINISTRATOR)
def set_dell_11g(ctx: Context, data: bytes) -> bytes:
    """Set NIC Selection: a byte as in Get."""
    need(data, 1)
    _nic(ctx, "dell_11g")
    if data[0] > 3:
        raise Completion(INVALID_FIELD)
    return _store(ctx, data)


@command(0x30, 0x70, privilege=Privilege.ADMINISTRATOR)
def supermicro(ctx: Context, data: bytes) -> bytes:
    """Sub-command 0C, 0 read or 1 write; mode 0 dedicated, 1 shared, 2 failover."""
    nic = _nic(ctx, "supermicro")
    need_at_least(data, 2)
    if data[0] != SUPERMICRO_NIC or data[1] not in (READ, WRITE):
        raise Completion(INVALID_FIELD)
    if data[1] == READ:
        need(data, 2)
        return nic.value
    need(data, 3)
    if data[2] > 2:
        raise Completion(INVALID_FIELD)
    return _store(ctx, data[2:])


def has_parameter(state: BmcState, which: int) -> bool:
    """Whether a LAN parameter is one of these on this BMC."""
    return which in OEM_PARAMETERS.get(state.traits.nic_mode.style, ())


def read_parameter(ctx: Context, which: int) -> bytes:
    """The data of one of them, after the revision."""
    nic = _nic(ctx, ctx.bmc.state.traits.nic_mode.style)
    if which == ILO_SHARED_PORT:
        return nic.port + bytes((ILO_PORTS,))
    if which == ILO_SELECTION:
        status = ILO_RESET_NEEDED if nic.wanted is not None else 0
        # Two bytes of network status, which are of no use here.
        return bytes(2) + nic.value + bytes((status,))
    return nic.value


def write_parameter(ctx: Context, which: int, data: bytes) -> None:
    """Store one of them."""
    nic = _nic(ctx, ctx.bmc.state.traits.nic_mode.style)
    if which == ILO_SELECTION:
        need(data, 4)
        if data[:2] != ILO_MARK or data[2] > 1 or data[3] != 0xFF:
            raise Completion(INVALID_FIELD)
        _store(ctx, data[2:3])
    elif which == ILO_SHARED_PORT:
        need(data, 3)
        if data[0] not in (1, 2) or data[1] not in (1, 2):
            raise Completion(INVALID_FIELD)
        nic.port = data[:2]
    elif len(data) > 2:
        raise Completion(WRONG_LENGTH)
    elif data[0] > 2:
        raise Completion(INVALID_FIELD)
    else:
        _store(ctx, data)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOL configuration parameters (IPMI section 26)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import SolConfig
from ..traits import SolTraits
from .common import (
    INVALID_FIELD,
    REVISION,
    REVISION_ONLY,
    Parameter,
    get_parameter,
    in_range,
    lan_of,
    number,
    refuse_if,
    set_in_progress,
    set_parameter,
)

PAYLOAD_CHANNEL = 7
BIT_RATES = (5, 6)


def _write_enable(sol: SolConfig, data: bytes) -> None:
    sol.enabled = bool(data[0] & 1)


def _read_authentication(sol: SolConfig, _set: int, _block: int) -> bytes:
    return bytes((sol.force_encryption << 7 | sol.force_authentication << 6 | sol.privilege,))


def _write_authentication(sol: SolConfig, data: bytes) -> None:
    privilege = in_range(data[0] & 0x0F, 2, 5)  # b3:0; callback is reserved
    sol.force_encryption = bool(data[0] & 0x80)
    sol.force_authentication = bool(data[0] & 0x40)
    sol.privilege = privilege


def _write_accumulate(sol: SolConfig, data: bytes) -> None:
    sol.accumulate = in_range(data[0], 1, 255)  # 5 ms units, 0 is reserved
    sol.threshold = data[1]  # characters; 0 sends none early


def _write_retry(sol: SolConfig, data: bytes) -> None:
    sol.retry_count = data[0] & 0x07
    sol.retry_interval = data[1]  # 10 ms units


PARAMETERS: dict[int, Parameter[SolConfig]] = {
    0: Parameter(lambda sol, _set, _block: bytes((sol.set_in_progress,))),
    1: Parameter(lambda sol, _set, _block: bytes((sol.enabled,)), _write_enable, (1,)),
    2: Parameter(_read_authentication, _write_authentication, (1,)),
    3: Parameter(
        lambda sol, _set, _block: bytes((sol.accumulate, sol.threshold)), _write_accumulate, (2,)
    ),
    4: Parameter(
        lambda sol, _set, _block: bytes((sol.retry_count, sol.retry_interval)), _write_retry, (2,)
    ),
    5: number("bit_rate", mask=0x0F),
    6: number("volatile_bit_rate", mask=0x0F),
    7: Parameter(lambda _sol, _set, _block: b""),  # the channel stands before this
    8: number("port", 2),
}


@command(0x0C, 0x22)
def get_sol(ctx: Context, data: bytes) -> bytes:
    """Get SOL Configuration: b7 revision only, b3:0 channel; parameter; set; block."""
    need(data, 4)
    channel, _unused = lan_of(ctx, data[0])
    if data[0] & REVISION_ONLY:
        return bytes((REVISION,))
    sol, traits = ctx.bmc.state.sol[channel], ctx.bmc.state.traits.sol
    answer = get_parameter(PARAMETERS, traits.parameters, sol, data[1:])
    return bytes((REVISION,)) + (bytes((channel,)) if data[1] == PAYLOAD_CHANNEL else answer)


@command(0x0C, 0x21, privilege=Privilege.ADMINISTRATOR)
def set_sol(ctx: Context, data: bytes) -> bytes:
    """Set SOL Configuration: b3:0 channel; parameter; data."""
    need_at_least(data, 3)
    channel, _unused = lan_of(ctx, data[0])
    sol, traits = ctx.bmc.state.sol[channel], ctx.bmc.state.traits.sol
    if data[1] == 0:
        refuse_if(traits.parameters.unsupported.get(0, 0))
        sol.set_in_progress = set_in_progress(sol.set_in_progress, data[2:], traits.commit_code)
        return b""
    _check_bit_rate(traits, data[1:])
    set_parameter(PARAMETERS, traits.parameters, sol, data[1:])
    return b""


def _check_bit_rate(traits: SolTraits, request: bytes) -> None:
    if request[0] in BIT_RATES and request[1] & 0x0F not in traits.bit_rates:
        raise Completion(INVALID_FIELD)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial/modem configuration, as far as tools ask for it (IPMI section 25)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import SerialConfig
from .common import (
    INVALID_FIELD,
    PARAMETER_UNSUPPORTED,
    READ_ONLY,
    REVISION,
    REVISION_ONLY,
    WRONG_LENGTH,
    channel_of,
    set_in_progress,
)

AUTHENTICATION_SUPPORT = 1


def _serial_of(ctx: Context, byte: int) -> SerialConfig:
    config = ctx.bmc.state.serial.get(channel_of(ctx, byte))
    if config is None:
        raise Completion(INVALID_FIELD)
    return config


@command(0x0C, 0x11, privilege=Privilege.OPERATOR)
def get_serial(ctx: Context, data: bytes) -> bytes:
    """Get Serial/Modem Configuration: b7 revision only, b3:0 channel; parameter; set; block."""
    need(data, 4)
    config = _serial_of(ctx, data[0])
    if data[0] & REVISION_ONLY:
        return bytes((REVISION,))
    if data[1] == 0:
        return bytes((REVISION, config.set_in_progress))
    value = config.parameters.get(data[1])
    if value is None:
        raise Completion(PARAMETER_UNSUPPORTED)
    return bytes((REVISION,)) + value


@command(0x0C, 0x10, privilege=Privilege.ADMINISTRATOR)
def set_serial(ctx: Context, data: bytes) -> bytes:
    """Set Serial/Modem Configuration: b3:0 channel; parameter; data."""
    need_at_least(data, 3)
    config = _serial_of(ctx, data[0])
    if data[1] == 0:
        config.set_in_progress = set_in_progress(config.set_in_progress, data[2:], 0)
        return b""
    value = config.parameters.get(data[1])
    if value is None:
        raise Completion(PARAMETER_UNSUPPORTED)
    if data[1] == AUTHENTICATION_SUPPORT:
        raise Completion(READ_ONLY)
    if len(data) - 2 != len(value):
        raise Completion(WRONG_LENGTH)
    config.parameters[data[1]] = data[2:]
    return b""

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller itself: id, resets, self test, GUID, global enables (IPMI section 20, 22)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need
from .common import INVALID_FIELD, refuse_if

ACPI_S0, ACPI_S5 = 0x00, 0x05


@command(0x06, 0x01)
def get_device_id(ctx: Context, data: bytes) -> bytes:
    """Get Device ID (IPMI 20.1)."""
    need(data, 0)
    device = ctx.bmc.state.traits.device
    head = bytes(
        (
            device.device_id,
            device.provides_sdrs << 7 | device.device_revision,  # b3:0 revision
            device.firmware_major,  # b7 update under way, b6:0
            device.firmware_minor,  # BCD
            device.ipmi_version,  # BCD, low nibble is the major number
            device.support,
        )
    )
    ids = device.manufacturer_id.to_bytes(3, "little") + device.product_id.to_bytes(2, "little")
    return head + ids + device.aux_firmware


@command(0x06, 0x02, privilege=Privilege.ADMINISTRATOR)
def cold_reset(ctx: Context, data: bytes) -> bytes:
    """Cold Reset (IPMI 20.2)."""
    need(data, 0)
    ctx.bmc.reset("cold")
    return b""


@command(0x06, 0x03, privilege=Privilege.ADMINISTRATOR)
def warm_reset(ctx: Context, data: bytes) -> bytes:
    """Warm Reset (IPMI 20.3)."""
    need(data, 0)
    refuse_if(ctx.bmc.state.traits.device.warm_reset_code)
    ctx.bmc.reset("warm")
    return b""


@command(0x06, 0x04)
def get_self_test(ctx: Context, data: bytes) -> bytes:
    """Get Self Test Results (IPMI 20.4): result, detail."""
    need(data, 0)
    return bytes(ctx.bmc.state.traits.device.self_test)


@command(0x06, 0x07)
def get_acpi_power_state(ctx: Context, data: bytes) -> bytes:
    """Get ACPI Power State (IPMI 20.7): system S0 or S5, device D0."""
    need(data, 0)
    return bytes((ACPI_S0 if ctx.bmc.power.on else ACPI_S5, 0))


@command(0x06, 0x08)
def get_device_guid(ctx: Context, data: bytes) -> bytes:
    """Get Device GUID (IPMI 20.8)."""
    need(data, 0)
    return ctx.bmc.state.device.guid


@command(0x06, 0x2E, privilege=Privilege.ADMINISTRATOR)
def set_global_enables(ctx: Context, data: bytes) -> bytes:
    """Set BMC Global Enables: b7:5 OEM, b3 SEL, b2 event buffer, b1 and b0 interrupts."""
    need(data, 1)
    if data[0] & 0x10:
        raise Completion(INVALID_FIELD)
    ctx.bmc.state.device.global_enables = data[0]
    return b""


@command(0x06, 0x2F)
def get_global_enables(ctx: Context, data: bytes) -> bytes:
    """Get BMC Global Enables."""
    need(data, 0)
    return bytes((ctx.bmc.state.device.global_enables,))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send Message (06/34; IPMI 22.7): requests for another controller behind this one."""

from __future__ import annotations

from ..protocol import packets
from ..protocol.crypto import BadPacket
from ..registry import Completion, Context, command, dispatch, need_at_least

TRACK = 0x40
NO_SUCH_TARGET = 0x83  # the target did not acknowledge its address


@command(0x06, 0x34)
def send_message(ctx: Context, data: bytes) -> bytes:
    """Send Message: b7:6 01 track, b3:0 channel; then the request as it goes over that channel.

    The answer to this command says that the request is on its way; the target's answer follows
    in a packet of its own.
    """
    need_at_least(data, 8)
    if data[0] & 0xC0 != TRACK:
        raise Completion(0xCC)
    try:
        request = packets.parse_request(data[1:], data[1])
    except BadPacket:
        raise Completion(0xCC) from None
    satellite = ctx.bmc.satellites.get((data[0] & 0x0F, data[1]))
    if satellite is None:
        raise Completion(NO_SUCH_TARGET)
    session = ctx.session
    assert session is not None
    bmc, channel = ctx.bmc, data[0] & 0x0F

    def answer() -> None:
        if satellite.faults.silent:
            return
        inner = Context(satellite, session, channel, ctx.peer)
        body = dispatch(inner, request.netfn, request.cmd, request.data)
        bmc.send_message(session, packets.build_bridged(request, data[1], body))

    bmc.clock.call_later(0, answer)
    return b""

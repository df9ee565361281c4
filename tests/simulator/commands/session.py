# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions: authentication capabilities, challenge, privilege, close, info (IPMI 22.13 to 22.20)."""

from __future__ import annotations

import socket

from ..protocol.crypto import SUITES, Suite
from ..protocol.session import Session
from ..registry import Completion, Context, Privilege, command, need, need_at_least
from .common import channel_of, lan_of

NAME_LENGTH = 16
CIPHER_CHUNK = 16
UNKNOWN_ID, UNKNOWN_HANDLE = 0x87, 0x88


@command(0x06, 0x37, sessionless=True)
def get_system_guid(ctx: Context, data: bytes) -> bytes:
    """Get System GUID: 16 bytes."""
    need(data, 0)
    return ctx.bmc.state.device.guid


@command(0x06, 0x38, sessionless=True)
def get_auth_capabilities(ctx: Context, data: bytes) -> bytes:
    """Get Channel Authentication Capabilities: b7 wants 2.0 data, b3:0 channel; privilege."""
    need(data, 2)
    number, lan = lan_of(ctx, data[0])
    privilege = data[1] & 0x0F
    if not 1 <= privilege <= Privilege.OEM:
        raise Completion(0xCC)
    protocol = ctx.bmc.personality.protocol
    wants_20 = bool(data[0] & 0x80) and protocol.rmcpplus
    access = ctx.bmc.state.channels[number].volatile
    taken = lan.auth_support & lan.auth_enables[privilege - 1] | ctx.bmc.state.traits.lan.auth_accepts
    types = taken if protocol.ipmi15 else 0
    status = (
        (ctx.bmc.state.channels[number].kg is not None) << 5
        | (not access.per_message_auth) << 4
        | (not access.user_level_auth) << 3
        | _login_status(ctx, number)
    )
    versions = protocol.rmcpplus << 1 | protocol.ipmi15
    return bytes((number, wants_20 << 7 | types, status, versions if wants_20 else 0, 0, 0, 0, 0))


def _login_status(ctx: Context, channel: int) -> int:
    """b2 users with names, b1 null user name with a password, b0 null name without."""
    status = 0
    for user in ctx.bmc.state.users.values():
        access = user.access.get(channel)
        if access is None or not user.enabled or not 1 <= access.privilege <= Privilege.OEM:
            continue
        status |= 4 if user.name else 2 if user.password else 1
    return status


@command(0x06, 0x39, sessionless=True)
def get_session_challenge(ctx: Context, data: bytes) -> bytes:
    """Get Session Challenge: b3:0 authentication type; user name, 16 bytes."""
    need(data, 1 + NAME_LENGTH)
    if not ctx.bmc.personality.protocol.ipmi15:
        raise Completion(0xD5)
    return ctx.bmc.old_sessions.challenge(data[0] & 0x0F, data[1:].rstrip(b"\0"))


@command(0x06, 0x3A, sessionless=True)
def activate_session(ctx: Context, data: bytes) -> bytes:
    """Activate Session: type; privilege; challenge, 16 bytes; first outbound sequence number."""
    need(data, 22)
    return ctx.bmc.old_sessions.activate(data, ctx.peer)


@command(0x06, 0x3B, privilege=Privilege.CALLBACK)
def set_session_privilege(ctx: Context, data: bytes) -> bytes:
    """Set Session Privilege Level: b3:0 level, 0 only asks. Returns the level now."""
    need(data, 1)
    session = _own(ctx)
    wanted = data[0] & 0x0F
    if wanted:
        if wanted == Privilege.CALLBACK or wanted > Privilege.OEM:
            raise Completion(0xCC if wanted > Privilege.OEM else 0x80)
        if wanted > session.max_privilege:
            raise Completion(0x81)
        if wanted > _limit_now(ctx, session):
            raise Completion(0x80)
        session.privilege = Privilege(wanted)
    return bytes((session.privilege,))


def _limit_now(ctx: Context, session: Session) -> int:
    """What user and channel allow by now; both may have changed since the login."""
    access = ctx.bmc.state.users[session.user_id].access.get(session.channel)
    limit = ctx.bmc.state.channels[session.channel].volatile.privilege_limit
    return 0 if access is None or access.privilege > Privilege.OEM else min(access.privilege, limit)


@command(0x06, 0x3C, privilege=Privilege.CALLBACK)
def close_session(ctx: Context, data: bytes) -> bytes:
    """Close Session: id, 4 bytes; a handle if the id is 0. Another's needs Administrator."""
    need(data, 4, 5)
    sessions = ctx.bmc.sessions
    if any(data[:4]):
        target, code = sessions.find(data[:4]), UNKNOWN_ID
    else:
        target, code = sessions.by_handle(need(data, 5)[4]), UNKNOWN_HANDLE
    if target is None:
        raise Completion(code)
    if target is not ctx.session and _own(ctx).privilege < Privilege.ADMINISTRATOR:
        raise Completion(0xD4)
    target.ended_by = ctx.session
    sessions.close(target)
    return b""


@command(0x06, 0x3D)
def get_session_info(ctx: Context, data: bytes) -> bytes:
    """Get Session Info: 0 this one, N the Nth active, FE and a handle, FF and an id."""
    need_at_least(data, 1)
    session = _wanted(ctx, data)
    head = bytes((ctx.bmc.sessions.slots & 0x3F, len(ctx.bmc.sessions) & 0x3F))
    if session is None:
        return b"\0" + head
    address = session.peer[0].rpartition(":")[2]
    kind = (session.kind == "2.0") << 4 | session.channel
    who = bytes((session.user_id, session.privilege, kind))
    where = _ipv4(address) + bytes(6) + session.peer[1].to_bytes(2, "little")
    return bytes((session.handle,)) + head + who + where


def _wanted(ctx: Context, data: bytes) -> Session | None:
    which = data[0]
    if which == 0xFF:
        return ctx.bmc.sessions.find(need(data, 5)[1:])
    if which == 0xFE:
        return ctx.bmc.sessions.by_handle(need(data, 2)[1])
    need(data, 1)
    if which == 0:
        return ctx.session
    active = list(ctx.bmc.sessions)
    return active[which - 1] if which <= len(active) else None


def _ipv4(text: str) -> bytes:
    """Four bytes; zeros for a console that came over IPv6, which has no place here."""
    try:
        return socket.inet_aton(text)
    except OSError:
        return bytes(4)


@command(0x06, 0x54, sessionless=True)
def get_cipher_suites(ctx: Context, data: bytes) -> bytes:
    """Get Channel Cipher Suites: channel; payload type; b7 by suite, b5:0 index of 16 bytes."""
    need(data, 3)
    protocol = ctx.bmc.personality.protocol
    if ctx.session is None and not protocol.sessionless_cipher_suites:
        raise Completion(0xD4)
    number = channel_of(ctx, data[0])
    lan = ctx.bmc.state.lan.get(number)
    suites = [] if lan is None else [SUITES[n] for n in lan.cipher_suites if n in SUITES]
    if data[2] & 0x80:
        records = b"".join(_record(suite) for suite in suites)
    else:
        records = _algorithms(suites)
    index = data[2] & 0x3F
    return bytes((number,)) + records[index * CIPHER_CHUNK : (index + 1) * CIPHER_CHUNK]


def _record(suite: Suite) -> bytes:
    """C0, id, then the algorithms: b7:6 0 authentication, 1 integrity, 2 confidentiality."""
    numbers = (suite.auth, 0x40 | suite.integrity, 0x80 | suite.confidentiality)
    return bytes((0xC0, suite.number, *numbers))


def _algorithms(suites: list[Suite]) -> bytes:
    found = {suite.auth for suite in suites}
    found |= {0x40 | suite.integrity for suite in suites}
    found |= {0x80 | suite.confidentiality for suite in suites}
    return bytes(sorted(found))


def _own(ctx: Context) -> Session:
    assert ctx.session is not None
    return ctx.session

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user table: access, names, passwords (IPMI section 22.26 to 22.30)."""

from __future__ import annotations

import re

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import BmcState, User, UserAccess
from ..traits import UserTraits
from .common import INVALID_FIELD, WRONG_LENGTH, channel_of, refuse_if, user_of

TEST_FAILED, TEST_FAILED_SIZE = 0x80, 0x81
DISABLE, ENABLE, SET, TEST = range(4)
NO_SESSIONS = 0


def _session_channel(ctx: Context, byte: int) -> int:
    channel = channel_of(ctx, byte)
    if ctx.bmc.state.channels[channel].session_support == NO_SESSIONS:
        raise Completion(INVALID_FIELD)
    return channel


def _writable(state: BmcState, byte: int) -> tuple[int, User]:
    number, user = user_of(state, byte)
    if number in state.traits.users.reserved:
        raise Completion(state.traits.users.reserved_code)
    return number, user


@command(0x06, 0x43, privilege=Privilege.ADMINISTRATOR)
def set_user_access(ctx: Context, data: bytes) -> bytes:
    """Set User Access (IPMI 22.26)."""
    need(data, 3, 4)
    traits = ctx.bmc.state.traits.users
    channel = _session_channel(ctx, data[0])  # b7 change bits, b6:4 bits, b3:0 channel
    _unused, user = _writable(ctx.bmc.state, data[1])  # b5:0 user
    limit = data[2] & 0x0F  # b3:0 privilege limit
    if limit == 0:
        refuse_if(traits.unspecified_privilege_code)
    if 5 < limit < 15:
        raise Completion(INVALID_FIELD)
    if not user.name:
        refuse_if(traits.access_without_name_code)
    access = user.on(channel)
    if data[0] & 0x80:
        access.callback = bool(data[0] & 0x40)
        access.link_auth = bool(data[0] & 0x20)
        access.messaging = bool(data[0] & 0x10)
    access.privilege = limit
    if len(data) == 4 and traits.session_limit_supported:
        access.session_limit = data[3] & 0x0F  # b3:0 sessions at once, 0 as the channel
    return b""


@command(0x06, 0x44, privilege=Privilege.OPERATOR)
def get_user_access(ctx: Context, data: bytes) -> bytes:
    """Get User Access (IPMI 22.27)."""
    need(data, 2)
    state = ctx.bmc.state
    channel = _session_channel(ctx, data[0])
    _unused, user = user_of(state, data[1])
    access = user.access.get(channel, UserAccess())
    return bytes(
        (
            state.traits.users.max_users,  # b5:0 slots
            _status(state.traits.users, user) << 6 | sum(u.enabled for u in state.users.values()),
            len(state.traits.users.fixed_names),  # b5:0 names that cannot be changed
            access.callback << 6 | access.link_auth << 5 | access.messaging << 4 | access.privilege,
        )
    )


def _status(traits: UserTraits, user: User) -> int:
    """Bits 7:6: 0 not told, 1 enabled, 2 disabled."""
    if not traits.reports_enable_status:
        return 0
    return 1 if user.enabled else 2


@command(0x06, 0x45, privilege=Privilege.ADMINISTRATOR)
def set_user_name(ctx: Context, data: bytes) -> bytes:
    """Set User Name (IPMI 22.28): user, 16 bytes ended by zeros."""
    need(data, 17)
    state, traits = ctx.bmc.state, ctx.bmc.state.traits.users
    number, user = _writable(state, data[0])
    if number in traits.fixed_names:
        raise Completion(traits.fixed_name_code)
    name = data[1:].split(b"\0", 1)[0]
    if not name:
        refuse_if(traits.empty_name_code)
    text = name.decode("latin-1")
    if len(name) > traits.name_max or not re.fullmatch(traits.name_pattern, text):
        raise Completion(traits.name_code)
    if name and any(other.name == name for other in state.users.values()):
        refuse_if(traits.duplicate_name_code)
    user.name = name
    return b""


@command(0x06, 0x46, privilege=Privilege.OPERATOR)
def get_user_name(ctx: Context, data: bytes) -> bytes:
    """Get User Name (IPMI 22.29)."""
    need(data, 1)
    _unused, user = user_of(ctx.bmc.state, data[0])
    if not user.name:
        refuse_if(ctx.bmc.state.traits.users.unset_name_code)
    return user.name.ljust(16, b"\0")


@command(0x06, 0x47, privilege=Privilege.ADMINISTRATOR)
def set_user_password(ctx: Context, data: bytes) -> bytes:
    """Set User Password (IPMI 22.30): b7 20-byte form, b5:0 user; b1:0 operation; password."""
    need_at_least(data, 2)
    state = ctx.bmc.state
    size = 20 if data[0] & 0x80 else 16
    operation, password = data[1] & 0x03, data[2:]
    if operation == TEST:
        _unused, user = user_of(state, data[0])
        return _test(state.traits.users, user, _sized(state, size, password), size)
    _unused, user = _writable(state, data[0])
    if operation == SET:
        return _set(state.traits.users, user, _sized(state, size, password), size)
    if len(password) not in (0, 16, 20):
        raise Completion(WRONG_LENGTH)
    if not password and state.traits.users.enable_needs_password_bytes:
        raise Completion(WRONG_LENGTH)
    return _switch(state.traits.users, user, operation == ENABLE)


def _sized(state: BmcState, size: int, password: bytes) -> bytes:
    """The password without its padding, of a form that this BMC has."""
    if size not in state.traits.users.password_sizes:
        raise Completion(state.traits.users.password_size_code)
    if len(password) != size:
        raise Completion(WRONG_LENGTH)
    return password.rstrip(b"\0")


def _test(traits: UserTraits, user: User, password: bytes, size: int) -> bytes:
    refuse_if(traits.test_password_code)
    if size != user.password_size:
        raise Completion(TEST_FAILED_SIZE)
    if password != (user.password or b""):
        raise Completion(TEST_FAILED)
    return b""


def _set(traits: UserTraits, user: User, password: bytes, size: int) -> bytes:
    if not _accepted(traits, user, password):
        raise Completion(traits.password_policy_code)
    user.password, user.password_size = password, size
    return b""


def _accepted(traits: UserTraits, user: User, password: bytes) -> bool:
    text = password.decode("latin-1")
    classes = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
    if len(password) < traits.password_min:
        return False
    if sum(bool(re.search(kind, text)) for kind in classes) < traits.password_classes:
        return False
    return not (traits.password_not_name and user.name and user.name in password)


def _switch(traits: UserTraits, user: User, enable: bool) -> bytes:
    if enable and user.password is None:
        refuse_if(traits.enable_without_password_code)
    if enable and not user.name:
        refuse_if(traits.enable_without_name_code)
    if not enable and not user.enabled:
        refuse_if(traits.redundant_disable_code)
    user.enabled = enable
    if enable:
        user.failed, user.locked_until = 0, None
    return b""

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Users: access, names and passwords (IPMI 2.0, 22.26 to 22.30).

`from_wire` takes an answer's data, ignores what a BMC appends and raises MalformedData
for too few bytes. User IDs are 1 to 63, channels 0 to 15; ValueError otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, known
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, padded, require, unpadded

#: Longest user name in bytes.
MAX_NAME = 16

_DISABLE, _ENABLE, _SET, _TEST = range(4)


class EnableStatus(IntEnum):
    """Whether a user is enabled, as Get User Access tells it."""

    UNKNOWN = 0  #: the BMC does not tell
    ENABLED = 1
    DISABLED = 2


class PasswordSize(IntEnum):
    """How many bytes a stored password has. Only one of 16 works with IPMI 1.5 too."""

    SIXTEEN = 16
    TWENTY = 20


def _user(user_id: int) -> int:
    in_range(user_id, 1, 63, "the user ID")
    return user_id


def _channel(channel: int) -> int:
    in_range(channel, 0, 15, "the channel")
    return channel


@dataclass(frozen=True)
class UserAccess:
    """A user's access on one channel, and the user table (22.27, Get User Access).

    Four bytes: maximum 5:0; status 7:6, enabled users 5:0; fixed names 5:0; callback 6,
    link authentication 5, IPMI messaging 4, privilege limit 3:0.
    """

    max_users: int  #: slots on the channel, user 1 included, 0 to 63
    status: EnableStatus  #: of this user, on all channels
    enabled_users: int  #: 0 to 63
    fixed_names: int  #: how many names, from user 1 on, cannot be changed, 0 to 63
    callback: bool  #: the session stays at privilege callback
    link_auth: bool  #: may be used for PPP links
    ipmi_messaging: bool  #: may open sessions
    privilege: Privilege | int  #: limit on the channel; UNSPECIFIED on slots that were never set

    def __post_init__(self) -> None:
        in_range(self.max_users, 0, 63, "the number of users")
        in_range(self.enabled_users, 0, 63, "the number of enabled users")
        in_range(self.fixed_names, 0, 63, "the number of fixed names")
        in_range(self.privilege, 0, 15, "the privilege limit")

    @classmethod
    def from_wire(cls, answer: bytes) -> UserAccess:
        """Read the four bytes. The reserved status 3 tells nothing, as 0 does."""
        require(answer, 4, "user access")
        status = known(EnableStatus, answer[1] >> 6)
        return cls(
            max_users=answer[0] & 0x3F,
            status=status if isinstance(status, EnableStatus) else EnableStatus.UNKNOWN,
            enabled_users=answer[1] & 0x3F,
            fixed_names=answer[2] & 0x3F,
            callback=bool(answer[3] & 0x40),
            link_auth=bool(answer[3] & 0x20),
            ipmi_messaging=bool(answer[3] & 0x10),
            privilege=known(Privilege, answer[3] & 0x0F),
        )

    def set_request(self, channel: int, user_id: int) -> bytes:
        """Data of Set User Access (22.26): the three flags and the privilege limit.

        The optional fourth byte, the limit of simultaneous sessions, is left out: it cannot
        be read, so sending it would overwrite a limit that nobody asked to change.
        """
        flags = self.callback << 6 | self.link_auth << 5 | self.ipmi_messaging << 4
        # Bit 7: the flags are to be changed, not the privilege limit alone.
        return bytes([0x80 | flags | _channel(channel), _user(user_id), self.privilege])


def get_access_request(channel: int, user_id: int) -> bytes:
    """Data of Get User Access (22.27)."""
    return bytes([_channel(channel), _user(user_id)])


@dataclass(frozen=True)
class UserName:
    """A user's name (22.29, Get User Name). 16 bytes, filled up with NUL.

    A slot without a name reads as "", as 16 bytes FFh ("ÿ" 16 times here), or is refused
    with CCh, depending on the BMC: what counts as unset is for the caller to say.
    """

    name: str  #: at most 16 characters of Latin-1, no NUL

    def __post_init__(self) -> None:
        padded(self.name, MAX_NAME)

    @classmethod
    def from_wire(cls, answer: bytes) -> UserName:
        """Read up to 16 bytes; fewer are taken as they are, since a NUL or the end closes the name."""
        return cls(unpadded(answer[:MAX_NAME]))

    def to_wire(self) -> bytes:
        """The 16 bytes."""
        return padded(self.name, MAX_NAME)


def name_request(user_id: int, name: str) -> bytes:
    """Data of Set User Name (22.28); "" clears it. Raises ValueError for a name that UserName refuses."""
    return bytes([_user(user_id)]) + UserName(name).to_wire()


def get_name_request(user_id: int) -> bytes:
    """Data of Get User Name (22.29)."""
    return bytes([_user(user_id)])


def set_password_request(user_id: int, password: bytes, size: PasswordSize) -> bytes:
    """Data of Set User Password, set (22.30). Raises ValueError, without the password, if it is longer than `size`."""
    return _password(user_id, _SET, password, size)


def test_password_request(user_id: int, password: bytes, size: PasswordSize) -> bytes:
    """Data of Set User Password, test (22.30): the BMC compares, and changes nothing.

    Completion codes: 00h equal, 80h wrong password of the right size, 81h wrong size.
    """
    return _password(user_id, _TEST, password, size)


def enable_request(user_id: int, padded: bool = True) -> bytes:
    """Data of Set User Password, enable (22.30). `padded`: with 16 zero bytes, which some BMCs insist on."""
    return bytes([_user(user_id), _ENABLE]) + bytes(PasswordSize.SIXTEEN if padded else 0)


def disable_request(user_id: int, padded: bool = True) -> bytes:
    """Data of Set User Password, disable (22.30). `padded` as in `enable_request`."""
    return bytes([_user(user_id), _DISABLE]) + bytes(PasswordSize.SIXTEEN if padded else 0)


def _password(user_id: int, operation: int, password: bytes, size: PasswordSize) -> bytes:
    if len(password) > size:
        raise ValueError(f"the password has more than {int(size)} bytes")
    long_form = 0x80 if size is PasswordSize.TWENTY else 0x00
    return bytes([long_form | _user(user_id), operation]) + password.ljust(size, b"\0")

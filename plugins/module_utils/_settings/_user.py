# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of a user slot's settings (specification 22.26 to 22.33).

Name, password and whether the user is enabled belong to the slot; privilege, the access
flags and payloads belong to the slot on one channel. A new user is written in the order
name, password, access, payload, enable; a user is removed in the opposite order.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _payload, _user
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_USER_ACCESS,
    GET_USER_NAME,
    GET_USER_PAYLOAD_ACCESS,
    SET_USER_ACCESS,
    SET_USER_NAME,
    SET_USER_PASSWORD,
    SET_USER_PAYLOAD_ACCESS,
    TEST_USER_PASSWORD,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus, PasswordSize, UserName
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import CannotTell
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import choice, name_of, text

#: Test Password: the password is another one; the password is stored in the other size.
_WRONG, _WRONG_SIZE = 0x80, 0x81


@dataclass(frozen=True)
class NameParameter(Parameter):
    """Get and Set User Name."""

    title: str = "user name"
    order: int = 10

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> UserName:
        try:
            found = reader.read(GET_USER_NAME, _user.get_name_request(target.user_id), UserName.from_wire)
        except CompletionError as error:
            if error.outcome is not Outcome.INVALID:
                raise
            # Several BMCs answer so for a slot without a name, and all for user 1.
            return UserName("")
        # Others fill it with FFh.
        return UserName("") if set(found.name) == {"\xff"} else found

    def store(self, bmc: Bmc, target: Target, new: UserName, old: UserName) -> None:
        bmc.request(SET_USER_NAME, _user.name_request(target.user_id, new.name))


@dataclass(frozen=True)
class Password:
    """A password and the form it is stored in. Never shown."""

    text: str | None  #: None: another one than was asked about
    size: PasswordSize | None = None  #: None: either form

    def __repr__(self) -> str:
        return "Password(...)"

    @property
    def form(self) -> PasswordSize:
        """The form to store it in."""
        if self.size is not None:
            return self.size
        longer = len((self.text or "").encode()) > PasswordSize.SIXTEEN
        return PasswordSize.TWENTY if longer else PasswordSize.SIXTEEN


@dataclass(frozen=True)
class PasswordParameter(Parameter):
    """Set User Password: a password cannot be read, but the BMC can be asked whether it is a given one."""

    title: str = "user password"
    order: int = 20

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Password:
        asked: Password = wanted["password"]
        sizes = [asked.form] if asked.size or asked.form is PasswordSize.TWENTY else list(PasswordSize)
        for size in sizes:
            verdict = self._test(reader, target, asked, size)
            if verdict == 0:
                return asked
            if verdict == _WRONG:
                break
        return Password(None)

    @staticmethod
    def _test(reader: Reader, target: Target, asked: Password, size: PasswordSize) -> int:
        data = _user.test_password_request(target.user_id, (asked.text or "").encode(), size)
        try:
            reader.request(TEST_USER_PASSWORD, data)
        except CompletionError as error:
            if error.code not in (_WRONG, _WRONG_SIZE):
                raise
            return error.code
        return 0

    def store(self, bmc: Bmc, target: Target, new: Password, old: Password) -> None:
        password = (new.text or "").encode()
        bmc.request(SET_USER_PASSWORD, _user.set_password_request(target.user_id, password, new.form))


@dataclass(frozen=True)
class AccessParameter(Parameter):
    """Get and Set User Access: privilege and flags on one channel."""

    title: str = "user access"
    order: int = 30

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> _user.UserAccess:
        request = _user.get_access_request(target.channel, target.user_id)
        return reader.read(GET_USER_ACCESS, request, _user.UserAccess.from_wire)

    def store(self, bmc: Bmc, target: Target, new: _user.UserAccess, old: _user.UserAccess) -> None:
        bmc.request(SET_USER_ACCESS, new.set_request(target.channel, target.user_id))


@dataclass(frozen=True)
class PayloadParameter(Parameter):
    """Get and Set User Payload Access: whether the user may use Serial over LAN."""

    title: str = "user payload access"
    order: int = 40

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> _payload.UserPayloadAccess:
        request = _payload.get_access_request(target.channel, target.user_id)
        return reader.read(GET_USER_PAYLOAD_ACCESS, request, _payload.UserPayloadAccess.from_wire)

    def store(
        self, bmc: Bmc, target: Target, new: _payload.UserPayloadAccess, old: _payload.UserPayloadAccess
    ) -> None:
        for request in new.set_requests(target.channel, target.user_id, old):
            bmc.request(SET_USER_PAYLOAD_ACCESS, request)


@dataclass(frozen=True)
class EnableParameter(Parameter):
    """Set User Password, operations enable and disable. Read from Get User Access, where the BMC tells."""

    title: str = "user enabled"
    order: int = 50

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> EnableStatus:
        status = ACCESS.load(reader, target, wanted).status
        if status is EnableStatus.UNKNOWN:
            raise CannotTell("the BMC does not tell whether a user is enabled")
        return status

    def store(self, bmc: Bmc, target: Target, new: EnableStatus, old: EnableStatus) -> None:
        request = _user.enable_request if new is EnableStatus.ENABLED else _user.disable_request
        try:
            bmc.request(SET_USER_PASSWORD, request(target.user_id, padded=False))
        except CompletionError as error:
            if error.outcome is not Outcome.LENGTH:
                raise
            # Sun X4140 and the OCP boards want password bytes here, which mean nothing.
            bmc.request(SET_USER_PASSWORD, request(target.user_id, padded=True))


NAME: t.Final = NameParameter()
PASSWORD: t.Final = PasswordParameter()
ACCESS: t.Final = AccessParameter()
PAYLOAD: t.Final = PayloadParameter()
ENABLE: t.Final = EnableParameter()

PRIVILEGES: t.Final = ["callback", "user", "operator", "administrator", "oem", "no_access"]


def _with_payload(record: _payload.UserPayloadAccess, sol: bool) -> _payload.UserPayloadAccess:
    return replace(record, sol=sol)


USER: t.Final = Section(
    "user",
    (
        Setting(
            "name",
            NAME,
            get=lambda record: record.name,
            put=lambda record, value: UserName(value),
            spec={"type": "str"},
            parse=text(16),
            cuts=True,
        ),
        Setting(
            "password",
            PASSWORD,
            get=lambda record: record,
            put=lambda record, value: value,
            spec={"type": "str", "no_log": True},
            secret=True,
            readable=False,
            cuts=True,
        ),
        Setting(
            "privilege",
            ACCESS,
            get=lambda record: record.privilege,
            put=lambda record, value: replace(record, privilege=value),
            spec={"type": "str", "choices": PRIVILEGES},
            parse=choice(Privilege),
            show=name_of,
            cuts=True,
        ),
        Setting(
            "link_auth",
            ACCESS,
            get=lambda record: record.link_auth,
            put=lambda record, value: replace(record, link_auth=value),
            spec={"type": "bool"},
            cuts=True,
        ),
        Setting(
            "ipmi_messaging",
            ACCESS,
            get=lambda record: record.ipmi_messaging,
            put=lambda record, value: replace(record, ipmi_messaging=value),
            spec={"type": "bool"},
            cuts=True,
        ),
        Setting(
            "callback",
            ACCESS,
            get=lambda record: record.callback,
            put=lambda record, value: replace(record, callback=value),
            spec={"type": "bool"},
            cuts=True,
        ),
        Setting(
            "sol_payload",
            PAYLOAD,
            get=lambda record: record.sol,
            put=_with_payload,
            spec={"type": "bool"},
        ),
        Setting(
            "enabled",
            ENABLE,
            get=lambda record: record is EnableStatus.ENABLED,
            put=lambda record, value: EnableStatus.ENABLED if value else EnableStatus.DISABLED,
            spec={"type": "bool"},
            cuts=True,
        ),
    ),
)

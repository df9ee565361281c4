# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of the controller's own settings: its names, its clock, its key Kg.

Specification: 20.1 and 22.14 (what it is), 22.14a (system name), 22.25 (Kg), 31.10 to 31.11b (clock);
DCMI 1.5, 6.4.2, 6.4.3 and 6.4.6 (asset tag, identifier string).
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import AnswerLost, BadOption, CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _dcmi, _security_keys, _system_info
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_ASSET_TAG,
    GET_CONTROLLER_ID,
    GET_SEL_TIME,
    GET_SEL_UTC_OFFSET,
    GET_SYSTEM_GUID,
    GET_SYSTEM_INFO,
    READ_CHANNEL_SECURITY_KEYS,
    SET_ASSET_TAG,
    SET_CHANNEL_SECURITY_KEYS,
    SET_CONTROLLER_ID,
    SET_SEL_TIME,
    SET_SEL_UTC_OFFSET,
    SET_SYSTEM_INFO,
    Command,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._dcmi import TextPart
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import DeviceId, Guid, manufacturer_name
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._security_keys import SecurityKey
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sel import MAX_OFFSET, SelTime, UtcOffset
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._system_info import FirstBlock, SystemInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import unpadded
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import CannotTell, WriteOnly, make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned, one
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
    cannot_be_put,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import text

Decoded = t.TypeVar("Decoded")

#: A BMC that has a command and will not carry it out answers so, also an administrator.
_NOT_FOR_US = frozenset({Outcome.PRIVILEGE, Outcome.LENGTH, Outcome.UNSPECIFIED})


def _read(reader: Reader, command: Command, data: bytes, decode: t.Callable[[bytes], Decoded]) -> Decoded:
    """Read what BMCs need not have. Several say so with D4h or a malformed answer; that is no reason to fail."""
    try:
        return reader.read(command, data, decode)
    except CompletionError as error:
        if error.outcome in _NOT_FOR_US:
            raise CannotTell(f"completion code 0x{error.code:02X}") from error
        raise
    except MalformedAnswer as error:
        raise CannotTell(str(error)) from error


# What it is.


@dataclass(frozen=True)
class DeviceParameter(Parameter):
    """Get Device ID."""

    title: str = "device ID"
    order: int = 0
    writable: bool = False

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> DeviceId:
        return reader.bmc.device


@dataclass(frozen=True)
class GuidParameter(Parameter):
    """Get System GUID."""

    title: str = "system GUID"
    order: int = 0
    writable: bool = False

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Guid:
        return reader.read(GET_SYSTEM_GUID, b"", Guid.from_wire)


# Its names.


@dataclass(frozen=True)
class DcmiText(Parameter):
    """One of the two texts of DCMI, in parts of 16 bytes."""

    get: Command
    title: str
    order: int

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> str:
        whole, total = b"", _dcmi.BLOCK
        while len(whole) < min(total, _dcmi.MAX_TEXT + 1):
            count = min(_dcmi.BLOCK, total - len(whole), _dcmi.MAX_TEXT + 1 - len(whole))
            part = _read(reader, self.get, _dcmi.get_request(len(whole), count), TextPart.from_wire)
            total = part.total
            if not part.data:
                break
            whole += part.data[:count]
        # The longest that can be set. One more byte is a NUL, or was not written by these rules.
        return unpadded(whole[:total])[: _dcmi.MAX_TEXT]


@dataclass(frozen=True)
class AssetTagParameter(DcmiText):
    """Get and Set Asset Tag."""

    get: Command = GET_ASSET_TAG
    title: str = "asset tag"
    order: int = 20

    def store(self, bmc: Bmc, target: Target, new: str, old: str) -> None:
        length = self._write(bmc, _dcmi.asset_tag_requests(new))
        if length > max(1, len(new)):
            # Some BMCs keep what stands behind the last byte written.
            self._write(bmc, _dcmi.asset_tag_requests(new, at_least=min(length, _dcmi.MAX_TEXT)))

    @staticmethod
    def _write(bmc: Bmc, requests: list[bytes]) -> int:
        """The length of the whole tag, as the BMC says; 0 where it does not say."""
        length = 0
        for request in requests:
            answer = bmc.request(SET_ASSET_TAG, request)
            length = bmc.decode(SET_ASSET_TAG, answer, _dcmi.total_length) if len(answer) > 1 else 0
        return length


@dataclass(frozen=True)
class ControllerIdParameter(DcmiText):
    """Get and Set Management Controller Identifier String."""

    get: Command = GET_CONTROLLER_ID
    title: str = "management controller identifier string"
    order: int = 10

    def store(self, bmc: Bmc, target: Target, new: str, old: str) -> None:
        for request in _dcmi.controller_id_requests(new):
            bmc.request(SET_CONTROLLER_ID, request)


@dataclass(frozen=True)
class SystemNameParameter(Parameter):
    """System info parameter 2. Its record is None for a text that cannot be decoded, in whose place another is put."""

    title: str = "system info parameter 2 (system name)"
    order: int = 30

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> str | None:
        def block(number: int) -> bytes:
            return _read(reader, GET_SYSTEM_INFO, _system_info.get_request(SystemInfo.SYSTEM_NAME, number), _system_info.block_of)

        def decode(first: bytes) -> FirstBlock:
            return FirstBlock.from_wire(_system_info.block_of(first))

        first = _read(reader, GET_SYSTEM_INFO, _system_info.get_request(SystemInfo.SYSTEM_NAME), decode)
        further = [block(number) for number in range(1, first.blocks + 1)]
        try:
            # A BMC may hold a longer one; only so much can be set on every BMC.
            return _system_info.text_of(first, further)[: _system_info.MAX_TEXT]
        except ValueError as error:
            if "system_name" in wanted:
                return None
            raise CannotTell(str(error)) from error

    def store(self, bmc: Bmc, target: Target, new: str, old: str | None) -> None:
        for request in _system_info.set_requests(SystemInfo.SYSTEM_NAME, new):
            bmc.request(SET_SYSTEM_INFO, request)


def _system_name(given: t.Any) -> str:
    _system_info.encoded(str(given))
    return str(given)


# Its clock.


def utc_now() -> float:
    """Seconds since 1970, by the clock of the machine that this runs on."""
    return time.time()


@dataclass(frozen=True, eq=False)
class ClockOffset:
    """How many seconds a clock is ahead of UTC. Two are the same if they are within the tolerance of either."""

    seconds: int
    tolerance: int = 0  #: seconds

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClockOffset):
            return NotImplemented
        return abs(self.seconds - other.seconds) <= max(self.tolerance, other.tolerance)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class ClockParameter(Parameter):
    """Get and Set SEL Time, as the offset from UTC. Its record is None for a clock that was never set."""

    title: str = "SEL time"
    order: int = 50

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> ClockOffset | None:
        asked = utc_now()
        # Never from the reader's memory: the time goes on.
        clock = _read(Reader(reader.bmc), GET_SEL_TIME, b"", SelTime.from_wire)
        answered = utc_now()
        if not clock.is_set:
            return None
        # The clock was looked at half-way, and tells whole seconds: on average it is half a second further.
        return ClockOffset(round(clock.raw + 0.5 - (asked + answered) / 2))

    def store(self, bmc: Bmc, target: Target, new: ClockOffset, old: ClockOffset | None) -> None:
        bmc.request(SET_SEL_TIME, SelTime(round(utc_now()) + new.seconds).to_wire())


@dataclass(frozen=True)
class UtcOffsetParameter(Parameter):
    """Get and Set SEL Time UTC Offset."""

    title: str = "SEL time UTC offset"
    order: int = 40

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> UtcOffset:
        return _read(reader, GET_SEL_UTC_OFFSET, b"", UtcOffset.from_wire)

    def store(self, bmc: Bmc, target: Target, new: UtcOffset, old: UtcOffset) -> None:
        bmc.request(SET_SEL_UTC_OFFSET, new.to_wire())


def _utc_offset(given: t.Any) -> UtcOffset:
    if given == "unset":
        return UtcOffset(None)
    try:
        minutes = int(str(given))
    except ValueError:
        raise ValueError("is neither a number of minutes nor 'unset'") from None
    if not -MAX_OFFSET <= minutes <= MAX_OFFSET:
        raise ValueError(f"must be {-MAX_OFFSET} to {MAX_OFFSET} minutes, or 'unset'")
    return UtcOffset(minutes)


# Its key.


@dataclass(frozen=True)
class Key:
    """A key Kg of 20 bytes; all 0 is none. Never shown."""

    raw: bytes = field(repr=False)

    @property
    def for_login(self) -> bytes | None:
        """As a connection has it."""
        return self.raw if self.raw != _security_keys.NO_KEY else None


@dataclass(frozen=True)
class KgParameter(Parameter):
    """Set Channel Security Keys. Over the network nothing needs to be read: a session could not be opened with a wrong key."""

    title: str = "BMC key Kg"
    order: int = 90

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Key:
        connection = reader.bmc.connection
        if connection.interface == "lan":
            return Key(_security_keys.whole_key(connection.kg))
        try:
            found = reader.read(READ_CHANNEL_SECURITY_KEYS, _security_keys.read_request(target.channel), SecurityKey.from_wire)
        except CompletionError as error:
            if error.outcome is Outcome.UNSUPPORTED:
                raise
            # Most BMCs never tell it.
            raise WriteOnly(Key(_security_keys.NO_KEY)) from error
        return Key(found.key)

    def store(self, bmc: Bmc, target: Target, new: Key, old: Key) -> None:
        try:
            bmc.request(SET_CHANNEL_SECURITY_KEYS, _security_keys.set_request(target.channel, new.raw))
        except AnswerLost:
            if bmc.connection.interface != "lan":
                raise
            # Nothing could be read to settle it; the fresh login that follows tells which key is in force.


def _key(given: t.Any) -> Key:
    digits = str(given)
    digits = digits[2:] if digits[:2] in ("0x", "0X") else digits
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        # The original exception repeats what it was given, which is a secret.
        raise ValueError("is not hexadecimal (two digits for each byte)") from None
    return Key(_security_keys.whole_key(raw))


DEVICE, GUID = DeviceParameter(), GuidParameter()
CONTROLLER_ID, ASSET_TAG, SYSTEM_NAME = ControllerIdParameter(), AssetTagParameter(), SystemNameParameter()
UTC_OFFSET, CLOCK, KG = UtcOffsetParameter(), ClockParameter(), KgParameter()


def _same(record: Value) -> Value:
    return record


def _instead(record: Value, value: Value) -> Value:
    return value


def _fact(name: str, kind: str, get: t.Callable[[DeviceId], Value]) -> Setting:
    return Setting(name, DEVICE, get=get, put=cannot_be_put, spec={"type": kind})


CONTROLLER: t.Final = Section(
    "controller",
    (
        _fact("manufacturer_id", "int", lambda device: device.manufacturer_id),
        _fact("manufacturer", "str", lambda device: manufacturer_name(device.manufacturer_id)),
        _fact("product_id", "int", lambda device: device.product_id),
        _fact("device_id", "int", lambda device: device.device_id),
        _fact("device_revision", "int", lambda device: device.revision),
        _fact("firmware", "str", lambda device: device.firmware),
        _fact("ipmi_version", "str", lambda device: device.ipmi_version),
        _fact("updating", "bool", lambda device: device.updating),
        Setting(
            "guid", GUID, get=lambda guid: guid.text, put=cannot_be_put, spec={"type": "str"}, parse=lambda given: str(given).lower()
        ),
        Setting("controller_id", CONTROLLER_ID, get=_same, put=_instead, spec={"type": "str"}, parse=text(_dcmi.MAX_TEXT)),
        Setting("asset_tag", ASSET_TAG, get=_same, put=_instead, spec={"type": "str"}, parse=text(_dcmi.MAX_TEXT)),
        Setting("system_name", SYSTEM_NAME, get=_same, put=_instead, spec={"type": "str"}, parse=_system_name),
        Setting(
            "clock_offset",
            CLOCK,
            get=_same,
            put=_instead,
            spec={"type": "int"},
            parse=lambda given: ClockOffset(int(given)),
            show=lambda offset: offset.seconds,
        ),
        Setting(
            "utc_offset",
            UTC_OFFSET,
            get=_same,
            put=_instead,
            spec={"type": "str"},
            parse=_utc_offset,
            show=lambda offset: "unset" if offset.minutes is None else offset.minutes,
        ),
        Setting(
            "kg",
            KG,
            get=_same,
            put=_instead,
            spec={"type": "str", "no_log": True},
            parse=_key,
            secret=True,
            readable=False,
            cuts=True,
        ),
    ),
)

#: The options; `clock` is a name for two values of `clock_offset`.
CONTROLLER_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    **CONTROLLER.argument_spec(),
    "clock": {"type": "str", "choices": ["utc", "local"]},
    "clock_tolerance": {"type": "int", "default": 5},
}

_MOST_TOLERANCE: t.Final = 86400  #: seconds


def check_controller(params: t.Mapping[str, t.Any]) -> dict[str, Value]:
    """The values that controller options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    wanted = CONTROLLER.wanted(params)
    tolerance = params["clock_tolerance"]
    if not 1 <= tolerance <= _MOST_TOLERANCE:
        raise BadOption(f"clock_tolerance: {tolerance} must be 1 to {_MOST_TOLERANCE} seconds")
    offset = params.get("clock_offset")
    if params.get("clock") is not None:
        if offset is not None:
            raise BadOption("clock: give either clock or clock_offset")
        offset = _local_offset() if params["clock"] == "local" else 0
    if offset is not None and not SelTime(round(utc_now()) + offset).is_set:
        raise BadOption(f"clock_offset: {offset} seconds from now is not a time that the clock can show, which is 1987 to 2106")
    if offset is not None:
        wanted["clock_offset"] = ClockOffset(offset, tolerance)
    return wanted


def _local_offset() -> int:
    return time.localtime(utc_now()).tm_gmtoff


def plan_controller(reader: Reader, params: t.Mapping[str, t.Any], connection: Connection) -> Planned:
    """The controller."""
    wanted = check_controller(params)
    # Only the key belongs to a channel, so only then is the channel looked for.
    channel = lan_channel(reader, None) if "kg" in wanted else 0
    instance = Instance(CONTROLLER, Target(channel), "controller", in_use=connection.interface == "lan")
    plan = make_plan(reader, instance, wanted)
    clock = plan.before.get("clock_offset")
    if clock is not None and clock == plan.wanted["clock_offset"]:
        # Near enough is left as it is, and shown as it is.
        plan = replace(plan, wanted={**plan.wanted, "clock_offset": clock})

    def after(now: Connection) -> Connection:
        changes = any("kg" in change.names for change in plan.changes)
        return now.with_kg(wanted["kg"].for_login) if changes else now

    return one(Cut(plan, after))

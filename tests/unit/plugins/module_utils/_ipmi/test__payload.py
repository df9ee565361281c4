# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads: access, status, activation."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _payload as payload
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import (
    ActivatedPayload,
    PayloadInstance,
    PayloadStatus,
    SerialAlerts,
    UserPayloadAccess,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

accesses = st.builds(UserPayloadAccess, st.booleans(), st.binary(min_size=4, max_size=4))


class TestUserAccess:
    """Get and Set User Payload Access."""

    @pytest.mark.parametrize(
        ("wire", "sol"),
        [("02 00 00 00", True), ("00 00 00 00", False), ("FD FF 01 02", False), ("0A 00 80 00", True)],
    )
    def test_from_wire(self, wire: str, sol: bool) -> None:
        # ipmi.md 5.5, command 4D: std1 b1 is SOL.
        data = bytes.fromhex(wire)
        access = UserPayloadAccess.from_wire(data)
        assert access == UserPayloadAccess(sol, data)
        assert access.sol is sol
        assert UserPayloadAccess.from_wire(data + b"\xff") == access

    @pytest.mark.parametrize("size", range(4))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="user payload access"):
            UserPayloadAccess.from_wire(bytes(size))

    def test_the_sol_bit_follows_the_field(self) -> None:
        access = UserPayloadAccess.from_wire(bytes.fromhex("05 00 80 00"))
        assert replace(access, sol=True).raw == bytes.fromhex("07 00 80 00")
        assert replace(replace(access, sol=True), sol=False) == access

    def test_set_requests(self) -> None:
        # ipmi.md 8: SOL payload for user 2; 5.5, command 4C: 7:6 0 enable 1 disable.
        off, on = UserPayloadAccess(False), UserPayloadAccess(True)
        assert on.set_requests(1, 2, off) == (bytes.fromhex("01 02 02 00 00 00"),)
        assert off.set_requests(1, 2, on) == (bytes.fromhex("01 42 02 00 00 00"),)
        assert on.set_requests(1, 2, on) == ()

    def test_only_what_differs_is_touched(self) -> None:
        before = UserPayloadAccess.from_wire(bytes.fromhex("05 00 80 00"))
        assert replace(before, sol=True).set_requests(1, 3, before) == (bytes.fromhex("01 03 02 00 00 00"),)
        after = UserPayloadAccess.from_wire(bytes.fromhex("06 00 00 01"))
        assert after.set_requests(1, 3, before) == (
            bytes.fromhex("01 03 02 00 00 01"),
            bytes.fromhex("01 43 01 00 80 00"),
        )

    @given(accesses, accesses)
    def test_the_requests_lead_to_what_is_wanted(self, before: UserPayloadAccess, wanted: UserPayloadAccess) -> None:
        bits = int.from_bytes(before.raw, "big")
        for request in wanted.set_requests(1, 63, before):
            assert request[0] == 1
            assert request[1] & 0x3F == 63
            named = int.from_bytes(request[2:], "big")
            bits = bits & ~named if request[1] & 0xC0 else bits | named
        assert UserPayloadAccess.from_wire(bits.to_bytes(4, "big")) == wanted

    def test_get_request(self) -> None:
        assert payload.get_access_request(1, 2) == bytes.fromhex("01 02")


class TestStatus:
    """Get Payload Activation Status."""

    @pytest.mark.parametrize(
        ("wire", "capacity", "active"),
        [
            # ipmi.md 8: one instance, free; busy.
            ("01 00 00", 1, set()),
            ("01 01 00", 1, {1}),
            # ipmi.md 5.5, command 4A: capacity 0 reads as 1; bit 0 = instance 1, LS first.
            ("00 00 00", 1, set()),
            ("F4 05 80", 4, {1, 3, 16}),
            ("02 02 00 FF", 2, {2}),
        ],
    )
    def test_from_wire(self, wire: str, capacity: int, active: set[int]) -> None:
        assert PayloadStatus.from_wire(bytes.fromhex(wire)) == PayloadStatus(capacity, frozenset(active))

    @pytest.mark.parametrize("size", range(3))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="payload activation status"):
            PayloadStatus.from_wire(bytes(size))

    @given(st.integers(0, 15), st.frozensets(st.integers(1, 16)))
    def test_every_status(self, capacity: int, active: frozenset[int]) -> None:
        bits = sum(1 << instance - 1 for instance in active)
        answer = bytes([capacity]) + bits.to_bytes(2, "little")
        assert PayloadStatus.from_wire(answer) == PayloadStatus(max(capacity, 1), active)

    def test_request(self) -> None:
        assert payload.status_request() == b"\x01"


class TestInstance:
    """Get Payload Instance Info."""

    @pytest.mark.parametrize(
        ("wire", "instance", "is_active"),
        [
            # ipmi.md 8: instance info free.
            ("00 00 00 00 01" + "00" * 7, PayloadInstance(0, 1), False),
            ("04 03 02 01 02" + "00" * 7, PayloadInstance(0x01020304, 2), True),
            ("04 03 02 01 02" + "00" * 9, PayloadInstance(0x01020304, 2), True),
            ("04 03 02 01", PayloadInstance(0x01020304, None), True),
        ],
    )
    def test_from_wire(self, wire: str, instance: PayloadInstance, is_active: bool) -> None:
        assert PayloadInstance.from_wire(bytes.fromhex(wire)) == instance
        assert instance.is_active is is_active

    @pytest.mark.parametrize("size", range(4))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="payload instance info"):
            PayloadInstance.from_wire(bytes(size))

    def test_request(self) -> None:
        # ipmi.md 8: 06/4B 01 01.
        assert payload.instance_request() == bytes.fromhex("01 01")
        assert payload.instance_request(15) == bytes.fromhex("01 0F")


class TestActivation:
    """Activate and Deactivate Payload."""

    def test_activate(self) -> None:
        # ipmi.md 8: ipmitool and ipmiconsole.
        assert payload.activate_request() == bytes.fromhex("01 01 C6 00 00 00")
        plain = payload.activate_request(encrypt=False, authenticate=False, serial_alerts=SerialAlerts.FAIL)
        assert plain == bytes.fromhex("01 01 02 00 00 00")

    def test_every_flag_of_activate(self) -> None:
        # ipmi.md 5.5, command 48.
        request = payload.activate_request(
            3, authenticate=False, serial_alerts=SerialAlerts.SUCCEED, hold_handshake=False
        )
        assert request == bytes.fromhex("01 03 88 00 00 00")
        assert payload.activate_request(test_mode=True) == bytes.fromhex("01 01 E6 00 00 00")

    @pytest.mark.parametrize(
        ("wire", "activated"),
        [
            ("00 00 00 00 FF 00 E1 00 6F 02 FF FF", ActivatedPayload(255, 225, 623, None)),
            ("00 00 00 00 FF 00 E1 00 6F 02 64 00 77", ActivatedPayload(255, 225, 623, 100)),
            ("00 00 00 00 FF 00 E1 00 6F 02", ActivatedPayload(255, 225, 623, None)),
        ],
    )
    def test_activated(self, wire: str, activated: ActivatedPayload) -> None:
        assert ActivatedPayload.from_wire(bytes.fromhex(wire)) == activated

    @pytest.mark.parametrize("size", range(10))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="activated payload"):
            ActivatedPayload.from_wire(bytes(size))

    def test_deactivate(self) -> None:
        # ipmi.md 8.
        assert payload.deactivate_request() == bytes.fromhex("01 01 00 00 00 00")


@pytest.mark.parametrize(
    "make",
    [
        lambda: UserPayloadAccess(True, bytes(3)),
        lambda: payload.get_access_request(16, 2),
        lambda: payload.get_access_request(-1, 2),
        lambda: payload.get_access_request(1, 0),
        lambda: UserPayloadAccess(True).set_requests(1, 64, UserPayloadAccess(False)),
        lambda: payload.instance_request(0),
        lambda: payload.activate_request(16),
        lambda: payload.deactivate_request(0),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must"):
        make()

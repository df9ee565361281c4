# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller: device ID, GUID, makers' names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _device as device
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import DeviceId, DeviceSupport, Guid, GuidOrder
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


class TestDeviceId:
    """Get Device ID."""

    DELL = DeviceId(
        device_id=0x20,
        revision=1,
        provides_sdrs=True,
        updating=False,
        firmware="2.05",
        ipmi_version="2.0",
        support=DeviceSupport(0xDF),
        manufacturer_id=674,
        product_id=0x0100,
        aux=bytes.fromhex("00 07 28 28"),
    )

    @pytest.mark.parametrize(
        ("wire", "expected"),
        [
            # ipmi.md 5.9, command 01.
            ("20 81 02 05 02 DF A2 02 00 00 01 00 07 28 28", DELL),
            ("20 81 02 05 02 DF A2 02 00 00 01 00 07 28 28 99", DELL),
            ("20 81 02 05 02 DF A2 02 00 00 01", replace(DELL, aux=None)),
            ("20 81 02 05 02 DF A2 02 00 00 01 00 07", replace(DELL, aux=None)),
            # b7 updating; BCD minor; version 51 is 1.5; the manufacturer has 20 bits.
            ("20 F1 82 05 51 DF A2 02 F0 00 01", replace(DELL, updating=True, ipmi_version="1.5", aux=None)),
            ("20 01 7F 73 02 00 A2 02 00 00 01", None),
        ],
    )
    def test_from_wire(self, wire: str, expected: DeviceId | None) -> None:
        found = DeviceId.from_wire(bytes.fromhex(wire))
        if expected is None:
            expected = replace(
                self.DELL, provides_sdrs=False, firmware="127.73", support=DeviceSupport(0), aux=None
            )
        assert found == expected

    def test_support(self) -> None:
        # b7 chassis b6 bridge b5 event gen b4 event rcv b3 FRU b2 SEL b1 SDR b0 sensor.
        names = [flag.name for bit in range(8) for flag in DeviceSupport if flag == 1 << bit]
        assert names == [
            "SENSOR",
            "SDR_REPOSITORY",
            "SEL",
            "FRU_INVENTORY",
            "EVENT_RECEIVER",
            "EVENT_GENERATOR",
            "BRIDGE",
            "CHASSIS",
        ]
        assert DeviceSupport.BRIDGE in self.DELL.support
        assert DeviceSupport.EVENT_GENERATOR not in self.DELL.support

    def test_a_minor_that_is_not_bcd_is_hex(self) -> None:
        answer = bytes.fromhex("20 81 02 1A 02 DF A2 02 00 00 01")
        assert DeviceId.from_wire(answer).firmware == "2.1a"

    @pytest.mark.parametrize("size", range(11))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="device ID"):
            DeviceId.from_wire(bytes(size))

    @given(st.binary(min_size=11, max_size=18))
    def test_every_answer_can_be_read(self, answer: bytes) -> None:
        found = DeviceId.from_wire(answer)
        major, minor = found.firmware.split(".")
        assert (int(major) | found.updating << 7, int(minor, 16)) == (answer[2], answer[3])
        assert found.manufacturer_id < 1 << 20
        assert (found.aux is None) is (len(answer) < 15)


@pytest.mark.parametrize(
    ("number", "name"),
    [(674, "Dell"), (11, "HP"), (47196, "HPE"), (10876, "Supermicro"), (343, "Intel"), (19046, "Lenovo"), (0, None)],
)
def test_manufacturer(number: int, name: str | None) -> None:
    assert device.manufacturer_name(number) == name
    assert replace(TestDeviceId.DELL, manufacturer_id=number).manufacturer == name


class TestGuid:
    """Get Device GUID and Get System GUID."""

    RAW = bytes.fromhex("00112233445566778899aabbccddeeff")

    @pytest.mark.parametrize(
        ("order", "text"),
        [
            # ipmi.md 5.9, command 37: the order differs per vendor.
            (GuidOrder.IPMI, "ffeeddcc-bbaa-9988-7766-554433221100"),
            (GuidOrder.SMBIOS, "33221100-5544-7766-8899-aabbccddeeff"),
            (GuidOrder.RFC4122, "00112233-4455-6677-8899-aabbccddeeff"),
        ],
    )
    def test_text(self, order: GuidOrder, text: str) -> None:
        assert Guid.from_wire(self.RAW, order).text == text
        assert replace(Guid.from_wire(self.RAW + b"\xff"), order=order).text == text

    def test_the_specifications_order_is_the_default(self) -> None:
        assert Guid.from_wire(self.RAW) == Guid(self.RAW, GuidOrder.IPMI)

    @pytest.mark.parametrize(
        ("raw", "is_set"), [(bytes(16), False), (b"\xff" * 16, False), (b"\x11" * 16, True), (RAW, True)]
    )
    def test_is_set(self, raw: bytes, is_set: bool) -> None:
        assert Guid(raw).is_set is is_set

    @pytest.mark.parametrize("size", range(16))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="GUID"):
            Guid.from_wire(bytes(size))

    @pytest.mark.parametrize("size", [15, 17])
    def test_it_has_16_bytes(self, size: int) -> None:
        with pytest.raises(ValueError, match=f"must have 16 bytes, not {size}"):
            Guid(bytes(size))

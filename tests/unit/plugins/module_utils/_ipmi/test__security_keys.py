# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The BMC key Kg."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _security_keys as security_keys
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._security_keys import SecurityKey
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

KEY = bytes(range(0x41, 0x55))


def test_requests() -> None:
    # IPMI 2.0, 22.25: channel; operation; key ID 1 = Kg; key.
    assert security_keys.set_request(1, KEY) == bytes.fromhex("01 01 01") + KEY
    assert security_keys.set_request(1, b"\xab") == bytes.fromhex("01 01 01 AB") + bytes(19)
    assert security_keys.set_request(1, security_keys.NO_KEY) == bytes.fromhex("01 01 01") + bytes(20)
    assert security_keys.read_request(2) == bytes.fromhex("02 00 01")


def test_whole_keys() -> None:
    assert security_keys.whole_key(None) == security_keys.whole_key(b"") == bytes(20)
    assert security_keys.whole_key(KEY) == KEY


@pytest.mark.parametrize(("status", "locked"), [("00", False), ("01", True), ("02", False)])
def test_answers(status: str, locked: bool) -> None:
    assert SecurityKey.from_wire(bytes.fromhex(status) + KEY) == SecurityKey(locked, KEY)


def test_a_key_is_shown_nowhere() -> None:
    assert KEY.decode() not in repr(SecurityKey(False, KEY))
    with pytest.raises(MalformedData) as caught:
        SecurityKey.from_wire(b"\0" + KEY[:19])
    assert (caught.value.data, "ABC" in str(caught.value)) == (b"", False)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="21 bytes; at most 20"):
        security_keys.set_request(1, bytes(21))
    with pytest.raises(ValueError, match="0 to 15"):
        security_keys.read_request(16)

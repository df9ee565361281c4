# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""UDP ports of this machine, beside sockets that are really open."""

from __future__ import annotations

import pathlib
import socket

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import is_local, open_ports


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_port_is_listed_as_long_as_its_socket_is_open(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.bind((address, 0))
        port = one.getsockname()[1]
        there = open_ports()
        assert there is not None and port in there
    gone = open_ports()
    assert gone is not None and port not in gone


def test_a_system_without_the_tables_does_not_tell(tmp_path: pathlib.Path) -> None:
    assert open_ports([str(tmp_path / "udp")]) is None


def test_one_table_of_two_is_enough(tmp_path: pathlib.Path) -> None:
    (tmp_path / "udp").write_text("  sl  local_address rem_address\n  1: 0100007F:1A0B 00000000:0000 07\n", encoding="ascii")
    assert open_ports([str(tmp_path / "udp"), str(tmp_path / "udp6")]) == {0x1A0B}


def test_an_address_is_local_or_not() -> None:
    assert is_local("127.0.0.1")
    assert not is_local("192.0.2.1")


def test_what_is_no_ipv4_address_is_not_called_foreign() -> None:
    with pytest.raises(OSError, match="[Aa]ddress family"):
        is_local("::1")

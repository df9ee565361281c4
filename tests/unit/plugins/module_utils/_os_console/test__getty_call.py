# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of gettys, in the orders of words that there are."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._getty_call import GettyCall


@pytest.mark.parametrize(
    ("text", "device", "rates", "at_115200"),
    [
        ("/sbin/getty -L ttyS1 9600 vt100", "ttyS1", (9600,), "/sbin/getty -L ttyS1 115200 vt100"),
        ("/sbin/getty 38400 tty1", "tty1", (38400,), "/sbin/getty 115200 tty1"),
        ("/sbin/agetty -L 9600 ttyS0 vt102", "ttyS0", (9600,), "/sbin/agetty -L 115200 ttyS0 vt102"),
        ("/sbin/agetty /dev/ttyS1 57600 vt100-nav", "ttyS1", (57600,), "/sbin/agetty /dev/ttyS1 115200 vt100-nav"),
        ("/sbin/agetty  -t  300  ttyS1  9600", "ttyS1", (9600,), "/sbin/agetty  -t  300  ttyS1  115200"),
        ("/sbin/agetty ttyS1 9600,38400 vt100", "ttyS1", (9600, 38400), "/sbin/agetty ttyS1 115200 vt100"),
        ("/sbin/agetty ttyS1 115200,9600 vt100", "ttyS1", (115200, 9600), "/sbin/agetty ttyS1 115200,9600 vt100"),
        ("/sbin/agetty --keep-baud 9600,115200 ttyS1", "ttyS1", (9600, 115200), "/sbin/agetty --keep-baud 9600,115200 ttyS1"),
        ("/sbin/agetty --keep-baud 9600 ttyS1", "ttyS1", (9600,), "/sbin/agetty --keep-baud 115200 ttyS1"),
        ("/sbin/mgetty -x 300 -s 57600 ttyS3", "ttyS3", (57600,), "/sbin/mgetty -x 300 -s 115200 ttyS3"),
        ("+/sbin/getty -L ttyS1 9600", "ttyS1", (9600,), "+/sbin/getty -L ttyS1 115200"),
        ("/sbin/mingetty ttyS1", "ttyS1", (), "/sbin/mingetty ttyS1"),
        ("/sbin/getty -8 38400 $TTY tty4", "tty4", (38400,), "/sbin/getty -8 115200 $TTY tty4"),
    ],
)
def test_a_call_tells_its_line_and_rate_and_takes_another(text: str, device: str, rates: tuple[int, ...], at_115200: str) -> None:
    call = GettyCall.parse(text)
    assert call is not None and (call.device, call.rates) == (device, rates)
    changed = call.at(115200)
    assert changed == at_115200
    again = GettyCall.parse(changed)
    assert again is not None and again.runs_at(115200)


@pytest.mark.parametrize("text", ["", "/etc/init.d/rc 2", "/sbin/getty", "/usr/bin/monitor ttyS1 9600", "/sbin/getty -h 9600"])
def test_what_is_no_getty_on_a_line_is_none(text: str) -> None:
    assert GettyCall.parse(text) is None

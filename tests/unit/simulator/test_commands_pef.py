# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEF, alerts, DCMI."""

from __future__ import annotations

from tests.simulator.sensors import SENSOR_RECORDS
from tests.unit.simulator.handlers import START, Bench, text

FILTER = "80 01 01 10 ff ff ff ff 01 ff ff 00 00 00 00 00 00 00 00 00"


def test_pef_configuration() -> None:
    Bench().script(
        f"""
        04/10 -> 00 51 3f 08
        04/13 81 00 00 -> 00 11
        04/13 01 00 00 -> 00 11 00
        04/12 01 03 -> 00
        04/13 01 00 00 -> 00 11 03
        04/12 02 01 -> 00
        04/13 02 00 00 -> 00 11 01
        04/12 03 0a -> 00
        04/13 03 00 00 -> 00 11 0a
        04/13 05 00 00 -> 00 11 08
        04/12 05 09 -> 82
        04/12 06 02 {FILTER} -> 00
        04/13 06 02 00 -> 00 11 02 {FILTER}
        04/12 07 02 00 -> 00
        04/13 07 02 00 -> 00 11 02 00
        04/13 06 02 00 -> 00 11 02 00 {FILTER[3:]}
        04/12 06 00 {FILTER} -> c9
        04/12 06 09 {FILTER} -> c9
        04/12 06 01 -> c7
        04/13 08 00 00 -> 00 11 08
        04/12 09 03 18 11 00 -> 00
        04/13 09 03 00 -> 00 11 03 18 11 00
        04/12 09 03 1d 11 00 -> cc
        04/13 0a 00 00 -> 00 11 {"00 " * 16}00
        04/13 0b 00 00 -> 00 11 04
        04/12 0c 01 05 06 -> 00
        04/13 0c 01 00 -> 00 11 01 05 06
        04/12 0d 01 01 {text("an alert", 16)} -> 00
        04/13 0d 01 01 -> 00 11 01 01 {text("an alert", 16)}
        04/13 0d 01 02 -> 00 11 01 02 {text("", 16)}
        04/13 0d 01 05 -> c9
        04/13 0d 05 01 -> c9
        04/13 63 00 00 -> 80
        04/12 00 01 -> 00
        04/12 00 01 -> 81
        04/12 00 00 -> 00
        """
    )


def test_a_board_that_takes_only_whole_entries() -> None:
    bench = Bench(pef={"whole_entries": True, "parameters": {"unsupported": {12: 0x80}}})
    bench.script(
        f"""
        04/12 09 01 08 11 00 -> cc
        04/12 09 01 18 11 00 -> 00
        04/12 06 01 {FILTER.replace("80 01 01 10", "80 01 00 10")} -> cc
        04/12 06 01 {FILTER.replace("80 01 01 10", "80 01 01 11")} -> cc
        04/12 06 01 {FILTER} -> 00
        04/13 0c 01 00 -> 80
        """
    )


def test_postpone_and_last_event() -> None:
    bench = Bench()
    bench.script("04/11 ff -> 00 00\n04/11 fe -> 00 fe\n04/11 ff -> 00 fe\n04/11 0a -> 00 0a")
    bench.clock.advance(4)
    stamp = int(START + 4).to_bytes(4, "little").hex(" ")
    bench.script(
        f"""
        04/11 ff -> 00 06
        04/11 00 -> 00 00
        04/15 -> 00 ff ff ff ff ff ff 00 00 00 00
        04/12 01 01 -> 00
        04/02 04 01 01 01 57 5a 5b -> 00
        04/15 -> 00 {stamp} 01 00 00 00 01 00
        04/14 00 05 00 -> 00
        04/15 -> 00 {stamp} 01 00 05 00 01 00
        """
    )


def test_alert_immediate_and_acknowledge() -> None:
    bench = Bench()
    bench.script(
        """
        04/16 01 01 00 -> cc
        04/16 01 05 00 -> c9
        0c/01 01 13 01 00 00 7f 00 00 09 00 00 00 00 00 00 -> 00
        04/16 01 41 00 -> 00 00
        04/16 01 01 00 -> 00
        04/16 01 41 00 -> 00 01
        04/16 01 81 00 -> 00
        04/16 01 41 00 -> 00 00
        04/16 01 c1 00 -> cc
        04/17 01 00 00 00 00 00 20 20 01 57 5a 5b -> 00
        04/17 01 -> c7
        """
    )
    assert bench.state.pef.acknowledged == 1
    refusing = Bench(pef={"alert_code": 0x82})
    refusing.state.lan[1].destinations[1].address = bytes((127, 0, 0, 9))
    refusing.script("04/16 01 01 00 -> 82")


def test_dcmi_is_a_group_of_its_own() -> None:
    bench = Bench()
    bench.script("2c/01 -> c7\n2c/01 00 01 -> c1\n2c/01 dc -> c7 dc\n2c/01 dc 09 -> cc dc")
    Bench(dcmi={"supported": False}).script("2c/01 dc 01 -> c1")


def test_dcmi_capabilities_and_texts() -> None:
    Bench().script(
        f"""
        2c/01 dc 01 -> 00 dc 01 05 02 00 01 07
        2c/01 dc 02 -> 00 dc 01 05 02 00 02 00 07 05
        2c/01 dc 03 -> 00 dc 01 05 02 20 00
        2c/01 dc 04 -> 00 dc 01 05 02 01 ff ff
        2c/01 dc 05 -> 00 dc 01 05 02 01 01
        2c/06 dc 00 10 -> 00 dc 02 41 37
        2c/08 dc 00 03 78 79 7a -> 00 dc 03
        2c/06 dc 00 10 -> 00 dc 03 78 79 7a
        2c/06 dc 01 10 -> 00 dc 03 79 7a
        2c/06 dc 00 11 -> c9 dc
        2c/08 dc 00 03 78 79 -> c7 dc
        2c/08 dc 38 10 {"41 " * 16}-> c9 dc
        2c/09 dc 00 10 -> 00 dc 05 {text("bmc7", 16)}
        2c/0a dc 00 06 6e 6f 64 65 39 00 -> 00 dc 06
        2c/09 dc 00 10 -> 00 dc 06 {text("node9", 16)}
        """
    )


def test_dcmi_power() -> None:
    bench = Bench()
    stamp = int(START).to_bytes(4, "little").hex(" ")
    bench.script(
        f"""
        2c/02 dc 01 00 00 -> 00 dc 10 00 10 00 b8 00 10 00 {stamp} e8 03 00 00 40
        2c/02 dc 03 00 00 -> cc dc
        2c/03 dc 00 00 -> 80 dc 00 00 00 00 00 e8 03 00 00 00 00 01 00
        2c/04 dc 00 00 00 11 f4 01 d0 07 00 00 00 00 05 00 -> 00 dc
        2c/05 dc 01 00 00 -> 00 dc
        2c/03 dc 00 00 -> 00 dc 00 00 11 f4 01 d0 07 00 00 00 00 05 00
        2c/04 dc 00 00 00 02 f4 01 d0 07 00 00 00 00 05 00 -> cc dc
        2c/04 dc 00 00 00 01 ff ff d0 07 00 00 00 00 05 00 -> 84 dc
        2c/04 dc 00 00 00 01 f4 01 00 00 00 00 00 00 05 00 -> 85 dc
        2c/04 dc 00 00 00 01 f4 01 d0 07 00 00 00 00 00 00 -> 89 dc
        2c/05 dc 00 00 00 -> 00 dc
        2c/03 dc 00 00 -> 80 ..
        """
    )
    Bench(dcmi={"power": False}).script("2c/02 dc 01 00 00 -> c1 dc")


def test_dcmi_sensors_and_configuration() -> None:
    inlet = SENSOR_RECORDS[0x0C]
    Bench().script(
        f"""
        2c/07 dc 01 40 00 00 -> 00 dc 01 01 {inlet:02x} 00
        2c/07 dc 01 41 02 00 -> 00 dc 01 01 {SENSOR_RECORDS[0x02]:02x} 00
        2c/07 dc 02 40 00 00 -> cc dc
        2c/10 dc 01 40 00 00 -> 00 dc 01 01 15 01
        2c/13 dc 02 00 -> 00 dc 01 05 01 01
        2c/13 dc 04 00 -> 00 dc 01 05 01 78 00
        2c/12 dc 04 00 3c 00 -> 00 dc
        2c/13 dc 04 00 -> 00 dc 01 05 01 3c 00
        2c/12 dc 04 00 3c -> c7 dc
        2c/13 dc 09 00 -> 80 dc
        2c/12 dc 01 00 01 -> 00 dc
        2c/0c dc 37 01 -> 00 dc 00 00 00 00
        2c/0b dc 37 01 40 2d 3c 00 00 -> 00 dc
        2c/0c dc 37 01 -> 00 dc 40 2d 3c 00
        2c/0c dc 03 01 -> cc dc
        """
    )

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SEL, SDR, sensors, FRU."""

from __future__ import annotations

import pytest

from tests.simulator.sensors import REPOSITORY, SENSORS
from tests.unit.simulator.handlers import START, Bench

EVENT = "00 00 02 00 00 00 00 20 00 04 01 01 6f a1 02 03"
STAMP = int(START).to_bytes(4, "little").hex(" ")


def test_the_log_grows_and_is_read() -> None:
    bench = Bench(records={"sel_space": 3})
    bench.script(
        f"""
        0a/40 -> 00 51 00 00 30 00 ff ff ff ff ff ff ff ff 0b
        0a/43 00 00 00 00 00 ff -> cb
        0a/44 {EVENT} -> 00 01 00
        0a/44 {EVENT} -> 00 02 00
        0a/40 -> 00 51 02 00 10 00 {STAMP} ff ff ff ff 0b
        0a/41 -> 00 03 00 10 00 01 00 01 00 01
        0a/43 00 00 00 00 00 ff -> 00 02 00 01 00 02 {STAMP} 20 00 04 01 01 6f a1 02 03
        0a/43 00 00 ff ff 00 ff -> 00 ff ff 02 00 02 {STAMP} 20 00 04 01 01 6f a1 02 03
        0a/43 00 00 02 00 0a 02 -> c5
        0a/42 -> 00 01 00
        0a/43 01 00 02 00 0a 02 -> 00 ff ff 01 01
        0a/43 01 00 02 00 10 02 -> c9
        0a/43 00 00 09 00 00 ff -> cb
        0a/43 00 00 09 00 00 -> c7
        0a/44 {EVENT} -> 00 03 00
        0a/44 {EVENT} -> c4
        0a/40 -> 00 51 03 00 00 00 {STAMP} ff ff ff ff 8b
        """
    )


def test_a_log_that_is_off_takes_no_events_but_records_that_are_added() -> None:
    bench = Bench()
    bench.script(
        f"""
        06/2f -> 00 08
        04/02 04 01 30 01 59 00 00 -> 00
        0a/40 -> 00 51 01 00 ..
        06/2e 00 -> 00
        04/02 04 01 30 01 59 00 00 -> 00
        0a/40 -> 00 51 01 00 ..
        0a/44 {EVENT} -> 00 02 00
        06/2e 18 -> cc
        06/2e 08 -> 00
        04/02 04 01 30 01 59 00 00 -> 00
        0a/40 -> 00 51 03 00 ..
        """
    )


def test_a_record_without_time_is_kept_as_it_is() -> None:
    record = "00 00 e0 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d"
    Bench().script(f"0a/44 {record} -> 00 01 00\n0a/43 00 00 00 00 00 ff -> 00 ff ff 01 00 {record[6:]}")


def test_delete_and_clear_need_a_reservation() -> None:
    bench = Bench(records={"sel_erase_seconds": 2.0})
    bench.script(
        f"""
        0a/44 {EVENT} -> 00 01 00
        0a/44 {EVENT} -> 00 02 00
        0a/46 00 00 01 00 -> c5
        0a/42 -> 00 01 00
        0a/46 01 00 01 00 -> 00 01 00
        0a/46 01 00 02 00 -> c5
        0a/42 -> 00 03 00
        0a/47 03 00 43 4c 53 aa -> cc
        0a/47 01 00 43 4c 52 aa -> c5
        0a/47 03 00 43 4c 52 aa -> 00 00
        0a/47 03 00 43 4c 52 00 -> 00 00
        0a/43 00 00 00 00 00 ff -> 81
        0a/40 -> 81
        """
    )
    bench.clock.advance(2)
    bench.script("0a/47 03 00 43 4c 52 00 -> 00 01\n0a/43 00 00 00 00 00 ff -> cb\n0a/40 -> 00 51 00 00 ..")


def test_the_log_s_clock() -> None:
    bench = Bench()
    bench.script(f"0a/48 -> 00 {STAMP}\n0a/49 00 00 00 60 -> 00")
    bench.clock.advance(3)
    bench.script(
        """
        0a/48 -> 00 03 00 00 60
        0a/28 -> 00 03 00 00 60
        0a/5c -> 00 00 00
        0a/5d c4 ff -> 00
        0a/5c -> 00 c4 ff
        0a/5d ff 07 -> 00
        0a/5d a1 05 -> c9
        0a/49 00 -> c7
        """
    )
    Bench(records={"sel_utc_offset": False}).script("0a/5c -> c1\n0a/5d 00 00 -> c1")


def test_all_records_are_reached_by_their_next() -> None:
    bench, record_id, seen = Bench(), 0, 0
    while record_id != 0xFFFF:
        answer = bytes.fromhex(bench.ask("0a/23", f"00 00 {record_id.to_bytes(2, 'little').hex()} 00 ff"))
        assert answer[0] == 0
        assert answer[3 + 4] == len(answer) - 3 - 5
        record_id, seen = int.from_bytes(answer[1:3], "little"), seen + 1
    assert seen == len(REPOSITORY) == len(SENSORS) + 2


def test_partial_reads_of_a_record() -> None:
    bench = Bench(records={"sdr_read_max": 0x10})
    whole = REPOSITORY[3]
    bench.script(
        f"""
        0a/20 -> 00 51 {len(REPOSITORY):02x} 00 00 00 00 00 00 00 00 00 00 00 22
        0a/23 00 00 03 00 00 ff -> ca
        0a/23 00 00 03 00 00 10 -> 00 04 00 {whole[:16].hex(" ")}
        0a/23 00 00 03 00 10 10 -> c5
        0a/22 -> 00 01 00
        0a/23 01 00 03 00 10 10 -> 00 04 00 {whole[16:32].hex(" ")}
        0a/22 -> 00 02 00
        0a/23 01 00 03 00 10 10 -> c5
        0a/23 02 00 99 00 00 10 -> cb
        0a/23 02 00 03 00 f0 10 -> c9
        04/20 -> 00 {len(SENSORS):02x} 01
        04/20 01 -> 00 {len(REPOSITORY):02x} 01
        04/21 00 00 03 00 00 05 -> 00 04 00 {whole[:5].hex(" ")}
        """
    )


def test_readings_follow_the_power() -> None:
    bench = Bench()
    bench.script("04/2d 01 -> 00 00 e0 00 80\n04/2d 0b -> 00 18 c0 c0\n04/2d c8 -> 00 00 c0 01 80\n00/02 01 -> 00")
    bench.clock.advance(5)
    bench.script("04/2d 01 -> 00 2e c0 c0\n04/2d 41 -> 00 40 c0 c0\n04/2d ee -> cb")
    bench.state.sdr.sensors[0x01].forced = 91
    bench.script("04/2d 01 -> 00 5b c0 d8\n04/2b 01 -> 00 c0 80 02 00 00")


def test_thresholds_hysteresis_events() -> None:
    Bench().script(
        """
        04/27 01 -> 00 3f 05 02 00 55 5a 5f
        04/26 01 18 00 00 00 50 58 00 -> 00
        04/27 01 -> 00 3f 05 02 00 50 58 5f
        04/26 41 08 00 00 00 50 00 00 -> cc
        04/26 c8 01 00 00 00 00 00 00 -> cd
        04/27 c8 -> cd
        04/27 ee -> cb
        04/25 01 ff -> 00 02 02
        04/24 01 ff 03 04 -> 00
        04/25 01 ff -> 00 03 04
        04/29 01 -> 00 c0 95 0a 95 0a
        04/28 01 c0 -> 00
        04/28 01 e0 80 00 00 00 -> 00
        04/29 01 -> 00 c0 15 0a 95 0a
        04/28 01 d0 80 00 00 00 -> 00
        04/29 01 -> 00 c0 95 0a 95 0a
        04/28 01 f0 -> cc
        04/28 01 40 -> 00
        04/29 01 -> 00 40 95 0a 95 0a
        04/28 01 80 -> 00
        04/2d 0b -> 00 18 c0 c0
        04/2f 01 -> 00 01 01
        04/2f c8 -> 00 08 6f
        04/23 41 00 -> 00 00 4b 00 00 00 00 00
        04/01 -> 00 20 00
        04/00 ff 00 -> 00
        04/01 -> 00 ff 00
        """
    )


def checked(area: bytes) -> bytes:
    """An area or header of a FRU image whose checksum is right."""
    assert sum(area) % 256 == 0
    return area


def test_the_fru_image_has_valid_areas() -> None:
    bench = Bench()
    size = int.from_bytes(bytes.fromhex(bench.ask("0a/10", "00"))[1:3], "little")
    image = b""
    while len(image) < size:
        offset = len(image).to_bytes(2, "little").hex()
        image += bytes.fromhex(bench.ask("0a/11", f"00 {offset} 40"))[2:]
    header = checked(image[:8])
    assert header[:2] == b"\x01\x00"
    wanted = {2: (b"PN-7", b"SN0007"), 3: (b"Acme", b"SN0007B"), 4: (b"Server 1", b"SN0007", b"A7")}
    for place, texts in wanted.items():
        at = header[place] * 8
        area = checked(image[at : at + image[at + 1] * 8])
        for text in texts:
            assert bytes((0xC0 | len(text),)) + text in area


def test_fru_reads_and_writes() -> None:
    Bench().script(
        """
        0a/10 00 -> 00 00 02 00
        0a/10 01 -> cb
        0a/11 00 00 00 04 -> 00 04 01 00 01 04
        0a/11 00 00 02 04 -> c9
        0a/11 00 00 00 00 -> ca
        0a/11 00 00 00 ff -> ca
        0a/11 01 00 00 04 -> cb
        0a/12 00 fe 01 aa bb -> 00 02
        0a/11 00 fe 01 08 -> 00 02 aa bb
        0a/12 00 ff 01 aa bb -> c9
        0a/12 00 00 -> c7
        """
    )


@pytest.mark.parametrize(("event", "logged"), [("04 01 01 01 57 5a 5b", "41 00 04 01 01 01 57 5a 5b"),
                                               ("04 01 01 01 57", "41 00 04 01 01 01 57 ff ff"),
                                               ("21 04 01 01 01 57 5a 5b", "21 00 04 01 01 01 57 5a 5b")])  # fmt: skip
def test_a_platform_event_is_logged(event: str, logged: str) -> None:
    Bench().script(f"04/02 {event} -> 00\n0a/43 00 00 00 00 00 ff -> 00 ff ff 01 00 02 {STAMP} {logged}")
    Bench().script("04/02 04 01 01 01 -> c7")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: which commands are written, in which order, and what is made of the answers."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import AnswerLost, NotVerified, SessionLost
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_and_verify
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Plan, Refused, make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Section, Target
from tests.unit.plugins.scripted import DROPPED, LOST, Scripted, address, lan, sol

TAKE, COMMIT, COMPLETE = "0C/01 01 00 01", "0C/01 01 00 02", "0C/01 01 00 00"
VLAN_100 = "0C/01 01 14 64 80"
READ_VLAN = "0C/02 01 14 00 00"


def plan(bmc: Scripted, section: Section = LAN, **options: t.Any) -> Plan:
    """What these options would change; the session does not run over the channel."""
    instance = Instance(section, Target(1), f"{section.name} channel 1")
    return make_plan(Reader(bmc.bmc()), instance, section.wanted(options))


def converge(bmc: Scripted, section: Section = LAN, **options: t.Any) -> Progress:
    """Plan, forget what was asked for it, and carry it out."""
    made = plan(bmc, section, **options)
    bmc.forget()
    progress = Progress()
    write_and_verify(bmc.bmc(), made, made.changes, progress)
    return progress


class TestWhatIsWritten:
    """Only what differs, in the order that BMCs need, between set-in-progress and commit."""

    def test_nothing_where_nothing_differs(self) -> None:
        bmc = Scripted()
        lan(bmc)
        progress = converge(bmc, vlan_id=0, netmask="255.255.255.0", ip_source="static")
        assert bmc.asked == []
        assert progress.written == []

    def test_only_what_differs_in_brackets_and_read_back(self) -> None:
        bmc = Scripted()
        lan(bmc)
        progress = converge(bmc, vlan_id=100, gateway="192.0.2.1")
        assert bmc.asked == [TAKE, VLAN_100, COMMIT, COMPLETE, READ_VLAN]
        assert progress.written == ["lan channel 1: vlan_id"]

    def test_order_is_source_mask_gateway_priority_address_vlan(self) -> None:
        bmc = Scripted()
        lan(bmc, p4="02")
        converge(
            bmc,
            vlan_id=7,
            ip_address="192.0.2.77",
            vlan_priority=3,
            gateway="192.0.2.254",
            netmask="/25",
            ip_source="static",
        )
        assert bmc.written == [
            TAKE,
            "0C/01 01 04 01",
            f"0C/01 01 06 {address('255.255.255.128')}",
            f"0C/01 01 0C {address('192.0.2.254')}",
            "0C/01 01 15 03",
            f"0C/01 01 03 {address('192.0.2.77')}",
            "0C/01 01 14 07 80",
            COMMIT,
            COMPLETE,
        ]

    def test_sol_is_opened_last(self) -> None:
        bmc = Scripted()
        sol(bmc)
        converge(bmc, SOL, enabled=True, force_encryption=True, bit_rate_volatile="115200", bit_rate_non_volatile="115200")
        assert bmc.written == [
            "0C/21 01 00 01",
            "0C/21 01 02 82",
            "0C/21 01 06 0A",
            "0C/21 01 05 0A",
            "0C/21 01 01 01",
            "0C/21 01 00 02",
            "0C/21 01 00 00",
        ]

    def test_a_backwards_section_is_written_the_other_way_round(self) -> None:
        bmc = Scripted()
        sol(bmc)
        converge(bmc, SOL.reversed(), enabled=True, bit_rate_volatile="115200")
        assert bmc.written[1:3] == ["0C/21 01 01 01", "0C/21 01 06 0A"]

    def test_a_shared_parameter_keeps_its_other_bits(self) -> None:
        bmc = Scripted()
        parameters = sol(bmc, p2="C4", p3="0C 60", p4="07 32")
        converge(bmc, SOL, force_authentication=False, send_threshold=1, retry_interval=100)
        assert bmc.written[1:4] == ["0C/21 01 02 84", "0C/21 01 03 0C 01", "0C/21 01 04 07 0A"]
        assert parameters[2] == "84"

    def test_two_settings_of_one_parameter_are_one_write(self) -> None:
        bmc = Scripted()
        lan(bmc)
        progress = converge(bmc, arp_responses=True, gratuitous_arp=False)
        assert bmc.written[1:-2] == ["0C/01 01 0A 02"]
        assert progress.written == ["lan channel 1: arp_responses", "lan channel 1: gratuitous_arp"]

    def test_a_vlan_that_is_switched_off_keeps_its_id(self) -> None:
        bmc = Scripted()
        lan(bmc, p20="64 80")
        converge(bmc, vlan_id=0)
        assert "0C/01 01 14 64 00" in bmc.written


class TestSetInProgress:
    """The lock of a configuration."""

    @pytest.mark.parametrize("code", ["80", "82", "C1", "CC", "C9", "D5", "C7"])
    def test_a_bmc_without_it_is_written_without_it(self, code: str) -> None:
        bmc = Scripted()
        lan(bmc)
        bmc.on("0C/01 01 00", code)
        converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, READ_VLAN]

    def test_a_bmc_without_commit_gets_the_rest(self) -> None:
        bmc = Scripted()
        lan(bmc)
        bmc.on(COMMIT, "82")
        progress = converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, COMMIT, COMPLETE, READ_VLAN]
        assert progress.warnings == []

    def test_somebody_elses_is_waited_for(self) -> None:
        bmc = Scripted()
        parameters = lan(bmc, p0="01")
        bmc.clock.meanwhile = lambda: parameters.__setitem__(0, "00")
        progress = converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, TAKE, VLAN_100, COMMIT, COMPLETE, READ_VLAN]
        assert bmc.clock.pauses == [0.5]
        assert progress.warnings == []

    def test_one_that_a_crashed_program_left_is_taken_over_with_a_warning(self) -> None:
        bmc = Scripted()
        parameters = lan(bmc, p0="01")
        progress = converge(bmc, vlan_id=100)
        assert sum(bmc.clock.pauses) == pytest.approx(10.0)
        assert bmc.written[-3:] == [VLAN_100, COMMIT, COMPLETE]
        assert parameters[0] == "00"
        [warning] = progress.warnings
        assert warning.startswith("lan channel 1: another program's 'set in progress'")

    def test_it_is_given_back_after_a_refusal(self) -> None:
        bmc = Scripted()
        parameters = lan(bmc)
        bmc.on("0C/01 01 14", "D4")
        with pytest.raises(Refused):
            converge(bmc, vlan_id=100)
        assert bmc.written == [TAKE, VLAN_100, COMMIT, COMPLETE]
        assert parameters[0] == "00"

    def test_taking_it_is_not_repeated_if_only_the_answer_was_lost(self) -> None:
        bmc = Scripted().once(TAKE, LOST)
        lan(bmc)
        converge(bmc, vlan_id=100)
        assert bmc.asked[:3] == [TAKE, "0C/02 01 00 00 00", VLAN_100]

    def test_it_is_given_back_after_a_write_that_never_got_through(self) -> None:
        bmc = Scripted()
        lan(bmc)
        made = plan(bmc, vlan_id=100)
        bmc.forget()
        bmc.once(VLAN_100, DROPPED, DROPPED, DROPPED)
        with pytest.raises(AnswerLost):
            write_and_verify(bmc.bmc(), made, made.changes, Progress())
        assert bmc.asked == [TAKE, *[VLAN_100, READ_VLAN] * 3, COMMIT, COMPLETE]

    def test_a_silent_bmc_is_not_asked_to_give_it_back(self) -> None:
        bmc = Scripted()
        lan(bmc)

        def go(data: bytes) -> bytes:
            bmc.gone = True
            return b"\0"

        bmc.on("0C/01 01 15", go)
        with pytest.raises(SessionLost):
            converge(bmc, vlan_priority=3, vlan_id=100)
        assert bmc.written == [TAKE, "0C/01 01 15 03", VLAN_100]


class TestRefusals:
    """What a BMC refuses is reported for what it is."""

    @pytest.mark.parametrize(
        ("code", "why"), [("80", "completion code 0x80"), ("C1", "completion code 0xC1"), ("82", "read only")]
    )
    def test_not_supported_is_reported_and_the_rest_is_written(self, code: str, why: str) -> None:
        bmc = Scripted()
        lan(bmc)
        bmc.on("0C/01 01 15", code)
        progress = converge(bmc, vlan_priority=3, vlan_id=100)
        assert [missing.as_dict() for missing in progress.missing] == [
            {"what": "lan channel 1", "setting": "vlan_priority", "reason": why}
        ]
        assert progress.written == ["lan channel 1: vlan_id"]
        assert bmc.asked_for("0C/01 01 15") == ["0C/01 01 15 03"]

    def test_a_refusal_names_what_it_is_about(self) -> None:
        bmc = Scripted()
        lan(bmc)
        bmc.on("0C/01 01 14", "D4")
        with pytest.raises(Refused, match=r"^lan channel 1: vlan_id: Set LAN .*0C/01.*0xD4") as caught:
            converge(bmc, vlan_id=100)
        assert caught.value.facts()["completion_code"] == "0xD4"

    @pytest.mark.parametrize("code", ["CC", "D5", "8F"])
    def test_refused_and_already_so_is_fine(self, code: str) -> None:
        bmc = Scripted()
        parameters = lan(bmc)

        def refuse_but_do(data: bytes) -> bytes:
            parameters.values[20] = data[2:]
            return bytes.fromhex(code)

        bmc.on("0C/01 01 14", refuse_but_do)
        progress = converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, READ_VLAN, COMMIT, COMPLETE, READ_VLAN]
        assert progress.written == ["lan channel 1: vlan_id"]

    def test_refused_and_not_so_is_a_failure(self) -> None:
        bmc = Scripted()
        lan(bmc)
        bmc.on("0C/01 01 14", "CC")
        with pytest.raises(Refused, match="0xCC"):
            converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, READ_VLAN, COMMIT, COMPLETE]


class TestVerification:
    """Every write is read back."""

    def test_an_ignored_write_is_made_twice_and_then_a_failure(self) -> None:
        bmc = Scripted()
        lan(bmc)
        bmc.on("0C/01 01 14", "00")
        with pytest.raises(NotVerified, match="lan channel 1: the BMC accepted vlan_id and still has another value"):
            converge(bmc, vlan_id=100)
        assert bmc.written == [TAKE, VLAN_100, COMMIT, COMPLETE] * 2
        assert bmc.clock.pauses == [0.2, 0.5, 1.0, 2.0] * 2

    def test_a_write_that_works_the_second_time_is_fine(self) -> None:
        bmc = Scripted().once("0C/01 01 14", "00")
        parameters = lan(bmc)
        progress = converge(bmc, vlan_id=100)
        assert parameters[20] == "64 80"
        assert progress.written == ["lan channel 1: vlan_id"]

    def test_a_late_value_is_waited_for_and_not_written_again(self) -> None:
        bmc = Scripted()
        parameters = lan(bmc)
        bmc.on("0C/01 01 14", "00")
        bmc.clock.meanwhile = lambda: parameters.__setitem__(20, "64 80")
        converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, COMMIT, COMPLETE, READ_VLAN, READ_VLAN]
        assert bmc.clock.pauses == [0.2]

    def test_a_disturbed_setting_is_written_again(self) -> None:
        """Writing the netmask overwrites the gateway on an Inventec board."""
        bmc = Scripted()
        parameters = lan(bmc)
        netmask = address("255.255.255.128")

        def disturb(data: bytes) -> bytes:
            parameters.values[6] = data[2:]
            parameters.values[12] = bytes(4)
            return b"\0"

        bmc.on("0C/01 01 06", disturb)
        progress = converge(bmc, netmask="/25", gateway="192.0.2.1")
        assert bmc.written == [
            *[TAKE, f"0C/01 01 06 {netmask}", COMMIT, COMPLETE],
            *[TAKE, f"0C/01 01 0C {address('192.0.2.1')}", COMMIT, COMPLETE],
        ]
        assert progress.written == ["lan channel 1: netmask", "lan channel 1: gateway"]

    def test_a_setting_that_nothing_disturbs_is_not_read_again(self) -> None:
        bmc = Scripted()
        lan(bmc)
        converge(bmc, netmask="/25", vlan_priority=0)
        assert bmc.asked_for("0C/02") == ["0C/02 01 06 00 00"]


class TestLostAnswers:
    """A write whose answer is lost is never repeated blindly."""

    def test_it_was_done(self) -> None:
        bmc = Scripted().once(VLAN_100, LOST)
        parameters = lan(bmc)
        progress = converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, READ_VLAN, COMMIT, COMPLETE, READ_VLAN]
        assert parameters[20] == "64 80"
        assert progress.written == ["lan channel 1: vlan_id"]

    def test_it_was_not_done(self) -> None:
        bmc = Scripted().once(VLAN_100, DROPPED)
        lan(bmc)
        converge(bmc, vlan_id=100)
        assert bmc.asked == [TAKE, VLAN_100, READ_VLAN, VLAN_100, COMMIT, COMPLETE, READ_VLAN]

    @pytest.mark.parametrize("code", ["C3", "CE", "CF"])
    def test_a_code_that_does_not_say_counts_as_lost(self, code: str) -> None:
        bmc = Scripted().once(VLAN_100, code)
        lan(bmc)
        converge(bmc, vlan_id=100)
        assert bmc.asked[:4] == [TAKE, VLAN_100, READ_VLAN, VLAN_100]

    def test_a_known_value_is_not_trusted_after_it_was_written(self) -> None:
        """What was known before the write tells nothing about the write."""
        bmc = Scripted().once(VLAN_100, LOST)
        lan(bmc)
        parameter = LAN["vlan_id"].parameter
        record = parameter.load(Reader(bmc.bmc()), Target(1), {})
        instance = Instance(LAN, Target(1), "lan channel 1", known={parameter: record})
        made = make_plan(Reader(bmc.bmc()), instance, {"vlan_id": 100})
        bmc.forget()
        write_and_verify(bmc.bmc(), made, made.changes, Progress())
        assert bmc.written == [TAKE, VLAN_100, COMMIT, COMPLETE]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows check themselves, and a reader asks once."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._boot import BOOT
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN, MAC
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader, Section, Setting, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import USER
from tests.unit.plugins.scripted import Scripted, lan

SECTIONS = [LAN, SOL, USER, BOOT]
GOOD = LAN["vlan_priority"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "VLAN"}, "not an option's name"),
        ({"name": "vlan-id"}, "not an option's name"),
        ({"spec": {"type": "int", "default": 0}}, "has no default"),
        ({"spec": {"type": "int", "required": True}}, "has no default"),
        ({"secret": True}, "needs no_log"),
        ({"secret": True, "spec": {"type": "str", "no_log": True}, "show": str}, "never shown"),
        ({"cuts": True, "parameter": MAC}, "cannot be written cannot cut"),
    ],
)
def test_a_wrong_row_is_refused_when_it_is_made(wrong: dict[str, t.Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(GOOD, **wrong)


def test_a_name_is_there_once() -> None:
    with pytest.raises(ValueError, match="there twice"):
        Section("x", (GOOD, GOOD))


def test_what_is_disturbed_must_be_there() -> None:
    with pytest.raises(ValueError, match="disturbs \\['gateway'\\]"):
        Section("x", (replace(GOOD, disturbs=("gateway",)),))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_parameters_have_an_order_and_a_title(section: Section) -> None:
    parameters = {setting.parameter for setting in section.settings}
    assert len({parameter.order for parameter in parameters}) == len(parameters)
    assert all(parameter.title for parameter in parameters)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_choice_can_be_parsed_and_shown_again(section: Section) -> None:
    for setting in section.settings:
        for choice in setting.spec.get("choices", []):
            assert setting.show(setting.value_of(choice)) == choice


def test_a_bad_value_is_named() -> None:
    with pytest.raises(BadOption, match=r"vlan_priority: 8 must be 0 to 7"):
        GOOD.value_of(8)


def test_a_bad_secret_is_not() -> None:
    with pytest.raises(BadOption, match="snmp_community: has 21 bytes; at most 18") as caught:
        LAN["snmp_community"].value_of("geheim" * 3 + "xxx")
    assert "geheim" not in str(caught.value)


def test_options_left_out_are_left_alone() -> None:
    params = dict.fromkeys(LAN.argument_spec()) | {"vlan_id": 0, "gratuitous_arp": False}
    assert LAN.wanted(params) == {"vlan_id": 0, "gratuitous_arp": False}


def test_an_unknown_name() -> None:
    with pytest.raises(KeyError):
        _unused = LAN["vlan"]


def test_a_section_can_be_written_the_other_way_round() -> None:
    assert LAN.reversed().backwards is True
    assert LAN.reversed().reversed() == LAN


class TestReader:
    """The same request is sent once in a pass."""

    def test_once(self) -> None:
        bmc = Scripted()
        lan(bmc)
        reader = Reader(bmc.bmc())
        first = LAN["gratuitous_arp"].parameter.load(reader, Target(1), {})
        second = LAN["arp_responses"].parameter.load(reader, Target(1), {})
        assert first == second
        assert len(bmc.asked) == 1

    def test_another_target_is_another_request(self) -> None:
        bmc = Scripted()
        lan(bmc)
        lan(bmc, channel=2, p20="07 80")
        reader = Reader(bmc.bmc())
        assert LAN["vlan_id"].parameter.load(reader, Target(1), {}).vlan_id == 0
        assert LAN["vlan_id"].parameter.load(reader, Target(2), {}).vlan_id == 7

    def test_a_new_pass_asks_again(self) -> None:
        bmc = Scripted()
        lan(bmc)
        session = bmc.bmc()
        for _pass in range(2):
            LAN["vlan_id"].parameter.load(Reader(session), Target(1), {})
        assert len(bmc.asked) == 2

    def test_a_malformed_answer_names_the_command(self) -> None:
        bmc = Scripted().on("0C/02", "00 11 64")
        with pytest.raises(MalformedAnswer, match="Get LAN Configuration Parameters"):
            LAN["vlan_id"].parameter.load(Reader(bmc.bmc()), Target(1), {})

    def test_a_refusal_is_the_callers_matter(self) -> None:
        bmc = Scripted().on("0C/02", "D4")
        with pytest.raises(CompletionError):
            Reader(bmc.bmc()).read(GET_LAN, bytes(4), bytes)


def test_rows_are_frozen() -> None:
    with pytest.raises(AttributeError):
        t.cast("t.Any", GOOD).name = "other"
    assert isinstance(GOOD, Setting)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet on one page."""

from __future__ import annotations

import typing as t

import pytest
from jinja2 import Undefined

from ansible_collections.lightsout.bmc.plugins.filter.console_check_report import console_check_report
from ansible_collections.lightsout.bmc.plugins.filter.console_server_master import console_server_master
from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_check import Layer, State, Verdict

GOOD = Verdict(State.WORKS, None, "works", "it came", port="ttyS1", rate=115200).as_result()
OFF = Verdict(State.FAILS, Layer.POWER, "host_off", "the host is off", "switch it on").as_result()


def test_it_counts_and_names() -> None:
    report = console_check_report({"n10": OFF, "n2": GOOD, "n1": OFF})
    assert report["document"]["summary"] == {"hosts": 3, "works": 1, "fails": 2, "unproven": 0, "layers": {"power": 2}}
    assert list(report["document"]["hosts"]) == ["n1", "n2", "n10"]
    assert report["lines"][:3] == ["power: host_off (2): n1, n10", "    the host is off", "    to do: switch it on"]
    assert report["lines"][-1] == "consoles: 1 of 3 work, 2 fail, 0 not proven; by layer: power 2" and not report["ok"]


def test_hosts_that_differ_in_what_was_seen_have_a_line_each() -> None:
    report = console_check_report({"n1": OFF, "n2": {**OFF, "detail": "also off"}})
    assert report["lines"][1:3] == ["    n1: the host is off", "    n2: also off"]


def test_layers_come_in_the_order_in_which_characters_stop() -> None:
    verdicts = {layer.value: {**OFF, "layer": layer.value} for layer in reversed(Layer)}
    lines = [line for line in console_check_report(verdicts)["lines"] if "host_off (1)" in line]
    assert [line.partition(":")[0] for line in lines] == [layer.value for layer in Layer]


def test_all_that_work_is_good() -> None:
    report = console_check_report({"n1": GOOD})
    assert report["ok"] and report["lines"] == ["consoles: 1 of 1 work, 0 fail, 0 not proven"]


@pytest.mark.parametrize("nothing", [None, Undefined()])
def test_a_host_whose_check_came_to_no_end_is_not_good(nothing: t.Any) -> None:
    report = console_check_report({"n1": nothing, "n2": GOOD})
    assert not report["ok"] and report["document"]["hosts"]["n1"]["cause"] == "not_checked"


def test_the_page_has_a_row_for_each_host_and_what_bmcs_say_is_no_markup() -> None:
    odd = {**OFF, "detail": "a | b\n<script>&", "notes": ["and more"]}
    page = console_check_report({"n2": GOOD, "n1": odd})["markdown"]
    rows = [line for line in page.splitlines() if line.startswith("| n")]
    assert rows[0].startswith("| n1 | fails | power | host_off |  |  | a \\| b &lt;script&gt;&amp;; and more | switch it on |")
    assert rows[1].startswith("| n2 | works |  | works | ttyS1 | 115200 | it came |")


def test_notes_are_told_once() -> None:
    noted = {**GOOD, "notes": ["a restart is needed"]}
    assert console_check_report({"n1": noted, "n2": noted})["lines"][0] == "note: a restart is needed (2): n1, n2"


def test_the_master_is_the_one_of_the_plan() -> None:
    masters = {console_server_master(f"n{number}", ["cs1", "cs2"]) for number in range(16)}
    assert masters == {"cs1", "cs2"} and console_server_master("n1", []) == ""

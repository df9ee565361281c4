# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and CSV files."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Place
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._sources import Sources, fill


def hosts(*items: dict[str, t.Any], **sources: t.Any) -> dict[str, t.Any]:
    return {entry.name: entry for entry in Sources(**sources).entries(items, [], pathlib.Path())}


class TestHosts:
    """The option `hosts`."""

    def test_a_pattern_from_the_name(self) -> None:
        found = hosts({"name": "ccw[01:03]", "bmc_host": "{name}-sp.example.org", "groups": ["compute"]})
        assert found["ccw02"].place == Place("ccw02-sp.example.org") and found["ccw02"].groups == ("compute",)

    def test_rack_and_position_from_the_order(self) -> None:
        found = hosts({"name": "n[1:5]", "per_rack": 2, "rack": 7, "bmc_host": "10.1.{rack}.{position}"})
        assert [entry.place.host for entry in found.values()] == ["10.1.7.1", "10.1.7.2", "10.1.8.1", "10.1.8.2", "10.1.9.1"]
        assert found["n5"].variables == {"rack": 9, "position": 1}

    def test_rack_and_position_from_the_name(self) -> None:
        item = {"name": "r[01:02]n[08:09]", "pattern": r"r(?P<rack>\d+)n(?P<position>\d+)", "bmc_host": "10.{rack}.0.{position}"}
        found = hosts(item)
        assert found["r02n08"].place.host == "10.2.0.8" and found["r02n08"].variables == {"rack": 2, "position": 8}

    def test_what_has_to_be_computed(self) -> None:
        def render(pattern: str, values: dict[str, t.Any]) -> str:
            assert pattern == "{{ it }}"
            return f"10.0.0.{values['position'] + 100}"

        assert hosts({"name": "a", "position": 3, "bmc_host": "{{ it }}"}, render=render)["a"].place.host == "10.0.0.103"

    def test_a_later_item_adds_to_an_earlier_one(self) -> None:
        found = hosts(
            {"name": "a[1:2]", "bmc_host": "{name}", "vars": {"x": 1, "y": 1}, "groups": ["g"], "maker": "Dell"},
            {"name": "a2", "bmc_host": "192.0.2.2", "vars": {"y": 2}, "groups": ["h"]},
        )
        assert found["a2"].variables == {"x": 1, "y": 2} and found["a2"].groups == ("g", "h")
        assert (found["a2"].maker, found["a2"].place.host) == ("Dell", "192.0.2.2")

    @pytest.mark.parametrize(
        ("item", "message"),
        [
            ({"name": "a", "bmc_host": "{nmae}"}, "no 'nmae'"),
            ({"name": "a", "bmc_host": "{name.x}"}, "no 'name.x'"),
            ({"name": "a", "bmc_host": "{name!r}"}, "no 'name'"),
            ({"name": "a", "bmc_host": "{name"}, "is not a pattern"),
            ({"name": "a", "bmc_host": "{name:d}"}, "is not a pattern"),
            ({"name": "a", "bmc_host": ""}, "bmc_host is missing"),
            ({"name": "a", "bmc_host": "192.0.2.256"}, "192.0.2.256"),
            ({"name": "a", "bmc_host": "x y"}, "neither a name nor an address"),
            ({"name": "a,b", "bmc_host": "x"}, "cannot be the name"),
            ({"name": "a", "bmc_host": "x", "mac": "12:34"}, "MAC address"),
            ({"name": "a", "bmc_host": "x", "guid": "12"}, "GUID"),
            ({"name": "a", "bmc_host": "x", "bmc_port": 70000}, "UDP port"),
            ({"name": "a", "bmc_host": "x", "pattern": "b"}, "does not match"),
            ({"name": "a", "bmc_host": "x", "pattern": "("}, "regular expression"),
        ],
    )
    def test_what_is_wrong_is_said(self, item: dict[str, t.Any], message: str) -> None:
        with pytest.raises(BadOption, match=message):
            hosts(item)

    def test_identities_have_one_form(self) -> None:
        found = hosts({"name": "a", "bmc_host": "2001:DB8::0001", "mac": "AA-BB-CC-DD-EE-01", "guid": "6C69676874734000800002C365FDF665"})["a"]
        assert found.place.host == "2001:db8::1" and found.mac == "aa:bb:cc:dd:ee:01"
        assert found.guid == "6c696768-7473-4000-8000-02c365fdf665"


def test_a_format() -> None:
    assert fill("r{rack:02d}-{name}", {"rack": 7, "name": "x"}) == "r07-x"


class TestCsv:
    """The option `csv`."""

    TEXT = "Hostname;BMC IP;Rack;Unit;Vendor;BMC MAC;Contract;Teams\nccw1;192.0.2.1;A7;12;Dell;AA:BB:CC:00:00:01;C-7;x, y\n"
    COLUMNS: t.ClassVar = {
        "name": "Hostname",
        "bmc_host": "BMC IP",
        "rack": "Rack",
        "position": "Unit",
        "maker": "Vendor",
        "mac": "BMC MAC",
        "contract": "Contract",
        "groups": "Teams",
    }

    def read(self, folder: pathlib.Path, text: str, **item: t.Any) -> tuple[dict[str, t.Any], list[str]]:
        (folder / "a.csv").write_text(text, encoding="utf-8")
        sources = Sources()
        entries = sources.entries([], [{"path": "a.csv", **item}], folder)
        return {entry.name: entry for entry in entries}, sources.wrong

    def test_a_column_map(self, tmp_path: pathlib.Path) -> None:
        found, wrong = self.read(tmp_path, self.TEXT, columns=self.COLUMNS, delimiter=";", groups=["all_csv"], vars={"site": "B"})
        entry = found["ccw1"]
        assert wrong == []
        assert (entry.place.host, entry.maker, entry.mac) == ("192.0.2.1", "Dell", "aa:bb:cc:00:00:01")
        assert entry.variables == {"rack": "A7", "position": 12, "contract": "C-7", "site": "B"}
        assert entry.groups == ("all_csv", "x", "y") and entry.source == "a.csv:2"

    def test_without_a_map_and_with_a_pattern(self, tmp_path: pathlib.Path) -> None:
        found, wrong = self.read(tmp_path, "name,rack,position,note\n# no machine\na,3,07,\n\nb,4,8,hi\n", bmc_host="10.0.{rack}.{position}")
        # "07" stays as it is written, and so cannot be part of an address.
        assert len(wrong) == 1 and wrong[0].startswith("a.csv:3: bmc_host: '10.0.3.07'")
        assert found["b"].place.host == "10.0.4.8" and found["b"].variables == {"rack": 4, "position": 8, "note": "hi"}

    def test_each_wrong_line_is_named(self, tmp_path: pathlib.Path) -> None:
        lines = ["name,bmc_host,mac", "ok,192.0.2.1,", ",192.0.2.2,", "x,,", "x,192.0.2.999,", "y,192.0.2.3,nope", "ok,192.0.2.4,", "z,192.0.2.5", '"a b",h,']
        found, wrong = self.read(tmp_path, "\n".join(lines))
        assert list(found) == ["ok"]
        numbers = [line.split(":")[1] for line in wrong]
        assert numbers == ["3", "4", "5", "6", "7", "8", "9"], wrong
        told = ["name is missing", "bmc_host is missing", "in line 4 already", "not a MAC", "in line 2 already", "2 columns instead of 3"]
        for words in [*told, "cannot be the name"]:
            assert any(words in line for line in wrong), (words, wrong)

    def test_lines_with_line_breaks_in_cells_are_counted_as_an_editor_does(self, tmp_path: pathlib.Path) -> None:
        _found, wrong = self.read(tmp_path, 'name,bmc_host,note\na,192.0.2.1,"two\nlines"\nb,,\n')
        assert wrong == ["a.csv:4: bmc_host is missing"]

    @pytest.mark.parametrize(
        ("text", "item", "message"),
        [
            ("", {}, "is empty"),
            ("host,bmc_host\n", {}, "no column is the name"),
            ("a,b\n", {"columns": {"name": "Name"}}, "no column 'Name'"),
            ("a,a\n", {"columns": {"name": "a"}}, "more than one column 'a'"),
            ("name,BMC IP\n", {}, "'BMC IP' cannot be a variable"),
            ("name\n", {"encoding": "no-such"}, "encoding"),
        ],
    )
    def test_a_wrong_file(self, tmp_path: pathlib.Path, text: str, item: dict[str, t.Any], message: str) -> None:
        with pytest.raises(BadOption, match=message) as error:
            self.read(tmp_path, text, **item)
        assert "a.csv" in str(error.value)

    def test_a_missing_file(self, tmp_path: pathlib.Path) -> None:
        with pytest.raises(BadOption, match=r"none.csv cannot be read"):
            Sources().entries([], [{"path": "none.csv"}], tmp_path)

    def test_many_wrong_lines_are_cut_short(self) -> None:
        sources = Sources(wrong=[f"a.csv:{number}: x" for number in range(2, 102)])
        assert sources.complain().endswith("a.csv:21: x\n... and 80 more")

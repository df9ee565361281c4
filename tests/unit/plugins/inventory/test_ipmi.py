# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin: what it documents is what it takes, and wrong files are told in one sentence."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible.template import is_trusted_as_template

from ansible_collections.lightsout.bmc.plugins.inventory import ipmi
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet import _fleet, _model

NAME = "lightsout.bmc.ipmi"
DOCUMENTED: dict[str, t.Any] = yaml.safe_load(ipmi.DOCUMENTATION)["options"]


def plugin() -> ipmi.InventoryModule:
    """The plugin with its options, as Ansible's loader makes it."""
    fragments = [yaml.safe_load(one.ModuleDocFragment.DOCUMENTATION)["options"] for one in (constructed, inventory_cache)]
    shared = {**fragments[0], **fragments[1]}
    options = {**shared, **{name: {**shared.get(name, {}), **option} for name, option in DOCUMENTED.items()}}
    constants.config.initialize_plugin_configuration_definitions("inventory", NAME, options)
    made = ipmi.InventoryModule()
    made._load_name = NAME
    made._redirected_names = [NAME]
    return made


class Parse:
    """Parses an inventory file's text as Ansible does."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def __call__(self, text: str, name: str = "a.ipmi.yml") -> InventoryData:
        path = self.folder / name
        path.write_text(f"plugin: lightsout.bmc.ipmi\nprobe_wait: 0.05\n{text}", encoding="utf-8")
        inventory = InventoryData()
        plugin().parse(inventory, DataLoader(), str(path))
        return inventory


@pytest.fixture
def parse(tmp_path: pathlib.Path) -> Parse:
    return Parse(tmp_path)


@pytest.mark.parametrize(
    ("option", "spec"), [("hosts", ipmi._HOSTS), ("csv", ipmi._CSV), ("credentials", ipmi._CREDENTIALS), ("filters", ipmi._FILTER)]
)
def test_the_items_are_the_documented_ones(option: str, spec: dict[str, t.Any]) -> None:
    documented = DOCUMENTED[option]["suboptions"]
    assert set(documented) == set(spec)
    for name, one in spec.items():
        assert bool(documented[name].get("required")) == bool(one.get("required")), name
        assert documented[name].get("choices") == one.get("choices"), name


def test_the_parts_are_the_documented_ones() -> None:
    assert DOCUMENTED["gather"]["choices"] == list(_model.PARTS)


def test_every_state_has_a_group_and_all_but_three_are_out_of_order() -> None:
    fine = set()
    for state in _model.State:
        host = _fleet.Host("a", _model.Place("192.0.2.1"), _model.Record(state))
        path = _fleet.groups_of(host)[0]
        assert path[-1] == f"bmc_{state.value}"
        if path[0] != "bmc_out_of_order":
            fine.add(state.value)
    assert fine == {"ok", "unknown", "no_credential"}


@pytest.mark.parametrize(("name", "wanted"), [("site.ipmi.yml", True), ("ipmi.yaml", True), ("ipmi.yml", True), ("site.yml", False), ("ipmi.json", False)])
def test_which_files_it_takes(tmp_path: pathlib.Path, name: str, wanted: bool) -> None:
    path = tmp_path / name
    path.write_text("x", encoding="utf-8")
    assert plugin().verify_file(str(path)) is wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hosts: [{name: a}]", "hosts, item 1: missing required arguments: bmc_host"),
        ("hosts: [{name: a, bmc_host: b, bmc_hots: c}]", "item 1: there is no bmc_hots; there is name, bmc_host"),
        ("hosts: [a]", "hosts, item 1 is not a mapping"),
        ("hosts: [{name: a, bmc_host: '{{ rack }}'}]", "rack"),
        ("networks: [192.0.2.1/24]", "has host bits set"),
        ("probe_rate: 0", "probe_rate is 0"),
        ("csv: [{path: none.csv}]", "none.csv cannot be read"),
        ("networks: [127.78.0.1-1]\ngather: [power]\ncredentials: [{user: u, password: '{{ missing }}'}]", "credentials, item 1: 'missing' is undefined"),
        ("networks: [127.78.0.1-1]\ngather: [power]\ncredentials: [{user: u, password: Much-too-long-a-password}]", "u: password has 24 bytes"),
        ("networks: [127.78.0.1-1]\ngather: [power]\ncredentials: [{user: u, pasword: Sesam}]", "there is no pasword"),
        ("filters: [{include: a, exclude: b}]", "either an include or an exclude"),
    ],
)
def test_wrong_files(parse: Parse, text: str, message: str) -> None:
    with pytest.raises(AnsibleParserError, match=message) as error:
        parse(text)
    assert "a.ipmi.yml" in str(error.value)
    assert "Sesam" not in str(error.value) and "Much-too" not in str(error.value)


def test_wrong_lines_can_be_left_out(parse: Parse) -> None:
    (parse.folder / "a.csv").write_text("name,bmc_host\na,127.78.0.1\n,127.78.0.2\n", encoding="utf-8")
    inventory = parse("csv: [{path: a.csv}]\ncsv_errors: warn\nbmc_port: 6997")
    assert list(inventory.hosts) == ["a"]


def test_numbers_and_answers_become_groups(parse: Parse) -> None:
    inventory = parse(
        "hosts: [{name: 'a[1:4]', bmc_host: 127.78.0.1, per_rack: 2, bmc_port: 6997}]\n"
        "keyed_groups: [{prefix: rack, key: rack}, {prefix: stale, key: bmc_stale}]"
    )
    groups = {name: sorted(host.name for host in group.get_hosts()) for name, group in inventory.groups.items()}
    assert groups["rack_1"] == ["a1", "a2"] and groups["rack_2"] == ["a3", "a4"]
    assert groups["bmc_out_of_order"] == groups["bmc_unreachable"] == groups["bmc_port_closed"] == groups["stale_false"] == ["a1", "a2", "a3", "a4"]


def test_words_from_outside_are_not_trusted() -> None:
    assert is_trusted_as_template(ipmi._own("on")) and is_trusted_as_template(ipmi._own({"a": "192.0.2.1"})["a"])
    for text in ("{{ x }}", "{% x %}", "{# x #}", "#jinja2: x", "a\nb", "<x>", "\u017f{{"):
        assert not is_trusted_as_template(ipmi._own(text)), text
    assert not {"bmc_serial", "bmc_product", "bmc_asset_tag"} & _fleet.OWN_WORDS

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles' variables as each host's tasks would see them."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar, trust_as_template
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_network import OTHERWISE, SETTINGS
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_policy import ROLES

FOLDER = pathlib.Path(__file__).parents[4] / "roles"


class Site:
    """An inventory, and a play over it."""

    def __init__(self, folder: pathlib.Path, inventory: dict[str, t.Any]) -> None:
        path = folder / "inventory.json"
        path.write_text(json.dumps(inventory), encoding="utf-8")
        self.loader = DataLoader()
        found = InventoryManager(loader=self.loader, sources=[str(path)])
        self.hosts = [host.name for host in found.get_hosts()]
        self.hostvars = HostVars(found, VariableManager(loader=self.loader, inventory=found), self.loader)

    def gather(self, *roles: str, first: str, play: dict[str, t.Any] | None = None, **what: t.Any) -> dict[str, t.Any]:
        """What the lookup gives to a task of the host `first`, in a play with these variables."""
        # As in a task, from the weakest: defaults, inventory, play.
        seen: dict[str, t.Any] = {}
        for role in roles:
            if role in ROLES:
                seen.update(self.loader.load_from_file(str(FOLDER / role / "defaults/main.yml"), trusted_as_template=True))
        seen.update(self.hostvars.raw_get(first))
        seen.update({name: trust_as_template(value) if isinstance(value, str) else value for name, value in (play or {}).items()})
        seen["hostvars"] = self.hostvars
        lookup = lookup_loader.get("lightsout.bmc.site_variables", loader=self.loader, templar=Templar(loader=self.loader, variables=seen))
        (found,) = lookup.run(list(roles), seen, **{"hosts": self.hosts, **what})
        return t.cast("dict[str, t.Any]", found)


@pytest.fixture
def site(tmp_path: pathlib.Path) -> Site:
    hosts = {"n1": {"bmc_network_vlan_id": 11}, "n2": {"place": 2, "bmc_network_position": "{{ place }}"}, "n3": {"bmc_network_subnet": "{{ nobody_knows }}"}}
    shared = {"bmc_network_racks": {"A": {"vlan_id": 5}}, "bmc_network_controller_id": "{{ inventory_hostname }}-sp"}
    return Site(tmp_path, {"all": {"hosts": hosts, "vars": shared}})


def test_each_host_has_its_own_values(site: Site) -> None:
    hosts = site.gather("bmc_network", first="n1")["hosts"]
    assert [hosts[name]["values"]["bmc_network_controller_id"] for name in ("n1", "n2", "n3")] == ["n1-sp", "n2-sp", "n3-sp"]
    assert hosts["n1"]["values"]["bmc_network_vlan_id"] == 11 and hosts["n2"]["values"]["bmc_network_vlan_id"] is None
    assert int(hosts["n2"]["values"]["bmc_network_position"]) == 2
    assert hosts["n1"]["values"]["bmc_network_racks"] == {"A": {"vlan_id": 5}}
    assert hosts["n1"]["values"]["bmc_network_pattern"] == r"(\d+)$"


@pytest.mark.parametrize("first", ["n1", "n2"])
def test_what_the_play_says_goes_before_the_inventory_and_is_evaluated_for_each_host(site: Site, first: str) -> None:
    play = {"bmc_network_vlan_id": 77, "bmc_network_address": "192.0.2.{{ inventory_hostname[1:] }}"}
    hosts = site.gather("bmc_network", first=first, play=play)["hosts"]
    assert {found["values"]["bmc_network_vlan_id"] for found in hosts.values()} == {77}
    assert [hosts[name]["values"]["bmc_network_address"] for name in ("n1", "n2")] == ["192.0.2.1", "192.0.2.2"]


def test_a_variable_that_cannot_be_evaluated_is_named_and_ends_nothing(site: Site) -> None:
    hosts = site.gather("bmc_network", first="n1")["hosts"]
    assert list(hosts["n3"]["failed"]) == ["bmc_network_subnet"] and "nobody_knows" in hosts["n3"]["failed"]["bmc_network_subnet"]
    assert hosts["n1"]["failed"] == {} and hosts["n3"]["values"]["bmc_network_controller_id"] == "n3-sp"


def test_values_of_the_wrong_kind_are_told_for_their_host(tmp_path: pathlib.Path) -> None:
    site = Site(tmp_path, {"all": {"hosts": {"n1": {"bmc_network_plan": "rack"}, "n2": {"bmc_network_plan": "name"}}}})
    hosts = site.gather("bmc_network", first="n1")["hosts"]
    assert len(hosts["n1"]["refused"]) == 1 and "bmc_network_plan" in hosts["n1"]["refused"][0]
    assert hosts["n2"]["refused"] == []


def test_hosts_outside_the_play_have_what_the_inventory_says_and_come_in_its_order(site: Site) -> None:
    found = site.gather("bmc_network", first="n2", hosts=["n2"], others=site.hosts, play={"bmc_network_vlan_id": 77})
    assert list(found["hosts"]) == ["n1", "n2", "n3"]
    assert [host["in_play"] for host in found["hosts"].values()] == [False, True, False]
    assert found["hosts"]["n1"]["values"]["bmc_network_vlan_id"] == 11


def test_a_password_in_a_vault_is_evaluated(tmp_path: pathlib.Path) -> None:
    shared = {"vault_monitor": "Moni-Tor", "bmc_accounts": [{"name": "monitor", "password": "{{ vault_monitor }}"}]}
    site = Site(tmp_path, {"all": {"hosts": {"n1": {}}, "vars": shared}})
    values = site.gather("bmc_accounts", first="n1")["hosts"]["n1"]["values"]
    assert values["bmc_accounts"] == [{"name": "monitor", "password": "Moni-Tor"}]


def test_the_wrong_type_of_a_password_is_not_printed_with_it(tmp_path: pathlib.Path) -> None:
    site = Site(tmp_path, {"all": {"hosts": {"n1": {"bmc_accounts": [{"name": "x", "password": ["se", "cret"], "purpose": "fun"}]}}}})
    refused = site.gather("bmc_accounts", first="n1")["hosts"]["n1"]["refused"]
    assert len(refused) == 1 and "purpose" in refused[0] and "cret" not in refused[0]


@pytest.mark.parametrize("roles", [["bmc_power"], ["bmc_sol", "bmc_power"], []])
def test_a_role_that_is_none_is_refused(site: Site, roles: list[str]) -> None:
    with pytest.raises(AnsibleError, match="is none of the roles bmc_network, bmc_accounts, bmc_sol"):
        site.gather(*roles, first="n1")


# What a role says of itself agrees with what is made of it.


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_default_has_its_spec_and_the_same_value_there(role: str) -> None:
    defaults = yaml.safe_load((FOLDER / role / "defaults/main.yml").read_text(encoding="utf-8"))
    specs = yaml.safe_load((FOLDER / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    assert set(defaults) <= set(specs)
    assert {name: value for name, value in defaults.items() if value is not None} == {
        name: spec["default"] for name, spec in specs.items() if "default" in spec
    }


def test_every_setting_of_the_network_has_its_variable() -> None:
    specs = yaml.safe_load((FOLDER / "bmc_network/meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    assert {f"bmc_network_{name}" for name in SETTINGS} | set(OTHERWISE.values()) <= set(specs)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin against a simulated rack: as Ansible loads it, and as a person types it."""

from __future__ import annotations

import csv
import json
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from tests.integration.harness import ansible
from tests.integration.simulator.conftest import OTHER_PASSWORD, PASSWORD, Rack, Starter, users

PORT = 6623
CREDENTIALS = [{"user": "admin", "password": PASSWORD}]
MIXED = 40
#: Which of the 40 are out of order, and how.
DEAD, SLOW, REFUSING, FULL, DEAF = ["m05", "m17"], ["m09"], ["m13", "m21"], ["m25"], ["m30"]


#: An account without name and password.
NOBODY: dict[str, t.Any] = {"name": "", "password": "", "privilege": "user"}


@pytest.fixture(scope="module")
def prefix(network: t.Callable[[], str]) -> str:
    return network()


@pytest.fixture(scope="module")
def mixed(start_rack: Starter, prefix: str) -> Rack:
    """A rack in which something is wrong with a few."""
    common = {"source": "static", "netmask": "255.255.255.0"}
    bmcs: list[dict[str, t.Any]] = [
        {"name": "m[01-19]", "maker": "generic", "address": f"{prefix}.[1-19]", "users": users(), **common},
        {"name": "m20", "maker": "generic", "address": f"{prefix}.20", "users": {1: NOBODY, **users()}, **common},
        {"name": "m[21-39]", "maker": "idrac9", "address": f"{prefix}.[21-39]", "users": users(), **common},
        {"name": "m40", "maker": "openbmc", "address": f"{prefix}.40", "users": users(), **common},
    ]
    return start_rack({"bmcs": bmcs})


@pytest.fixture
def rack(mixed: Rack) -> Rack:
    """The rack in order, with no session and with the settings that it began with."""
    mixed.ask("heal")
    mixed.ask("factory")
    mixed.ask("power", set="off")
    mixed.ask("close_sessions")
    mixed.ask("clear_counters")
    return mixed


class Inventories:
    """Writes inventory files and loads them."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def write(self, **options: t.Any) -> pathlib.Path:
        path = self.folder / "fleet.ipmi.yml"
        options = {"plugin": "lightsout.bmc.ipmi", "bmc_port": PORT, "probe_wait": 1, "bmc_timeout": 3, **options}
        path.write_text(yaml.safe_dump(options), encoding="utf-8")
        return path

    def load(self, *, flush: bool = False, **options: t.Any) -> InventoryManager:
        if options:
            self.write(**options)
        return InventoryManager(DataLoader(), [str(self.folder / "fleet.ipmi.yml")], cache=not flush)

    @property
    def cached(self) -> dict[str, t.Any]:
        """Options for a cache on disk."""
        return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(self.folder / "cache")}

    def run(self, *args: str, **environment: str) -> t.Any:
        """ansible-inventory as a program."""
        return ansible("-i", str(self.folder / "fleet.ipmi.yml"), *args, tmp_path=self.folder, environment=environment, program="ansible-inventory")


@pytest.fixture
def inventories(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Inventories:
    # A failing inventory source is an error here, and not a warning about an empty inventory.
    monkeypatch.setattr("ansible.constants.INVENTORY_ANY_UNPARSED_IS_FAILED", True)
    return Inventories(tmp_path)


def variables(inventory: InventoryManager, host: str) -> dict[str, t.Any]:
    found = inventory.get_host(host)
    assert found is not None, f"{host} is not in the inventory"
    return dict(found.get_vars())


def members(inventory: InventoryManager, group: str) -> list[str]:
    """The hosts of a group, those of its children included."""
    return sorted(host.name for host in inventory.get_hosts(group)) if group in inventory.groups else []


class TestDiscovery:
    """Networks, without any account."""

    def test_every_bmc_and_nothing_else_is_found(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        inventory = inventories.load(networks=[f"{prefix}.0/26"])
        assert members(inventory, "all") == sorted(f"{prefix}.{number}" for number in range(1, MIXED + 1))
        assert members(inventory, "bmc_ok") == members(inventory, "all")
        found = variables(inventory, f"{prefix}.7")
        assert found["bmc_host"] == f"{prefix}.7" and found["bmc_port"] == PORT
        assert found["bmc_ipmi_2_0"] is True and found["bmc_ipmi_1_5"] is True
        assert variables(inventory, f"{prefix}.27")["bmc_ipmi_1_5"] is False

    def test_it_logs_in_nowhere_and_writes_nothing(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        inventories.load(networks=[f"{prefix}.0/26"])
        status = rack.ask("status")["bmcs"]
        assert [one["writes"] for one in status.values()] == [0] * MIXED
        assert [one["sessions"] for one in status.values()] == [[]] * MIXED

    def test_excluded_addresses_are_not_asked(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        inventory = inventories.load(networks=[f"{prefix}.0/26"], exclude_networks=[f"{prefix}.3-{prefix}.40"])
        assert members(inventory, "all") == [f"{prefix}.1", f"{prefix}.2"]
        assert rack.status("m03")["datagrams"] == 0
        assert rack.status("m01")["datagrams"] == 1

    def test_an_open_door_is_seen(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        inventory = inventories.load(networks=[f"{prefix}.1-20"])
        assert variables(inventory, f"{prefix}.1")["bmc_anonymous_login"] is False
        assert variables(inventory, f"{prefix}.20")["bmc_anonymous_login"] is True

    def test_lost_packets_are_sent_again(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        for number in range(1, MIXED + 1):
            rack.faults(f"m{number:02d}", loss=20, seed=number)
        inventory = inventories.load(networks=[f"{prefix}.0/26"], probe_wait=2)
        # Three rounds, each lost with a probability of 36 %: 2 of 40 are missing on average.
        assert len(members(inventory, "all")) >= MIXED - 8


class TestGathering:
    """With a session each."""

    def test_what_a_bmc_says_becomes_variables(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        rack.ask("power", "m22", set="on")
        inventory = inventories.load(
            networks=[f"{prefix}.22-22"], credentials=CREDENTIALS, gather=["controller", "guid", "lan", "power", "fru", "sol"]
        )
        found = variables(inventory, f"{prefix}.22")
        state = rack.state("m22")
        assert found["bmc_maker"] == "Dell"
        assert found["bmc_power"] == "on"
        assert found["bmc_mac"].replace(":", "") == state["lan"]["1"]["mac"].lower()
        assert found["bmc_lan_facts"]["ip_address"] == f"{prefix}.22"
        assert found["bmc_lan_facts"]["ip_source"] == "static"
        assert found["bmc_credential"] == "admin"
        assert found["bmc_state"] == "ok" and found["bmc_reason"] == "" and found["bmc_stale"] is False
        assert found["bmc_serial"] and found["bmc_product"] and found["bmc_board_serial"]
        assert set(found["bmc_sol_facts"]) >= {"enabled", "force_encryption", "bit_rate"}

    def test_sessions_are_given_back(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        inventories.load(networks=[f"{prefix}.0/26"], credentials=CREDENTIALS)
        inventories.load(networks=[f"{prefix}.0/26"], credentials=CREDENTIALS)
        assert [one["sessions"] for one in rack.ask("status")["bmcs"].values()] == [[]] * MIXED
        assert [one["writes"] for one in rack.ask("status")["bmcs"].values()] == [0] * MIXED

    def test_each_credential_is_tried_once(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        wrong = [{"name": f"wrong {number}", "user": "admin", "password": f"nonsense-{number}"} for number in range(2)]
        inventory = inventories.load(networks=[f"{prefix}.1-2"], credentials=[*wrong, {"name": "right", **CREDENTIALS[0]}])
        assert variables(inventory, f"{prefix}.1")["bmc_credential"] == "right"
        inventory = inventories.load(networks=[f"{prefix}.1-2"], credentials=wrong)
        assert members(inventory, "bmc_login_refused") == [f"{prefix}.1", f"{prefix}.2"]
        assert "wrong 0, wrong 1" in variables(inventory, f"{prefix}.1")["bmc_reason"]

    def test_a_credential_for_a_maker_or_a_host_is_for_that_only(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        hosts = [
            {"name": "a[1:2]", "bmc_host": f"{prefix}.{{{{ index + 21 }}}}", "maker": "Dell"},
            {"name": "b1", "bmc_host": f"{prefix}.2", "groups": ["blue"]},
        ]
        credentials = [
            {"name": "for dell", "makers": ["dell"], **CREDENTIALS[0]},
            {"name": "for blue", "groups": ["blue"], **CREDENTIALS[0]},
            {"name": "for a2", "hosts": ["a2"], **CREDENTIALS[0]},
        ]
        inventory = inventories.load(hosts=hosts, credentials=credentials)
        assert variables(inventory, "a1")["bmc_credential"] == "for dell"
        assert variables(inventory, "b1")["bmc_credential"] == "for blue"
        inventory = inventories.load(hosts=hosts, credentials=credentials[2:])
        assert members(inventory, "bmc_no_credential") == ["a1", "b1"]
        assert variables(inventory, "a2")["bmc_credential"] == "for a2"


class TestOutOfOrder:
    """Each BMC that is not in order is there, in the group that says why."""

    def test_each_has_its_group_and_its_reason(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        for name in DEAD:
            rack.faults(name, silent=True)
        rack.faults(SLOW[0], delay=0.5)
        rack.faults(FULL[0], slots_taken=64)
        rack.faults(DEAF[0], silent_after=2)
        hosts = [
            {"name": "m[01:40]", "bmc_host": f"{prefix}.{{{{ index + 1 }}}}"},
            {"name": "closed", "bmc_host": f"{prefix}.200"},
            {"name": "nameless", "bmc_host": "no-such-name.invalid"},
        ]
        credentials = [
            {"name": "old", "hosts": REFUSING, "user": "admin", "password": OTHER_PASSWORD},
            {"name": "others", "hosts": [name for name in map("m{:02d}".format, range(1, 41)) if name not in REFUSING], **CREDENTIALS[0]},
        ]
        inventory = inventories.load(hosts=hosts, credentials=credentials, bmc_timeout=1.5, gather_timeout=4)
        expected = {
            "bmc_silent": DEAD,
            "bmc_slow": SLOW,
            "bmc_login_refused": REFUSING,
            "bmc_no_session_slot": FULL,
            "bmc_lost": DEAF,
            "bmc_port_closed": ["closed"],
            "bmc_name_not_resolved": ["nameless"],
        }
        assert {group: members(inventory, group) for group in expected} == expected
        broken = sorted(name for names in expected.values() for name in names)
        assert members(inventory, "bmc_out_of_order") == broken
        assert members(inventory, "bmc_ok") == sorted({f"m{number:02d}" for number in range(1, 41)} - set(broken))
        reasons = {name: variables(inventory, name)["bmc_reason"] for name in broken}
        assert "wrong password" in reasons["m13"] and "no free session" in reasons["m25"]
        assert "gather_timeout" in reasons["m09"] and "no answer" in reasons["m05"]
        assert PASSWORD not in str(reasons) and OTHER_PASSWORD not in str(reasons)
        rack.ask("heal")
        left = {name: one["sessions"] for name, one in rack.ask("status")["bmcs"].items() if one["sessions"]}
        assert set(left) <= {*DEAF}, left

    def test_a_bmc_that_answers_late_is_let_in(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        # Later than requests are sent again at first.
        rack.faults("m01", delay=0.7)
        inventory = inventories.load(networks=[f"{prefix}.1-1"], credentials=CREDENTIALS, gather=["power"], probe_wait=2, bmc_timeout=3)
        found = variables(inventory, f"{prefix}.1")
        assert (found["bmc_state"], found["bmc_power"]) == ("ok", "off"), found["bmc_reason"]
        assert rack.status("m01")["logins"] == 1

    def test_no_free_slot_is_told_by_bmcs_of_one_suite_too(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        rack.faults("m40", slots_taken=64)
        inventory = inventories.load(networks=[f"{prefix}.40-40"], credentials=CREDENTIALS, bmc_timeout=0.5)
        assert members(inventory, "bmc_no_session_slot") == [f"{prefix}.40"]

    def test_a_slow_bmc_keeps_what_it_told(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        rack.faults("m01", delay=0.4)
        inventory = inventories.load(networks=[f"{prefix}.1-1"], credentials=CREDENTIALS, gather_timeout=3.4)
        assert members(inventory, "bmc_slow") == [f"{prefix}.1"]
        assert "bmc_firmware" in variables(inventory, f"{prefix}.1")


class TestIdentity:
    """A BMC that moved is still itself."""

    def mac(self, rack: Rack, name: str) -> str:
        return str(rack.state(name)["lan"]["1"]["mac"])

    def test_a_known_machine_is_found_where_it_is_now(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        rack.faults("m01", silent=True)
        hosts = [{"name": "server", "bmc_host": f"{prefix}.1", "mac": self.mac(rack, "m02").upper()}]
        inventory = inventories.load(hosts=hosts, networks=[f"{prefix}.1-3"], credentials=CREDENTIALS)
        found = variables(inventory, "server")
        assert found["bmc_host"] == f"{prefix}.2" and found["bmc_moved_from"] == f"{prefix}.1"
        assert members(inventory, "bmc_moved") == ["server"]
        assert members(inventory, "all") == [f"{prefix}.3", "server"]

    def test_another_bmc_at_its_address_is_not_taken_for_it(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        hosts = [{"name": "server", "bmc_host": f"{prefix}.1", "mac": "02-00-00-00-00-01"}]
        inventory = inventories.load(hosts=hosts, credentials=CREDENTIALS)
        assert members(inventory, "bmc_other_bmc") == ["server"]
        found = variables(inventory, "server")
        assert "02:00:00:00:00:01" in found["bmc_reason"] and "bmc_firmware" not in found

    def test_two_that_changed_places_are_told_apart(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        hosts = [
            {"name": "one", "bmc_host": f"{prefix}.1", "mac": self.mac(rack, "m02")},
            {"name": "two", "bmc_host": f"{prefix}.2", "mac": self.mac(rack, "m01")},
        ]
        inventory = inventories.load(hosts=hosts, credentials=CREDENTIALS)
        assert variables(inventory, "one")["bmc_host"] == f"{prefix}.2"
        assert variables(inventory, "two")["bmc_host"] == f"{prefix}.1"
        assert members(inventory, "bmc_ok") == ["one", "two"]

    def test_a_discovered_bmc_keeps_its_name_and_its_facts(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        options = {"networks": [f"{prefix}.1-60"], "hostnames": ["bmc-{mac}"], "credentials": CREDENTIALS, **inventories.cached}
        name = f"bmc-{self.mac(rack, 'm04')}".replace(":", "-").lower()
        before = inventories.load(**options)
        name = next(host for host in members(before, "all") if variables(before, host)["bmc_host"] == f"{prefix}.4")
        rack.ask("state", "m04")
        move(rack, "m04", f"{prefix}.54", inventories)
        inventory = inventories.load(flush=True)
        found = variables(inventory, name)
        assert found["bmc_host"] == f"{prefix}.54" and found["bmc_moved_from"] == f"{prefix}.4"
        assert len(members(inventory, "all")) == MIXED
        # Read back from the cache it is the same.
        again = inventories.load()
        assert variables(again, name) == found and len(members(again, "all")) == MIXED


def move(rack: Rack, name: str, address: str, inventories: Inventories) -> None:
    """Give a BMC another address, as its administrator would."""
    host = rack.status(name)["address"]
    args = f"bmc_host={host} bmc_port={PORT} bmc_user=admin ip_source=static ip_address={address} netmask=24 verify_host={address}"
    done = ansible(
        *("localhost", "-m", "lightsout.bmc.ipmi_lan", "-a", args),
        inventory={"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}},
        tmp_path=inventories.folder,
        environment={"BMC_PASSWORD": PASSWORD},
    )
    assert done.returncode == 0, done.stdout + done.stderr


class TestCache:
    """What was found is kept, and secrets are not."""

    def test_bmcs_are_not_asked_again(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        options = {"networks": [f"{prefix}.0/26"], "credentials": CREDENTIALS, **inventories.cached}
        first = inventories.load(**options)
        rack.ask("clear_counters")
        # Not even a password is needed.
        again = inventories.load(**{**options, "credentials": [{"user": "admin", "password": "{{ no_such_variable }}"}]})
        assert [one["datagrams"] for one in rack.ask("status")["bmcs"].values()] == [0] * MIXED
        for host in members(first, "all"):
            assert variables(first, host) == variables(again, host)

    def test_it_is_asked_for_again_on_demand_and_by_age(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        options = {"networks": [f"{prefix}.1-1"], "credentials": CREDENTIALS, **inventories.cached}
        inventories.load(**options)
        rack.ask("clear_counters")
        inventories.load(flush=True)
        assert rack.status("m01")["datagrams"] > 0
        path = next(path for path in (inventories.folder / "cache").iterdir())
        text = path.read_text(encoding="utf-8")
        looked = re.search(r'looked[\\"]+: ([0-9.]+)', text)
        assert looked is not None
        path.write_text(text.replace(looked[1], str(float(looked[1]) - 3700)), encoding="utf-8")
        rack.ask("clear_counters")
        inventories.load(**options, cache_timeout=7200)
        assert rack.status("m01")["datagrams"] == 0
        inventories.load(**options, cache_timeout=3600)
        assert rack.status("m01")["datagrams"] > 0

    def test_a_dead_bmc_keeps_its_last_facts(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        options: dict[str, t.Any] = {"networks": [f"{prefix}.1-5"], "hosts": [{"name": "known", "bmc_host": f"{prefix}.1"}], "credentials": CREDENTIALS}
        before = inventories.load(**options, **inventories.cached)
        rack.faults("m01", silent=True)
        rack.faults("m02", silent=True)
        after = inventories.load(flush=True)
        assert members(after, "all") == members(before, "all")
        for host in ("known", f"{prefix}.2"):
            was, found = variables(before, host), variables(after, host)
            assert (was["bmc_state"], was["bmc_stale"]) == ("ok", False)
            assert (found["bmc_state"], found["bmc_stale"]) == ("silent", True)
            for name in ("bmc_firmware", "bmc_mac", "bmc_guid", "bmc_facts_from", "bmc_credential"):
                assert found[name] == was[name]
        assert members(after, "bmc_stale") == [f"{prefix}.2", "known"]
        rack.ask("heal")
        assert members(inventories.load(flush=True), "bmc_stale") == []

    def test_a_new_host_is_asked_although_the_cache_is_new(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        options: dict[str, t.Any] = {"credentials": CREDENTIALS, **inventories.cached}
        both = [{"name": name, "bmc_host": f"{prefix}.{number}"} for number, name in enumerate("ab", 1)]
        inventories.load(**options, hosts=both[:1])
        rack.ask("clear_counters")
        inventory = inventories.load(**options, hosts=both)
        assert members(inventory, "bmc_ok") == ["a", "b"]
        assert rack.status("m01")["datagrams"] == 0 and rack.status("m02")["datagrams"] > 0

    def test_no_secret_is_in_it(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        credentials = [{"name": "first", "user": "admin", "password": OTHER_PASSWORD, "kg": "00112233445566778899"}, *CREDENTIALS]
        inventories.load(networks=[f"{prefix}.1-5"], credentials=credentials, **inventories.cached)
        kept = "".join(path.read_text(encoding="utf-8") for path in (inventories.folder / "cache").iterdir())
        assert f"{prefix}.5" in kept
        for secret in (PASSWORD, OTHER_PASSWORD, "00112233445566778899"):
            assert secret not in kept


class TestTrust:
    """What BMCs and files say is never a template."""

    EVIL = "{{ lookup('ansible.builtin.pipe', 'expr 40 + 2') }}"

    def test_nothing_from_outside_is_evaluated(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        (inventories.folder / "a.csv").write_text(f"name,bmc_host,note,rack\na,{prefix}.1,\"{self.EVIL}\",\"{self.EVIL}\"\n", encoding="utf-8")
        inventory = inventories.load(
            csv=[{"path": "a.csv"}],
            credentials=CREDENTIALS,
            compose={"copy": "note"},
            keyed_groups=[{"prefix": "n", "key": "note"}],
            **inventories.cached,
        )
        for loaded in (inventory, inventories.load()):
            found = variables(loaded, "a")
            assert found["note"] == self.EVIL and found["copy"] == self.EVIL
            templar = Templar(loader=DataLoader(), variables=found)
            assert templar.template(found["note"]) == self.EVIL
            assert "42" not in str(loaded.groups)

    def test_the_file_s_own_variables_are_templates(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        hosts = [{"name": "a", "bmc_host": f"{prefix}.1", "vars": {"motto": "{{ 6 * 7 }}"}}]
        found = variables(inventories.load(hosts=hosts), "a")
        assert Templar(loader=DataLoader(), variables=found).template(found["motto"]) == 42


class TestProgram:
    """As a person types it."""

    def test_graph_list_and_no_secret(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        rack.faults("m05", silent=True)
        inventories.write(
            hosts=[{"name": "m[01:06]", "per_rack": 3, "bmc_host": f"{prefix}.{{{{ 3 * rack + position - 3 }}}}"}],
            credentials=[
                {"name": "wrong", "user": "admin", "password": OTHER_PASSWORD},
                {"user": "admin", "password": "{{ lookup('ansible.builtin.env', 'BMC_PASSWORD') }}"},
            ],
            keyed_groups=[{"prefix": "rack", "key": "rack"}, {"prefix": "power", "key": "bmc_power"}],
            **inventories.cached,
        )
        done = inventories.run("--graph", "-vvvv", BMC_PASSWORD=PASSWORD)
        assert done.returncode == 0, done.stderr
        assert "|--@bmc_out_of_order:\n  |  |--@bmc_unreachable:\n  |  |  |--@bmc_silent:\n  |  |  |  |--m05" in done.stdout
        assert "|--@rack_2:\n  |  |--m04\n  |  |--m05\n  |  |--m06" in done.stdout
        listed = inventories.run("--list", "-vvvv")
        everything = done.stdout + done.stderr + listed.stdout + listed.stderr
        assert PASSWORD not in everything and OTHER_PASSWORD not in everything
        # With -vvvv there is talk before the JSON.
        hostvars = json.loads(listed.stdout[listed.stdout.index("\n{") :])["_meta"]["hostvars"]
        assert hostvars["m04"]["bmc_state"] == "ok" and hostvars["m05"]["bmc_state"] == "silent"
        assert (hostvars["m04"]["rack"], hostvars["m04"]["position"]) == (2, 1)

    def test_flush_cache_asks_again(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        inventories.write(networks=[f"{prefix}.1-1"], credentials=CREDENTIALS, **inventories.cached)
        assert inventories.run("--list").returncode == 0
        rack.ask("clear_counters")
        assert inventories.run("--list").returncode == 0
        assert rack.status("m01")["datagrams"] == 0
        assert inventories.run("--list", "--flush-cache").returncode == 0
        assert rack.status("m01")["datagrams"] > 0

    def test_a_wrong_file_is_one_clear_sentence(self, inventories: Inventories) -> None:
        (inventories.folder / "a.csv").write_text("name,bmc_host\nok,192.0.2.1\n,192.0.2.2\nx y,192.0.2.3\nz,192.0.2.400\n", encoding="utf-8")
        inventories.write(csv=[{"path": "a.csv"}])
        done = inventories.run("--list", ANSIBLE_INVENTORY_UNPARSED_FAILED="true", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
        assert done.returncode != 0
        for words in ("a.csv:3: the name is missing", "a.csv:4: 'x y' cannot be the name", "a.csv:5: bmc_host: '192.0.2.400'"):
            assert words in done.stderr, done.stderr

    def test_modules_run_on_it_in_forked_workers(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        path = inventories.write(networks=[f"{prefix}.0/26"], credentials=CREDENTIALS)
        done = ansible(
            *("all", "-i", str(path), "-m", "lightsout.bmc.ipmi_power", "-a", "state=on", "-e", "bmc_user=admin", "--forks", "10"),
            tmp_path=inventories.folder,
            environment={"BMC_PASSWORD": PASSWORD},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("CHANGED") == MIXED
        assert [one["sessions"] for one in rack.ask("status")["bmcs"].values()] == [[]] * MIXED


class TestFilters:
    """Which hosts are there."""

    def test_the_first_that_holds_decides(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        filters = [{"include": f"bmc_host == '{prefix}.22'"}, {"exclude": "bmc_maker | default('') == 'Dell'"}]
        inventory = inventories.load(networks=[f"{prefix}.19-23"], credentials=CREDENTIALS, filters=filters)
        assert members(inventory, "all") == [f"{prefix}.19", f"{prefix}.20", f"{prefix}.22"]

    def test_strict_wants_conditions_that_can_be_evaluated(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        filters = [{"exclude": "no_such_variable == 1"}]
        assert members(inventories.load(networks=[f"{prefix}.1-1"], filters=filters), "all") == [f"{prefix}.1"]
        with pytest.raises(AnsibleError):
            inventories.load(networks=[f"{prefix}.1-1"], filters=filters, strict=True)


class TestDiscover:
    """playbooks/discover.yml"""

    def run(self, inventories: Inventories, *args: str) -> t.Any:
        path = inventories.folder / "fleet.ipmi.yml"
        return ansible("-i", str(path), "playbooks/discover.yml", *args, tmp_path=inventories.folder, program="ansible-playbook")

    def test_what_was_found_can_be_reviewed_and_used(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        file = inventories.folder / "found.csv"
        inventories.write(networks=[f"{prefix}.19-22"], credentials=CREDENTIALS, gather=["controller", "lan", "fru"])
        done = self.run(inventories, "-e", f"discover_file={file}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "4 BMCs (ok: 4)" in done.stdout
        with file.open(newline="", encoding="utf-8") as lines:
            rows = {row["name"]: row for row in csv.DictReader(lines)}
        assert sorted(rows) == [f"{prefix}.{number}" for number in range(19, 23)]
        assert rows[f"{prefix}.21"]["maker"] == "Dell" and rows[f"{prefix}.20"]["found_anonymous_login"] == "True"
        inventory = inventories.load(csv=[{"path": str(file)}])
        assert members(inventory, "bmc_ok") == sorted(rows)
        assert variables(inventory, f"{prefix}.21")["bmc_serial"] == rows[f"{prefix}.21"]["serial"]

    def test_an_existing_file_is_left_alone(self, rack: Rack, prefix: str, inventories: Inventories) -> None:
        file = inventories.folder / "found.csv"
        file.write_text("mine", encoding="utf-8")
        inventories.write(networks=[f"{prefix}.1-1"])
        done = self.run(inventories, "-e", f"discover_file={file}")
        assert done.returncode != 0 and "discover_overwrite" in done.stdout
        assert file.read_text(encoding="utf-8") == "mine"
        assert self.run(inventories, "-e", f"discover_file={file}", "-e", "discover_overwrite=true").returncode == 0
        assert prefix in file.read_text(encoding="utf-8")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the console servers: who serves which console, who may do what, and what is refused."""

from __future__ import annotations

import typing as t
from collections import Counter

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._console_relay import Entry
from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_program_files import program_files
from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_server import Plan, master, members, plan

SETTINGS: dict[str, t.Any] = {
    "kind": "conserver", "servers": ["cs1", "cs2", "cs3"], "down": [], "rack_variable": "rack", "read": ["*"], "write": ["ops"],
    "outside": [], "user_groups": {"ops": ["al"]}, "admins": [], "limited": [], "allowed": ["127.0.0.1"], "trusted": [],
    "policy": "never", "idle_for": 0, "idle_counts_held": False, "interval": 5, "instance": 1, "privilege": "administrator",
    "log_folder": "/var/log/consoles", "log_max": "16m", "log_days": 30, "timestamp": "1lab", "breaks": {}, "tls": {}, "relay": "socket",
    "passwd_file": "/etc/passwd.c", "server_log": "/var/log/server.log", "port": 782, "secondary_port": 0, "conman_port": 7890,
    "conman_loopback": True, "conman_pidfile": "/run/conman.pid", "socket_folder": "/run/bmc-console", "program": "/opt/bmc-console",
}  # fmt: skip
SECRET = "Sesam-oeffne-dich"


def fleet(**changed: t.Any) -> Plan:
    hosts = {f"n{number}": {"bmc_host": f"192.0.2.{number}", "bmc_password": SECRET, "rack": f"r{number % 3}"} for number in range(1, 61)}
    for name in [name for name in changed if name.lower() in hosts]:
        hosts[name] = hosts.get(name, {}) | changed.pop(name)
    return plan(list(hosts), hosts, {**SETTINGS, **changed})


def block(text: str, head: str) -> str:
    return text.partition(f"{head} {{")[2].partition("}")[0]


def test_all_servers_share_the_load() -> None:
    shares = Counter(master(f"n{number}", ["cs1", "cs2", "cs3"]) for number in range(1800))
    assert all(500 < share < 700 for share in shares.values())


def test_only_the_consoles_of_a_server_that_is_down_move() -> None:
    before = {console.name: console.master for console in fleet().consoles}
    after = {console.name: console.master for console in fleet(down=["cs2"]).consoles}
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {name for name, server in before.items() if server == "cs2"}
    assert {after[name] for name in moved} == {"cs1", "cs3"}


def test_the_file_is_ordered_by_rack_and_number() -> None:
    text = fleet().conserver
    assert text.index("# Rack r0") < text.index("console n3 ") < text.index("console n12 ") < text.index("# Rack r1") < text.index("console n1 ")


def test_somebody_from_outside_is_shut_out_of_every_other_machine() -> None:
    text = fleet(n7={"console_server_outside": ["acme"]}).conserver
    assert "ro *,!acme;" in block(text, "console n8") and "rw ops,!acme;" in block(text, "console n8")
    assert "rw ops,acme;" in block(text, "console n7") and "!acme" not in block(text, "console n7")
    assert "limited acme;" in block(text, "access *")


@pytest.mark.parametrize("order", [["acme", "partners"], ["partners", "acme"]])
def test_a_group_has_the_people_of_the_groups_that_it_names(order: list[str]) -> None:
    # conserver takes a name that is no group yet for a user's: the people of partners would not be shut out with acme.
    groups = {"acme": ["partners", "zoe"], "partners": ["bo", "acme"]}
    text = fleet(user_groups={"ops": ["al"], **{name: groups[name] for name in order}}).conserver
    assert set(block(text, "group acme").strip().removeprefix("users ").rstrip(";").split(",")) == {"bo", "zoe"}
    assert "users al;" in block(text, "group ops")


@pytest.mark.parametrize("given", [False, "false", "no", "False", 0])
def test_a_no_that_comes_as_a_text_takes_no_living_session(given: object) -> None:
    # -e name=value and an inventory in INI give texts.
    for plan_ in (fleet(idle_counts_held=given), fleet(n1={"console_server_idle_counts_held": given})):
        row = plan_.table["consoles"]["n1"]
        assert row["idle_counts_held"] is False and not Entry.from_table("n1", row).idle_counts_held


@pytest.mark.parametrize("given", ["no", False])
def test_tls_that_is_not_required_is_not(given: object) -> None:
    assert "sslrequired no;" in fleet(tls={"required": given}).conserver
    assert "sslrequired yes;" in fleet(tls={"required": "yes"}).conserver


@pytest.mark.parametrize("given", ["False", "no", False])
def test_conman_that_is_to_serve_other_machines_does(given: object) -> None:
    found = fleet(kind="conman", write=["*"], conman_loopback=given)
    assert all("server loopback=off" in text for text in found.conman.values())


def test_an_account_of_digits_is_a_text() -> None:
    row = fleet(n1={"bmc_user": 1001, "bmc_password": 123456}).table["consoles"]["n1"]
    assert (row["user"], row["password"]) == ("1001", "123456")


def test_the_configurations_have_no_secret_and_the_table_has() -> None:
    found = fleet()
    assert SECRET not in found.conserver + "".join(found.conman.values()) + repr(found)
    assert found.table["consoles"]["n1"]["password"] == SECRET


@pytest.mark.parametrize(("consoles", "servers", "best"), [(0, 1, 16), (60, 3, 16), (170, 1, 16), (180, 1, 32), (1800, 1, 64), (1800, 3, 32), (10**5, 1, 128)])
def test_conserver_s_processes_are_neither_too_many_nor_too_large(consoles: int, servers: int, best: int) -> None:
    assert members(consoles, servers) == best


def test_a_server_that_is_down_does_not_restart_the_others_for_another_size() -> None:
    assert fleet(down=["cs2"]).members == fleet().members == 16


def test_what_conserver_reads_only_at_its_start_is_told_apart_from_the_rest() -> None:
    before = fleet()
    assert before.at_start in before.conserver
    assert fleet(write=["zoe"]).at_start == before.at_start
    assert fleet(port=4000).at_start != before.at_start
    assert fleet(tls={"certificate": "/etc/other.pem"}).at_start != before.at_start


def test_each_conman_has_its_own_consoles() -> None:
    found = fleet(kind="conman", write=["*"])
    assert not found.problems
    names = [line.split('"')[1] for text in found.conman.values() for line in text.splitlines() if line.startswith("console")]
    assert sorted(names) == sorted(console.name for console in found.consoles)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"down": ["cs1", "cs2", "cs3"]}, "no console server is left"),
        ({"down": ["cs9"]}, "cs9, which is no console server"),
        ({"n1": {"console_server_policy": "steal"}}, "n1: the policy 'steal'"),
        ({"n1": {"console_server_policy": "if_idle_for"}}, "n1: console_server_policy is if_idle_for"),
        ({"n1": {"console_server_interval": 31}}, "n1: the interval"),
        ({"n1": {"console_server_write": "al"}}, "n1: console_server_write must be a list"),
        ({"n1": {"console_server_read": 5}}, "n1: console_server_read must be a list"),
        ({"n1": {"console_server_write": ["al; } x"]}}, "n1: console_server_write must be a list"),
        ({"n1": {"bmc_password": "x" * 21}}, "n1: bmc_password has 21 bytes"),
        ({"n1": {"bmc_port": 70000}}, "n1: bmc_port is 70000"),
        ({"n1": {"bmc_timeout": float("nan")}}, "n1: bmc_timeout is nan"),
        ({"n1": {"console_server_instance": 16}}, "n1: instance is 16"),
        ({"n1": {"bmc_kg": "zz"}}, "n1: bmc_kg is not hexadecimal"),
        ({"socket_folder": "/" + "x" * 110}, "n1: its socket"),
        ({"log_folder": 'a"; }'}, "console_server_log_folder"),
        ({"breaks": {"1": "x"}}, "console_server_breaks"),
        ({"tls": {"client_certificates": True, "certificate": "/etc/c.pem"}}, "client_certificates needs certificate and ca"),
        ({"log_days": 0}, "console_server_log_days is 0"),
        ({"conman_pidfile": 'x"; reboot'}, "console_server_conman_pidfile"),
        ({"breaks": {"2": "end\\"}}, "console_server_breaks"),
        ({"admins": "al"}, "console_server_admins must be a list"),
        ({"allowed": None}, "console_server_allowed must be a list"),
        ({"conman_loopback": "here"}, "console_server_conman_loopback is 'here'"),
        ({"tls": {"required": "maybe"}}, "console_server_tls.required is 'maybe'"),
        ({"user_groups": {"ops": None}}, "console_server_user_groups: ops must be a list"),
        ({"limited": "acme"}, "console_server_limited must be a list"),
        ({"user_groups": {"ops": "al"}}, "console_server_user_groups: ops must be a list"),
        ({"user_groups": {"ops": []}}, "console_server_user_groups: ops has no users"),
        ({"user_groups": {"ops": ["dba"], "dba": ["ops"]}}, "console_server_user_groups: dba has no users"),
        ({"n1": {"console_server_idle_counts_held": "maybe"}}, "n1: console_server_idle_counts_held"),
        ({"N1": {"bmc_host": "192.0.2.201"}}, "N1: its name differs from n1 in nothing but"),
        ({"n2": {"bmc_host": "192.0.2.1"}}, "n2: it has the same console as n1"),
        ({"kind": "conman"}, "conman has no access lists"),
        ({"kind": "conman", "write": ["*"], "tls": {"required": True}}, "conman has no TLS"),
    ],
)
def test_what_cannot_be_is_refused_and_named(changed: dict[str, t.Any], problem: str) -> None:
    found = fleet(**changed)
    assert any(problem in text for text in found.problems), found.problems
    assert not found.conserver and not found.conman and not found.table


def test_the_program_brings_all_that_it_imports_and_nothing_of_ansible() -> None:
    files = program_files()["files"]
    assert {path.rpartition("/")[2] for path in files} >= {"_console_program.py", "_console_relay.py", "_session.py", "_errors.py"}
    assert not [path for path, text in files.items() if "\nfrom ansible." in text or "\nimport ansible" in text]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only a whole Ansible can show: names, precedence, delegation, keywords, output at every verbosity."""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import pytest
import yaml

from tests.integration.harness import CHECKOUT, ansible
from tests.integration.simulator.conftest import PASSWORD, Target

CONNECTIONS = CHECKOUT / "tests" / "integration" / "connection_plugins"


def inventory(bmc: Target, **more: t.Any) -> dict[str, t.Any]:
    """One host whose BMC is known, one that is dead, a bastion."""
    return {
        "all": {
            "hosts": {
                "one": {"bmc_host": bmc.host, "ansible_python_interpreter": sys.executable},
                "dead": {"bmc_host": "127.31.250.248", "bmc_timeout": 1},
                "bastion": {"ansible_connection": "bastion", "ansible_python_interpreter": sys.executable},
            },
            "vars": {
                "bmc_port": bmc.rack.port,
                "bmc_user": bmc.user,
                "bmc_password": "{{ vault_admin }}",
                "vault_admin": bmc.password,
                "bmc_timeout": 10,
                **more,
            },
        }
    }


def play(bmc: Target, tmp_path: pathlib.Path, tasks: list[dict[str, t.Any]], *args: str, **play_keys: t.Any) -> t.Any:
    """Run tasks on host `one`; the finished process."""
    path = tmp_path / "play.yml"
    content = [{"hosts": "one", "gather_facts": False, "tasks": tasks, **play_keys}]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return ansible(
        str(path),
        *args,
        program="ansible-playbook",
        inventory=inventory(bmc),
        tmp_path=tmp_path,
        environment={"ANSIBLE_CONNECTION_PLUGINS": str(CONNECTIONS), "ANSIBLE_RETRY_FILES_ENABLED": "0"},
    )


def recap(text: str) -> dict[str, int]:
    """The counts of the play recap's line for host `one`."""
    line = next(line for line in text.splitlines() if line.startswith("one ") and "ok=" in line)
    return {name: int(count) for name, count in (word.split("=") for word in line.split(":")[1].split())}


def test_the_short_name_reaches_our_module_from_a_checkout(bmc: Target, tmp_path: pathlib.Path) -> None:
    done = ansible("one", "-m", "ipmi_power", inventory=inventory(bmc), tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"powerstate": "off"' in done.stdout


def test_unquoted_on_in_a_playbook_works(bmc: Target, tmp_path: pathlib.Path) -> None:
    done = play(bmc, tmp_path, [{"lightsout.bmc.ipmi_power": {"state": True}}])
    assert recap(done.stdout)["changed"] == 1, done.stdout + done.stderr


def test_task_beats_module_defaults_beat_host_variable_beat_environment(bmc: Target, tmp_path: pathlib.Path) -> None:
    dead = "127.31.250.247"

    def run(tasks: list[dict[str, t.Any]], defaults: dict[str, t.Any] | None, host: dict[str, t.Any]) -> int:
        hosts = {"all": {"hosts": {"one": {"bmc_port": bmc.rack.port, "bmc_timeout": 10, **host}}}}
        content = [
            {
                "hosts": "one",
                "gather_facts": False,
                "module_defaults": {"group/lightsout.bmc.ipmi": defaults or {}},
                "tasks": tasks,
            }
        ]
        path = tmp_path / "precedence.yml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        environment = {"BMC_HOST": dead, "BMC_USER": "admin", "BMC_PASSWORD": PASSWORD}
        done = ansible(
            str(path), program="ansible-playbook", inventory=hosts, tmp_path=tmp_path, environment=environment
        )
        return done.returncode

    task: list[dict[str, t.Any]] = [{"lightsout.bmc.ipmi_power": {}}]
    named = [{"lightsout.bmc.ipmi_power": {"bmc_host": bmc.host}}]
    assert run(task, None, {"bmc_timeout": 1}) != 0
    assert run(task, None, {"bmc_host": bmc.host}) == 0
    assert run(task, {"bmc_host": bmc.host}, {"bmc_host": dead}) == 0
    assert run(task, {"bmc_host": dead}, {"bmc_host": bmc.host, "bmc_timeout": 1}) != 0
    assert run(named, {"bmc_host": dead}, {"bmc_host": dead}) == 0


@pytest.mark.parametrize("delegate", ["bastion", "localhost"])
def test_delegated_to_another_host_the_module_runs_there(bmc: Target, tmp_path: pathlib.Path, delegate: str) -> None:
    tasks: list[dict[str, t.Any]] = [
        {"lightsout.bmc.ipmi_power": {"state": "on"}, "delegate_to": delegate, "register": "done"},
        {"ansible.builtin.assert": {"that": "done.powerstate == 'on'"}},
    ]
    done = play(bmc, tmp_path, tasks, "-vvv")
    assert done.returncode == 0, done.stdout + done.stderr
    # Only the module form is packed up and put on a host.
    assert ("AnsiballZ_ipmi_power.py" in done.stdout) is (delegate == "bastion")
    assert PASSWORD not in done.stdout + done.stderr
    assert bmc.sessions() == 0


def test_async_with_poll_works_where_it_is_told_to_run(bmc: Target, tmp_path: pathlib.Path) -> None:
    task = {
        "lightsout.bmc.ipmi_power": {"state": "on"},
        "async": 30,
        "poll": 1,
        "delegate_to": "localhost",
    }
    done = play(bmc, tmp_path, [task])
    assert recap(done.stdout)["changed"] == 1, done.stdout + done.stderr


def test_async_without_a_place_says_what_is_missing(bmc: Target, tmp_path: pathlib.Path) -> None:
    done = play(bmc, tmp_path, [{"lightsout.bmc.ipmi_power": {}, "async": 30, "poll": 1}])
    assert done.returncode != 0
    assert "delegate_to" in done.stdout


def test_loop_until_check_mode_and_diff_do_what_they_do_for_any_module(bmc: Target, tmp_path: pathlib.Path) -> None:
    tasks: list[dict[str, t.Any]] = [
        {
            "lightsout.bmc.ipmi_user": {"name": "{{ item }}", "password": "x-{{ item }}-1234"},
            "loop": ["anna", "bert"],
        },
        {
            "lightsout.bmc.ipmi_power": {},
            "register": "state",
            "until": "state.powerstate in ['on', 'off']",
            "retries": 2,
            "delay": 0,
        },
    ]
    done = play(bmc, tmp_path, tasks, "--check", "--diff")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '+    "name": "anna"' in done.stdout and '"password": "(as given)"' in done.stdout
    assert bmc.writes() == 0


def test_the_timeout_keyword_interrupts_and_the_session_is_given_back(bmc: Target, tmp_path: pathlib.Path) -> None:
    bmc.rack.ask("power", bmc.name, set="on", os_obeys=False)
    done = play(bmc, tmp_path, [{"lightsout.bmc.ipmi_power": {"state": "shutdown"}, "timeout": 2}])
    assert done.returncode != 0
    assert bmc.sessions() == 0


def test_unknown_options_are_refused_as_usual(bmc: Target, tmp_path: pathlib.Path) -> None:
    done = play(bmc, tmp_path, [{"lightsout.bmc.ipmi_power": {"stat": "on"}}])
    assert done.returncode != 0
    assert "stat" in done.stdout and "Supported parameters" in done.stdout.replace("supported", "Supported", 1)


SECRETS = [PASSWORD, "Neues-Kennwort-1", "community-geheim", "Falsch-und-geheim", "00112233445566778899aabbccddeeff00112233"]


def vault(tmp_path: pathlib.Path, secrets: dict[str, str]) -> pathlib.Path:
    """A file of variables."""
    path = tmp_path / "vault.yml"
    path.write_text(yaml.safe_dump(secrets), encoding="utf-8")
    return path


def test_no_secret_in_the_output_of_a_verbose_run_with_failures(bmc: Target, tmp_path: pathlib.Path) -> None:
    bmc.faults(refuse={"0C/21:0104": 0xD4})
    # Variables, because ansible-core itself quotes the lines of a failing task's playbook.
    secrets = {f"secret{number}": secret for number, secret in enumerate(SECRETS)}
    failing = {"ignore_errors": True}
    tasks: list[dict[str, t.Any]] = [
        {"lightsout.bmc.ipmi_user": {"name": "neu", "password": "{{ secret1 }}"}},
        {"lightsout.bmc.ipmi_user": {"name": "neu", "password": "{{ secret1 * 2 }}"}, **failing},
        {"lightsout.bmc.ipmi_user": {"name": "neu", "password": "{{ secret1 }}", "nonsense": 1}, **failing},
        {"lightsout.bmc.ipmi_lan": {"snmp_community": "{{ secret2 }}", "vlan_id": 5}},
        {"lightsout.bmc.ipmi_lan": {"snmp_community": "{{ secret2 * 2 }}"}, **failing},
        {"lightsout.bmc.ipmi_sol": {"retry_count": 3}, **failing},
        {"lightsout.bmc.ipmi_power": {"bmc_password": "{{ secret3 }}"}, **failing},
        {"lightsout.bmc.ipmi_power": {"bmc_kg": "{{ secret4 }}"}, **failing},
        {"lightsout.bmc.ipmi_power": {"bmc_kg": "{{ secret4 }}xyz"}, **failing},
        {"lightsout.bmc.ipmi_config": {"users": [{"name": "neu", "password": "{{ secret1 }}!"}]}},
        {"lightsout.bmc.ipmi_config": {"users": [{"name": "neu", "passwort": "{{ secret1 }}"}]}, **failing},
        {"lightsout.bmc.ipmi_info": {}},
        {"lightsout.bmc.ipmi_power": {"state": "on"}, "delegate_to": "bastion"},
    ]
    done = play(bmc, tmp_path, tasks, "-vvvv", "--diff", vars_files=[str(vault(tmp_path, secrets))])
    text = done.stdout + done.stderr
    assert "PLAY RECAP" in text
    assert recap(done.stdout)["ignored"] == sum(1 for task in tasks if "ignore_errors" in task)
    for secret in SECRETS:
        assert not [line for line in text.splitlines() if secret in line]


def test_two_hosts_one_dead_the_other_is_done(bmc: Target, tmp_path: pathlib.Path) -> None:
    hosts = inventory(bmc)
    del hosts["all"]["hosts"]["bastion"]
    done = ansible("all", "-m", "lightsout.bmc.ipmi_power", "-o", inventory=hosts, tmp_path=tmp_path)
    assert done.returncode != 0
    assert "one | SUCCESS" in done.stdout and "dead | FAILED" in done.stdout
    assert json.dumps("unreachable") in done.stdout

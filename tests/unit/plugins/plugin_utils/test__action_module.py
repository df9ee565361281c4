# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The façade: where options come from, where the work is done, and what may leave."""

from __future__ import annotations

import types
import typing as t

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar, trust_as_template

from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    COMMUNITY_GENERAL_ALIASES,
    ArgumentSpec,
    ModuleLike,
)
from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import BmcActionModule
from ansible_collections.lightsout.bmc.plugins.plugin_utils._censor import MASK

SPEC = ArgumentSpec(
    {
        "state": {"type": "str", "choices": ["on", "off"]},
        "users": {"type": "list", "elements": "dict", "options": {"password": {"type": "str", "no_log": True}}},
    },
    connection_aliases=COMMUNITY_GENERAL_ALIASES,
)
Work = t.Callable[[ModuleLike], None]


def show(module: ModuleLike) -> None:
    """Succeed with the options, but for the secrets."""
    module.exit_json(options={name: value for name, value in module.params.items() if name.startswith("bmc_")})


def make(
    args: dict[str, t.Any],
    work: Work = show,
    *,
    variables: dict[str, t.Any] | None = None,
    transport: str = "ssh",
    **keywords: t.Any,
) -> BmcActionModule:
    """An action of a task with these options, keywords and host variables."""
    task = Task()
    task.action = "lightsout.bmc.ipmi_probe"
    task.args = args
    for name, value in {"check_mode": False, "diff": False, "async_val": 0, "delegate_to": None, **keywords}.items():
        setattr(task, name, value)
    loader = DataLoader()
    kind = type("ActionModule", (BmcActionModule,), {"SPEC": SPEC, "work": staticmethod(work), "__module__": "any.where.ipmi_probe"})
    action = kind(
        task=task,
        connection=types.SimpleNamespace(transport=transport, _shell=types.SimpleNamespace(tmpdir=None)),
        play_context=types.SimpleNamespace(),
        loader=loader,
        templar=Templar(loader=loader, variables=variables or {}),
        shared_loader_obj=None,
    )
    assert isinstance(action, BmcActionModule)
    return action


def run(args: dict[str, t.Any], work: Work = show, **keywords: t.Any) -> dict[str, t.Any]:
    return make(args, work, **keywords).run(task_vars=keywords.get("variables"))


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BMC_HOST", "BMC_USER", "BMC_PASSWORD", "BMC_KG"):
        monkeypatch.delenv(name, raising=False)


class TestWhereOptionsComeFrom:
    """Task (with module_defaults), host variable, environment."""

    def test_the_task_beats_the_rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BMC_HOST", "from-environment")
        result = run({"bmc_host": "from-task"}, variables={"bmc_host": "from-variable"})
        assert result["options"]["bmc_host"] == "from-task"

    def test_then_the_host_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BMC_HOST", "from-environment")
        assert run({}, variables={"bmc_host": "from-variable"})["options"]["bmc_host"] == "from-variable"

    def test_then_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BMC_HOST", "from-environment")
        monkeypatch.setenv("BMC_USER", "somebody")
        options = run({})["options"]
        assert (options["bmc_host"], options["bmc_user"]) == ("from-environment", "somebody")

    def test_a_host_variable_is_templated(self) -> None:
        variables = {"rack": "7", "bmc_host": trust_as_template("bmc-{{ rack }}.example")}
        assert run({}, variables=variables)["options"]["bmc_host"] == "bmc-7.example"

    def test_every_connection_option_may_be_a_host_variable(self) -> None:
        variables = {"bmc_port": "1623", "bmc_privilege": "operator", "bmc_timeout": 3, "bmc_host": "h"}
        options = run({}, variables=variables)["options"]
        assert (options["bmc_port"], options["bmc_privilege"], options["bmc_timeout"]) == (1623, "operator", 3.0)

    def test_an_alias_beats_the_host_variable(self) -> None:
        result = run({"name": "from-alias", "port": 99}, variables={"bmc_host": "from-variable", "bmc_port": 1})
        assert (result["options"]["bmc_host"], result["options"]["bmc_port"]) == ("from-alias", 99)

    def test_a_null_in_the_task_leaves_it_to_the_host_variable(self) -> None:
        assert run({"bmc_host": None}, variables={"bmc_host": "from-variable"})["options"]["bmc_host"] == "from-variable"

    def test_defaults_come_last(self) -> None:
        assert run({})["options"]["bmc_port"] == 623

    def test_the_tasks_own_options_stay_as_they_were(self) -> None:
        args: dict[str, t.Any] = {"state": "on"}
        run(args, variables={"bmc_host": "h"})
        assert args == {"state": "on"}


class TestWhereTheWorkIsDone:
    """In this process, or as an ordinary module."""

    @pytest.fixture
    def executed(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, t.Any]]:
        calls: list[dict[str, t.Any]] = []

        def execute(self: BmcActionModule, **keywords: t.Any) -> dict[str, t.Any]:
            calls.append(keywords)
            return {"changed": False, "as": "module"}

        monkeypatch.setattr(BmcActionModule, "_execute_module", execute)
        return calls

    def test_here(self, executed: list[dict[str, t.Any]]) -> None:
        assert "options" in run({"bmc_host": "h"})
        assert executed == []

    def test_in_band_on_the_host(self, executed: list[dict[str, t.Any]]) -> None:
        assert run({"bmc_interface": "open"})["as"] == "module"
        assert executed[0]["module_name"] == "lightsout.bmc.ipmi_probe"
        assert executed[0]["wrap_async"] is False

    def test_in_band_by_the_hosts_variable(self, executed: list[dict[str, t.Any]]) -> None:
        run({}, variables={"bmc_interface": "open"})
        assert executed[0]["module_args"]["bmc_interface"] == "open"

    def test_in_band_the_host_gets_no_password_that_it_does_not_need(
        self, executed: list[dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BMC_PASSWORD", "secret")
        login = {"bmc_host": "h", "bmc_user": "admin", "bmc_password": "secret", "bmc_kg": "c0ffee", "bmc_port": 1, "bmc_privilege": "user"}
        run({"state": "on"}, variables={**login, "bmc_interface": "open", "bmc_timeout": 3})
        assert executed[0]["module_args"] == {"state": "on", "bmc_interface": "open", "bmc_timeout": 3}

    def test_delegated_to_a_bastion(self, executed: list[dict[str, t.Any]]) -> None:
        run({"state": "on"}, delegate_to="bastion", variables={"bmc_host": "h", "bmc_password": "secret"})
        assert executed[0]["module_args"] == {"state": "on", "bmc_host": "h", "bmc_password": "secret"}

    def test_delegated_to_the_controller(self, executed: list[dict[str, t.Any]]) -> None:
        run({"bmc_host": "h"}, delegate_to="localhost", transport="local")
        assert executed == []

    @pytest.mark.parametrize(("delegate", "transport"), [("localhost", "local"), ("bastion", "ssh"), (None, "local")])
    def test_async(self, executed: list[dict[str, t.Any]], delegate: str | None, transport: str) -> None:
        run({"bmc_host": "h"}, async_val=60, delegate_to=delegate, transport=transport)
        assert executed[0]["wrap_async"] is True

    def test_async_on_a_host_that_is_only_a_bmc(self, executed: list[dict[str, t.Any]]) -> None:
        with pytest.raises(AnsibleActionFail, match="delegate_to: localhost"):
            run({"bmc_host": "h"}, async_val=60)
        assert executed == []


class TestWhatLeaves:
    """Results without secrets, made of what JSON can hold."""

    def test_success_has_changed(self) -> None:
        assert run({}, lambda module: module.exit_json(answer=42)) == {"changed": False, "answer": 42}

    def test_failure(self) -> None:
        result = run({}, lambda module: module.fail_json(msg="no", reason="refused"))
        assert result == {"failed": True, "msg": "no", "reason": "refused"}

    def test_check_mode_is_handed_on(self) -> None:
        result = run({}, lambda module: module.exit_json(check=module.check_mode), check_mode=True)
        assert result["check"] is True

    def test_warnings(self) -> None:
        def work(module: ModuleLike) -> None:
            module.warn("mind hunter2")
            module.exit_json()

        assert run({"bmc_password": "hunter2"}, work)["warnings"] == ["mind ********"]

    def test_secrets_are_taken_out(self) -> None:
        def work(module: ModuleLike) -> None:
            module.exit_json(params=module.params, text=f"it is {module.params['bmc_password']}")

        result = run({"password": "hunter2", "bmc_kg": "c0ffee", "users": [{"password": "geheim"}]}, work)
        assert not any(secret in str(result) for secret in ("hunter2", "c0ffee", "geheim"))
        assert result["params"]["bmc_password"] == MASK

    def test_a_secret_of_the_hosts_variables_too(self) -> None:
        result = run({}, lambda module: module.fail_json(msg="wrong: hunter2"), variables={"bmc_password": "hunter2"})
        assert result["msg"] == "wrong: ********"

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            ({"state": "hunter2", "bmc_password": "hunter2"}, "value of state must be one of"),
            ({"bmc_port": "hunter2", "bmc_password": "hunter2"}, "bmc_port"),
            ({"stat": "on", "bmc_password": "hunter2"}, "stat"),
            ({"users": [{"password": "hunter2", "nmae": "x"}]}, "nmae"),
        ],
    )
    def test_wrong_options_are_named_without_secrets(self, args: dict[str, t.Any], message: str) -> None:
        result = run(args)
        assert (result["failed"], result["reason"]) == (True, "bad_option")
        assert message in result["msg"]
        assert "hunter2" not in str(result)

    def test_a_fault_of_ours_is_a_failure_without_secrets(self) -> None:
        def work(module: ModuleLike) -> None:
            raise RuntimeError(f"broken by {module.params['bmc_password']}")

        result = run({"bmc_password": "hunter2"}, work)
        assert result["failed"] is True
        assert "please report it: RuntimeError: broken by ********" in result["msg"]
        assert "RuntimeError" in result["exception"]
        assert "hunter2" not in str(result)

    def test_no_result_is_a_fault(self) -> None:
        assert run({}, lambda module: None)["failed"] is True

    def test_tuples_become_lists_as_json_has_it(self) -> None:
        assert run({}, lambda module: module.exit_json(pair=(1, 2)))["pair"] == [1, 2]

    def test_what_json_cannot_hold_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="not JSON serializable"):
            run({}, lambda module: module.exit_json(thing=object()))

    def test_an_interrupt_is_not_swallowed(self) -> None:
        def work(module: ModuleLike) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run({}, work)

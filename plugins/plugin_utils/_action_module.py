# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Runs a module's work inside the controller's own worker process.

No copy of the module, no new interpreter, no SSH: the action plugin checks the options
as AnsibleModule would and calls the module's `run` with an object that looks like one.

The ordinary module form is used where the work must happen elsewhere or later: in band,
on another host (`delegate_to` a bastion), and with `async`.
"""

from __future__ import annotations

import json
import os
import traceback
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import CONNECTION_SPEC, ENVIRONMENT
from ansible_collections.lightsout.bmc.plugins.module_utils._module import ArgumentSpec, ModuleLike
from ansible_collections.lightsout.bmc.plugins.plugin_utils._censor import censor

Result = dict[str, t.Any]

#: In band there is no login, so these are not taken from variables and the environment: the host that the module is copied to
#: does not get a password that it does not need.
_LOGIN: t.Final = frozenset({"bmc_host", "bmc_port", "bmc_user", "bmc_password", "bmc_kg", "bmc_privilege"})


class Done(Exception):
    """Carries the result of `exit_json` or `fail_json` out of the module's code."""

    def __init__(self, result: Result) -> None:
        super().__init__("done")
        self.result = result


class InProcessModule:
    """Looks like an AnsibleModule to `run`."""

    def __init__(self, params: dict[str, t.Any], check_mode: bool) -> None:
        self.params = params
        self.check_mode = check_mode
        self.warnings: list[str] = []

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        """End with success."""
        raise Done({"changed": False, **kwargs})

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """End with failure."""
        raise Done({"failed": True, "msg": msg, **kwargs})

    def warn(self, warning: str) -> None:
        """Add a warning."""
        self.warnings.append(warning)


class BmcActionModule(ActionBase):
    """Base of the actions: a subclass names the module's spec and work, nothing else."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = True

    SPEC: t.ClassVar[ArgumentSpec]

    @staticmethod
    def work(module: ModuleLike) -> None:
        """The module's `run`."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Ansible's entry."""
        variables = task_vars or {}
        result: Result = super().run(tmp, variables)
        del tmp
        args = self._with_fallbacks(dict(self._task.args), variables)
        if self._runs_as_module(args):
            outcome: Result = self._execute_module(
                module_name=self._module_name(),
                module_args=args,
                task_vars=variables,
                wrap_async=bool(self._task.async_val),
            )
            result.update(outcome)
            return result
        result.update(self._run_here(args))
        return result

    def _module_name(self) -> str:
        return f"lightsout.bmc.{type(self).__module__.rsplit('.', 1)[-1]}"

    def _with_fallbacks(self, args: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        """Connection options that the task leaves out: the host's variable, then the environment."""
        # The interface first: what else is wanted depends on it.
        for name in sorted(CONNECTION_SPEC, key=lambda name: name != "bmc_interface"):
            if name in _LOGIN and args.get("bmc_interface") == "open":
                continue
            given = [name, *self.SPEC.connection_aliases.get(name, [])]
            if any(args.get(key) is not None for key in given):
                continue
            if variables.get(name) is not None:
                args[name] = self._templar.template(variables[name])
            elif os.environ.get(ENVIRONMENT.get(name, "")):
                args[name] = os.environ[ENVIRONMENT[name]]
        return args

    def _runs_as_module(self, args: dict[str, t.Any]) -> bool:
        if args.get("bmc_interface") == "open":
            return True
        if self._task.async_val:
            self._check_async()
            return True
        return bool(self._task.delegate_to) and self._connection.transport != "local"

    def _check_async(self) -> None:
        if self._connection.transport != "local" and not self._task.delegate_to:
            raise AnsibleActionFail(
                "async runs this module outside the controller's worker process: say where, "
                "with delegate_to: localhost (or a host that reaches the BMC)"
            )

    def _run_here(self, args: dict[str, t.Any]) -> Result:
        kwargs = self.SPEC.kwargs()
        validator = ArgumentSpecValidator(
            kwargs["argument_spec"],
            mutually_exclusive=kwargs["mutually_exclusive"],
            required_one_of=kwargs["required_one_of"],
            required_if=kwargs["required_if"],
        )
        validation = validator.validate(args)
        secrets = set(validation._no_log_values)
        if validation.error_messages:
            message = "; ".join(validation.error_messages)
            refusal: Result = censor({"failed": True, "msg": message, "reason": "bad_option"}, secrets)
            return refusal
        module = InProcessModule(validation.validated_parameters, self._task.check_mode)
        result = self._call(module)
        if module.warnings:
            result["warnings"] = module.warnings
        # Modules can only return what JSON can hold; an action must see to that itself.
        plain: Result = json.loads(json.dumps(censor(result, secrets)))
        return plain

    def _call(self, module: InProcessModule) -> Result:
        try:
            self.work(module)
        except Done as done:
            return done.result
        except Exception as error:  # noqa: BLE001  (whatever it is, its text must be censored)
            # Ansible would print the exception's text, which may hold an option's value.
            return {
                "failed": True,
                "msg": f"this is a fault in lightsout.bmc, please report it: {type(error).__name__}: {error}",
                "exception": traceback.format_exc(),
            }
        return {"failed": True, "msg": "this is a fault in lightsout.bmc, please report it: no result"}

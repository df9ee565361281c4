# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.lightsout.bmc.plugins.modules.compliance_report import SPEC
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._run import Failure, Variables, run

Result = dict[str, t.Any]


class ActionModule(ActionBase):
    """Hands the hosts' variables to the report. Nothing leaves the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Ansible's entry."""
        variables = task_vars or {}
        result: Result = super().run(tmp, variables)
        del tmp
        validation = ArgumentSpecValidator(SPEC).validate(dict(self._task.args))
        if validation.error_messages:
            return {**result, "failed": True, "msg": "; ".join(validation.error_messages), "reason": "bad_option"}
        params = validation.validated_parameters
        for name in ("dest", "baseline", "previous"):
            if params[name] is not None:
                params[name] = self._loader.path_dwim(params[name])
        try:
            outcome = run(params, self._variables(variables["hostvars"]), check_mode=self._task.check_mode)
        except Failure as failure:
            return {**result, "failed": True, "msg": str(failure), "reason": failure.reason}
        return {**result, **outcome}

    def _variables(self, hostvars: t.Any) -> Variables:
        """Some variables of a host. Only a text with a template in it is evaluated: results are big, and are none."""

        def read(host: str, names: t.Sequence[str]) -> dict[str, t.Any] | None:
            if host not in hostvars:
                return None
            raw = hostvars.raw_get(host)
            found = {}
            for name in names:
                value = raw.get(name)
                if isinstance(value, str) and "{" in value:
                    try:
                        value = self._templar.copy_with_new_env(available_variables=raw).template(value)
                    except AnsibleError as error:
                        raise Failure(f"{host}: the variable {name} cannot be evaluated: {error}") from error
                found[name] = value
            return found

        return read

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's `run` on a scripted BMC, as the action plugin would."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lightsout.bmc.plugins.module_utils import _module
from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import Done, InProcessModule
from tests.unit.plugins.documented import module
from tests.unit.plugins.scripted import Scripted

ACCOUNT: t.Final = {"bmc_host": "192.0.2.10", "bmc_user": "admin", "bmc_password": "secret"}


class Runner:
    """Runs modules; the first session is with `bmc`, further ones are with the same BMC."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
        self.bmc = bmc
        self.sessions: list[Scripted] = []
        monkeypatch.setattr(_module, "open_session", self._open)

    def _open(self, connection: Connection, *, deadline: float | None = None) -> Bmc:
        self.sessions.append(self.bmc.another(bytes([len(self.sessions) + 1, 0, 0, 0])))
        return self.sessions[-1].bmc(connection)

    def __call__(self, name: str, /, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result."""
        spec = module(name).SPEC.kwargs()
        validation = ArgumentSpecValidator(spec["argument_spec"], required_if=spec["required_if"]).validate({**ACCOUNT, **options})
        assert not validation.error_messages, validation.error_messages
        stand_in = InProcessModule(validation.validated_parameters, check_mode)
        with pytest.raises(Done) as done:
            module(name).run(stand_in)
        assert all(session.closed + session.abandoned == 1 for session in self.sessions), "each session is given up once"
        return {**done.value.result, "warnings": stand_in.warnings}

    @property
    def written(self) -> list[str]:
        """What was written, in all sessions."""
        return [request for session in self.sessions for request in session.written]

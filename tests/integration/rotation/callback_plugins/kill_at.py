# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests only: ends ansible-playbook with SIGKILL at the start of its n-th task, or around a write on the BMC.

KILL_LOG is a file that gets the name of each task as it starts. KILL_AT is the number of the task, 1 for the first.
KILL_WRITE is `before` or `after`: the worker dies, and Ansible with it, before the request that sets a password is sent
or after it was answered.
"""

from __future__ import annotations

import os
import pathlib
import signal
import typing as t

from ansible.plugins.callback import CallbackBase

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import SET_USER_PASSWORD

DOCUMENTATION = r"""
name: kill_at
type: aggregate
short_description: End the run at a task
description: For tests only.
"""

#: Set User Password, the operation "set", in the second byte.
_SET = 2


class CallbackModule(CallbackBase):
    """Counts tasks."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_at"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._at = int(os.environ.get("KILL_AT", "0"))
        self._log = pathlib.Path(os.environ["KILL_LOG"])
        if when := os.environ.get("KILL_WRITE"):
            _kill_around_the_write(when)

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        """A task, a skipped one or an include."""
        self._count += 1
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{task.get_name()}\n")
        if self._count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def _kill_around_the_write(when: str) -> None:
    """Workers are forked from this process, so they have it too."""
    request = Bmc.request

    def deadly(self: Bmc, command: t.Any, data: bytes = b"", **options: t.Any) -> bytes:
        fatal = command == SET_USER_PASSWORD and data[1] & 3 == _SET
        if fatal and when == "before":
            _die()
        answer = request(self, command, data, **options)
        if fatal:
            _die()
        return answer

    Bmc.request = deadly  # type: ignore[method-assign]


def _die() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)

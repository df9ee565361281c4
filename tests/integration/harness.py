# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the integration tests share: running a module's action, Ansible itself, and other tools.

`act` runs an action plugin as ansible-core does, without the second that a whole Ansible takes.
`ansible` runs the real thing, for what only that can show.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import types
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

CHECKOUT = pathlib.Path(__file__).parents[2]
Result = dict[str, t.Any]

#: Seconds that a tool of somebody else's may take.
TOOL_TIMEOUT = 60


def act(
    module: str,
    args: dict[str, t.Any],
    *,
    check_mode: bool = False,
    variables: dict[str, t.Any] | None = None,
) -> Result:
    """Run the action `module` with `args` in this process; its result."""
    task = Task()
    task.action = f"lightsout.bmc.{module}"
    task.args = args
    task.check_mode = check_mode
    task.diff = True
    task.async_val = 0
    task.delegate_to = None
    loader = DataLoader()
    connection = types.SimpleNamespace(transport="local", _shell=types.SimpleNamespace(tmpdir=None))
    plugin = importlib.import_module(f"ansible_collections.lightsout.bmc.plugins.action.{module}")
    action = plugin.ActionModule(
        task=task,
        connection=connection,
        play_context=types.SimpleNamespace(),
        loader=loader,
        templar=Templar(loader=loader, variables=variables or {}),
        shared_loader_obj=None,
    )
    result: Result = action.run(task_vars=variables or {})
    json.dumps(result)
    return result


def ansible(
    *args: str,
    inventory: t.Any = None,
    tmp_path: pathlib.Path,
    environment: t.Mapping[str, str] | None = None,
    program: str = "ansible",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run ansible or ansible-playbook in the checkout, in an empty home."""
    command = [str(pathlib.Path(sys.executable).parent / program), *args]
    if inventory is not None:
        path = tmp_path / "inventory.json"
        path.write_text(json.dumps(inventory), encoding="utf-8")
        command += ["-i", str(path)]
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "ansible"),
        # Its two halves disagree about the home when HOME is not the one of the account.
        "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        **(environment or {}),
    }
    return subprocess.run(
        command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )


def witness(*command: str, stdin: str | None = None, codes: t.Collection[int] = (0,)) -> str:
    """What another program prints. It must end with one of `codes`; a missing one fails the test unless that is allowed."""
    if shutil.which(command[0]) is None:
        message = f"{command[0]} is not installed; `make system-packages` does that"
        if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
            pytest.skip(message)
        pytest.fail(message)
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=TOOL_TIMEOUT, check=False, input=stdin
    )
    if done.returncode not in codes:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def ipmitool(host: str, user: str, password: str, *command: str, port: int = 623, suite: int = 3) -> str:
    """Ask a BMC with ipmitool."""
    return witness(
        "ipmitool", "-I", "lanplus", "-C", str(suite), "-H", host, "-p", str(port), "-U", user, "-P", password, *command
    )


def fields(text: str) -> dict[str, str]:
    """ipmitool's "Name : value" lines."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found[name.strip()] = value.strip()
    return found

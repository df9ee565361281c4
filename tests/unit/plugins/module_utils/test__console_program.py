# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of consoles, as the program reads it while it runs."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._console_program import Table, _fork, main
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

SECRET: t.Final = "Sesam-oeffne-dich"


def write(path: pathlib.Path, mode: int = 0o600, **consoles: str) -> None:
    """A table with a password for each console, put into place as the role does."""
    rows = {name: {"host": "192.0.2.1", "password": password} for name, password in consoles.items()}
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"folder": "/run/bmc-console", "consoles": rows}), encoding="utf-8")
    new.chmod(mode)
    new.replace(path)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "consoles.json"


def test_a_password_that_changes_is_found(path: pathlib.Path) -> None:
    write(path, n1="of yesterday", n2="other")
    table = Table(str(path))
    assert table.entry("n1") is table.entry("n1")
    write(path, n1=SECRET, n2="other")
    assert table.entry("n1").connection.password == SECRET


def test_a_console_that_is_gone_from_the_table_is_named(path: pathlib.Path) -> None:
    write(path, n1=SECRET)
    table = Table(str(path))
    write(path, n2=SECRET)
    with pytest.raises(BadOption, match="no console n1"):
        table.entry("n1")


@pytest.mark.parametrize("damage", ["readable", "gone", "half"])
def test_a_table_that_is_spoiled_meanwhile_is_refused_without_a_secret(path: pathlib.Path, damage: str) -> None:
    write(path, n1=SECRET)
    table = Table(str(path))
    if damage == "readable":
        write(path, 0o640, n1=SECRET)
    elif damage == "gone":
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    with pytest.raises(BadOption) as caught:
        table.entry("n1")
    assert SECRET not in str(caught.value)
    write(path, n1=SECRET)
    assert table.entry("n1").connection.password == SECRET


def test_another_folder_for_the_sockets_asks_for_a_restart(path: pathlib.Path) -> None:
    write(path, n1=SECRET)
    table = Table(str(path))
    path.write_text(path.read_text(encoding="utf-8").replace("/run/bmc-console", "/run/elsewhere"), encoding="utf-8")
    with pytest.raises(BadOption, match="/run/elsewhere: restart the program"):
        table.all()


def test_an_unknown_console_ends_the_program_before_anything_is_sent(path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, n1=SECRET)
    assert main(["--table", str(path), "n2"]) == 2
    assert "no console n2" in capsys.readouterr().err


def test_a_process_whose_consoles_are_all_gone_from_the_table_ends(path: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(path, n1=SECRET)
    table = Table(str(path))
    write(path, n2=SECRET)
    parent, alive = os.pipe()
    _pid, status = os.waitpid(_fork(table, ["n1"], parent, alive), 0)
    os.close(parent)
    os.close(alive)
    assert (os.waitstatus_to_exitcode(status), capfd.readouterr().err) == (0, "")

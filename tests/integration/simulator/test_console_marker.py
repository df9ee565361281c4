# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""console_marker as Ansible runs it, on a host in a folder; what comes of it over Serial over LAN is in console_check's tests."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

import pytest

from tests.integration.harness import ansible
from tests.integration.stand_in import Host

NONCE = "4f2a9c"


@pytest.fixture
def host(tmp_path: pathlib.Path) -> t.Iterator[Host]:
    made = Host(tmp_path / "host")
    yield made
    made.close()


def run(host: Host, tmp_path: pathlib.Path, *arguments: str, **options: t.Any) -> dict[str, t.Any]:
    """The module's result, with what Ansible printed as `stdout`."""
    args = json.dumps({"nonce": NONCE, "root": str(host.folder), "seconds": 0.3, "interval": 0.1, **options})
    done = ansible("localhost", "-m", "lightsout.bmc.console_marker", "-a", args, *arguments, tmp_path=tmp_path)
    result: dict[str, t.Any] = json.loads(done.stdout[done.stdout.index("=> {") + 3 :])
    return {**result, "failed": done.returncode != 0, "stdout": done.stdout + done.stderr}


def printed(host: Host, name: str) -> bytes:
    os.set_blocking(host.masters[name], False)
    try:
        return os.read(host.masters[name], 4096)
    except BlockingIOError:
        return b""


@pytest.mark.promise("unchanged")
def test_each_port_is_marked_and_nothing_is_changed(host: Host, tmp_path: pathlib.Path) -> None:
    result = run(host, tmp_path, seconds=1.5)
    assert result["changed"] is False
    for port in result["ports"]:
        assert printed(host, port["name"]).count(f"lightsout-console-check {NONCE} {port['name']}\r\n".encode()) == port["markers"] > 1
    assert [(port["name"], port["in_use"]) for port in result["ports"]] == [("ttyS0", False), ("ttyS1", True)]
    assert result["running"] == {"cmdline_consoles": ["tty0", "ttyS1,115200n8"], "active": ["tty0", "ttyS1"], "logins": ["ttyS1"]}


@pytest.mark.promise("check_mode")
def test_check_mode_writes_nothing(host: Host, tmp_path: pathlib.Path) -> None:
    result = run(host, tmp_path, "--check")
    assert result["running"]["logins"] == ["ttyS1"] and [port["markers"] for port in result["ports"]] == [0, 0]
    assert (printed(host, "ttyS0"), printed(host, "ttyS1")) == (b"", b"")


@pytest.mark.promise("refused")
def test_ports_that_cannot_be_opened_are_one_clear_failure(host: Host, tmp_path: pathlib.Path) -> None:
    result = run(host, tmp_path, devices=["/dev/ttyS8", "/dev/ttyS9"])
    assert result["failed"] and "/dev/ttyS8: No such file or directory; /dev/ttyS9: No such" in result["msg"]
    assert result["running"]["active"] == ["tty0", "ttyS1"], "what runs is said all the same"


@pytest.mark.promise("no_secret")
def test_the_rest_of_the_kernels_command_line_is_not_told(host: Host, tmp_path: pathlib.Path) -> None:
    host.says("ro luks.passphrase=Sesam console=ttyS1")
    result = run(host, tmp_path, "-vvvv")
    assert "ttyS1" in result["stdout"] and "Sesam" not in result["stdout"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""os_console through Ansible: created, unchanged, check mode, refused, no secret. tests/integration/os_console has each family of systems."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest

from tests.integration.harness import CHECKOUT, ansible
from tests.unit.plugins.documented import undocumented

TREES = CHECKOUT / "tests/integration/os_console/trees"
SECRET = "$1$Hocus-pocus$fidibus"
GRUB = "boot/grub/grub.conf"


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """RHEL 5 as somebody left it: files alone, for no program of it is started. Its loader has a password."""
    root = tmp_path / "root"
    for name in ("shared", "careless"):
        shutil.copytree(TREES / "rhel5" / name, root, dirs_exist_ok=True)
    loader = root / GRUB
    loader.chmod(0o600)
    loader.write_text(f"password --md5 {SECRET}\n" + loader.read_text())
    return root


def run(root: pathlib.Path, *arguments: str, **options: t.Any) -> subprocess.CompletedProcess[str]:
    """Ansible with the module alone, on this machine."""
    return ansible(
        "all",
        "-m",
        "lightsout.bmc.os_console",
        "-a",
        json.dumps({"port": 1, "root": str(root), **options}),
        *arguments,
        inventory={"all": {"hosts": {"n1": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}},
        tmp_path=root.parent,
    )


def said(done: subprocess.CompletedProcess[str]) -> dict[str, t.Any]:
    """The module's result."""
    result: dict[str, t.Any] = json.loads(done.stdout[done.stdout.index("=> {") + 3 :])
    return result


def files(root: pathlib.Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its mode."""
    return {str(path): (path.read_bytes(), path.stat().st_mode) for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.promise("created", "unchanged")
def test_the_console_is_set_and_the_second_time_nothing_changes(root: pathlib.Path) -> None:
    done = said(run(root))
    assert done["changed"] and not undocumented("os_console", done)
    assert sorted(done["files"]) == [f"/{GRUB}", "/etc/inittab", "/etc/ioctl.save"]
    assert "console=tty0 console=ttyS1,115200n8" in (root / GRUB).read_text()
    assert (root / GRUB).stat().st_mode & 0o777 == 0o600
    before, times = files(root), {path: os.stat(path).st_mtime_ns for path in files(root)}
    again = said(run(root))
    assert not again["changed"] and again["files"] == []
    assert files(root) == before and {path: os.stat(path).st_mtime_ns for path in before} == times


@pytest.mark.promise("check_mode", "diff")
def test_check_mode_writes_nothing_and_shows_what_would_be_written(root: pathlib.Path) -> None:
    before = files(root)
    done = run(root, "--check", "--diff")
    assert files(root) == before
    assert f"--- before: /{GRUB}" in done.stdout and "console=ttyS1,115200n8" in done.stdout


@pytest.mark.promise("refused")
def test_a_system_that_cannot_be_brought_there_is_refused_and_says_why(root: pathlib.Path) -> None:
    (root / GRUB).unlink()
    before = files(root)
    done = run(root)
    assert done.returncode == 2 and "no loader was found whose configuration is known" in done.stdout
    assert files(root) == before


@pytest.mark.promise("no_secret")
def test_the_loader_s_password_is_shown_nowhere(root: pathlib.Path) -> None:
    done = run(root, "--diff", "-vvvv")
    assert "CHANGED" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert SECRET in (root / GRUB).read_text()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A system below a root: nothing leads out of it."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._system import RealSystem


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with usr/bin, and a link to it."""
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    (tmp_path / "secret").write_text("outside")
    return root


@pytest.mark.parametrize(
    ("link", "target", "leads_to"),
    [
        ("a", "/usr", "usr"),
        ("a", "usr/bin/../bin", "usr/bin"),
        ("a", "../../../secret", "secret"),
        ("a", "/../secret", "secret"),
        ("usr/a", "../usr/bin", "usr/bin"),
        ("a", "/bin", "usr/bin"),
    ],
)
def test_links_mean_what_they_mean_in_the_system(root: pathlib.Path, link: str, target: str, leads_to: str) -> None:
    (root / link).symlink_to(target)
    assert RealSystem(str(root)).real(f"/{link}") == str(root / leads_to)


def test_what_is_outside_is_not_read(root: pathlib.Path) -> None:
    (root / "a").symlink_to(str(root.parent / "secret"))
    assert RealSystem(str(root)).read("/a") is None
    assert RealSystem(str(root)).read("/../secret") is None


def test_a_loop_of_links_is_refused(root: pathlib.Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        RealSystem(str(root)).real("/a")


def test_a_link_that_leads_nowhere_is_still_found_by_its_name(root: pathlib.Path) -> None:
    (root / "usr/a.service").symlink_to("/nowhere")
    assert RealSystem(str(root)).glob("/usr/*.service") == ["/usr/a.service"]
    assert RealSystem(str(root)).glob("/u*/a.service") == ["/usr/a.service"]


def test_a_program_is_one_that_may_be_started(root: pathlib.Path) -> None:
    (root / "usr/bin/one").write_text("")
    (root / "usr/bin/two").write_text("")
    (root / "usr/bin/two").chmod(0o755)
    assert RealSystem(str(root)).program("one", "two") == "/usr/bin/two"
    assert RealSystem(str(root)).program("one") is None


def test_a_program_that_fails_is_refused_with_what_it_said() -> None:
    system = RealSystem("/")
    shell = system.program("sh")
    assert shell and system.runs
    assert system.ask((shell, "-c", "echo fine")) == "fine\n"
    with pytest.raises(Refused, match=r"failed \(3\): no\.$"):
        system.ask((shell, "-c", "echo no. >&2; exit 3"))
    with pytest.raises(Refused, match="cannot be started"):
        system.ask(("/nonexistent",))

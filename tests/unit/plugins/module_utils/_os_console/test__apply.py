# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: all of it, or nothing; and never half a file."""

from __future__ import annotations

import os
import pathlib
import stat
from collections.abc import Callable, Sequence

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _apply
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Command, FileChange, Layer, PartPlan, Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused, System
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._system import RealSystem
from tests.unit.plugins.module_utils._os_console.systems import COM2


class Scripted(RealSystem):
    """A folder whose programs are functions of the test."""

    def __init__(self, root: pathlib.Path, program: Callable[[str], None]) -> None:
        super().__init__(str(root))
        self._program = program

    def ask(self, argv: Sequence[str]) -> str:
        """Call the function with the first argument."""
        self._program(argv[1])
        return ""


class Fixed:
    """A part that wants a file so, and calls programs."""

    layer = Layer.LOADER

    def __init__(self, path: str, text: str | None, *calls: str, generated: tuple[str, ...] = (), name: str = "fixed") -> None:
        self.path, self.text, self.calls, self.generated, self.name = path, text, calls, generated, name

    def applies(self, system: System) -> bool:
        """Always."""
        return True

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """Its file, and its programs as long as the file is otherwise."""
        before = system.read(self.path)
        if before == self.text:
            return PartPlan()
        commands = tuple(Command(("tool", call), f"Call {call}") for call in self.calls)
        return PartPlan((FileChange(self.path, before, self.text),), commands, self.generated)


class Login(Fixed):
    """One that stands for a login."""

    layer = Layer.LOGIN


def state(root: pathlib.Path) -> dict[str, tuple[bytes | str, int]]:
    """All that is there, with modes; links by where they lead."""
    found: dict[str, tuple[bytes | str, int]] = {}
    for path in sorted(root.rglob("*")):
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[str(path.relative_to(root))] = (content, stat.S_IMODE(path.lstat().st_mode))
    return found


def go(root: pathlib.Path, *parts: Fixed, program: Callable[[str], None] = lambda word: None) -> tuple[str, ...]:
    """Plan and apply."""
    system = Scripted(root, program)
    return _apply.apply(system, COM2, _apply.plan(system, COM2, [*parts, Login("/etc/login", None)]))


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with a configuration (0640), and one that a program makes from it (0600)."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/a").write_text("old a")
    (tmp_path / "etc/a").chmod(0o640)
    (tmp_path / "made").write_text("made of old a")
    (tmp_path / "made").chmod(0o600)
    return tmp_path


def test_a_file_keeps_its_mode_and_a_new_one_gets_its_folder(root: pathlib.Path) -> None:
    assert go(root, Fixed("/etc/a", "new a"), Fixed("/etc/new.d/b", "b")) == ("/etc/a", "/etc/new.d/b")
    assert state(root)["etc/a"] == (b"new a", 0o640)
    assert state(root)["etc/new.d/b"] == (b"b", 0o644)


def test_a_link_stays_a_link_and_its_target_is_written(root: pathlib.Path) -> None:
    (root / "etc/link").symlink_to("/etc/a")
    assert go(root, Fixed("/etc/link", "new")) == ("/etc/a",)
    assert os.readlink(root / "etc/link") == "/etc/a" and (root / "etc/a").read_text() == "new"


def test_what_a_program_makes_keeps_its_mode_and_is_told(root: pathlib.Path) -> None:
    def program(word: str) -> None:
        (root / "made").unlink()
        (root / "made").write_text("made of new a")

    changed = go(root, Fixed("/etc/a", "new a", "make", generated=("/made",)), program=program)
    assert changed == ("/etc/a", "/made")
    assert state(root)["made"] == (b"made of new a", 0o600)


def test_what_a_program_makes_is_on_the_disk_before_anybody_resets_the_host(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GRUB reads the disk without its file system's journal: what is in memory only would be an empty grub.cfg."""
    flushed: list[tuple[str, str]] = []

    def program(word: str) -> None:
        (root / "made").write_text("made of new a")

    def fsync(file: int) -> None:
        path = os.readlink(f"/proc/self/fd/{file}")
        flushed.append((path, (root / "made").read_text()))

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "sync", lambda: flushed.append(("all", (root / "made").read_text())))
    go(root, Fixed("/etc/a", "new a", "make", generated=("/made",)), program=program)
    assert (str(root / "made"), "made of new a") in flushed
    # Seen on a whole server: with fsync alone, GRUB after a reset still read the old file.
    assert flushed[-1] == ("all", "made of new a")
    assert {str(root), str(root / "etc")} <= {path for path, _text in flushed}, "the folders have the names"


def refuse(root: pathlib.Path) -> Callable[[str], None]:
    """A program that spoils all that it can, and then fails."""

    def program(word: str) -> None:
        (root / "made").unlink()
        (root / "made").write_text("half")
        (root / "made.new").write_text("half")
        (root / "etc/wants").symlink_to("/nowhere")
        raise Refused("tool failed (1): No space left on device")

    return program


def test_everything_is_put_back_byte_by_byte_when_a_program_refuses(root: pathlib.Path) -> None:
    before = state(root)
    part = Fixed("/etc/a", "new a", "make", generated=("/made", "/made.new", "/etc/wants"))
    with pytest.raises(Refused, match=r"^Call make: tool failed \(1\): No space left on device\. Everything is as it was\.$"):
        go(root, Fixed("/etc/new.d/b", "b", name="other"), part, program=refuse(root))
    assert state(root) == before


def test_everything_is_put_back_when_somebody_interrupts(root: pathlib.Path) -> None:
    before = state(root)

    def program(word: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(root, Fixed("/etc/a", "new a", "make"), program=program)
    assert state(root) == before


def test_a_program_that_does_not_do_what_it_was_called_for_is_found(root: pathlib.Path) -> None:
    before = state(root)

    def program(word: str) -> None:
        (root / "etc/a").write_text("something else")

    with pytest.raises(Refused, match="fixed is not as asked after all was done: /etc/a, Call undo"):
        go(root, Fixed("/etc/a", "new a", "undo"), program=program)
    assert state(root) == before


def test_a_folder_that_cannot_be_written_is_named_and_what_was_written_before_goes_back(root: pathlib.Path) -> None:
    (root / "etc/file").write_text("no folder")
    before = state(root)
    with pytest.raises(Refused, match="/etc/file/b cannot be written"):
        go(root, Fixed("/etc/a", "new a"), Fixed("/etc/file/b", "b"))
    assert state(root) == before


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(root: pathlib.Path) -> None:
    system = Scripted(root, lambda word: None)
    planned = _apply.plan(system, COM2, [Fixed("/etc/a", "new a"), Login("/etc/login", None)])
    (root / "etc/a").write_text("somebody else's")
    with pytest.raises(Refused, match="was changed by somebody else meanwhile"):
        _apply.apply(system, COM2, planned)
    assert (root / "etc/a").read_text() == "somebody else's"


def test_bytes_that_are_no_text_and_line_ends_survive(root: pathlib.Path) -> None:
    (root / "etc/a").write_bytes(b"caf\xe9\r\n")
    text = RealSystem(str(root)).read("/etc/a")
    assert text is not None
    go(root, Fixed("/etc/a", text + "x"))
    assert (root / "etc/a").read_bytes() == b"caf\xe9\r\nx"


def test_two_parts_do_not_write_one_file(root: pathlib.Path) -> None:
    with pytest.raises(Refused, match="two parts would change the same file: /etc/a"):
        go(root, Fixed("/etc/a", "x"), Fixed("/etc/a", "y"))


def test_a_system_without_a_login_is_refused_by_name(root: pathlib.Path) -> None:
    with pytest.raises(Refused, match="nothing was found that starts logins; looked for: fixed"):
        _apply.plan(RealSystem(str(root)), COM2, [Fixed("/etc/a", "x")])

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people write into /etc/default/grub, as shells read it, and what happens where a write fails half-way."""

from __future__ import annotations

import errno
import os
import pathlib
import shutil
import subprocess
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _apply, _kernel_arguments, _shell_assignments
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._grub2_debian import drop_in
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Port, Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._system import RealSystem
from ansible_collections.lightsout.bmc.plugins.modules import os_console
from tests.integration.os_console.conftest import Planter, Tree

COM2 = Wish(Port(1), 115200)
OPTIONS: dict[str, t.Any] = {
    "port": 1,
    "port_hint": None,
    "bit_rate": 115200,
    "screen": True,
    "grub_serial": "auto",
    "quiet": None,
    "login": True,
    "root_login": None,
}

#: Ways to say kernel arguments. Every shell that is POSIX reads them, so each distribution's does.
ODD = {
    "plain": 'GRUB_CMDLINE_LINUX="a console=ttyS0,9600 b"\n',
    "single quotes around double ones": "GRUB_CMDLINE_LINUX='dyndbg=\"file a.c +p\" x'\n",
    "quotes in pieces": "GRUB_CMDLINE_LINUX=\"a\"' b'\\ c\n",
    "a line that goes on": 'GRUB_CMDLINE_LINUX="a \\\nb console=ttyS0 \\\n  c"\n',
    "several lines in quotes": 'GRUB_CMDLINE_LINUX="a\nb console=tty1\n c"\n',
    "exported": 'export GRUB_CMDLINE_LINUX="a b"\n',
    "exported later": 'GRUB_CMDLINE_LINUX="a b"\nexport GRUB_CMDLINE_LINUX GRUB_TERMINAL\n',
    "no line end at the end": 'GRUB_CMDLINE_LINUX="x"',
    "a line that goes on into the end": 'GRUB_CMDLINE_LINUX="x"\\\n',
    "adding to itself": 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX zswap=1 console=uart8250,io,0x3f8"\n',
    "adding one to the other": 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX_DEFAULT="${GRUB_CMDLINE_LINUX} console=ttyS1 quiet"\n',
    "what a shell would expand": "GRUB_CMDLINE_LINUX='a=* b=[x] c=?'\n",
    "a dollar that is one": "GRUB_CMDLINE_LINUX=\"a=\\$HOME b='x'\"\n",
    "a dollar at the end": 'GRUB_CMDLINE_LINUX="a b=1$"\n',
    "only a dollar": 'GRUB_CMDLINE_LINUX="$"\n',
    "percents and dashes": 'GRUB_CMDLINE_LINUX="-n -e a=%s 100%"\n',
    "tabs": 'GRUB_CMDLINE_LINUX="a\tb  c"\n',
    "a console in quotes": 'GRUB_CMDLINE_LINUX=\'console="ttyS0,9600" "console=ttyS2" a\'\n',
    "consoles without a number": 'GRUB_CMDLINE_LINUX=\'console=ttyS console=tty console="ttyS" "console=ttyS,9600" "console=tty" a console=ttyUSB0\'\n',
    "a console by its number": 'GRUB_CMDLINE_LINUX="console=0,9600 a"\n',
    "consoles of other types": 'GRUB_CMDLINE_LINUX="console=hvc0 console=ttyAMA0,115200 earlycon=uart,io,0x3f8 netconsole=@/"\n',
    "no words": 'GRUB_CMDLINE_LINUX=""\nGRUB_CMDLINE_LINUX_DEFAULT=\n',
    "letters beyond ASCII": 'GRUB_CMDLINE_LINUX="name=Žluťoučký"\n',
    "two on a line": 'GRUB_CMDLINE_LINUX=a GRUB_X=1; GRUB_CMDLINE_LINUX_DEFAULT="b c" # d\n',
}
_NAMES = ("GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT")


def shell(name: str, *files: pathlib.Path) -> tuple[str, ...]:
    """What a shell has in the variables after it read the files."""
    script = "".join(f'. "{path}"\n' for path in files) + "".join(f'printf "%s\\0" "${name}"\n' for name in _NAMES)
    done = subprocess.run([str(shutil.which(name)), "-c", script], check=True, capture_output=True, env={"PATH": os.defpath, "LC_ALL": "C"})
    return tuple(done.stdout.decode().split("\0")[:-1])


def merged(values: tuple[str, ...]) -> tuple[str, ...]:
    """The tokens of a kernel that starts with both, as wished."""
    return _kernel_arguments.merge(_kernel_arguments.split(" ".join(values)), COM2)


def kernel_s(tokens: t.Iterable[str]) -> list[str]:
    """The consoles as the kernel takes them: quotes around an argument or its value are not part of it."""
    return [token.replace('"', "")[len("console=") :] for token in tokens if token.replace('"', "").startswith("console=")]


@pytest.mark.parametrize("program", ["dash", "bash"])
@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_debian_s_drop_in_makes_one_console_of_whatever_was_said(text: str, program: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "grub").write_text(text)
    (tmp_path / "ours").write_text(drop_in(RealSystem(str(tmp_path)), COM2))
    before = shell(program, tmp_path / "grub")
    after = shell(program, tmp_path / "grub", tmp_path / "ours")
    tokens = _kernel_arguments.split(" ".join(after))
    assert sorted(tokens) == sorted(merged(before))
    assert kernel_s(tokens)[-1] == "ttyS1,115200n8"
    assert [console for console in kernel_s(tokens) if console.startswith(("ttyS", "uart")) or console[0].isdigit()] == ["ttyS1,115200n8"]


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_what_is_put_into_the_file_is_what_a_shell_reads(text: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "grub"
    path.write_text(text)
    before = shell("bash", path)
    values = _shell_assignments.values([text], _NAMES)
    assert tuple(values.get(name, "") for name in _NAMES) == before
    wanted = "dyndbg=\"file 'a.c' +p\" x=\\ $HOME `id` console=ttyS1,115200n8"
    path.write_text(_shell_assignments.put(text, {"GRUB_CMDLINE_LINUX": wanted}))
    assert shell("bash", path)[0] == wanted


@pytest.mark.parametrize("special", ["$$", "$?", "$1", "$*", "$#", "$-", "$!"])
def test_what_only_a_running_shell_knows_is_not_guessed(special: str) -> None:
    with pytest.raises(_shell_assignments.NotUnderstood, match="more than text"):
        _shell_assignments.values([f'GRUB_CMDLINE_LINUX="a {special}"\n'], ["GRUB_CMDLINE_LINUX"])


@pytest.mark.parametrize(("family", "folder"), [("debian12", "boot/grub"), ("rhel9", "boot/grub2")])
def test_a_grub_cfg_that_is_a_link_stays_one(family: str, folder: str, make_tree: Planter) -> None:
    tree = make_tree(family, "as_shipped")
    real = tree.root / "boot/elsewhere.cfg"
    tree.grub_cfg.rename(real)
    tree.grub_cfg.symlink_to("/boot/elsewhere.cfg")
    before = real.read_bytes()
    done = os_console.run({**OPTIONS, "root": str(tree.root)}, check_mode=False)
    assert os.readlink(tree.root / folder / "grub.cfg") == "/boot/elsewhere.cfg"
    assert real.read_bytes() != before and "/boot/elsewhere.cfg" in done["files"]
    assert not os_console.run({**OPTIONS, "root": str(tree.root)}, check_mode=False)["changed"]


def whole(tree: Tree) -> dict[str, tuple[int, int, bytes | str]]:
    """Everything of a tree: modes, owners, contents."""
    found: dict[str, tuple[int, int, bytes | str]] = {}
    for path in sorted(tree.root.rglob("*")):
        status = path.lstat()
        content: bytes | str = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[str(path.relative_to(tree.root))] = (status.st_mode, status.st_uid, content)
    return found


class FullDisk:
    """Lets so many writes through, and then none for as long as one operation lasts: what undoes it works again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, passes: int) -> None:
        self.left = passes
        self.failed = False
        for name in ("fsync", "replace", "makedirs", "unlink"):
            monkeypatch.setattr(_apply.os, name, self.wrap(getattr(os, name)))

    def wrap(self, real: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def call(*arguments: t.Any, **named: t.Any) -> t.Any:
            self.left -= 1
            if self.left == -1:
                self.failed = True
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **named)

        return call


@pytest.mark.parametrize(("family", "case"), [("rhel9", "careless"), ("debian12", "careless")])
def test_a_disk_that_is_full_at_any_write_leaves_everything_as_it_was(family: str, case: str, make_tree: Planter, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_tree(family, case)
    before = whole(tree)
    writes = 0
    while True:
        with monkeypatch.context() as patch:
            disk = FullDisk(patch, writes)
            stopped = refused(tree)
        if not stopped:
            break
        assert disk.failed and whole(tree) == before
        writes += 1
    # The loop came to an end where nothing failed any more, and it had failed at each write before that.
    assert not disk.failed and writes > 2 and whole(tree) != before


def refused(tree: Tree) -> bool:
    """Whether the module refuses for want of space; it must not fail in any other way."""
    try:
        os_console.run({**OPTIONS, "root": str(tree.root)}, check_mode=False)
    except Refused as error:
        said = str(error)
    else:
        return False
    assert "No space left on device" in said and "Everything is as it was" in said
    return True

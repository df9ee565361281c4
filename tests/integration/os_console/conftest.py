# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trees of files of other systems, planted in a folder with the tools that read them, and the module and the role let loose on them.

A tree is what a family's installer leaves (`shared`) and what a case changes. Its programs run in it, by chroot: a shell (busybox), and GRUB's own
grub-mkconfig, grub-script-check and /etc/grub.d as Debian packages them, under the family's names. What those ask of disks is answered by
stand-ins; so is grubby, which Debian does not package.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t

import pytest

from tests.integration.harness import ansible

HERE = pathlib.Path(__file__).parent
_APPLETS = (
    "awk basename cat chmod cut date dirname expr false fgrep find grep head id ln ls mkdir mv printf readlink rm sed sh sort stat tail test tr true uname"
)
#: Links that a tree has: a repository with links that lead nowhere would be refused.
_LINKS = {
    ("debian12", "careless"): {
        "etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service": "/usr/lib/systemd/system/serial-getty@.service"
    },
    ("debian12", "masked"): {"etc/systemd/system/serial-getty@ttyS1.service": "/dev/null"},
    ("sles15", "linked"): {"etc/default/grub": "/srv/etc/grub"},
}
#: Files with the line ends of Windows, which a repository does not keep.
_OF_WINDOWS = {("debian12", "line_ends_of_windows"): "etc/default/grub"}
#: How the family calls GRUB's programs, and where its grub.cfg is.
_GRUB2 = {"debian": ("grub", "boot/grub"), "ubuntu": ("grub", "boot/grub"), "rhel": ("grub2", "boot/grub2"), "sles": ("grub2", "boot/grub2")}


def need(program: str) -> pathlib.Path:
    """The program of this machine."""
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if found is None:
        if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
            pytest.skip(f"{program} is not installed")
        pytest.fail(f"{program} is not installed; `make system-packages` does that")
    return pathlib.Path(found)


@dataclasses.dataclass(frozen=True)
class Tree:
    """A system in a folder."""

    family: str
    case: str
    root: pathlib.Path

    @property
    def grub_cfg(self) -> pathlib.Path:
        """What GRUB reads."""
        return self.root / _grub2(self.family)[1] / "grub.cfg"

    def files(self) -> dict[str, bytes | str]:
        """All files by their path, and where the links lead; without the tools."""
        skipped = ("bin/", "lib/", "lib64/", "usr/share/", "usr/sbin/", "usr/bin/", "usr/lib/x86_64", "usr/lib/aarch64", "dev/")
        found: dict[str, bytes | str] = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if name.startswith(skipped) or (path.is_dir() and not path.is_symlink()):
                continue
            found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes()
        return found

    def kernels(self) -> list[str]:
        """The arguments of each kernel in grub.cfg, without its root."""
        return [" ".join(line.split()[4:]) for line in self.grub_cfg.read_text().splitlines() if re.match(r"\s*linux(16)?\s", line)]

    def terminal(self) -> list[str]:
        """What grub.cfg says of serial ports and terminals."""
        return [line.strip() for line in self.grub_cfg.read_text().splitlines() if re.match(r"\s*(serial|terminal_\w+)\s", line)]

    def run(self, *argv: str) -> str:
        """What one of its programs prints."""
        done = subprocess.run(["chroot", str(self.root), *argv], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _grub2(family: str) -> tuple[str, str]:
    return next(names for prefix, names in _GRUB2.items() if family.startswith(prefix))


def _install(tree: Tree) -> None:
    """Put the tools into a tree."""
    grub, folder = _grub2(tree.family)
    root = tree.root
    for path in ("bin", "usr/bin", "usr/sbin", "etc/grub.d", "etc/default/grub.d", "usr/share/grub", "dev", folder):
        (root / path).mkdir(parents=True, exist_ok=True)
    shutil.copy(need("busybox"), root / "bin/busybox")
    for name in _APPLETS.split():
        (root / "bin" / name).symlink_to("busybox")
    (root / "dev/null").touch()
    check = need("grub-script-check")
    shutil.copy(check, root / f"usr/bin/{grub}-script-check")
    for library in re.findall(r"(/\S+) \(", subprocess.run(["ldd", check], check=True, capture_output=True, text=True).stdout):
        (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, root / library[1:])
    text = need("grub-mkconfig").read_text()
    (root / f"usr/sbin/{grub}-mkconfig").write_text(text.replace("bindir}/grub-script-check", f"bindir}}/{grub}-script-check"))
    (root / f"usr/sbin/{grub}-mkconfig").chmod(0o755)
    shutil.copy("/usr/share/grub/grub-mkconfig_lib", root / "usr/share/grub/grub-mkconfig_lib")
    for name in ("00_header", "10_linux"):
        if not (root / "etc/grub.d" / name).exists():
            shutil.copy(f"/etc/grub.d/{name}", root / "etc/grub.d" / name)
    (root / "usr/bin/grub-editenv").symlink_to("/bin/true")
    shutil.copy(HERE / "standins/grub-probe", root / "usr/sbin/grub-probe")
    shutil.copy(HERE / "standins/grub-mkrelpath", root / "usr/bin/grub-mkrelpath")
    shutil.copy(HERE / "standins/systemctl", root / "usr/bin/systemctl")
    if tree.family.startswith("rhel"):
        shutil.copy(HERE / "standins/grubby", root / "usr/sbin/grubby")


def plant(family: str, case: str, folder: pathlib.Path) -> Tree:
    """Make a case's tree in a folder, with the grub.cfg that the installer would have made from what it shipped."""
    if os.geteuid() != 0:
        pytest.skip("the trees' programs are started by chroot, which root alone may do")
    tree = Tree(family, case, folder)
    shutil.copytree(HERE / "trees" / family / "shared", folder, dirs_exist_ok=True)
    _install(tree)
    if not (HERE / "trees" / family / case / tree.grub_cfg.relative_to(folder)).exists():
        tree.run(f"/usr/sbin/{_grub2(family)[0]}-mkconfig", "-o", f"/{tree.grub_cfg.relative_to(folder)}")
    tree.grub_cfg.parent.mkdir(exist_ok=True)
    if tree.grub_cfg.exists():
        tree.grub_cfg.chmod(0o600)
    shutil.copytree(HERE / "trees" / family / case, folder, dirs_exist_ok=True)
    for link, target in _LINKS.get((family, case), {}).items():
        (folder / link).parent.mkdir(parents=True, exist_ok=True)
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(target)
    if (family, case) in _OF_WINDOWS:
        file = folder / _OF_WINDOWS[family, case]
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    return tree


class Planter(t.Protocol):
    """Makes a case's tree."""

    def __call__(self, family: str, case: str) -> Tree: ...


@pytest.fixture
def make_tree(tmp_path: pathlib.Path) -> Planter:
    """Make a case's tree in a folder of this test."""
    return lambda family, case: plant(family, case, tmp_path / f"{family}.{case}")


PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Go on with what failed
      block:
        - name: Set the console
          ansible.builtin.include_role:
            name: lightsout.bmc.serial_console
      rescue:
        - name: Stay in the play
          ansible.builtin.meta: noop
    - name: Keep what came of it
      ansible.builtin.copy:
        content: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'serial_console_result'))) | to_json }}"
        dest: "{{ results }}"
        mode: "0600"
      run_once: true
      check_mode: false
      diff: false
"""


def play(trees: t.Mapping[str, Tree], folder: pathlib.Path, *arguments: str, **variables: t.Any) -> tuple[dict[str, dict[str, t.Any]], str]:
    """Run the role on trees, each as a host of its own; the module's results by host, and the whole output."""
    results = folder / "results.json"
    folder.mkdir(exist_ok=True)
    results.unlink(missing_ok=True)
    (folder / "play.yml").write_text(PLAY)
    hosts = {name: {"serial_console_root": str(tree.root)} for name, tree in trees.items()}
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "serial_console_become": False,
        "bmc_sol_port": 1,
        "bmc_sol_bit_rate": 115200,
        "results": str(results),
        **variables,
    }
    done = ansible(
        str(folder / "play.yml"),
        *arguments,
        inventory={"all": {"hosts": hosts, "vars": shared}},
        tmp_path=folder,
        program="ansible-playbook",
        timeout=300,
    )
    assert results.exists(), done.stdout + done.stderr
    said = json.loads(results.read_text())
    assert set(said) == set(trees), done.stdout + done.stderr
    return said, done.stdout + done.stderr

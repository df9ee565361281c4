# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module and the role make of each family's file tree: as shipped, as a cloud image, as a careless administrator left it.

Where `trees/<family>/<case>.after` exists, it holds all files that are other than before, but grub.cfg, which GRUB's own grub-mkconfig made.
"""

from __future__ import annotations

import dataclasses
import pathlib
import stat
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._system import RealSystem
from ansible_collections.lightsout.bmc.plugins.modules import os_console
from tests.integration.os_console.conftest import HERE, Planter, Tree, plant, play

CONSOLES = "console=tty0 console=ttyS1,115200n8"
SERIAL = ["serial --unit=1 --speed=115200 --word=8 --parity=no --stop=1", "terminal_input console serial", "terminal_output console serial"]
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
#: The link that systemctl makes.
ENABLED = "etc/systemd/system/getty.target.wants/serial-getty@ttyS1.service"


#: A tree of each family, for what takes Ansible's time.
ROLE = {("debian12", "careless"), ("rhel9", "careless"), ("sles15", "careless")}


@dataclasses.dataclass(frozen=True)
class Case:
    """What becomes of a tree.

    kernel: the arguments of the first entry in grub.cfg, None where the kernels have entries of their own. terminal: what grub.cfg says of it.
    """

    family: str
    name: str
    kernel: str | None
    terminal: tuple[str, ...] = tuple(SERIAL)

    @property
    def id(self) -> str:
        """Its name as a host."""
        return f"{self.family}-{self.name}".replace("_", "-")

    def after(self) -> dict[str, bytes | str]:
        """The files that are other than before, without grub.cfg."""
        found: dict[str, bytes | str] = {ENABLED: "/usr/lib/systemd/system/serial-getty@.service"}
        for folder in (HERE / "trees" / self.family / "shared.after", HERE / "trees" / self.family / f"{self.name}.after"):
            found.update({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()})
        return found


CASES = (
    Case("debian12", "as_shipped", f"{CONSOLES} quiet"),
    Case("debian12", "cloud_image", f"earlyprintk=ttyS0,115200 consoleblank=0 {CONSOLES} quiet"),
    Case("debian12", "careless", f'net.ifnames=0 dyndbg="file drivers/usb/* +p" console=hvc0 {CONSOLES} quiet splash'),
    Case("ubuntu2204", "as_shipped", f"{CONSOLES} quiet splash"),
    Case("ubuntu2204", "cloud_image", CONSOLES),
    Case("ubuntu2204", "uefi_with_redirection", f"{CONSOLES} quiet splash", ("terminal_input console", "terminal_output console")),
    Case("rhel7", "as_shipped", f"crashkernel=auto rd.lvm.lv=rhel/root rhgb quiet {CONSOLES}"),
    Case("rhel7", "careless", f"rd.lvm.lv=rhel/root crashkernel=auto {CONSOLES} quiet"),
    Case("rhel8", "as_shipped", None),
    Case("rhel9", "as_shipped", None),
    Case("rhel9", "careless", None),
    Case("rhel9", "another_console", None),
    Case("rhel9", "uefi_stub", None),
    Case("sles15", "as_shipped", f"{CONSOLES} splash=silent mitigations=auto quiet"),
    Case("sles15", "careless", f"nosimplefb=1 console=hvc0 {CONSOLES} splash=silent quiet"),
    Case("sles15", "linked", f"{CONSOLES} splash=silent mitigations=auto quiet"),
)

#: What cannot be brought there without breaking something, and what the failure says.
REFUSED = {
    ("debian12", "broken"): "/etc/default/grub: line 2: \" is not closed",
    ("debian12", "line_ends_of_windows"): "/etc/default/grub: it has line ends of Windows",
    ("debian12", "later_drop_in"): "zzz-local.cfg is read after /etc/default/grub.d/zz-serial-console.cfg and sets GRUB_CMDLINE_LINUX",
    ("debian12", "masked"): "serial-getty@ttyS1.service is masked",
    ("debian12", "proxmox"): "/boot/grub/grub.cfg is not what is started: proxmox-boot-tool",
    ("debian12", "rejected_menu"): "Syntax error at line",
    ("debian12", "failing_script"): "The disk of the other system is gone. Everything is as it was.",
    ("rhel7", "argument_by_grubby"): "intel_iommu=on, which /etc/default/grub does not say, so it would be lost",
    ("rhel8", "argument_by_grubby"): "intel_iommu=on, which /etc/default/grub does not say, so it would be lost",
    ("rhel9", "argument_by_grubby"): "intel_iommu=on, which /etc/default/grub does not say, so it would be lost",
    ("rhel9", "old_grubby"): "grub2_redhat is not as asked after all was done",
    ("rhel9", "failing_grubby"): "No space left on device. Everything is as it was.",
    ("sles15", "other_loader"): "the loader is 'grub2-bls'",
    ("sles15", "condition"): "GRUB_CMDLINE_LINUX is set by more than a plain assignment",
}


def run(tree: Tree, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The module's result."""
    return os_console.run({**OPTIONS, "root": str(tree.root), **options}, check_mode=check_mode)


def changes(before: dict[str, bytes | str], after: dict[str, bytes | str]) -> dict[str, bytes | str | None]:
    """The files that are not what they were."""
    return {name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_tree_comes_to_one_working_state(case: Case, make_tree: Planter) -> None:
    tree = make_tree(case.family, case.name)
    before = tree.files()
    foreseen = run(tree, check_mode=True)
    assert tree.files() == before
    done = run(tree)
    changed = changes(before, tree.files())
    grub_cfg = str(tree.grub_cfg.relative_to(tree.root))
    assert done["changed"] and foreseen["changed"]
    assert sorted(done["files"]) == sorted(f"/{name}" for name in changed)
    assert changed.pop(grub_cfg) is not None
    assert changed == case.after()
    assert tree.terminal() == list(case.terminal)
    assert stat.S_IMODE(tree.grub_cfg.stat().st_mode) == 0o600
    if case.kernel is not None:
        assert tree.kernels()[0] == case.kernel
    assert all(line.count("console=ttyS") == 1 for line in tree.kernels())
    # Check mode said exactly what was then written.
    assert foreseen["diff"] == done["diff"]
    system = RealSystem(str(tree.root))
    assert [system.read(each["after_header"]) for each in done["diff"]] == [each["after"] for each in done["diff"]]
    # Once more: nothing.
    again = run(tree)
    assert not again["changed"] and again["files"] == [] and again["diff"] == []


@pytest.mark.parametrize(("family", "name"), REFUSED)
def test_what_cannot_be_is_refused_with_why_and_nothing_is_changed(family: str, name: str, make_tree: Planter) -> None:
    tree = make_tree(family, name)
    before = tree.files()
    with pytest.raises(Refused) as refused:
        run(tree)
    assert REFUSED[family, name] in str(refused.value)
    assert tree.files() == before


@pytest.mark.parametrize("family", ["debian12", "rhel9", "sles15"])
def test_the_port_is_not_taken_from_xen(family: str, make_tree: Planter) -> None:
    tree = make_tree(family, "as_shipped")
    with tree.grub_cfg.open("a") as file:
        file.write("menuentry 'Xen' {\n\tmultiboot2 /boot/xen-4.17-amd64.gz placeholder\n}\n")
    before = tree.files()
    with pytest.raises(Refused, match="starts Xen"):
        run(tree)
    assert tree.files() == before


def test_the_stub_in_the_efi_partition_is_not_written(make_tree: Planter) -> None:
    tree = make_tree("rhel9", "uefi_stub")
    stub = tree.root / "boot/efi/EFI/redhat/grub.cfg"
    before = stub.read_text()
    run(tree)
    assert stub.read_text() == before and "configfile" in before


def test_a_configuration_in_the_efi_partition_is_made_anew(make_tree: Planter) -> None:
    """RHEL 7 and 8 on UEFI read it there, and have none in /boot/grub2."""
    tree = make_tree("rhel7", "as_shipped")
    target = tree.root / "boot/efi/EFI/redhat/grub.cfg"
    target.parent.mkdir(parents=True)
    tree.grub_cfg.rename(target)
    result = run(tree)
    assert "/boot/efi/EFI/redhat/grub.cfg" in result["files"]
    assert CONSOLES in target.read_text() and not tree.grub_cfg.exists()


@pytest.mark.parametrize(("family", "quiet", "kernel"), [
    ("debian12", True, f"{CONSOLES} quiet"),
    ("debian12", False, CONSOLES),
    ("sles15", True, f"{CONSOLES} splash=silent mitigations=auto quiet"),
    ("sles15", False, f"{CONSOLES} splash=silent mitigations=auto"),
    ("rhel7", False, f"crashkernel=auto rd.lvm.lv=rhel/root {CONSOLES}"),
])
def test_quiet_is_changed_by_the_option(family: str, quiet: bool, kernel: str, make_tree: Planter) -> None:
    tree = make_tree(family, "as_shipped")
    run(tree, quiet=quiet)
    assert tree.kernels()[0] == kernel
    assert not run(tree, quiet=quiet)["changed"]


def test_grubby_is_told_not_to_be_quiet_in_the_same_call(make_tree: Planter) -> None:
    tree = make_tree("rhel9", "as_shipped")
    run(tree, quiet=False)
    entries = [path.read_text() for path in (tree.root / "boot/loader/entries").iterdir()]
    assert len(entries) == 3 and not any("quiet" in entry or "rhgb" in entry for entry in entries)
    assert not run(tree, quiet=False)["changed"]


def test_grub_leaves_the_port_alone_where_it_shall(make_tree: Planter) -> None:
    tree = make_tree("debian12", "cloud_image")
    run(tree, grub_serial="off")
    assert tree.terminal() == ["terminal_input console", "terminal_output console"]
    assert run(tree, grub_serial="on")["changed"]
    assert tree.terminal() == SERIAL


def test_what_is_written_to_other_files_later_still_counts(make_tree: Planter) -> None:
    """Our drop-in takes what the others say each time that GRUB's configuration is made."""
    tree = make_tree("debian12", "as_shipped")
    run(tree)
    defaults = tree.root / "etc/default/grub"
    defaults.write_text(defaults.read_text().replace('LINUX=""', 'LINUX="mitigations=off console=ttyS0"'))
    tree.run("grub-mkconfig", "-o", "/boot/grub/grub.cfg")
    assert tree.kernels()[0] == f"mitigations=off {CONSOLES} quiet"
    assert not run(tree)["changed"]


def test_a_configuration_that_nobody_made_anew_is_made_anew(make_tree: Planter) -> None:
    """An earlier run was cut off between the files and GRUB, or somebody put an old grub.cfg back."""
    tree = make_tree("debian12", "as_shipped")
    old = tree.grub_cfg.read_bytes()
    run(tree)
    tree.grub_cfg.write_bytes(old)
    result = run(tree)
    assert result["changed"] and result["files"] == ["/boot/grub/grub.cfg"] and result["diff"] == []
    assert tree.kernels()[0] == f"{CONSOLES} quiet"


def test_another_port_and_rate_take_the_place_of_the_first(make_tree: Planter) -> None:
    tree = make_tree("rhel9", "as_shipped")
    run(tree)
    run(tree, port=0, bit_rate=57600, screen=False)
    entry = (tree.root / "boot/loader/entries/0123-0-rescue.conf").read_text()
    assert "quiet console=ttyS0,57600n8\n" in entry and entry.count("console=") == 1
    assert tree.terminal()[0] == "serial --unit=0 --speed=57600 --word=8 --parity=no --stop=1"


def test_no_login_is_a_condition_that_never_holds_and_goes_again(make_tree: Planter) -> None:
    tree = make_tree("debian12", "as_shipped")
    drop_in = tree.root / "etc/systemd/system/serial-getty@ttyS1.service.d/zz-serial-console.conf"
    run(tree, login=False)
    assert "ConditionPathExists=!/" in drop_in.read_text()
    assert not run(tree, login=False)["changed"]
    run(tree)
    assert not drop_in.exists()


def test_a_system_without_a_known_loader_is_refused(make_tree: Planter) -> None:
    tree = make_tree("debian12", "as_shipped")
    tree.grub_cfg.unlink()
    with pytest.raises(Refused, match="no loader was found whose configuration is known; looked for: grub2_debian"):
        run(tree)


def test_links_of_the_tree_do_not_lead_out_of_it(make_tree: Planter, tmp_path: pathlib.Path) -> None:
    tree = make_tree("debian12", "as_shipped")
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tree.root / "etc/default/grub.d"
    folder.rmdir()
    folder.symlink_to("../" * 20 + str(outside))
    run(tree)
    assert list(outside.iterdir()) == []
    assert (tree.root / str(outside)[1:] / "zz-serial-console.cfg").exists()


def test_the_role_does_the_same_on_all_of_them(tmp_path: pathlib.Path) -> None:
    """Check mode, for real, and once more; a tree of each family is a host of one play."""
    cases = [case for case in CASES if (case.family, case.name) in ROLE]
    trees = {case.id: plant(case.family, case.name, tmp_path / case.id) for case in cases}
    trees["refused"] = plant("debian12", "rejected_menu", tmp_path / "refused")
    before = {name: tree.files() for name, tree in trees.items()}
    foreseen, shown = play(trees, tmp_path / "play", "--check", "--diff")
    assert {name: tree.files() for name, tree in trees.items()} == before
    assert "+GRUB_TERMINAL=" in shown
    done, _output = play(trees, tmp_path / "play")
    assert done.pop("refused")["reason"] == "refused" and foreseen.pop("refused")["changed"]
    assert trees["refused"].files() == before["refused"]
    for case in cases:
        changed = changes(before[case.id], trees[case.id].files())
        changed.pop(str(trees[case.id].grub_cfg.relative_to(trees[case.id].root)))
        assert changed == case.after(), case.id
        assert foreseen[case.id]["parts"] == done[case.id]["parts"]
        # Nothing runs from a tree.
        assert done[case.id]["reboot_needed"] is False
    del trees["refused"]
    again, _output = play(trees, tmp_path / "play")
    assert {name for name, result in again.items() if result["changed"]} == set()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's documentation is its argument spec's, its result is documented, and its main() fails as a module does."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.lightsout.bmc.plugins.modules.os_console import SPEC, main
from tests.unit.plugins.documented import as_documented, as_specified, options, undocumented

TTYS = """\
ttyv0 "/usr/libexec/getty Pc" xterm onifexists secure
ttyu0 "/usr/libexec/getty 3wire" vt100 onifconsole secure
ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole secure
"""


@pytest.fixture
def freebsd(tmp_path: pathlib.Path) -> pathlib.Path:
    """A tree whose files are all that is needed: no program of it is started."""
    for path, text in {"boot/loader.conf": 'password="Sesam"\n', "boot/defaults/loader.conf": "", "etc/ttys": TTYS, "boot/loader": ""}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def ran(capsys: pytest.CaptureFixture[str], **arguments: t.Any) -> dict[str, t.Any]:
    """What the module prints."""
    with patch_module_args(arguments), pytest.raises(SystemExit):
        main()
    result: dict[str, t.Any] = json.loads(capsys.readouterr().out)
    return result


def test_the_documentation_says_what_the_spec_says() -> None:
    assert as_specified(options("os_console")) == as_documented(SPEC)


def test_the_result_is_documented(freebsd: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(freebsd))
    assert result["changed"], result
    assert not undocumented("os_console", result) - {"invocation"}


def test_the_device_is_called_as_the_system_does(freebsd: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(freebsd))
    assert (result["device"], result["found_by"], result["bit_rate"]) == ("ttyu1", "given", 115200)


def test_a_wish_that_the_system_cannot_fulfil_is_a_warning(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boot/grub").mkdir(parents=True)
    (tmp_path / "boot/grub/menu.lst").write_text("title A loader, and nothing that starts logins\nkernel /vmlinuz ro\n")
    warned: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda module, text: warned.append(text))
    result = ran(capsys, port=1, root=str(tmp_path), login=False, root_login=True)
    assert "root_login does nothing here" in result["notes"][0] and warned == result["notes"]


def test_the_hint_of_the_bmc_counts_where_nothing_else_tells(freebsd: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port_hint=0, root=str(freebsd))
    assert (result["port"], result["found_by"]) == (0, "bmc")


def test_a_tree_is_not_asked_for_this_machine_s_port(freebsd: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, root=str(freebsd))
    assert result["failed"] and result["reason"] == "refused" and "Say it with the option port" in result["msg"]


def test_a_loader_s_password_is_in_no_output(freebsd: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(freebsd), _ansible_diff=True)
    assert "Sesam" not in json.dumps(result) and 'password=(hidden)' in json.dumps(result["diff"])
    assert 'password="Sesam"' in (freebsd / "boot/loader.conf").read_text()


def legacy(root: pathlib.Path, arguments: str) -> pathlib.Path:
    """A tree with GRUB legacy, which is all files, too."""
    (root / "boot/grub").mkdir(parents=True)
    (root / "boot/grub/menu.lst").write_text(f"title A loader, and nothing that starts logins\nkernel /vmlinuz ro {arguments}\n")
    return root


@pytest.mark.parametrize(
    "arguments", ["rd.iscsi.password=Sesam", "rd.iscsi.in.password=Sesam quiet", 'x.passwd="a Sesam"', "netroot=iscsi:john:Sesam@192.0.2.1::3260::iqn.x"]
)
def test_a_password_among_the_kernel_s_arguments_is_in_no_output(arguments: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(legacy(tmp_path, arguments)), login=False, _ansible_diff=True)
    assert result["changed"] and "Sesam" not in json.dumps(result) and "(hidden)" in json.dumps(result["diff"])
    assert arguments in (tmp_path / "boot/grub/menu.lst").read_text()


def test_a_refusal_does_not_tell_a_password(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(legacy(tmp_path, 'rd.iscsi.password=Sesam "not closed')), login=False)
    assert result["failed"] and "is not closed" in result["msg"] and "Sesam" not in json.dumps(result)


@pytest.mark.parametrize(
    ("crypttab", "asked"),
    [
        ("# root\nroot_crypt UUID=6b2a none luks,discard\n", True),
        ("root_crypt /dev/vda3\n", True),
        ("root_crypt /dev/vda3 - tpm2-device=auto\n", True),
        ("swap /dev/vda2 /dev/urandom swap\ndata /dev/vdb /etc/keys/data luks\n", False),
        ("", False),
    ],
)
def test_whoever_types_a_disk_s_passphrase_is_told_where(
    crypttab: str, asked: bool, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnsibleModule, "warn", lambda module, text: None)
    legacy(tmp_path, "quiet")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/crypttab").write_text(crypttab)
    first, second = (ran(capsys, port=1, root=str(tmp_path), login=False)["notes"] for _run in range(2))
    assert [("passphrase" in note and "ttyS1" in note) for note in first] == [True] * asked
    assert second == [], "it is said when it changes"


def test_a_root_that_is_no_folder_is_refused(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(tmp_path / "none"))
    assert result["failed"] and result["reason"] == "refused" and "is no folder" in result["msg"]


def test_a_system_that_is_not_known_is_refused(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, port=1, root=str(tmp_path))
    assert result["failed"] and "no loader was found" in result["msg"] and "grub2_debian" in result["msg"]

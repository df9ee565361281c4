# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root on the serial port, by /etc/securetty."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._securetty import Securetty
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree, converge

ASKS = "auth [user_unknown=ignore success=ok ignore=ignore default=bad] pam_securetty.so"
LISTED = "console\ntty1\nttyS0\nttyS1\nttyS10\n"


def tree(securetty: str | None, login: str = ASKS + " noconsole\n") -> Tree:
    files = {"/lib/systemd/systemd": "", "/etc/pam.d/login": login}
    return Tree(files if securetty is None else {**files, "/etc/securetty": securetty})


@pytest.mark.parametrize(
    ("before", "root_login", "after"),
    [
        ("console\ntty1\n", True, "console\ntty1\nttyS1\n"),
        ("console\ntty1", True, "console\ntty1\nttyS1\n"),
        ("", True, "ttyS1\n"),
        ("#ttyS1\n", True, "#ttyS1\nttyS1\n"),
        ("tty1\r\n", True, "tty1\r\nttyS1\r\n"),
        (LISTED, True, LISTED),
        ("ttyS1 # the BMC's\n", True, "ttyS1 # the BMC's\n"),
        (LISTED, False, "console\ntty1\nttyS0\nttyS10\n"),
        ("ttyS1\n ttyS1 # twice\ntty1\n", False, "tty1\n"),
        ("tty1\n", False, "tty1\n"),
        (LISTED, None, LISTED),
    ],
)
def test_the_port_s_line_is_in_the_file_as_wished(before: str, root_login: bool | None, after: str) -> None:
    done, _plan = converge(Securetty(), tree(before), dataclasses.replace(COM2, root_login=root_login))
    assert done.files["/etc/securetty"] == after


@pytest.mark.parametrize(
    ("login", "root_login", "note"),
    [
        (ASKS + " noconsole\n", True, "exclude that rule"),
        (ASKS + "\n", False, "give it the option noconsole"),
        (ASKS + " noconsole\n", False, None),
        (ASKS + " noconsole\n", None, None),
    ],
)
def test_what_else_decides_is_told(login: str, root_login: bool | None, note: str | None) -> None:
    notes = Securetty().plan(tree(LISTED, login), dataclasses.replace(COM2, root_login=root_login)).notes
    assert [note] == [note for told in notes if note and note in told] if note else notes == ()


@pytest.mark.parametrize(
    ("system", "why"),
    [(tree(None), "there is no such file"), (tree("tty1\n", "auth required pam_unix.so\n# " + ASKS + "\n"), "does not ask for it")],
)
def test_where_the_file_keeps_nobody_out_only_a_prohibition_is_refused(system: Tree, why: str) -> None:
    assert not Securetty().plan(system, dataclasses.replace(COM2, root_login=True)).changed
    with pytest.raises(Refused, match=f"cannot keep root from logging in on ttyS1: .*{why}"):
        Securetty().plan(system, dataclasses.replace(COM2, root_login=False))


def test_it_starts_no_login_and_so_is_not_there_without_an_init_that_does() -> None:
    assert not Securetty().applies(Tree({"/etc/securetty": "tty1\n"}))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the consoles' logs over the days: conserver's own rotation on a clock that runs fast, and logrotate."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import time
import typing as t

from tests.integration.console_server.conftest import Site, need, wait_for
from tests.integration.console_server.test_conman import OPEN_TO_ALL
from tests.integration.person import Person

Maker = t.Callable[..., Site]
DAY = 86400


def play(site: Site) -> None:
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr


def logrotate(site: Site) -> None:
    """The run of the day on which it sees the logs first, and that of two days later."""
    state = site.folder / "state"
    for _day in range(2):
        done = subprocess.run([need("logrotate"), "--state", str(state), str(site.folder / "logrotate")], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        # The last day stands behind each name. By force it would not look at the age.
        earlier = time.strftime(" %Y-%m-%d-1:0:0", time.localtime(time.time() - 2 * DAY))
        state.write_text(re.sub(r" \d+-\d+-\d+-\d+:\d+:\d+$", earlier, state.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")


def aged(path: pathlib.Path, days: int) -> pathlib.Path:
    then = time.time() - days * DAY
    path.write_text("long ago\n", encoding="ascii")
    os.utime(path, (then, then))
    return path


def test_conserver_rotates_by_size_and_what_is_too_old_is_deleted(make_site: Maker) -> None:
    site = make_site(console_server_log_max="2k", console_server_log_days=10)
    play(site)
    site.start_program()
    # It looks at the sizes every five minutes.
    site.start_conserver(need("faketime"), "-f", "+0 x60")
    site.logs("n1", "the console is open")
    logs = site.folder / "logs"
    with site.console("al", "n1") as person:
        person.sees("Enter")
        while len(site.log("n1")) < 2500:
            person.types("\r" * 20)
            person.sees("login:")
        (rotated,) = wait_for(lambda: list(logs.glob("n1.log-*")), "conserver did not rotate the log")
        person.types("\r" * 3)
        site.logs("n1", "login:")
    assert "the console is open" in rotated.read_text(encoding="latin-1")
    kept, old = aged(logs / "n2.log-20261110-120000", 9), aged(logs / "n2.log-20261108-120000", 12)
    silent = aged(logs / "n3.log", 40)
    logrotate(site)
    assert not old.exists()
    assert kept.exists() and rotated.exists() and silent.exists() and (logs / "n1.log").exists()


def test_conmans_logs_are_rotated_and_it_goes_on_in_new_ones(make_site: Maker) -> None:
    site = make_site(**OPEN_TO_ALL)
    play(site)
    site.start_program()
    site.start_conman()
    site.logs("n1", "the console is open")
    logs = site.folder / "logs"
    old = aged(logs / "n1.log-20261001", 40)
    logrotate(site)
    wait_for((logs / "n1.log").exists, "conman did not make a new log")
    (rotated,) = logs.glob("n1.log-*")
    assert not old.exists()
    assert "the console is open" in rotated.read_text(encoding="latin-1")
    assert "the console is open" not in site.log("n1")
    with Person(need("conman"), "-d", f"127.0.0.1:{site.port}", "n1") as client:
        client.sees("Connection to console [n1] opened")
        client.types("\r")
        client.sees("login:")
    site.logs("n1", "login:")

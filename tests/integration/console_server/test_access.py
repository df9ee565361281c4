# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets in: TLS with real certificates, access lists, and who has no place on them. The client is Debian's `console`."""

from __future__ import annotations

import pathlib
import typing as t

from tests.integration.console_server.authority import Authority
from tests.integration.console_server.conftest import NAMES, Site

Maker = t.Callable[..., Site]


def start(site: Site) -> None:
    done = site.play()
    assert done.returncode == 0, done.stdout + done.stderr
    site.start_program()
    site.start_conserver()


def test_tls_refuses_who_has_no_certificate_of_the_site_and_serves_who_has_one(make_site: Maker, tmp_path: pathlib.Path) -> None:
    ours, foreign = Authority("site"), Authority("elsewhere")
    server, anybody = ours.issue(tmp_path / "server.pem"), foreign.issue(tmp_path / "anybody.pem")
    trusted, other = ours.certificate(tmp_path / "ca.pem"), foreign.certificate(tmp_path / "other.pem")
    person = ours.issue(tmp_path / "al.pem")
    site = make_site(console_server_tls={"required": True, "certificate": str(server), "ca": str(trusted), "client_certificates": True})
    start(site)
    site.logs("n1", "the console is open")
    # The site left the key readable for all.
    assert server.stat().st_mode & 0o777 == 0o400

    def config(name: str, ca: pathlib.Path, credentials: pathlib.Path | None) -> str:
        path = tmp_path / name
        shown = "" if credentials is None else f" sslcredentials {credentials};"
        path.write_text(f"config * {{ sslrequired yes; sslcacertificatefile {ca};{shown} }}\n", encoding="ascii")
        return str(path)

    assert "encryption required" in site.ask("al", "-E", "-u")
    for refused in (config("without", trusted, None), config("of another", trusted, anybody)):
        assert " n1 " not in site.ask("al", "-C", refused, "-u")
    # Nor does a client who knows better take this server for its own.
    assert "certificate verify failed" in site.ask("al", "-C", config("wary", other, person), "-u")
    with site.console("al", "n1", "-C", config("good", trusted, person)) as client:
        client.sees("Enter")
        client.types("\r")
        client.sees("login:")


def test_a_reader_cannot_write_and_who_is_on_no_list_sees_nothing_of_a_console(make_site: Maker) -> None:
    site = make_site(console_server_admins=["al"])
    site.hosts["n2"]["console_server_outside"] = ["acme"]
    site.hosts["n3"]["console_server_read"] = ["bo"]
    start(site)
    for name in NAMES:
        site.logs(name, "the console is open")
    with site.console("zoe", "n1") as reader:
        reader.sees("read-only")
        # By force, with a break, down, and by what is typed.
        for keys in ("\x05cf", "\x05cl0", "\x05cd", "reboot\r"):
            reader.types(keys)
        with site.console("al", "n1") as writer:
            writer.sees("Enter")
            writer.types("\r")
            writer.sees("login:")
            reader.sees("login:")
        assert "reboot" not in reader.printed
    assert "sysrq" not in site.log("n1") and "reboot" not in site.log("n1")
    # zoe may read n1, and neither she nor a stranger gets at the others, in whatever way they ask for them.
    for user, name in (("zoe", "n3"), ("mallory", "n1"), ("mallory", "n2"), ("acme", "n1"), ("acme", "n3")):
        for way in ((), ("-s",), ("-f",), ("-A",)):
            assert "permission denied" in site.ask(user, *way, name), (user, way, name)
    for command in ("quit", "reconfig", "bringup"):
        site.ask("mallory", "-z", command)
    with site.console("acme", "n2") as outside:
        outside.sees("Enter")
        # He cannot go on from there to another machine.
        outside.types("\x05c;")
        outside.types("\r")
        outside.sees("login:")
        assert outside.there


def test_a_break_reaches_the_host_by_the_key_of_the_console_too(make_site: Maker) -> None:
    site = make_site()
    start(site)
    site.logs("n1", "the console is open")
    with site.console("al", "n1") as person:
        person.sees("Enter")
        person.types("\x05cl0")
        person.sees("halt sent")
        person.types("h")
        # The kernel's help about its magic keys.
        person.sees("sysrq: HELP")

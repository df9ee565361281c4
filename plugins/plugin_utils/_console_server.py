# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The fleet's consoles as a console server's configuration: planned for all hosts, and checked, before anything is written.

conserver.cf is the same on all console servers. Each console has one of them as its master, chosen by rendezvous
hashing: a server that drops out leaves its consoles to the others, and no other console moves.
"""

from __future__ import annotations

import hashlib
import math
import re
import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.lightsout.bmc.plugins.module_utils._console_relay import BREAK, Entry
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

Values = t.Mapping[str, t.Any]

#: What a console's name may be: it is a file's name, a word of both configurations, and an argument.
_NAME: t.Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
#: What a user, a user group (@ is one of the system's) or a client may be called.
_USER: t.Final = re.compile(r"@?[A-Za-z0-9_][A-Za-z0-9._@\\*-]*")
_CLIENT: t.Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:/_-]*")
#: A path or a size, as it may stand in a quoted text of both.
_PLAIN: t.Final = re.compile(r"[A-Za-z0-9._/:+@&,=-]+")
#: Consoles of one of conserver's processes: its own default, and what leaves room for users.
_FEWEST_MEMBERS, _MOST_MEMBERS = 16, 128
#: The longest name of a Unix socket, in bytes.
_LONGEST_SOCKET: t.Final = 107
#: What the table has for each console, by the host's variable.
_BMC: t.Final = {
    "bmc_port": "port",
    "bmc_user": "user",
    "bmc_password": "password",
    "bmc_kg": "kg",
    "bmc_timeout": "timeout",
}
#: Those that are texts, also where YAML takes them for numbers.
_TEXTS: t.Final = frozenset({"user", "password", "kg"})
_GUARD: t.Final = {
    "console_server_privilege": "privilege",
    "console_server_instance": "instance",
    "console_server_policy": "policy",
    "console_server_idle_for": "idle_for",
    "console_server_idle_counts_held": "idle_counts_held",
    "console_server_interval": "interval",
}
#: All that is looked at of a host, besides its rack.
VARIABLES: t.Final = ("bmc_host", *_BMC, *_GUARD, "console_server_read", "console_server_write", "console_server_outside")


@dataclass(frozen=True)
class Console:
    """One host's console."""

    name: str
    rack: str
    master: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    outside: tuple[str, ...]
    row: Values = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """What is written, or why nothing is."""

    problems: t.Sequence[str]
    consoles: t.Sequence[Console]
    conserver: str
    conman: t.Mapping[str, str]  #: for each server its own: conman knows of no others
    at_start: str  #: what of conserver.cf conserver reads only when it starts
    members: int  #: how many consoles one of its processes has
    table: t.Mapping[str, t.Any] = field(repr=False)


def master(name: str, servers: t.Sequence[str]) -> str:
    """The server that has a console: the highest of the hashes of the console with each server."""
    return max(servers, key=lambda server: hashlib.sha256(f"{name}\0{server}".encode()).digest())


def members(consoles: int, servers: int) -> int:
    """How many consoles one of conserver's processes shall have (its option -m).

    It sleeps 0.75 s after each process that it starts, and a process 0.25 s for each console that it opens again: with m consoles each, n consoles
    take n / m * 0.75 s after its start, and m * 0.25 s after a restart of what is behind them. Both are the same for the root of 3 n. Only powers of
    two, because a change restarts conserver. A process has two files for each console and one for each user, and may have 1,024.
    """
    best = math.log2(max(1.0, 3 * consoles / max(1, servers))) / 2
    return min(_MOST_MEMBERS, max(_FEWEST_MEMBERS, 1 << round(best)))


def plan(hosts: t.Sequence[str], variables: t.Mapping[str, Values], settings: Values) -> Plan:
    """Plan for all `hosts`; those without `bmc_host` have no console. `settings` are the role's variables.

    Nothing is raised for what a site wrote: `problems` has a line for each thing that cannot be.
    """
    problems = list(_wrong_settings(settings))
    down = set(settings["down"])
    servers = [server for server in settings["servers"] if server not in down]
    if not servers:
        problems.append("no console server is left: console_server_servers has none that console_server_down does not name")
    consoles: list[Console] = []
    for host in hosts:
        values = variables[host]
        if not values.get("bmc_host"):
            continue
        wrong, console = _console(host, values, settings, servers or ["-"])
        problems += [f"{host}: {text}" for text in wrong]
        if console is not None:
            consoles.append(console)
    problems += _collisions(consoles)
    if not consoles and not problems:
        problems.append("none of the hosts has bmc_host: there is no console to serve")
    if settings["kind"] == "conman":
        problems += _not_with_conman(consoles, settings)
    if problems:
        return Plan(problems, consoles, "", {}, "", 0, {})
    consoles.sort(key=lambda console: (_natural(console.rack), _natural(console.name)))
    return Plan(
        [],
        consoles,
        conserver_cf(consoles, settings),
        {server: conman_conf(consoles, settings, server) for server in servers},
        _config(settings),
        members(len(consoles), len(settings["servers"])),
        {"folder": settings["socket_folder"], "consoles": {console.name: dict(console.row) for console in consoles}},
    )


def _natural(text: str) -> list[tuple[int, str]]:
    """node2 before node10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text) if part]


def _wrong_settings(settings: Values) -> t.Iterator[str]:
    for name in ("socket_folder", "program", "log_folder", "log_max", "timestamp", "passwd_file", "server_log", "conman_pidfile"):
        if not _PLAIN.fullmatch(str(settings[name])):
            yield f"console_server_{name} {settings[name]!r} is empty, or has characters that a configuration cannot hold"
    lists = [name for name in ("allowed", "trusted", "servers", "down", "admins", "limited") if not isinstance(settings[name], (list, tuple))]
    yield from (f"console_server_{name} must be a list" for name in lists)
    if lists:
        return  # the characters of a text are no names
    for name in ("allowed", "trusted", "servers", "down"):
        yield from (f"console_server_{name} {one!r} is no name or address" for one in settings[name] if not _CLIENT.fullmatch(str(one)))
    yield from (f"console_server_down names {one}, which is no console server" for one in settings["down"] if one not in settings["servers"])
    for name in ("admins", "limited"):
        yield from (f"console_server_{name}: {one!r} is no user's name" for one in settings[name] if not _USER.fullmatch(str(one)))
    yield from _wrong_groups(settings["user_groups"])
    yield from _wrong_breaks(settings["breaks"])
    yield from _wrong_tls(settings["tls"])
    yield from _no_answer("conman_loopback", settings["conman_loopback"])
    if int(settings["log_days"]) < 1:
        yield f"console_server_log_days is {settings['log_days']}; it must be at least 1"


def _wrong_groups(groups: Values) -> t.Iterator[str]:
    wrong = [group for group, users in groups.items() if not isinstance(users, (list, tuple))]
    yield from (f"console_server_user_groups: {group} must be a list" for group in wrong)
    if wrong:
        return
    for group, users in groups.items():
        yield from (f"console_server_user_groups: {one!r} is no name" for one in (group, *users) if not _USER.fullmatch(str(one)))
        if not _members(group, groups):
            # conserver has no such group, and would take its name on a list for a user's.
            yield f"console_server_user_groups: {group} has no users"


def _wrong_breaks(breaks: Values) -> t.Iterator[str]:
    for key, sequence in breaks.items():
        if not re.fullmatch(r"[2-9a-z]", str(key)) or '"' in str(sequence) or not _is_whole(str(sequence)):
            yield f"console_server_breaks: {key!r} must be 2 to 9 or a letter, and its sequence printable, without quotes, and no backslash its end"


def _is_whole(sequence: str) -> bool:
    """Whether it can be printed, and does not end with a backslash, which would take the quote behind it."""
    return sequence.isprintable() and (len(sequence) - len(sequence.rstrip("\\"))) % 2 == 0


def _wrong_tls(tls: Values) -> t.Iterator[str]:
    for name in ("certificate", "ca"):
        value = tls.get(name)
        if value and not _PLAIN.fullmatch(str(value)):
            yield f"console_server_tls.{name} {value!r} is no path"
    wrong = [*_no_answer("tls.required", tls.get("required")), *_no_answer("tls.client_certificates", tls.get("client_certificates"))]
    yield from wrong
    if wrong:
        return
    if _yes("client_certificates", tls.get("client_certificates")) and not (tls.get("certificate") and tls.get("ca")):
        yield "console_server_tls.client_certificates needs certificate and ca: without them no client gets in"


def _console(host: str, values: Values, settings: Values, servers: t.Sequence[str]) -> tuple[list[str], Console | None]:
    wrong: list[str] = []
    if not _NAME.fullmatch(host):
        wrong.append("a console's name has letters, digits, dots, dashes and underscores, at most 63")
    if len(f"{settings['socket_folder']}/{host}".encode()) > _LONGEST_SOCKET:
        wrong.append(f"its socket in {settings['socket_folder']} would have a name of more than {_LONGEST_SOCKET} bytes")
    lists = {name: _people(name, values, settings, wrong) for name in ("read", "write", "outside")}
    row: dict[str, t.Any] = {}
    try:
        row = _row(values, settings)
        entry = Entry.from_table(host, row)
    except (BadOption, ValueError, TypeError) as error:
        # Only our own exceptions are known to repeat no secret.
        wrong.append(str(error) if isinstance(error, BadOption) else "bmc_port, bmc_timeout or console_server_* is no number where one is needed")
    else:
        if entry.policy == "if_idle_for" and entry.idle_for <= 0:
            wrong.append("console_server_policy is if_idle_for, and console_server_idle_for does not say for how many seconds")
    rack = str(values.get(settings["rack_variable"]) or "none")
    return wrong, None if wrong else Console(host, rack, master(host, servers), lists["read"], lists["write"], lists["outside"], row)


def _collisions(consoles: t.Sequence[Console]) -> t.Iterator[str]:
    """conserver takes node1 and Node1 for one console; and of two entries for one console each would wait for the other."""
    names: dict[str, str] = {}
    places: dict[tuple[str, ...], str] = {}
    for console in consoles:
        row = console.row
        first = names.setdefault(console.name.lower(), console.name)
        if first != console.name:
            yield f"{console.name}: its name differs from {first} in nothing but capital letters"
        first = places.setdefault((row["host"].lower(), str(row.get("port", 623)), str(row["instance"])), console.name)
        if first != console.name:
            yield f"{console.name}: it has the same console as {first} (bmc_host); leave one of them out of console_server_consoles"


def _people(name: str, values: Values, settings: Values, wrong: list[str]) -> tuple[str, ...]:
    """One of the lists of users; the host's own goes over the role's."""
    given = values.get(f"console_server_{name}")
    given = settings[name] if given is None else given
    if not isinstance(given, (list, tuple)) or not all(_USER.fullmatch(str(user)) or user == "*" for user in given):
        wrong.append(f"console_server_{name} must be a list of users' names")
        return ()
    return tuple(str(user) for user in given)


def _row(values: Values, settings: Values) -> dict[str, t.Any]:
    """The console's row of the table that the program reads."""
    row: dict[str, t.Any] = {"host": str(values["bmc_host"])}
    row |= {key: str(values[name]) if key in _TEXTS else values[name] for name, key in _BMC.items() if values.get(name) is not None}
    for name, key in _GUARD.items():
        value = values.get(name)
        value = settings.get(key) if value is None else value
        if value is not None:
            row[key] = value
    # A text from -e name=value or from an inventory in INI: every one but the empty would count as a yes.
    row["idle_counts_held"] = _yes("console_server_idle_counts_held", row["idle_counts_held"])
    return row


def _no_answer(name: str, value: t.Any) -> t.Iterator[str]:
    try:
        _yes(f"console_server_{name}", value)
    except BadOption as error:
        yield str(error)


def _yes(name: str, value: t.Any) -> bool:
    """A yes or a no, in whatever way Ansible lets them be written. Raises BadOption."""
    try:
        return value is not None and bool(boolean(value))
    except TypeError:
        raise BadOption(f"{name} is {value!r}; it must be true or false") from None


def _not_with_conman(consoles: t.Sequence[Console], settings: Values) -> t.Iterator[str]:
    """conman would let everybody do everything where the site says otherwise."""
    named = [console.name for console in consoles if console.outside or set(console.read + console.write) - {"*"}]
    if named or settings["limited"]:
        yield f"conman has no access lists: take conserver, or leave console_server_read, write, outside and limited out ({', '.join(named[:5])})"
    if boolean(settings["tls"].get("required"), strict=False):
        yield "conman has no TLS: take conserver, or set console_server_tls.required to false"


# conserver


def conserver_cf(consoles: t.Sequence[Console], settings: Values) -> str:
    """conserver.cf, the same for all servers."""
    # An access list may name a group only after its definition. So may a group: each has all of its people itself.
    groups = settings["user_groups"]
    blocks = [_block(f"group {name}", [("users", _users(_members(name, groups)))]) for name in groups]
    blocks += [_config(settings), _access(consoles, settings), *_breaks(settings), _default(settings)]
    rack = None
    outside = {user for console in consoles for user in console.outside}
    for console in consoles:
        if console.rack != rack:
            rack = console.rack
            blocks.append(f"# Rack {_comment(rack)}")
        blocks.append(_entry(console, outside - set(console.outside)))
    head = "# Written by the role lightsout.bmc.console_server: changes here are lost."
    return "\n".join([head, *blocks]) + "\n"


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _block(head: str, keywords: t.Sequence[tuple[str, str]]) -> str:
    return "\n".join([f"{head} {{", *(f"    {name} {value};" for name, value in keywords), "}"])


def _users(users: t.Iterable[str]) -> str:
    return ",".join(dict.fromkeys(users))


def _members(group: str, groups: Values, within: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A group's users, those of the groups that it names included. Its own name among them is a user's."""
    found: list[str] = []
    for name in map(str, groups[group]):
        if name in groups and name != group:
            found += () if name in within else _members(name, groups, (*within, group))
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _config(settings: Values) -> str:
    tls = settings["tls"]
    keywords = [
        ("primaryport", str(settings["port"])),
        ("secondaryport", str(settings["secondary_port"])),
        ("passwdfile", settings["passwd_file"]),
        ("logfile", settings["server_log"]),
        ("defaultaccess", "rejected"),
        # A client that asks the wrong server is sent to the console's master.
        ("redirect", "yes"),
        ("sslrequired", "yes" if _yes("console_server_tls.required", tls.get("required")) else "no"),
    ]
    if tls.get("certificate"):
        keywords.append(("sslcredentials", tls["certificate"]))
    if tls.get("ca"):
        keywords.append(("sslcacertificatefile", tls["ca"]))
    if _yes("console_server_tls.client_certificates", tls.get("client_certificates")):
        keywords.append(("sslreqclientcert", "yes"))
    return _block("config *", keywords)


def _access(consoles: t.Sequence[Console], settings: Values) -> str:
    outside = sorted({user for console in consoles for user in console.outside})
    lists = [
        ("trusted", settings["trusted"]),
        ("allowed", settings["allowed"]),
        ("admin", settings["admins"]),
        # No shell, no suspending, no hopping to another console.
        ("limited", [*settings["limited"], *outside]),
    ]
    return _block("access *", [(name, _users(users)) for name, users in lists if users])


def _breaks(settings: Values) -> list[str]:
    ours = BREAK.replace(b"\x1b", rb"\033").replace(b"\x07", rb"\007").decode()
    blocks = [_block("break 1", [("string", f'"{ours}"')])]
    for key, sequence in settings["breaks"].items():
        # \z is conserver's own word for a serial break, which goes nowhere without a serial port.
        blocks.append(_block(f"break {key}", [("string", '"' + str(sequence).replace(r"\z", ours) + '"')]))
    return blocks


def _default(settings: Values) -> str:
    if settings["relay"] == "exec":
        way = [("type", "exec"), ("exec", f'"{settings["program"]} %"'), ("execsubst", '"%=cs"'), ("options", "!ixon")]
    else:
        way = [("type", "uds"), ("uds", f'"{settings["socket_folder"]}/%"'), ("udssubst", '"%=cs"')]
    rest = [
        ("logfile", f'"{settings["log_folder"]}/&.log"'),
        ("logfilemax", str(settings["log_max"])),
        ("timestamp", str(settings["timestamp"])),
        ("break", "1"),
        ("options", "autoreinit,reinitoncc"),
    ]
    return _block("default bmc", way + rest)


def _entry(console: Console, strangers: t.Collection[str]) -> str:
    """A console; `strangers` are people from outside that other machines are opened to, whom no list lets in here."""
    keywords = [("include", "bmc"), ("master", console.master)]
    without = tuple(f"!{user}" for user in sorted(strangers))
    if console.read:
        keywords.append(("ro", _users(console.read + without)))
    if console.write or console.outside:
        keywords.append(("rw", _users(console.write + without + console.outside)))
    return _block(f"console {console.name}", keywords)


# conman


def conman_conf(consoles: t.Sequence[Console], settings: Values, server: str) -> str:
    """conman.conf of one server."""
    lines = [
        "# Written by the role lightsout.bmc.console_server: changes here are lost.",
        "server keepalive=on",
        f"server loopback={'on' if _yes('console_server_conman_loopback', settings['conman_loopback']) else 'off'}",
        f"server port={settings['conman_port']}",
        f'server logfile="{settings["server_log"]}"',
        f'server pidfile="{settings["conman_pidfile"]}"',
        f'global log="{settings["log_folder"]}/%N.log"',
        'global logopts="timestamp"',
    ]
    way = "{program} {name}" if settings["relay"] == "exec" else "unix:{folder}/{name}"
    rack = None
    for console in consoles:
        if console.master != server:
            continue
        if console.rack != rack:
            rack = console.rack
            lines.append(f"# Rack {_comment(rack)}")
        device = way.format(program=settings["program"], folder=settings["socket_folder"], name=console.name)
        lines.append(f'console name="{console.name}" dev="{device}"')
    return "\n".join(lines) + "\n"

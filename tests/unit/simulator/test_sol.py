# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial over LAN: ownership, packets, and the scripted console."""

from __future__ import annotations

import pytest

from tests.simulator.faults import STOPS, Faults
from tests.unit.simulator.client import Client, make_bmc

ACTIVATE, DEACTIVATE = "06/48", "06/49"
FIRST = "01 01 c0 00 00 00"  # SOL, instance 1, encrypted and authenticated
END = "01 01 00 00 00 00"


def console(**sections: object) -> Client:
    """An active SOL session of a host that is up."""
    client = Client(make_bmc({"power": "on"}, **sections)).login()
    assert client.ask(ACTIVATE, FIRST) == "00 00 00 00 00 c8 00 c8 00 6f 02 ff ff"
    return client


def packets_of(client: Client) -> list[bytes]:
    """The SOL payloads that have come; requests in between are not expected."""
    found = [client.unwrap(reply) for reply in client.replies]
    client.replies.clear()
    return found


def send(client: Client, sequence: int, text: bytes = b"", acked: int = 0, count: int = 0, control: int = 0) -> None:
    payload = bytes((sequence, acked, count, control)) + text
    client.bmc.receive(client.wrap(payload, kind=1), client.peer)


def talk(client: Client, text: bytes, sequence: int = 1) -> str:
    """Send characters, acknowledge all that comes, for ten seconds; what the host printed."""
    send(client, sequence, text)
    printed = b""
    for _unused in range(100):
        for packet in packets_of(client):
            if packet[0]:
                printed += packet[4:]
                send(client, 0, acked=packet[0], count=len(packet) - 4)
        client.bmc.clock.advance(0.1)
    return printed.decode()


def test_keys_are_acknowledged_and_echoed() -> None:
    client = console()
    send(client, 1, b"ro")
    assert packets_of(client) == [bytes((0, 1, 2, 0))]
    client.bmc.clock.advance(0.06)
    assert packets_of(client) == [bytes((1, 0, 0, 0)) + b"ro"]


def test_login_and_shell() -> None:
    client = console()
    assert talk(client, b"root\r").endswith("root\r\nPassword: ")
    assert "simulator" not in talk(client, b"simulator\r", 2)
    assert "hello world" in talk(client, b"echo hello world\r", 3)
    assert "not found" in talk(client, b"ls\r", 4)
    assert talk(client, b"exit\r", 5).endswith("login: ")


def test_wrong_password_at_the_console() -> None:
    client = console()
    talk(client, b"root\r")
    assert "Login incorrect" in talk(client, b"wrong\r", 2)


def test_a_boot_is_seen() -> None:
    client = console()
    client.bmc.power.reset()
    text = talk(client, b"")
    for part in ("BIOS", "GRUB", "Linux version", "b1 login: "):
        assert part in text


def test_an_unacknowledged_packet_is_repeated_then_dropped() -> None:
    client = console(sol={"retry_count": 2, "retry_interval": 10, "accumulate": 1})
    send(client, 1, b"x")
    packets_of(client)
    client.bmc.clock.advance(0.01)
    assert packets_of(client) == [b"\1\0\0\0x"]
    client.bmc.clock.advance(0.1)
    client.bmc.clock.advance(0.1)
    assert packets_of(client) == [b"\1\0\0\0x"] * 2
    client.bmc.clock.advance(10)
    assert packets_of(client) == []
    send(client, 2, b"y")
    client.bmc.clock.advance(0.01)
    assert packets_of(client)[1:] == [b"\2\0\0\0y"]


def test_partial_and_negative_acknowledgement_send_the_rest_again() -> None:
    client = console()
    send(client, 1, b"abcd")
    client.bmc.clock.advance(0.06)
    packets_of(client)
    send(client, 0, acked=1, count=1)
    client.bmc.clock.advance(0.06)
    assert packets_of(client) == [b"\2\0\0\0bcd"]
    send(client, 0, acked=2, count=0, control=0x40)
    client.bmc.clock.advance(0.06)
    assert packets_of(client) == [b"\3\0\0\0bcd"]


def test_a_repeated_packet_is_acknowledged_but_not_typed_again() -> None:
    client = console()
    send(client, 1, b"a")
    send(client, 1, b"a")
    assert packets_of(client) == [bytes((0, 1, 1, 0))] * 2
    client.bmc.clock.advance(0.06)
    assert packets_of(client) == [b"\1\0\0\0a"]


def test_much_output_goes_in_full_packets() -> None:
    client = console()
    talk(client, b"root\r")
    talk(client, b"simulator\r", 2)
    text = talk(client, b"seq 500\r", 3)
    assert "\r\n499\r\n500\r\n" in text


def test_pause() -> None:
    client = console()
    send(client, 1, b"a", control=0x08)
    client.bmc.clock.advance(1)
    assert [packet[0] for packet in packets_of(client)] == [0]
    send(client, 0)
    client.bmc.clock.advance(1)
    assert packets_of(client)[0] == b"\1\0\0\0a"


def test_break_reaches_the_kernel() -> None:
    client = console()
    send(client, 1, control=0x10)
    client.bmc.clock.advance(0.06)
    assert b"sysrq" in packets_of(client)[1]


def test_characters_for_a_host_that_is_off() -> None:
    client = console()
    client.bmc.power.force(False)
    send(client, 1, b"a")
    assert packets_of(client) == [bytes((0, 1, 0, 0x60))]


def test_only_one_owner() -> None:
    client = console()
    other = Client(client.bmc).login()
    assert other.ask(ACTIVATE, FIRST) == "80"
    assert other.ask("06/4A", "01") == "00 01 01 00"
    assert other.ask("06/4B", "01 01") == "00 " + client.bmc_id.hex(" ") + " 01" + " 00" * 7


def test_the_loser_is_told() -> None:
    client = console()
    other = Client(client.bmc).login()
    first = other.exchange(other.wrap(other.message(DEACTIVATE, END)))
    assert first is not None
    assert client.unwrap(first) == bytes((0, 0, 0, 0x10))


@pytest.mark.parametrize("tells", [True, False])
def test_losers_of_some_makers_are_not_told(tells: bool) -> None:
    client = console(sol_quirks={"tells_loser": tells})
    other = Client(client.bmc).login()
    other.exchange(other.wrap(other.message(DEACTIVATE, END)))
    assert len(other.replies) == (1 if tells else 0)


def test_deactivating_twice() -> None:
    client = console()
    assert client.ask(DEACTIVATE, END) == "00"
    assert client.ask(DEACTIVATE, END) == "80"
    assert client.ask("06/4A", "01") == "00 01 00 00"
    assert client.ask("06/4B", "01 01") == "00 00 00 00 00 01" + " 00" * 7


def test_sol_ends_with_its_session() -> None:
    client = console()
    client.bmc.clock.advance(61)
    assert client.bmc.sol.active() == {}
    assert client.bmc.console.listener is None


@pytest.mark.parametrize(
    ("sol", "suite", "aux", "code"),
    [
        ({"enabled": False}, 3, "c0", "81"),
        ({"force_encryption": True}, 3, "40", "84"),
        ({"force_encryption": True}, 3, "c0", "00"),
        ({"force_encryption": True}, 2, "40", "84"),
        ({"force_authentication": True}, 3, "80", "84"),
        ({"force_authentication": True}, 1, "40", "84"),
        ({}, 1, "c0", "83"),
        ({}, 1, "00", "00"),
        ({"privilege": 4}, 3, "c0", "00"),
    ],
)
def test_activation_as_the_configuration_says(sol: dict[str, object], suite: int, aux: str, code: str) -> None:
    client = Client(make_bmc(sol=sol)).login(suite)
    assert client.ask(ACTIVATE, f"01 01 {aux} 00 00 00")[:2] == code


def test_privilege_too_low() -> None:
    client = Client(make_bmc(sol={"privilege": 4})).login(privilege=3)
    assert client.ask(ACTIVATE, FIRST) == "d4"


def test_user_without_payload_access() -> None:
    entry = {"users": {2: {"name": "admin", "password": "secret", "sol": False}}}
    assert Client(make_bmc(entry)).login().ask(ACTIVATE, FIRST) == "81"


@pytest.mark.parametrize(("request_", "code"), [("01 02 c0 00 00 00", "82"), ("01 00 c0 00 00 00", "cc"), ("02 01 c0 00 00 00", "cc"), ("01 01", "c7")])
def test_wrong_activations(request_: str, code: str) -> None:
    assert Client(make_bmc()).login().ask(ACTIVATE, request_) == code


def test_plain_packets_are_dropped_where_encryption_was_agreed_on() -> None:
    client = console()
    client.bmc.sol.receive(next(iter(client.bmc.sessions)), b"\1\0\0\0a", False, True)
    assert packets_of(client) == []


def test_every_change_of_hands_is_kept_and_told() -> None:
    bmc = make_bmc({"power": "on"})
    told: list[str] = []
    bmc.sol.watchers.append(lambda _bmc, change: told.append(change.what))
    first, second = Client(bmc, peer=("127.0.0.1", 40001)).login(), Client(bmc, peer=("127.0.0.1", 40002)).login()
    bmc.send = lambda data, peer: (first if peer == first.peer else second).replies.append(data)
    assert first.ask(ACTIVATE, FIRST)[:2] == "00"
    assert second.ask(ACTIVATE, FIRST) == "80"
    assert second.ask(DEACTIVATE, END) == "00"
    assert len(packets_of(first)) == 1  # it is told
    assert second.ask(ACTIVATE, FIRST)[:2] == "00"
    assert second.ask(DEACTIVATE, END) == "00"
    assert first.ask(ACTIVATE, FIRST)[:2] == "00"
    assert bmc.sessions.expire(40001) == 1
    assert second.ask(ACTIVATE, FIRST)[:2] == "00"
    bmc.clock.advance(61)
    steps = [(change.what, change.port, change.session == change.by) for change in bmc.sol.history]
    assert steps == [
        ("activated", 40001, True),
        ("refused", 40002, True),
        ("taken", 40001, False),
        ("activated", 40002, True),
        ("released", 40002, True),
        ("activated", 40001, True),
        ("expired", 40001, True),
        ("activated", 40002, True),
        ("expired", 40002, True),
    ]
    assert told == [what for what, _port, _own in steps]


def test_a_host_that_takes_no_characters_has_them_refused_and_gets_none() -> None:
    client = console()
    client.bmc.set_faults(Faults(host_stalled=True))
    send(client, 1, b"ro")
    # Refused (40h), and not for a host that is off (20h).
    assert packets_of(client) == [bytes((0, 1, 0, 0x40))]
    client.bmc.set_faults(Faults())
    assert talk(client, b"ot\r", sequence=2).startswith("ot\r\n")


def test_a_console_that_cannot_be_encrypted_is_refused_to_who_asks_for_it() -> None:
    client = Client(make_bmc({"power": "on"}, sol_quirks={"encrypts": False})).login()
    assert client.ask(ACTIVATE, FIRST)[:2] == "83"
    assert client.ask(ACTIVATE, "01 01 40 00 00 00")[:2] == "00"


@pytest.mark.parametrize(
    ("stop", "said"),
    list(zip(STOPS, ("No bootable device", "grub rescue> ", "Kernel panic - not syncing", "Give root password for maintenance"), strict=True)),
)
def test_a_boot_stops_where_the_fault_says_and_nobody_answers_there(stop: str, said: str) -> None:
    client = console()
    client.bmc.set_faults(Faults(boot_stops=stop))
    client.bmc.power.host_restarts()
    printed = talk(client, b"", sequence=0)
    assert said in printed and "login: " not in printed
    assert "login" not in talk(client, b"\r", sequence=1)
    client.bmc.set_faults(Faults())
    client.bmc.power.host_restarts()
    assert "login: " in talk(client, b"", sequence=0)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_console against simulated BMCs; ipmitool is the person who may have the console."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _console_release
from tests.integration.harness import CHECKOUT, TOOL_TIMEOUT, act, ansible, ipmitool
from tests.integration.person import ESTABLISHED, LEAVE, OPERATIONAL, with_ipmiconsole, with_ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target, users
from tests.stopwatch import stopwatch

HOST_PASSWORD: t.Final = "simulator"
LOG_IN: t.Final[list[dict[str, t.Any]]] = [
    {"send_line": "", "expect": ["login: "]},
    {"send_line": "root", "expect": ["Password: "]},
    {"send_secret": "root", "expect": ["# $", {"pattern": "incorrect", "name": "refused"}]},
]
SECRETS: t.Final = {"root": HOST_PASSWORD}
#: Where a simulated host's boot may stop, and what that is called.
STOPS: t.Final = {"no_boot_device": "no_boot_device", "loader": "loader_stopped", "panic": "kernel_panic", "emergency": "emergency_shell"}


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC for nearly all, with accounts for persons; one that does not encrypt its console, and some whose hosts do not boot."""
    accounts = {**users(), **{slot: {"name": name, "password": PASSWORD, "privilege": "administrator"} for slot, name in ((4, "jane"), (5, "joe"))}}
    prefix = network()
    common = {"source": "static", "netmask": "255.255.255.0", "users": accounts}
    plain = {"name": "plain", "address": f"{prefix}.2", "personality": {"sol_quirks": {"encrypts": False}}, **common}
    stopping = [{"name": stop, "address": f"{prefix}.{number}", "faults": {"boot_stops": stop}, **common} for number, stop in enumerate(STOPS, 3)]
    moved = {"name": "moved", "address": f"{prefix}.{len(STOPS) + 3}", "personality": {"sol_quirks": {"follows_port": True}}, **common}
    return start_rack({"bmcs": [{"name": "n1", "address": f"{prefix}.1", **common}, plain, *stopping, moved]})


@pytest.fixture
def bmc(rack: Rack) -> Target:
    """Nobody has its console, and its host waits at the login."""
    for action in ("heal", "factory", "close_sessions"):
        rack.ask(action, "n1")
    rack.ask("power", "n1", set="off")
    rack.ask("power", "n1", set="on")
    rack.ask("clear_counters", "n1")
    return Target(rack, "n1", rack.status("n1")["address"])


def visit(bmc: Target, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The module's result; whatever it is, nobody has the console afterwards, and no session is left."""
    result = act("ipmi_console", {**bmc.options, "timeout": 5, **options}, check_mode=check_mode)
    assert (bmc.rack.status(bmc.name)["sol"], bmc.sessions()) == ([], 0)
    return result


def as_module(bmc: Target, tmp_path: pathlib.Path) -> subprocess.Popen[bytes]:
    """The ordinary module form in a process of its own, listening for long."""
    arguments = tmp_path / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**bmc.options, "timeout": 300}}), encoding="utf-8")
    program = "import sys; from ansible_collections.lightsout.bmc.plugins.modules import ipmi_console; ipmi_console.main()"
    path = os.pathsep.join([str(CHECKOUT / ".collections"), str(CHECKOUT)])
    wrapper = "from ansible.module_utils.testing import patch_module_args\nimport json, sys\n"
    wrapper += f"with patch_module_args(json.load(open({str(arguments)!r}))['ANSIBLE_MODULE_ARGS']):\n    {program}\n"
    return subprocess.Popen([sys.executable, "-c", wrapper], env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def holds(bmc: Target, module: subprocess.Popen[bytes]) -> None:
    """Wait until it has the console."""
    deadline = time.monotonic() + TOOL_TIMEOUT
    while not bmc.rack.status(bmc.name)["sol"]:
        assert time.monotonic() < deadline and module.poll() is None, module.communicate()


def cause(result: dict[str, t.Any]) -> str | None:
    """Why the console is said to be silent."""
    diagnosis = result["console"]["diagnosis"]
    return None if diagnosis is None else diagnosis["cause"]


def history(bmc: Target) -> list[str]:
    """What happened to the host, the latest last."""
    return [event["what"] for event in bmc.rack.ask("history", bmc.name)["bmcs"][bmc.name]]


@pytest.mark.promise("created", "diff")
def test_it_logs_in_and_returns_what_a_command_prints(bmc: Target) -> None:
    result = visit(bmc, steps=[*LOG_IN, {"send_line": "hostname"}], secrets=SECRETS, expect=[{"pattern": r"^(n\d)$", "name": "name"}])
    assert (result.get("msg"), result["changed"], cause(result)) == (None, True, None)
    matched = result["matched"]
    assert (matched["name"], matched["groups"], matched["step"]) == ("name", ["n1"], 5)
    # The next prompt may or may not have come by then.
    assert result["transcript"].splitlines()[1:5] == ["n1 login: root", "Password:", "root@n1:~# hostname", "n1"]
    assert b"root@n1:~# hostname\r\nn1\r\n" in base64.b64decode(result["raw"])
    assert [event["event"] for event in result["events"]] == ["opened", *["sent", "matched"] * 4]
    assert result["diff"]["after"]["done"] == ["'\\r'", "'root\\r'", "the secret root", "'hostname\\r'"]


@pytest.mark.promise("unchanged")
def test_a_task_that_only_listens_changes_nothing(bmc: Target) -> None:
    for _attempt in range(2):
        result = visit(bmc, timeout=0.3)
        assert (result.get("msg"), result["changed"], result["transcript"], result["matched"]) == (None, False, "", None)
        assert cause(result) == "quiet" and "probe" in result["warnings"][0]
    assert bmc.writes() == 0


@pytest.mark.promise("check_mode")
def test_check_mode_types_nothing_and_restarts_nothing(bmc: Target) -> None:
    result = visit(bmc, check_mode=True, steps=LOG_IN, secrets=SECRETS, observe_boot=True)
    assert (result.get("msg"), result["changed"], result["events"]) == (None, True, [])
    assert "06/48" not in bmc.rack.status(bmc.name)["by_command"] and "reset" not in history(bmc)
    assert visit(bmc, check_mode=True)["changed"] is False


class TestBoot:
    """observe_boot"""

    @pytest.mark.parametrize(("power", "action"), [("on", "reset"), ("off", "on")])
    def test_a_boot_is_returned_with_its_times(self, bmc: Target, power: str, action: str) -> None:
        bmc.rack.ask("power", bmc.name, set=power)
        result = visit(bmc, observe_boot=True, timeout=60)
        assert (result.get("msg"), result["changed"], result["boot"]["action"]) == (None, True, action)
        stages = result["boot"]["stages"]
        assert list(stages) == ["firmware", "loader", "kernel", "login"] == sorted(stages, key=lambda name: float(stages[name]))
        assert stages["kernel"] - stages["loader"] > 1, "the simulated GRUB waits two seconds"
        assert (result["boot"]["missing"], result["boot"]["trouble"], cause(result)) == ([], None, None)
        assert "simulated BIOS" in result["transcript"] and "n1 login:" in result["transcript"]
        assert history(bmc)[-2:] == [action, "boot"]

    def test_a_pattern_ends_it_and_answers_are_typed_on_the_way(self, bmc: Target) -> None:
        expect = [{"pattern": "GNU GRUB", "send": "\r"}, {"pattern": "Command line: (.*)", "name": "arguments"}]
        result = visit(bmc, observe_boot=True, timeout=60, expect=expect)
        assert result.get("msg") is None and result["matched"]["name"] == "arguments" and "console=ttyS0" in result["matched"]["groups"][0]
        stages = result["boot"]["stages"]
        assert stages["kernel"] - stages["loader"] < 1.5, "Enter in the menu boots at once"
        assert result["boot"]["missing"] == ["login"]

    def test_one_that_does_not_come_to_a_login_fails_with_what_was_seen(self, bmc: Target) -> None:
        bmc.faults(host_silent=True)
        result = visit(bmc, observe_boot=True, timeout=6)
        assert (result["failed"], result["reason"], cause(result)) == (True, "timeout", "not_configured")
        assert list(result["boot"]["stages"]) == ["firmware", "loader"] and result["boot"]["missing"] == ["kernel", "login"]
        assert "nothing of an operating system" in result["msg"] and "GNU GRUB" in result["transcript"] and result["changed"]

    def test_one_that_stops_is_given_up_at_once_and_its_trouble_named(self, rack: Rack) -> None:
        def watch(stop: str) -> dict[str, t.Any]:
            return visit(Target(rack, stop, rack.status(stop)["address"]), observe_boot=True, timeout=60)

        with ThreadPoolExecutor(len(STOPS)) as pool:
            results = dict(zip(STOPS, pool.map(watch, STOPS), strict=True))
        for stop, trouble in STOPS.items():
            result = results[stop]
            assert (result["failed"], result["reason"], result["boot"]["trouble"]["name"]) == (True, "boot_failed", trouble)
            assert result["events"][-1]["at"] < 30 and result["changed"] and trouble in result["msg"], result


class TestSilence:
    """Each cause by its name, with what to do."""

    def test_held(self, bmc: Target) -> None:
        with with_ipmitool({**bmc.options, "bmc_user": "jane"}) as person:
            person.sees(OPERATIONAL)
            result = act("ipmi_console", {**bmc.options, "timeout": 1})
            assert (result["failed"], result["reason"], cause(result), result["changed"]) == (True, "console_held", "held", False)
            assert result["console"]["instances"][0]["holder"]["user"] == "jane" and "jane" in result["msg"]
            person.types("\r")
            person.sees("login: ")
            person.types(LEAVE)
            person.leaves()

    def test_held_by_ipmiconsole(self, bmc: Target) -> None:
        with with_ipmiconsole({**bmc.options, "bmc_user": "jane"}) as person:
            person.sees(ESTABLISHED)
            result = act("ipmi_console", {**bmc.options, "timeout": 1, "steps": [{"send_line": "intruder"}]})
            assert (result["reason"], cause(result), result["changed"]) == ("console_held", "held", False)
            assert "user 4 (jane)" in result["console"]["diagnosis"]["detail"] and "when_held=wait" in result["msg"]
            person.types("\r")
            assert "intruder" not in person.sees("login: ")

    def test_held_by_our_own_run_that_died(self, bmc: Target, tmp_path: pathlib.Path) -> None:
        running = as_module(bmc, tmp_path)
        holds(bmc, running)
        running.kill()
        running.communicate()
        result = act("ipmi_console", {**bmc.options, "timeout": 1, "stale": "fail"})
        assert (result["reason"], cause(result)) == ("console_held", "held")
        diagnosis = result["console"]["diagnosis"]
        assert "the run died" in diagnosis["detail"] and "stale=release" in diagnosis["advice"]
        freed = act("ipmi_console", {**bmc.options, "timeout": 5, "steps": [{"send_line": ""}], "expect": ["login: "]})
        assert (freed.get("msg"), freed["evicted"]["stale"], bmc.rack.status(bmc.name)["sol"]) == (None, True, [])

    def test_encryption(self, rack: Rack) -> None:
        result = visit(Target(rack, "plain", rack.status("plain")["address"]))
        assert (result["failed"], result["reason"], cause(result), result["completion_code"]) == (True, "console_encryption", "encryption", "0x83")
        assert "force_encryption" in result["msg"]

    def test_another_port_than_the_session_s(self, rack: Rack) -> None:
        moved = Target(rack, "moved", rack.status("moved")["address"])
        rack.ask("power", "moved", set="on")
        rack.ask("clock", advance=30)
        assert act("ipmi_sol", {**moved.options, "payload_port": rack.port + 1}).get("msg") is None
        result = visit(moved, probe=True)
        assert (result["failed"], cause(result)) == (True, "other_port"), result
        assert f"on UDP port {rack.port + 1}" in result["msg"] and "payload_port" in result["msg"]
        assert act("ipmi_sol", {**moved.options, "payload_port": rack.port}).get("msg") is None
        result = visit(moved, steps=[{"send_line": "", "expect": ["login: "]}])
        assert (result.get("msg"), cause(result)) == (None, None)

    def test_limit(self, bmc: Target) -> None:
        result = visit(bmc, instance=2)
        assert (result["failed"], result["reason"], cause(result)) == (True, "console_limit", "limit")
        assert "Leave instance out" in result["msg"]

    def test_not_allowed_by_the_privilege(self, bmc: Target) -> None:
        ipmitool(bmc.host, bmc.user, bmc.password, "sol", "set", "privilege-level", "admin", "1", port=bmc.rack.port)
        result = visit(bmc, bmc_privilege="operator")
        assert (result["failed"], result["reason"], cause(result)) == (True, "refused", "not_allowed")
        assert "privilege is operator" in result["msg"] and "asks for administrator (SOL parameter 2)" in result["msg"] and "bmc_privilege" in result["msg"]

    def test_not_taken(self, bmc: Target) -> None:
        bmc.faults(host_stalled=True)
        result = visit(bmc, timeout=1, steps=[{"send_line": "x"}])
        assert (result["failed"], result["reason"], cause(result)) == (True, "console_unavailable", "not_taken")
        assert "flow control" in result["msg"]

    def test_a_wrong_rate_of_the_operating_system_alone(self, bmc: Target) -> None:
        bmc.faults(system_bit_rate=9600)
        result = visit(bmc, observe_boot=True, timeout=5)
        assert (result["reason"], cause(result), list(result["boot"]["stages"])) == ("timeout", "wrong_rate", ["firmware", "loader"])
        assert "text came at first" in result["msg"] and "console=ttyS…,115200" in result["msg"]
        assert "GNU GRUB" in result["transcript"] and b"\0" in base64.b64decode(result["raw"])

    def test_not_enabled(self, bmc: Target) -> None:
        ipmitool(bmc.host, bmc.user, bmc.password, "sol", "set", "enabled", "false", "1", port=bmc.rack.port)
        result = visit(bmc)
        assert (result["failed"], result["reason"], cause(result)) == (True, "console_disabled", "not_enabled")
        assert "ipmi_sol" in result["console"]["diagnosis"]["advice"]

    def test_not_allowed(self, bmc: Target) -> None:
        ipmitool(bmc.host, bmc.user, bmc.password, "sol", "payload", "disable", "1", "2", port=bmc.rack.port)
        result = visit(bmc)
        assert (result["failed"], result["reason"], cause(result)) == (True, "console_disabled", "not_allowed")
        assert "user 2" in result["console"]["diagnosis"]["detail"] and "sol_payload" in result["msg"]

    @pytest.mark.parametrize("rate", [9600, 57600])
    def test_wrong_rate(self, bmc: Target, rate: int) -> None:
        bmc.faults(host_bit_rate=rate)
        result = visit(bmc, observe_boot=True, timeout=4)
        assert result["failed"] and (result["reason"], cause(result)) == ("timeout", "wrong_rate")
        assert "115200" in result["console"]["diagnosis"]["detail"] and "bit_rate" in result["console"]["diagnosis"]["advice"]

    def test_the_stored_rate_is_named_where_it_differs_from_the_live_one(self, bmc: Target) -> None:
        ipmitool(bmc.host, bmc.user, bmc.password, "sol", "set", "volatile-bit-rate", "19.2", "1", port=bmc.rack.port)
        bmc.faults(host_bit_rate=115200)
        result = visit(bmc, observe_boot=True, timeout=4)
        assert cause(result) == "wrong_rate"
        assert "live rate is 19200 bit/s, the stored one 115200" in result["console"]["diagnosis"]["detail"]
        assert "bit_rate_volatile" in result["console"]["diagnosis"]["advice"]

    def test_not_configured(self, bmc: Target) -> None:
        bmc.faults(host_silent=True)
        result = visit(bmc, timeout=0.3, probe=True)
        assert (result.get("msg"), result["changed"], cause(result)) == (None, True, "not_configured")
        assert "the host is on" in result["warnings"][0] and "console=tty" in result["warnings"][0]

    def test_a_host_that_waits_answers_enter(self, bmc: Target) -> None:
        result = visit(bmc, timeout=0.3, probe=True)
        assert (result.get("msg"), cause(result)) == (None, None) and "n1 login:" in result["transcript"]

    def test_host_off(self, bmc: Target) -> None:
        bmc.rack.ask("power", bmc.name, set="off")
        assert cause(visit(bmc, timeout=0.3)) == "host_off"
        typed = visit(bmc, timeout=1, steps=[{"send_line": "x"}])
        assert (typed["failed"], typed["reason"], cause(typed)) == (True, "console_unavailable", "host_off")

    def test_unsupported(self, bmc: Target) -> None:
        bmc.faults(refuse={"06/48": 0xC1, "06/4A": 0xC1, "06/4B": 0xC1})
        result = visit(bmc)
        assert (result["failed"], result["reason"], cause(result)) == (True, "refused", "unsupported")


class TestOwnership:
    """By the rules of ipmi_sol_session."""

    def test_a_bmc_that_does_not_say_who_has_it_still_lets_nobody_be_cut_off(self, bmc: Target) -> None:
        bmc.faults(refuse={"06/4A": 0xC1, "06/4B": 0xC1})
        assert visit(bmc, expect=["login: "], steps=[{"send_line": ""}]).get("msg") is None
        with with_ipmitool({**bmc.options, "bmc_user": "jane"}) as person:
            person.sees(OPERATIONAL)
            result = act("ipmi_console", {**bmc.options, "timeout": 1})
            assert result["failed"] and (result["reason"], cause(result)) == ("console_held", "held")
            person.types("\r")
            person.sees("login: ")

    def test_it_waits_until_the_person_leaves(self, bmc: Target) -> None:
        options = {**bmc.options, "when_held": "wait", "wait_interval": 1, "wait_timeout": 60, "steps": [{"send_line": ""}], "expect": ["login: "]}
        with with_ipmitool({**bmc.options, "bmc_user": "jane"}) as person, ThreadPoolExecutor(1) as pool:
            person.sees(OPERATIONAL)
            waiting = pool.submit(act, "ipmi_console", options)
            while bmc.rack.status(bmc.name)["by_command"].get("06/4A", 0) < 3:
                assert not waiting.done(), waiting.result()
            person.types("\r")
            person.sees("login: ")
            person.types(LEAVE)
            person.leaves()
            result = waiting.result(TOOL_TIMEOUT)
        assert (result.get("msg"), result["evicted"], result["matched"]["name"]) == (None, None, "login: ")

    def test_it_is_taken_from_the_expected_holder_alone(self, bmc: Target) -> None:
        options = {**bmc.options, "when_held": "take", "steps": [{"send_line": ""}], "expect": ["login: "]}
        with with_ipmitool({**bmc.options, "bmc_user": "jane"}) as person:
            person.sees(OPERATIONAL)
            other = act("ipmi_console", {**options, "expect_holder": {"user": "joe"}})
            assert other["reason"] == "console_held" and person.there
            result = act("ipmi_console", {**options, "expect_holder": {"user": "jane"}})
        assert (result.get("msg"), result["changed"], result["evicted"]["user"]) == (None, True, "jane")
        assert "cut off user 4 (jane)" in result["warnings"][0]

    def test_one_who_comes_between_the_look_and_the_taking_keeps_it(self, bmc: Target, monkeypatch: pytest.MonkeyPatch) -> None:
        persons = []
        allow = _console_release._may_go

        def another_comes(*arguments: t.Any) -> t.Any:
            holder = allow(*arguments)
            ipmitool(bmc.host, "joe", PASSWORD, "sol", "deactivate", port=bmc.rack.port)
            persons.append(with_ipmitool({**bmc.options, "bmc_user": "joe"}))
            persons[0].sees(OPERATIONAL)
            return holder

        monkeypatch.setattr(_console_release, "_may_go", another_comes)
        with with_ipmitool({**bmc.options, "bmc_user": "jane"}) as jane:
            jane.sees(OPERATIONAL)
            result = act("ipmi_console", {**bmc.options, "timeout": 1, "when_held": "take", "expect_holder": {"user": "jane"}})
        with persons[0] as joe:
            assert (result["failed"], result["reason"], result["evicted"]) == (True, "console_held", None)
            assert "changed hands" in result["msg"] and "user 5 (joe)" in result["msg"]
            joe.types("\r")
            joe.sees("login: ")

    def test_a_bmc_that_says_nothing_of_holders_is_not_waited_for_while_it_is_free(self, bmc: Target) -> None:
        bmc.faults(refuse={"06/4A": 0xC1, "06/4B": 0xC1})
        with stopwatch() as watch:
            result = visit(bmc, when_held="wait", steps=[{"send_line": ""}], expect=["login: "])
        assert result.get("msg") is None and watch.seconds < 10

    def test_who_takes_it_from_us_keeps_it_and_is_named(self, bmc: Target) -> None:
        with ThreadPoolExecutor(1) as pool:
            listening = pool.submit(act, "ipmi_console", {**bmc.options, "timeout": 60})
            while not bmc.rack.status(bmc.name)["sol"]:
                assert not listening.done(), listening.result()
            ipmitool(bmc.host, "jane", PASSWORD, "sol", "deactivate", port=bmc.rack.port)
            result = listening.result(TOOL_TIMEOUT)
        assert (result["failed"], result["reason"], result["changed"]) == (True, "console_lost", False)


class TestDeadlines:
    """Nothing is waited for longer than the task says."""

    def test_a_pattern_that_does_not_come(self, bmc: Target) -> None:
        with stopwatch() as watch:
            result = visit(bmc, timeout=1, steps=[{"send_line": "", "expect": ["login: "]}, {"expect": ["never"]}])
        assert watch.elapsed >= 1 and watch.seconds < 4
        assert (result["failed"], result["reason"], result["matched"]["name"]) == (True, "timeout", "login: ")
        assert "step 2" in result["msg"] and "n1 login:" in result["transcript"]

    def test_a_step_has_a_time_of_its_own(self, bmc: Target) -> None:
        with stopwatch() as watch:
            result = visit(bmc, timeout=60, steps=[{"send_line": "", "expect": ["never"], "timeout": 0.5}])
        assert watch.seconds < 5 and "its timeout of 0.5" in result["msg"]

    def test_a_bmc_that_falls_silent(self, bmc: Target) -> None:
        bmc.faults(silent_after=8)
        with stopwatch() as watch:
            result = act("ipmi_console", {**bmc.options, "bmc_timeout": 1, "timeout": 2, "steps": [{"send_line": ""}] * 20, "expect": ["never"]})
        assert result["failed"] and watch.seconds < 8, result
        assert result["reason"] in ("timeout", "session_lost", "answer_lost")


def test_text_patterns_and_codes_may_come_a_character_at_a_time(bmc: Target) -> None:
    ipmitool(bmc.host, bmc.user, bmc.password, "sol", "set", "character-send-threshold", "1", "1", port=bmc.rack.port)
    result = visit(bmc, observe_boot=True, timeout=30, expect=[{"pattern": r"^Debian .* (n1) ttyS0$", "name": "banner"}])
    assert (result.get("msg"), result["matched"]["groups"]) == (None, ["n1"])
    assert list(result["boot"]["stages"])[:3] == ["firmware", "loader", "kernel"] and "\x1b" not in result["transcript"]


def test_a_sysrq_reaches_the_kernel(bmc: Target) -> None:
    result = visit(bmc, steps=[{"send_sysrq": "h"}], expect=[r"sysrq: HELP : (\S+)"])
    assert (result.get("msg"), result["matched"]["groups"]) == (None, ["loglevel(0-9)"])
    broken = visit(bmc, steps=[{"send_break": True}], expect=["sysrq: HELP"])
    assert (broken.get("msg"), broken["changed"]) == (None, True)


@pytest.mark.promise("refused")
def test_a_refusal_names_the_command(bmc: Target) -> None:
    bmc.faults(refuse={"06/48": 0xD4})
    result = visit(bmc)
    assert (result["failed"], result["reason"]) == (True, "refused")
    assert (result["command"], result["completion_code"]) == ("Activate Payload (06/48)", "0xD4")


def test_a_refused_restart_gives_the_console_back_and_changes_nothing(bmc: Target) -> None:
    bmc.faults(refuse={"00/02": 0xD4})
    result = visit(bmc, observe_boot=True)
    assert (result["failed"], result["reason"], result["changed"]) == (True, "refused", False)


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_console", {**bmc.options, "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


def test_in_band_it_is_refused_without_a_look_at_the_host(bmc: Target) -> None:
    result = act("ipmi_console", {"bmc_interface": "open"})
    assert (result["failed"], result["reason"]) == (True, "bad_option") and "over the network only (lan)" in result["msg"]


class TestSecrets:
    """What is typed as a secret is nowhere."""

    @pytest.mark.promise("no_secret")
    def test_an_echo_is_masked_in_every_form(self, bmc: Target) -> None:
        # Typed at the login instead of the password's prompt, so that the host echoes it.
        steps = [{"send_line": "", "expect": ["login: "]}, {"send_secret": "root", "expect": [r"(?s)(\S+)\s+Password: "]}]
        result = visit(bmc, steps=steps, secrets=SECRETS)
        assert result.get("msg") is None and "********" in result["transcript"] and result["matched"]["groups"] == ["********"]
        assert HOST_PASSWORD not in json.dumps(result) and HOST_PASSWORD.encode() not in base64.b64decode(result["raw"])

    @pytest.mark.promise("no_secret")
    @pytest.mark.parametrize("ending", ["never", "Password: "])
    def test_no_output_of_ansible_holds_one(self, bmc: Target, tmp_path: pathlib.Path, ending: str) -> None:
        hosts = {"all": {"hosts": {"n1": {**bmc.options, "ansible_connection": "local", "root_password": HOST_PASSWORD}}}}
        task = {
            "timeout": 3,
            "secrets": {"root": "{{ root_password }}"},
            "steps": [{"send_line": "", "expect": ["login: "]}, {"send_secret": "root", "expect": [ending], "timeout": 1}],
        }
        done = ansible("n1", "-m", "lightsout.bmc.ipmi_console", "-a", json.dumps(task), "-vvvv", inventory=hosts, tmp_path=tmp_path)
        assert done.returncode == (2 if ending == "never" else 0), done.stdout
        told = done.stdout + done.stderr
        assert "n1 login:" in told and HOST_PASSWORD not in told and PASSWORD not in told
        assert base64.b64encode(HOST_PASSWORD.encode()).decode()[:10] not in told

    @pytest.mark.promise("no_secret")
    def test_on_a_bastion_and_with_async_it_does_the_same(self, bmc: Target, tmp_path: pathlib.Path) -> None:
        here = {"ansible_python_interpreter": sys.executable}
        common = {"root_password": HOST_PASSWORD, **{key: value for key, value in bmc.options.items() if key != "bmc_password"}}
        hosts = {
            "n1": {**common, "bmc_password": "{{ bmc_secret }}", "bmc_secret": PASSWORD, **here},
            "bastion": {"ansible_connection": "bastion", **here},
        }
        options = {
            "timeout": 20,
            "secrets": {"root": "{{ root_password }}"},
            # Typed at the login instead of the password's prompt, so that the host echoes it.
            "steps": [{"send_line": "", "expect": ["login: "]}, {"send_secret": "root", "expect": ["Password: "]}, {"send": "\x03"}],
        }
        task = {"name": "Type", "lightsout.bmc.ipmi_console": options, "delegate_to": "bastion"}
        plays = [{"hosts": "n1", "gather_facts": False, "tasks": [task, {**task, "async": 60, "poll": 1}]}]
        play = tmp_path / "play.yml"
        play.write_text(json.dumps(plays), encoding="utf-8")
        plugins = {"ANSIBLE_CONNECTION_PLUGINS": str(CHECKOUT / "tests/integration/connection_plugins")}
        done = ansible(
            str(play), "-vvv", program="ansible-playbook", inventory={"all": {"hosts": hosts}}, tmp_path=tmp_path, environment=plugins
        )
        told = done.stdout + done.stderr
        assert done.returncode == 0 and "changed=2" in done.stdout and told.count("n1 login: ********") >= 2, told
        assert HOST_PASSWORD not in told and PASSWORD not in told
        assert (bmc.rack.status(bmc.name)["sol"], bmc.sessions()) == ([], 0)


class TestKilled:
    """The console is given back."""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_by_a_signal_to_the_module(self, bmc: Target, tmp_path: pathlib.Path, number: signal.Signals) -> None:
        # A program started where a signal is ignored (nohup) ignores it too.
        before = signal.signal(number, signal.SIG_DFL)
        try:
            module = as_module(bmc, tmp_path)
        finally:
            signal.signal(number, before)
        holds(bmc, module)
        module.send_signal(number)
        module.communicate(timeout=TOOL_TIMEOUT)
        assert module.returncode == -number
        assert (bmc.rack.status(bmc.name)["sol"], bmc.sessions()) == ([], 0)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_by_a_signal_to_ansible(self, bmc: Target, tmp_path: pathlib.Path, number: signal.Signals) -> None:
        inventory, play = tmp_path / "hosts.json", tmp_path / "play.yml"
        inventory.write_text(json.dumps({"all": {"hosts": {"n1": {**bmc.options, "ansible_connection": "local"}}}}), encoding="utf-8")
        task = {"name": "Listen", "lightsout.bmc.ipmi_console": {"timeout": 300}}
        play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
        environment = {**os.environ, "HOME": str(tmp_path), "LANG": "C.UTF-8", "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")}
        running = subprocess.Popen(
            [pathlib.Path(sys.executable).parent / "ansible-playbook", "-i", inventory, play],
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        holds(bmc, running)
        running.send_signal(number)
        running.communicate(timeout=TOOL_TIMEOUT)
        # The worker may outlive it for a moment; without a word from it, the BMC frees the console after a minute.
        deadline = time.monotonic() + 10
        while bmc.rack.status(bmc.name)["sol"] or bmc.sessions():
            assert time.monotonic() < deadline, "the console is still held"

    def test_by_the_timeout_of_the_task(self, bmc: Target, tmp_path: pathlib.Path) -> None:
        hosts = {"all": {"hosts": {"n1": {**bmc.options, "ansible_connection": "local"}}}}
        task = {"name": "Too long", "lightsout.bmc.ipmi_console": {"timeout": 60}, "timeout": 3}
        play = tmp_path / "play.yml"
        play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
        done = ansible(str(play), program="ansible-playbook", inventory=hosts, tmp_path=tmp_path)
        assert done.returncode == 2 and "06/48" in bmc.rack.status(bmc.name)["by_command"], done.stdout
        assert (bmc.rack.status(bmc.name)["sol"], bmc.sessions()) == ([], 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"expect": ["("]}, "no regular expression"),
        ({"expect": [".*"]}, "matches nothing at all too"),
        ({"expect": [{"name": "x"}]}, "with pattern"),
        ({"expect": [{"pattern": "x", "answer": "y"}]}, "answer"),
        ({"steps": [{}]}, "nothing to do"),
        ({"steps": [{"send": "a", "send_line": "b"}]}, "a step of its own"),
        ({"steps": [{"send_secret": "root"}]}, "one that secrets has"),
        ({"steps": [{"send_sysrq": "hh"}]}, "one letter"),
        ({"timeout": 0}, "more than 0"),
        ({"when_held": "take"}, "expect_holder"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(bmc: Target, options: dict[str, t.Any], said: str) -> None:
    result = act("ipmi_console", {**bmc.options, **options})
    assert result["failed"] and result["reason"] == "bad_option" and said in result["msg"]
    assert bmc.rack.status(bmc.name)["datagrams"] == 0

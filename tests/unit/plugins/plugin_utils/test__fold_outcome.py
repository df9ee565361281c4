# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a result is shown, and what hosts must have in common."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_outcome import (
    HIDDEN,
    MASK,
    Outcome,
    Status,
    View,
    label,
    outcome,
    warning,
)

WHOLE, BRIEF = View(), View(full=False)


def of(result: dict[str, t.Any], status: Status = Status.OK, view: View = WHOLE, names: tuple[str, ...] = ("n1",)) -> Outcome:
    return outcome(status, result, names, view)


def test_what_differs_for_no_reason_or_repeats_the_task_is_left_out() -> None:
    result = {
        "changed": False,
        "powerstate": "on",
        "requests": 3,
        "attempts": 2,
        "invocation": {"module_args": {"bmc_password": "Sesam"}},
        "before": {"a": 1},
        "after": {"a": 2},
        "stdout_lines": [],
        "unsupported": [],
        "_ansible_verbose_always": False,
    }
    assert of(result).data() == {"powerstate": "on"}


def test_a_command_is_shown_by_its_output() -> None:
    result = {"cmd": ["ipmitool", "-P", "Sesam"], "rc": 0, "stdout": "up", "stderr": "", "start": "1", "end": "2", "delta": "1"}
    assert of(result).data() == {"stdout": "up"}
    assert of({"start": "08:00", "ok": 1}).data() == {"start": "08:00", "ok": 1}


def test_a_play_shows_the_state_only_unless_the_module_wants_more() -> None:
    assert of({"gateway": "192.0.2.1"}, view=BRIEF).data() == {}
    assert of({"powerstate": "on", "forced": False, "other": 1}, view=BRIEF).data() == {"powerstate": "on", "forced": False}
    assert of({"msg": "hello", "_ansible_verbose_always": True}, view=BRIEF).data() == {"msg": "hello"}


def test_hosts_are_folded_by_the_fields_that_are_asked_for() -> None:
    view = View(fields=("b.list.1", "b.none", "a"), full=False)
    one = of({"a": 1, "b": {"list": ["x", "y"], "secret": "s"}, "c": 2}, view=view)
    assert list(one.data().items()) == [("b.list.1", "y"), ("b.none", None), ("a", 1)]
    assert of({"b": {"password": "Sesam"}}, view=View(fields=("b.password",))).data() == {"b.password": MASK}


@pytest.mark.parametrize("key", ["password", "bmc_password", "PASSWORD", "bmc_kg", "kg", "api_token", "snmp_community", "passphrase"])
def test_what_is_called_a_secret_is_masked(key: str) -> None:
    one = of({"users": [{"name": "admin", key: "Sesam"}], "diff": {"before": {key: "Alt"}, "after": {key: "Sesam"}}}, view=View(diff=True))
    assert one.data() == {"users": [{"name": "admin", key: MASK}]}
    assert "Sesam" not in one.diff and "Alt" not in one.diff


@pytest.mark.parametrize("key", ["password_size", "tokens", "update_password_on", "background"])
def test_what_only_sounds_like_a_secret_is_not(key: str) -> None:
    assert of({key: "16"}).data() == {key: "16"}


def test_no_log_hides_everything() -> None:
    censored = {"censored": "hidden due to no_log", "changed": True, "msg": "Sesam", "reason": "refused"}
    assert "Sesam" not in of(censored, Status.CHANGED).body
    failed = of(censored, Status.FAILED)
    assert failed.data() == {"msg": HIDDEN} and failed.cause == ""


def failure(number: int, **more: t.Any) -> Outcome:
    host = f"192.0.2.{number}:6623"
    result = {"msg": f"{host}: no answer from {host}", "reason": "unreachable", "bmc_host": host, **more}
    return of(result, Status.FAILED, names=(f"n{number}", f"192.0.2.{number}"))


def test_a_failure_is_the_same_on_every_host() -> None:
    assert failure(1) == failure(20)
    assert failure(1).data() == {"msg": "no answer from <host>", "reason": "unreachable"}
    assert failure(1).cause == "unreachable"
    assert failure(1, reason="refused", completion_code="0xD5").cause == "refused 0xD5"


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("n1: it is so", "it is so"),
        ("n1 is not n10 and not n1-bmc or x.n1", "<host> is not n10 and not n1-bmc or x.n1"),
        ("at n1.", "at <host>."),
        ("192.0.2.77: nobody", "nobody"),
        ("192.0.2.77:623: nobody", "nobody"),
        ("[2001:db8::1]:6623: nobody", "nobody"),
        ("12: nobody", "12: nobody"),
    ],
)
def test_the_host_is_taken_out_of_messages(message: str, folded: str) -> None:
    assert of({"msg": message}, Status.FAILED).data() == {"msg": folded}
    assert warning(message, {}, ("n1",)) == folded


@pytest.mark.parametrize(
    ("result", "message", "cause"),
    [
        ({"msg": "non-zero return code", "rc": 3, "stdout": "a\n", "stderr": "no such thing\n"}, "no such thing\na", "rc 3"),
        ({"msg": "non-zero return code", "rc": 3}, "non-zero return code", "rc 3"),
        ({"msg": "MODULE FAILURE", "module_stderr": "Traceback", "rc": 1}, "Traceback", "rc 1"),
        ({"msg": {"why": "so"}}, '{"why": "so"}', ""),
        ({"msg": ""}, "", ""),
        ({}, "", ""),
    ],
)
def test_failures_of_any_module(result: dict[str, t.Any], message: str, cause: str) -> None:
    one = of(result, Status.FAILED)
    assert (one.data()["msg"], one.cause) == (message, cause)


def test_a_diff_is_kept_where_it_is_wanted_and_shows_something() -> None:
    diff = {"before": {"state": "off"}, "after": {"state": "on"}}
    assert of({"diff": diff}).diff == ""
    assert of({"diff": diff}, view=View(diff=True)).diff == '{"after": {"state": "on"}, "before": {"state": "off"}}'
    assert of({"diff": [diff]}, view=View(diff=True)).diff
    for same in ({"before": 1, "after": 1}, {}, [], None, [{"before": 1, "after": 1}]):
        assert of({"diff": same}, view=View(diff=True)).diff == ""


def test_odd_results_do_no_harm() -> None:
    assert of({"a": {1: {"x"}, None: b"y"}}).data() == {"a": {"1": ["x"], "None": "b'y'"}}


@pytest.mark.parametrize(
    ("result", "name"),
    [
        ({"item": "eth0"}, "eth0"),
        ({"item": {"name": "admin", "password": "Sesam"}}, "item 2"),
        ({"item": {"password": "Sesam"}, "_ansible_item_label": "admin"}, "admin"),
        ({"item": "Sesam", "_ansible_no_log": True}, "item 2"),
        ({}, "item 2"),
    ],
)
def test_an_item_is_called_by_what_holds_no_secret(result: dict[str, t.Any], name: str) -> None:
    assert label(result, 2) == name

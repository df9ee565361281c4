# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every parameter that our modules set is read by an independent program, with the same value."""

from __future__ import annotations

import importlib
import os
import pathlib
import re
import typing as t

import pytest

from tests.integration.harness import CHECKOUT, act, fields, witness
from tests.integration.simulator.conftest import Rack, Target
from tests.integration.witnesses.table import NO_SETTINGS, ROWS, UNSEEN, Row, Unseen, Witness

DOCUMENT = CHECKOUT / "docs" / "witnesses.md"
#: The modules that configure one thing of a BMC: those with on_unsupported, and ipmi_boot. ipmi_config has their options.
MODULES = [
    path.stem
    for path in sorted((CHECKOUT / "plugins" / "modules").glob("ipmi_*.py"))
    if path.stem == "ipmi_boot" or ("UNSUPPORTED_SPEC" in path.read_text(encoding="utf-8") and path.stem != "ipmi_config")
]


def options_of(module: str) -> t.Iterator[str]:
    """A module's settings; those in dictionaries as "ipv6.addressing"."""
    spec = importlib.import_module(f"ansible_collections.lightsout.bmc.plugins.modules.{module}").SPEC.options
    for name, option in spec.items():
        if name in NO_SETTINGS:
            continue
        if option.get("type") == "dict" and "options" in option:
            yield from (f"{name}.{inner}" for inner in option["options"])
        else:
            yield name


def asks(bmc: Target, where: Witness) -> str:
    """What the witness shows at its place; "" where it shows nothing."""
    if where.program == "ipmi-config":
        return _ipmi_config(bmc, where).get(where.name, "")
    text = _ipmitool(bmc, where.where) if where.program == "ipmitool" else _freeipmi(bmc, where.program, where.where)
    return fields(text).get(where.name, "") if where.name else text.strip()


def _ipmitool(bmc: Target, command: str) -> str:
    login = ("-I", "lanplus", "-C", "3", "-H", bmc.host, "-p", str(bmc.rack.port), "-U", bmc.user, "-P", bmc.password)
    return witness("ipmitool", *login, *command.split())


def _freeipmi(bmc: Target, program: str, *options: str, codes: t.Collection[int] = (0,)) -> str:
    login = ("-D", "LAN_2_0", "-I", "3", "-h", f"{bmc.host}:{bmc.rack.port}", "-u", bmc.user, "-p", bmc.password)
    return witness(program, *login, *options, codes=codes)


def _ipmi_config(bmc: Target, where: Witness) -> dict[str, str]:
    more = ["-v"] if where.verbose else []
    text = _freeipmi(bmc, "ipmi-config", *more, "--checkout", "-g", where.category, "-S", where.where, codes=(0, 1))
    # It ends with 1 where the BMC lacks any one of the section's keys.
    assert "EndSection" in text, text
    lines = (line.split() for line in text.splitlines() if line.startswith("\t") and not line.strip().startswith("#"))
    return {words[0]: " ".join(words[1:]) for words in lines}


@pytest.fixture
def bmc(rack: Rack) -> Target:
    """A BMC as it comes from the factory."""
    rack.ask("factory", "n2")
    return Target(rack, "n2", rack.status("n2")["address"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.module}-{row.option}")
def test_an_independent_program_reads_what_the_module_set(bmc: Target, row: Row) -> None:
    if row.first:
        assert not act(row.module, {**bmc.options, **row.first}).get("failed")
    assert asks(bmc, row.witness) != row.shows, "it is so before, so nothing would be shown"
    result = act(row.module, {**bmc.options, **row.options})
    assert not result.get("failed"), result
    assert result["changed"] is True
    assert asks(bmc, row.witness) == row.shows


@pytest.mark.parametrize("module", MODULES)
def test_every_option_has_a_witness_or_a_reason_for_none(module: str) -> None:
    everything: tuple[Row | Unseen, ...] = (*ROWS, *UNSEEN)
    named = [row.option for row in everything if row.module == module]
    assert sorted(named) == sorted(set(named)), "an option is there twice"
    assert set(named) == set(options_of(module))


@pytest.mark.parametrize("unseen", UNSEEN, ids=lambda unseen: f"{unseen.module}-{unseen.option}")
def test_the_test_that_stands_in_for_a_witness_is_there_and_names_the_option(unseen: Unseen) -> None:
    for name in re.findall(r"\((test_\w+\.py)\)", unseen.why):
        found = list((CHECKOUT / "tests" / "integration").glob(f"*/{name}"))
        assert found, name
        assert any(unseen.option in path.read_text(encoding="utf-8") for path in found)


def document(rows: t.Iterable[Row], unseen: t.Iterable[Unseen]) -> str:
    """The table for readers."""
    head = (pathlib.Path(__file__).parent / "witnesses.md.head").read_text(encoding="utf-8")
    lines = [head, "| option | set to | read by | which shows |", "|---|---|---|---|"]
    lines += [f"| {row.module} `{row.option}` | `{_value(row)}` | {row.witness} | `{row.shows}` |" for row in rows]
    lines += ["", "## Without a witness", "", "| option | why |", "|---|---|"]
    lines += [f"| {row.module} `{row.option}` | {row.why} |" for row in unseen]
    return "\n".join(lines) + "\n"


def _value(row: Row) -> t.Any:
    value: t.Any = row.options
    for name in row.option.split("."):
        value = value[name]
    return value


def test_the_document_is_that_of_the_table() -> None:
    made = document(ROWS, UNSEEN)
    if os.environ.get("LIGHTSOUT_WRITE_WITNESSES") == "1":
        DOCUMENT.write_text(made, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == made, "`make witnesses` writes it anew"

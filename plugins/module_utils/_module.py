# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""From a module's options to its result: the one place that knows both Ansible and BMCs.

A module file holds its documentation, an `ArgumentSpec` and a `run(module)` that calls
`with_bmc` or `with_line`. The same `run` serves the ordinary module (`main()`) and the action
plugin, which hands in an object that looks like an `AnsibleModule`.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import CONNECTION_SPEC, Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError
from ansible_collections.lightsout.bmc.plugins.module_utils._presence import answers
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import Converged, converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned

Result = dict[str, t.Any]

#: The names that community.general's ipmi_power and ipmi_boot have for the connection options.
COMMUNITY_GENERAL_ALIASES: t.Final[dict[str, list[str]]] = {
    "bmc_host": ["name"],
    "bmc_port": ["port"],
    "bmc_user": ["user"],
    "bmc_password": ["password"],
    "bmc_kg": ["key"],
}


class ModuleLike(t.Protocol):
    """What `run` needs of an AnsibleModule."""

    params: dict[str, t.Any]
    check_mode: bool

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        """Succeed."""

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail."""

    def warn(self, warning: str) -> None:
        """Add a warning to the result."""


@dataclass(frozen=True)
class ArgumentSpec:
    """A module's options and the rules between them."""

    options: t.Mapping[str, t.Mapping[str, t.Any]]
    #: Other names of connection options, such as community.general's `name` for `bmc_host`.
    connection_aliases: t.Mapping[str, list[str]] = field(default_factory=dict)
    required_if: tuple[t.Any, ...] = ()
    required_one_of: tuple[t.Any, ...] = ()
    mutually_exclusive: tuple[t.Any, ...] = ()

    def argument_spec(self) -> dict[str, dict[str, t.Any]]:
        """The connection options and the module's own."""
        spec = {name: dict(option) for name, option in CONNECTION_SPEC.items()}
        for name, aliases in self.connection_aliases.items():
            spec[name]["aliases"] = list(aliases)
        spec.update({name: dict(option) for name, option in self.options.items()})
        return spec

    def kwargs(self) -> dict[str, t.Any]:
        """For AnsibleModule."""
        return {
            "argument_spec": self.argument_spec(),
            "required_if": list(self.required_if),
            "required_one_of": list(self.required_one_of),
            "mutually_exclusive": list(self.mutually_exclusive),
            "supports_check_mode": True,
        }


Check = t.Callable[[t.Mapping[str, t.Any]], t.Any]


def with_bmc(module: ModuleLike, work: t.Callable[[Bmc], Result], *, check: Check | None = None) -> None:
    """Log in, work, log out; the result or the error goes to Ansible. `check` as in `with_line`."""

    def on_line(line: Line, connection: Connection) -> Result:
        return work(line.bmc)

    with_line(module, on_line, check=check)


def with_line(
    module: ModuleLike,
    work: t.Callable[[Line, Connection], Result],
    *,
    check: Check | None = None,
) -> None:
    """As `with_bmc`, for work that may move the BMC and go on in another session.

    `check` raises BadOption for options that cannot be, before anything is sent.
    """
    try:
        connection = Connection.from_params(module.params)
        if check is not None:
            check(module.params)
    except BmcError as error:
        module.fail_json(msg=str(error), **error.facts())
    try:
        result = _work(connection, work)
    except BmcError as error:
        module.fail_json(msg=f"{connection}: {error}", bmc_host=str(connection), **_failure(error, module.check_mode))
    for warning in result.pop("warnings", []):
        module.warn(f"{connection}: {warning}")
    module.exit_json(**result)


def _work(connection: Connection, work: t.Callable[[Line, Connection], Result]) -> Result:
    line = Line(open_session(connection), _open, answers)
    try:
        result = work(line, connection)
    finally:
        line.close()
    return {**result, "requests": line.bmc.requests}


def _open(connection: Connection, deadline: float) -> Bmc:
    return open_session(connection, deadline=deadline)


def try_login(connection: Connection) -> None:
    """Log in and out at once. Raises what a login raises."""
    open_session(connection).close()


def _failure(error: BmcError, check_mode: bool) -> Result:
    facts = error.facts()
    if error.progress is not None and not check_mode:
        facts["written"] = error.progress.written
        facts["changed"] = bool(error.progress.written)
    return facts


def report(converged: Converged, before: t.Any, after: t.Any) -> Result:
    """The part of a result that all configuring modules share."""
    progress = converged.progress
    result: Result = {
        "changed": converged.changed,
        "before": before,
        "after": after,
        "diff": {"before": before, "after": after},
        "written": progress.written,
        "unsupported": converged.missing,
        **converged.seen,
        "warnings": [f"not supported by this BMC: {m['what']}: {m['setting']} ({m['reason']})" for m in converged.missing]
        + [f"{setting} is written each time: the BMC does not tell what it has" for setting in converged.blind]
        + progress.warnings,
    }
    if progress.verified is not None:
        result["verified"] = progress.verified
    return result


def bring_about(line: Line, planned: Planned, module: ModuleLike, proof: Proof) -> Result:
    """Carry out one entry's plans: the whole work of a module that configures one thing."""
    strict = module.params["on_unsupported"] == "fail"
    converged = converge(line, planned.cuts, check_mode=module.check_mode, proof=proof, strict=strict)
    result = {**report(converged, planned.before, planned.after), **planned.identity}
    result["warnings"] += planned.notes
    return result

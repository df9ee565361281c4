# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what is made from the catalogue of controls: `make controls`.

That is docs/controls.md, and the module's documentation of its option `policy`. Ansible's checks read a fragment
without running it, so it is written down too.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
import typing as t

import yaml

CHECKOUT = pathlib.Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:1] = [str(CHECKOUT), str(CHECKOUT / ".collections")]

from ansible_collections.lightsout.bmc.plugins.module_utils._audit import _catalogue  # noqa: E402
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (  # noqa: E402
    Control,
    Disruption,
    Fixable,
    Option,
    Profile,
    Severity,
)

PAGE = CHECKOUT / "docs" / "controls.md"
HEAD = pathlib.Path(__file__).with_name("controls.md.head")
FRAGMENT = CHECKOUT / "plugins" / "doc_fragments" / "_audit_policy.py"

#: In the order of the catalogue.
FAMILIES: t.Final[tuple[tuple[str, tuple[Control, ...]], ...]] = (
    ("Cipher suites and the BMC key", _catalogue.CIPHER_SUITES),
    ("IPMI 1.5 and lockout", _catalogue.AUTHENTICATION),
    ("Accounts", _catalogue.ACCOUNTS),
    ("Channels", _catalogue.CHANNELS),
    ("Serial over LAN", _catalogue.SERIAL_OVER_LAN),
    ("Network", _catalogue.NETWORK),
    ("Alerts", _catalogue.ALERTING),
    ("Boot, log, clock, firmware, host", _catalogue.PLATFORM),
)

SEVERITIES: t.Final[t.Mapping[Severity, str]] = {
    Severity.CRITICAL: "anybody who reaches the BMC takes it over",
    Severity.HIGH: "a step is left to it, such as guessing or listening",
    Severity.MEDIUM: "makes an attack easier, or hides one",
    Severity.LOW: "one layer less",
    Severity.INFO: "to know, not to mend",
}
PROFILES: t.Final[t.Mapping[Profile, str]] = {
    Profile.L1: "mending it locks nobody out",
    Profile.L2: "mending it may break old tools; holds L1",
    Profile.L3: "strict: one cipher suite, a BMC key, fixed addresses; holds L1 and L2",
}
FIXABLE: t.Final[t.Mapping[Fixable, str]] = {
    Fixable.IPMI: "IPMI",
    Fixable.OEM: "the maker's tools",
    Fixable.REDFISH: "Redfish or the maker's tools",
    Fixable.NETWORK: "the network",
    Fixable.NONE: "nothing that can be set",
}
DISRUPTIONS: t.Final[t.Mapping[Disruption, str]] = {
    Disruption.NONE: "nothing",
    Disruption.OLD_TOOLS: "old tools",
    Disruption.ACCOUNTS: "who uses the account",
    Disruption.ALL_CLIENTS: "every client",
    Disruption.CONNECTION: "the way to the BMC",
    Disruption.RESTART: "a restart",
}

#: Semantic markup of Ansible, and words that are names: they become code.
_MARKUP: t.Final = re.compile(r"\b[BCEIMOPV]\(([^()]*)\)")
_NAME: t.Final = re.compile(r"`[^`]*`|(?<![\w/.])(?:policy\.)?[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b")


def page() -> str:
    """The whole page."""
    parts = [HEAD.read_text(encoding="utf-8").rstrip(), *_legend()]
    families = [(title, controls) for title, controls in FAMILIES if controls]
    parts += ["## Contents", *(_contents(title, controls) for title, controls in families)]
    for title, controls in families:
        parts += [f"## {title}", *(_section(control) for control in controls)]
    return "\n\n".join(parts) + "\n"


def _legend() -> t.Iterator[str]:
    yield _table("profile", "meaning", [(name.value, text) for name, text in PROFILES.items()])
    yield _table("severity", "meaning", [(name.value, text) for name, text in SEVERITIES.items()])


def _table(first: str, second: str, rows: t.Iterable[tuple[str, str]]) -> str:
    return "\n".join([f"| {first} | {second} |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)])


def _contents(title: str, controls: t.Sequence[Control]) -> str:
    # No headings: they would take the anchors of the families' own.
    head = ("", "what holds where it passes", "severity", "profile", "mended by", "disturbs")
    lines = [f"**[{title}](#{_anchor(title)})**", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for control in controls:
        remedy = control.remedy
        what = (text(control.title), control.severity.value, control.profile.value, FIXABLE[remedy.fixable], DISRUPTIONS[remedy.disruption])
        lines.append(f"| [{control.id}](#{control.id.lower()}) | {' | '.join(what)} |")
    return "\n".join(lines)


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", title.lower()).replace(" ", "-")


def _section(control: Control) -> str:
    remedy = control.remedy
    how = f"**How to mend it.** {text(remedy.how)}"
    if remedy.needs_reset:
        how += " Some BMCs apply it at their next cold reset only."
    disturbs = f" It disturbs {text(remedy.disturbs)}." if remedy.disturbs else " It disturbs nobody."
    parts = [
        f'<a id="{control.id.lower()}"></a>',
        f"### {control.id}: {text(control.title)}",
        f"Severity {control.severity.value}, profile {control.profile.value}, mended by {FIXABLE[remedy.fixable]}.",
        text(control.rationale),
        f"**Expected:** {text(control.expected)}.",
        how + disturbs,
    ]
    if control.options:
        rows = [f"| `{option.name}` | {_type(option)} | {_default(option)} | {text(option.description)} |" for option in control.options]
        parts.append("\n".join(["| option of the policy | type | default | meaning |", "|---|---|---|---|", *rows]))
    parts.append("\n".join(["Sources:", "", *(f"- {text(source)}" for source in control.sources)]))
    return "\n\n".join(parts)


def _type(option: Option) -> str:
    spec = option.spec
    kind = f"{spec['type']} of {spec['elements']}" if "elements" in spec else str(spec["type"])
    choices = f": {', '.join(f'`{choice}`' for choice in spec['choices'])}" if "choices" in spec else ""
    return f"{kind}{choices}{', secret' if spec.get('no_log') else ''}"


def _default(option: Option) -> str:
    if option.default is None:
        return ""
    shown = option.default if isinstance(option.default, str) else json.dumps(option.default)
    return f"`{shown}`"


def text(words: str) -> str:
    """For Markdown, names as code."""
    plain = _MARKUP.sub(r"`\1`", words)
    safe = plain.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")
    return _NAME.sub(lambda found: found.group() if found.group().startswith("`") else f"`{found.group()}`", safe)


#: What documentation calls the keys of an argument spec.
_SPEC_KEYS: t.Final = ("type", "elements", "choices")

_FRAGMENT: t.Final = '''# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This fragment is private to lightsout.bmc: other collections must not use it.
# `make controls` writes this file from the catalogue of controls.

from __future__ import annotations


class ModuleDocFragment:
    """The option `policy` of ipmi_audit."""

    DOCUMENTATION = r"""
%s"""
'''


def fragment() -> str:
    """The documentation fragment of the option `policy`."""
    suboptions = {option.name: _documented(control, option) for control in _catalogue.CATALOGUE for option in control.options}
    policy = {
        "description": [
            "What the site wants, where a control depends on it. A control that needs a value that is not given is C(manual) and "
            "shows what the BMC has.",
        ],
        "type": "dict",
        "suboptions": suboptions,
    }
    return _FRAGMENT % yaml.safe_dump({"options": {"policy": policy}}, sort_keys=False, width=120)


def _documented(control: Control, option: Option) -> dict[str, t.Any]:
    kept = "" if option.default is None else f" If it is not given, V({_value(option.default)}) holds."
    return {
        "description": [f"{option.description}{kept}", f"For the control {control.id}: {control.title}."],
        **{key: option.spec[key] for key in _SPEC_KEYS if key in option.spec},
    }


def _value(value: t.Any) -> str:
    """A value within Ansible's markup."""
    plain = value if isinstance(value, str) else json.dumps(value)
    return plain.replace("\\", "\\\\").replace(")", "\\)")


if __name__ == "__main__":
    for path, made in ((PAGE, page()), (FRAGMENT, fragment())):
        path.write_text(made, encoding="utf-8")
        print(f"wrote {path.relative_to(CHECKOUT)}")

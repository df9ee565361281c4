# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""From what an audit found to the documents that mend it, in an order that locks nobody out.

Each step is one run of ipmi_config, with a login of its own. Secrets stay as they are in the findings, as
{"from_policy": <name>}, until `from_policy` puts them in for the module.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN

Document = dict[str, t.Any]
Finding = t.Mapping[str, t.Any]

FROM_POLICY: t.Final = "from_policy"
#: From least to most.
LEVELS: t.Final = ("unused", "no_access", "callback", "user", "operator", "administrator", "oem")

#: The control whose fix switches on what others may then leave as the only way in.
STRONG_SUITE: t.Final = "C-04"

#: The steps, in their order, with what they are about.
STEPS: t.Final[t.Mapping[str, str]] = {
    "accounts": "accounts that are not in use",
    "console": "Serial over LAN",
    "boot": "boot override",
    "chassis": "chassis",
    "controller": "controller",
    "lan": "SNMP and ARP",
    "channels": "access of channels",
    "strong_suite": "the strong cipher suite",
    "cipher_suites": "the other cipher suites",
    "network": "network",
    "own": "the account in use and the key",
}
#: A part of a document, where all of it belongs to one step.
_WHOLE: t.Final = {"boot": "boot", "chassis": "chassis"}
#: What a LAN configuration holds that cannot end the session.
_HARMLESS_LAN: t.Final = frozenset(setting.name for setting in LAN.settings if not setting.cuts)
_CIPHER_KEYS: t.Final = ("cipher_privileges", "cipher_index", "cipher_probe")


class Contradiction(ValueError):
    """Two controls want different things of one setting."""


@dataclass(frozen=True)
class Piece:
    """What one fix gives to one step."""

    step: str
    document: Document
    #: Which of several such steps: accounts have a privilege for each channel, for example.
    which: str = ""


@dataclass
class Step:
    """One run of ipmi_config."""

    name: str
    which: str = ""
    document: Document = field(default_factory=dict)
    controls: list[str] = field(default_factory=list)
    #: Which control said what: by the way to a value.
    said: dict[tuple[str, ...], str] = field(default_factory=dict)

    def add(self, control: str, part: Document) -> None:
        """Merge what one control asks for. Raises Contradiction."""
        if control not in self.controls:
            self.controls.append(control)
        _Merge(control, self.said).into(self.document, part, ())

    def as_dict(self) -> dict[str, t.Any]:
        """For the role."""
        title = f"{STEPS[self.name]} (channel {self.which})" if self.which else STEPS[self.name]
        return {"name": self.name, "title": title, "controls": self.controls, "document": self.document}


def hardening_steps(
    findings: t.Iterable[Finding], policy: t.Mapping[str, t.Any] | None, user: str | None, controls: t.Collection[str] | None = None
) -> dict[str, t.Any]:
    """`steps`, in their order, and `left`: why a failing control is in none, by control.

    `user` is the account in use; `controls` are those that shall be mended, all if it is None. Raises Contradiction.
    """
    steps: dict[tuple[str, str], Step] = {}
    left: dict[str, str] = {}
    for finding in findings:
        control = finding["id"]
        if finding["state"] != "fail" or (controls is not None and control not in controls):
            continue
        if not finding["fixes"]:
            left[control] = "there is nothing that could be written by itself; see what to do"
        for fix in finding["fixes"]:
            missing = _missing_secrets(fix, policy or {})
            if missing:
                left[control] = f"the policy does not give {', '.join(missing)}"
                continue
            for piece in _split(control, fix, user):
                steps.setdefault((piece.step, piece.which), Step(piece.step, piece.which)).add(control, piece.document)
    _keep_the_strong_suite(steps)
    # The logins of all steps but the last need the key as it was.
    ordered = sorted(steps, key=lambda key: (list(STEPS).index(key[0]), "kg" in steps[key].document.get("controller", ()), key[1]))
    return {"steps": [steps[key].as_dict() for key in ordered], "left": left}


def from_policy(value: t.Any, policy: t.Mapping[str, t.Any] | None) -> t.Any:
    """The same with the policy's secrets put in. Raises ValueError, which names what the policy lacks."""
    name = _secret(value)
    if name is not None:
        secret = (policy or {}).get(name)
        if secret in (None, ""):
            raise ValueError(f"the policy does not give {name}")
        return secret
    if isinstance(value, t.Mapping):
        return {key: from_policy(inner, policy) for key, inner in value.items()}
    if _is_list(value):
        return [from_policy(inner, policy) for inner in value]
    return value


def _secret(value: t.Any) -> str | None:
    """The name of the secret that this stands for."""
    return str(value[FROM_POLICY]) if isinstance(value, t.Mapping) and set(value) == {FROM_POLICY} else None


def _is_list(value: t.Any) -> bool:
    return isinstance(value, t.Sequence) and not isinstance(value, str | bytes)


def _missing_secrets(value: t.Any, policy: t.Mapping[str, t.Any]) -> list[str]:
    name = _secret(value)
    if name is not None:
        return [name] if policy.get(name) in (None, "") else []
    inner = value.values() if isinstance(value, t.Mapping) else value if _is_list(value) else ()
    return list(dict.fromkeys(missing for part in inner for missing in _missing_secrets(part, policy)))


def _split(control: str, fix: Document, user: str | None) -> t.Iterator[Piece]:
    """A fix's parts. Raises ValueError for what is no part of a document."""
    for key, value in fix.items():
        if key in ("users_channel", "purge_users"):
            if "users" not in fix:
                yield Piece("accounts", {key: value})
        elif key in _WHOLE:
            yield Piece(_WHOLE[key], {key: value})
        elif key in _SPLITTERS:
            yield from _SPLITTERS[key](control, fix, user)
        else:
            raise ValueError(f"{control}: its fix has {key}, which is no part of a document of ipmi_config")


def _split_users(_control: str, fix: Document, user: str | None) -> t.Iterator[Piece]:
    around: Document = {key: fix[key] for key in ("users_channel", "purge_users") if key in fix}
    for entry in fix["users"]:
        step = "own" if user and entry["name"] == user else "accounts"
        yield Piece(step, {**around, "users": [entry]}, str(fix.get("users_channel", "")))


def _split_sol(_control: str, fix: Document, _user: str | None) -> t.Iterator[Piece]:
    # A document has one such configuration, and a BMC one for each channel.
    yield Piece("console", {"sol": fix["sol"]}, str(fix["sol"].get("channel", "")))


def _split_controller(_control: str, fix: Document, _user: str | None) -> t.Iterator[Piece]:
    rest = {key: value for key, value in fix["controller"].items() if key != "kg"}
    if rest:
        yield Piece("controller", {"controller": rest})
    if "kg" in fix["controller"]:
        yield Piece("own", {"controller": {"kg": fix["controller"]["kg"]}})


def _split_lan(_control: str, fix: Document, _user: str | None) -> t.Iterator[Piece]:
    for entry in fix["lan"]:
        yield Piece("lan" if set(entry) - {"channel"} <= _HARMLESS_LAN else "network", {"lan": [entry]})


def _split_channels(control: str, fix: Document, _user: str | None) -> t.Iterator[Piece]:
    for entry in fix["channels"]:
        channel = {"channel": entry["channel"]} if "channel" in entry else {}
        ciphers = {key: entry[key] for key in _CIPHER_KEYS if key in entry}
        rest = {key: value for key, value in entry.items() if key not in _CIPHER_KEYS and key != "channel"}
        if rest:
            yield Piece("channels", {"channels": [{**channel, **rest}]})
        if ciphers:
            yield Piece("strong_suite" if control == STRONG_SUITE else "cipher_suites", {"channels": [{**channel, **ciphers}]})


_SPLITTERS: t.Final[t.Mapping[str, t.Callable[[str, Document, str | None], t.Iterator[Piece]]]] = {
    "users": _split_users,
    "sol": _split_sol,
    "controller": _split_controller,
    "lan": _split_lan,
    "channels": _split_channels,
}


def _keep_the_strong_suite(steps: t.Mapping[tuple[str, str], Step]) -> None:
    """What a step switches on no later one may take away. Raises Contradiction."""
    strong, others = steps.get(("strong_suite", "")), steps.get(("cipher_suites", ""))
    if strong is None or others is None:
        return
    for entry in strong.document["channels"]:
        same: Document = next((other for other in others.document["channels"] if _is_same("channels", other, entry)), {})
        for suite, level in entry.get("cipher_privileges", {}).items():
            privileges = same.get("cipher_privileges", {})
            said = suite if suite in privileges else "others"
            wanted = privileges.get(said, level)
            if LEVELS.index(wanted) < LEVELS.index(level):
                who = others.said[("channels", _name_of("channels", same), "cipher_privileges", said)]
                raise Contradiction(f"{STRONG_SUITE} wants cipher suite {suite} with privilege {level}, and {who} wants {wanted}")


def _name_of(key: str, entry: Document) -> str:
    if key == "users":
        return f"user {entry.get('user_id') or entry['name']}"
    return f"channel {entry.get('channel', 'of the session')}"


@dataclass(frozen=True)
class _Merge:
    """Merges what one control asks for into what others asked for."""

    control: str
    said: dict[tuple[str, ...], str]

    def into(self, target: Document, part: t.Mapping[str, t.Any], way: tuple[str, ...]) -> None:
        """Raises Contradiction."""
        for key, value in part.items():
            here = (*way, str(key))
            if key in ("users", "channels", "lan"):
                self._entries(key, target.setdefault(key, []), value, here)
            elif isinstance(value, t.Mapping) and _secret(value) is None:
                self.into(target.setdefault(key, {}), value, here)
            elif key not in target:
                target[key] = list(value) if _is_list(value) else value
                self.said[here] = self.control
            elif target[key] != value:
                target[key] = self._agreed(target[key], value, here)

    def _entries(self, key: str, target: list[Document], entries: t.Iterable[Document], way: tuple[str, ...]) -> None:
        for entry in entries:
            same = next((other for other in target if _is_same(key, other, entry)), None)
            if same is None:
                same = {}
                target.append(same)
            self.into(same, entry, (*way, _name_of(key, {**entry, **same})))

    def _agreed(self, there: t.Any, new: t.Any, way: tuple[str, ...]) -> t.Any:
        """The stricter of two values. Raises Contradiction where none is."""
        if way[-2:-1] == ("auth_types",):
            return [kind for kind in there if kind in new]
        lower = way[0] != "sol" and (way[-1] in ("privilege", "privilege_limit") or way[-2] == "cipher_privileges")
        if lower and there in LEVELS and new in LEVELS:
            return min(there, new, key=LEVELS.index)
        if way[0] == "users" and way[-1] == "enabled":
            return False
        other = self.said.get(way, "another control")
        raise Contradiction(f"{other} and {self.control} contradict each other about {', '.join(way)}")


def _is_same(key: str, one: Document, other: Document) -> bool:
    """Whether two entries are about the same channel or account."""
    if key != "users":
        return one.get("channel") == other.get("channel")
    slots = (one.get("user_id"), other.get("user_id"))
    return slots[0] == slots[1] if None not in slots else bool(one["name"] == other["name"])

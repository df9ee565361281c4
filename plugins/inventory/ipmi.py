# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ipmi
short_description: Servers by their BMCs, found by IPMI
version_added: 0.1.0
description:
  - Makes an inventory of servers from what networks, lists and CSV files say of their BMCs, and from what the BMCs
    themselves say.
  - >-
    All BMCs are asked at once, from one process. First a probe without a session, which says whether a BMC is there.
    Then, if O(gather) and O(credentials) are given, a session that reads what the BMC is, and is given back.
  - >-
    No host is left out because its BMC is out of order. Such hosts are in a group that says what is wrong, below
    C(bmc_out_of_order), and the host variable C(bmc_reason) says more.
  - The file's name must end in C(ipmi.yml) or C(ipmi.yaml).
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [lightsout.bmc.ipmi]
  networks:
    description:
      - Where to look for BMCs that nothing else names. Networks in CIDR form, without their own and their broadcast address,
        or ranges such as V(192.0.2.10-192.0.2.99), V(192.0.2.10-99) for short. At most 131072 addresses.
      - An address that no BMC answers at makes no host.
    type: list
    elements: str
    default: []
  exclude_networks:
    description: Addresses of O(networks) that are not to be asked, in the same forms.
    type: list
    elements: str
    default: []
  hostnames:
    description:
      - How hosts that were found in O(networks) are called. The first pattern that can be filled is taken.
      - >-
        A pattern may use C({address}), and with O(gather) C({mac}), C({guid}), C({serial}), C({manufacturer}), C({product_id})
        and the other facts.
      - A name from the MAC address, the GUID or the serial number stays when the BMC moves to another address.
    type: list
    elements: str
    default: ['{address}']
  hosts:
    description: Machines that are known.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The host's name, or a range of names such as V(ccw[0001:1800]) or V(r[01-40]n[01-36,40]).
        type: str
        required: true
      bmc_host:
        description:
          - Where the BMC is. An address or name, or a pattern such as V({name}-sp.example.org) or V(10.1.{rack}.{position}),
            in which a number may have a format (C({rack:02d})).
          - If something has to be computed, a Jinja expression such as C(10.1.{{ rack }}.{{ position + 100 }}).
          - Both know C(name), C(rack), C(position), C(index) (0 for the first of the range), what O(hosts[].pattern) finds,
            and O(hosts[].vars).
        type: str
        required: true
      bmc_port:
        description: UDP port of the BMC. Otherwise that of O(bmc_port).
        type: int
      rack:
        description: Rack; a host variable. With O(hosts[].per_rack) the number of the first rack.
        type: raw
      position:
        description: Position in the rack; a host variable.
        type: raw
      per_rack:
        description: So many machines are in a rack. C(rack) and C(position) are counted from the order of the range.
        type: int
      pattern:
        description:
          - A regular expression that matches the whole name. Its named groups become host variables, numbers where they
            consist of digits. V(r(?P<rack>[0-9]+\)n(?P<position>[0-9]+\)) finds rack and position.
        type: str
      maker:
        description: The maker, for O(credentials). The BMC's own answer goes over it.
        type: str
      serial:
        description: The serial number by which the BMC is known again; a pattern like O(hosts[].bmc_host).
        type: str
      mac:
        description: The MAC address by which the BMC is known again; a pattern like O(hosts[].bmc_host).
        type: str
      guid:
        description: The GUID by which the BMC is known again; a pattern like O(hosts[].bmc_host).
        type: str
      groups:
        description: Groups of these hosts.
        type: list
        elements: str
      vars:
        description: Variables of these hosts.
        type: dict
  csv:
    description: Files with a machine in each line. Their first line names the columns. Lines that begin with C(#) are left out.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file. Relative to the folder of the inventory file.
        type: path
        required: true
      columns:
        description:
          - 'Which column is what, as C(variable: title of the column).'
          - >-
            C(name), C(bmc_host), C(bmc_port), C(rack), C(position), C(maker), C(serial), C(mac), C(guid) and C(groups) (several
            with blanks, commas or semicolons between) mean what they mean in O(hosts). Any other is a host variable.
          - If left out, all columns are taken, with their titles as variables.
        type: dict
      delimiter:
        description: What is between the columns.
        type: str
        default: ','
      encoding:
        description: How characters are encoded.
        type: str
        default: utf-8
      bmc_host:
        description: A pattern as in O(hosts[].bmc_host), for lines that do not say where the BMC is. It knows all columns.
        type: str
      groups:
        description: Groups of all hosts of the file.
        type: list
        elements: str
      vars:
        description: Variables of all hosts of the file. The file's columns go over them.
        type: dict
  csv_errors:
    description:
      - What to do about lines that cannot be right. Each is named with its file and number.
      - V(fail) makes no inventory from this file. V(warn) leaves these lines out.
    type: str
    choices: [fail, warn]
    default: fail
  credentials:
    description:
      - Accounts to read with, in the order in which they are tried. On each BMC each is tried once at most, and only a refused
        login leads to the next one.
      - >-
        All values may be templates: C({{ lookup('ansible.builtin.env', 'BMC_PASSWORD') }}), variables of C(-e), vaulted
        values. They are evaluated only if BMCs are asked, so that an inventory from the cache needs no password.
      - >-
        Neither users nor passwords become host variables or are cached. The host variable C(bmc_credential) holds the
        O(credentials[].name) of the one that was taken.
      - What was taken the last time comes first, and what was refused then comes last, if caching is on.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: How this one is called in messages and in C(bmc_credential). Otherwise as the user.
        type: str
      user:
        description: User name, at most 16 bytes. Left out, it is the null user.
        type: str
      password:
        description: Password, at most 20 bytes.
        type: str
      kg:
        description: BMC key Kg in hex.
        type: str
      privilege:
        description: Privilege level to ask for. V(operator) is what reading needs.
        type: str
        choices: [user, operator, administrator]
        default: operator
      hosts:
        description: Only for these hosts, by name, range, shell pattern (V(r1*)), or address.
        type: list
        elements: str
      groups:
        description: Only for hosts of these groups, of those that O(hosts) and O(csv) give.
        type: list
        elements: str
      makers:
        description:
          - Only for BMCs of these makers; V(dell) matches V(Dell) and V(Dell Inc.).
          - Where the maker is not known, neither from O(hosts), O(csv) nor the cache, it is tried after the others.
        type: list
        elements: str
  gather:
    description:
      - What to read with a session, from those that answer.
      - >-
        V(controller) is maker, product and firmware; V(guid) the GUID; V(lan) address, VLAN and MAC address; V(power) whether the
        server is on; V(fru) serial numbers, product name and asset tag; V(sol) how Serial over LAN is set.
      - If left out, V(controller), V(guid), V(lan) and V(power) where there are O(credentials), else nothing.
    type: list
    elements: str
    choices: [controller, guid, lan, power, fru, sol]
  filters:
    description:
      - Which hosts are in the inventory. A list of C(include) and C(exclude) with a Jinja condition each, which knows the
        host's variables. The first that is true decides. A host for which none is true stays.
    type: list
    elements: dict
    default: []
    suboptions:
      include:
        description: Keep the host if this is true. A literal V(true) ends the list.
        type: raw
      exclude:
        description: Leave the host out if this is true. A literal V(true) ends the list.
        type: raw
  bmc_port:
    description: UDP port of the BMCs.
    type: int
    default: 623
  probe_rate:
    description: Packets a second at most while BMCs are looked for.
    type: float
    default: 8000
  probe_wait:
    description:
      - Seconds that an address of O(networks) has to answer. It is asked up to three times meanwhile, as far as
        O(probe_rate) leaves time. What O(hosts) and O(csv) name,
        and every address if something is gathered, gets twice as long.
    type: float
    default: 2.1
  bmc_timeout:
    description: Seconds that a login, and each request, may take.
    type: float
    default: 10
  gather_timeout:
    description: Seconds that one BMC may take in all. What was read until then counts, and the state is V(slow).
    type: float
    default: 20
  sessions:
    description: How many BMCs are read at the same time, each in a thread.
    type: int
    default: 128
  forget_after:
    description: Days after which a host from O(networks) whose BMC no longer answers is left out. Hosts that are named stay.
    type: float
    default: 30
  cache_timeout:
    description:
      - Seconds for which BMCs are not asked again; 0 is for ever. C(--flush-cache) asks at once.
      - >-
        Older facts are kept all the same. A BMC that does not answer has them, with C(bmc_stale) true, in the group
        C(bmc_stale).
notes:
  - O(credentials) with several accounts may lock accounts on BMCs that count wrong passwords.
  - >-
    The modules of this collection find C(bmc_host) and C(bmc_port) in the inventory by themselves. Put C(bmc_user) and
    C(bmc_password) into group variables; they may use C(bmc_credential).
  - Variables of groups (C(group_vars)) are not there yet while the inventory is made. Those of C(-e) are.
seealso:
  - module: lightsout.bmc.ipmi_info
author:
  - lightsout contributors (@lightsout)
"""

EXAMPLES = r"""
# 1. lab.ipmi.yml: what is out there? Nothing but a network is needed, and no password.
#    ansible-inventory -i lab.ipmi.yml --graph
plugin: lightsout.bmc.ipmi
networks:
  - 192.0.2.0/24
  - 198.51.100.10-198.51.100.99
exclude_networks:
  - 192.0.2.250

---
# 2. site.ipmi.yml: 1,800 servers in racks of 36; rack and position say where the BMC is.
plugin: lightsout.bmc.ipmi
hosts:
  - name: ccw[0001:1800]
    per_rack: 36
    bmc_host: 10.1.{rack}.{position}
    groups: [compute]
  - name: storage[01:24]
    bmc_host: '{name}-sp.example.org'
    groups: [storage]
credentials:
  - user: inventory
    password: '{{ lookup("ansible.builtin.env", "BMC_PASSWORD") }}'
keyed_groups:
  - {prefix: rack, key: rack}
  - {prefix: maker, key: bmc_maker}
  - {prefix: firmware, key: bmc_maker ~ "_" ~ bmc_firmware}
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/lightsout

---
# 3. From the asset database, with the makers' own accounts where the machines are new.
#    ansible-inventory -i assets.ipmi.yml --graph bmc_out_of_order -e @vault.yml --ask-vault-pass
plugin: lightsout.bmc.ipmi
csv:
  - path: assets.csv
    delimiter: ;
    columns:
      name: Hostname
      bmc_host: BMC IP
      rack: Rack
      position: Unit
      maker: Vendor
      serial: Serial no.
      mac: BMC MAC
      contract: Contract
networks:
  # Where BMCs get addresses from DHCP: a machine that the file names is found here by its MAC address.
  - 192.0.2.0/24
gather: [controller, guid, lan, power, fru]
credentials:
  - user: inventory
    password: '{{ vault_inventory }}'
  - name: dell factory
    makers: [dell]
    user: root
    password: '{{ vault_dell_factory }}'
filters:
  - exclude: contract is defined and contract == "returned"
groups:
  needs_care: bmc_anonymous_login | default(false) or bmc_no_authentication | default(false)
compose:
  location: '"rack " ~ rack ~ ", unit " ~ position'
strict: true
"""

import pathlib
import re
import time
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable, get_cache_plugin
from ansible.template import trust_as_template

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, BmcError
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet import _credentials
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._fleet import (
    OWN_WORDS,
    Fleet,
    Request,
    Snapshot,
    groups_of,
    in_order,
    variables_of,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._identity import Host
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import PARTS
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._sources import Sources
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._survey import Manner

#: What is read if nothing else is said.
_USUAL: t.Final = ("controller", "guid", "lan", "power")

_HOSTS: t.Final[dict[str, dict[str, t.Any]]] = {
    "name": {"type": "str", "required": True},
    "bmc_host": {"type": "str", "required": True},
    "bmc_port": {"type": "int"},
    "rack": {"type": "raw"},
    "position": {"type": "raw"},
    "per_rack": {"type": "int"},
    "pattern": {"type": "str"},
    "maker": {"type": "str"},
    "serial": {"type": "str"},
    "mac": {"type": "str"},
    "guid": {"type": "str"},
    "groups": {"type": "list", "elements": "str"},
    "vars": {"type": "dict"},
}
_CSV: t.Final[dict[str, dict[str, t.Any]]] = {
    "path": {"type": "str", "required": True},
    "columns": {"type": "dict"},
    "delimiter": {"type": "str", "default": ","},
    "encoding": {"type": "str", "default": "utf-8-sig"},
    "bmc_host": {"type": "str"},
    "groups": {"type": "list", "elements": "str"},
    "vars": {"type": "dict"},
}
_CREDENTIALS: t.Final[dict[str, dict[str, t.Any]]] = {
    "name": {"type": "raw"},
    "user": {"type": "raw"},
    # Not looked at before they are templated, so that no message can hold one.
    "password": {"type": "raw", "no_log": True},
    "kg": {"type": "raw", "no_log": True},
    "privilege": {"type": "str", "default": "operator", "choices": ["user", "operator", "administrator"]},
    "hosts": {"type": "list", "elements": "str"},
    "groups": {"type": "list", "elements": "str"},
    "makers": {"type": "list", "elements": "str"},
}
_FILTER: t.Final[dict[str, dict[str, t.Any]]] = {"include": {"type": "raw"}, "exclude": {"type": "raw"}}


#: What a text consists of that cannot be a template, whatever wrote it.
_PLAIN: t.Final = re.compile(r"[A-Za-z0-9 .,:;/()'_-]*")


def _own(value: t.Any) -> t.Any:
    """Mark a text that this collection worded itself as its own.

    `ansible-inventory --list` wraps every other text, and is hard to read then. The text may have come back from
    a cache that somebody else wrote, so that it has to be harmless besides.
    """
    if isinstance(value, dict):
        return {key: _own(item) for key, item in value.items()}
    return trust_as_template(value) if isinstance(value, str) and _PLAIN.fullmatch(value) else value


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Wires an inventory file to `module_utils/_fleet/`."""

    NAME = "lightsout.bmc.ipmi"
    #: Whether what is evaluated is the key of a group.
    _keys = False

    def verify_file(self, path: str) -> bool:
        """Whether the file is one for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("ipmi.yml", "ipmi.yaml"))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Ansible's entry. With `cache` false, BMCs are asked even if the cache is new enough."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            self._fill(inventory, path, cache)
        except (BmcError, OSError) as error:
            # The one place where errors become Ansible's.
            raise AnsibleParserError(f"{path}: {error}") from error

    def _fill(self, inventory: InventoryData, path: str, cache: bool) -> None:
        fleet = Fleet(self._request(path), Sources(int(self.get_option("bmc_port")), self._render), self._credentials)
        fleet.read_sources()
        self._wrong_lines(fleet.sources)
        kept = self._kept(path)
        hosts, snapshot = fleet.hosts(kept, fresh=not cache or self._is_old(kept))
        if self.get_option("cache") and fleet.looked:
            self._cache[self.get_cache_key(path)] = snapshot.as_json()
            self.update_cache_if_changed()
        self._add(inventory, hosts)

    # Options.

    def _request(self, path: str) -> Request:
        parts = self.get_option("gather")
        if parts is None:
            parts = _USUAL if self.get_option("credentials") else ()
        return Request(
            networks=tuple(map(str, self.get_option("networks"))),
            exclude=tuple(map(str, self.get_option("exclude_networks"))),
            hosts=tuple(self._items("hosts", _HOSTS)),
            files=tuple(self._items("csv", _CSV)),
            folder=pathlib.Path(path).resolve().parent,
            port=int(self.get_option("bmc_port")),
            hostnames=tuple(map(str, self.get_option("hostnames"))),
            manner=Manner(
                parts=tuple(part for part in PARTS if part in parts),
                rate=float(self.get_option("probe_rate")),
                wait=float(self.get_option("probe_wait")),
                timeout=float(self.get_option("bmc_timeout")),
                limit=float(self.get_option("gather_timeout")),
                sessions=int(self.get_option("sessions")),
            ),
            forget_after=float(self.get_option("forget_after")),
        )

    def _items(self, option: str, spec: dict[str, dict[str, t.Any]], given: t.Any = None) -> t.Iterator[dict[str, t.Any]]:
        """The items of a list of mappings, checked. Raises BadOption with the item's number."""
        for number, item in enumerate(self.get_option(option) if given is None else given, 1):
            if not isinstance(item, dict):
                raise BadOption(f"{option}, item {number} is not a mapping")
            unknown = sorted(set(map(str, item)) - set(spec))
            if unknown:
                raise BadOption(f"{option}, item {number}: there is no {', '.join(unknown)}; there is {', '.join(spec)}")
            validation = ArgumentSpecValidator(spec).validate(item)
            if validation.error_messages:
                raise BadOption(f"{option}, item {number}: {'; '.join(validation.error_messages)}")
            yield validation.validated_parameters

    def _render(self, pattern: str, values: dict[str, t.Any]) -> t.Any:
        """A Jinja expression of the inventory file. What CSV files and BMCs say is never one: it has no trust."""
        self.templar.available_variables = {**(self._vars or {}), **values}
        try:
            return self.templar.template(pattern)
        except AnsibleError as error:
            raise BadOption(f"{pattern!r}: {error}") from None

    def _credentials(self) -> list[_credentials.Credential]:
        given = []
        self.templar.available_variables = self._vars or {}
        for number, item in enumerate(self.get_option("credentials"), 1):
            try:
                given.append(self.templar.template(item))
            except AnsibleError as error:
                raise BadOption(f"credentials, item {number}: {error}") from None
        return _credentials.from_options(self._items("credentials", _CREDENTIALS, given))

    def _wrong_lines(self, sources: Sources) -> None:
        if sources.wrong and self.get_option("csv_errors") == "fail":
            raise BadOption(sources.complain())
        if sources.wrong:
            self.display.warning(f"lines are left out:\n{sources.complain()}")

    # The cache.

    def _kept(self, path: str) -> Snapshot:
        """The last look, however old it is."""
        if not self.get_option("cache"):
            return Snapshot()
        options = {"_uri": self.get_option("cache_connection"), "_prefix": self.get_option("cache_prefix"), "_timeout": 0}
        given = {name: value for name, value in options.items() if value is not None}
        self._cache = get_cache_plugin(self.get_option("cache_plugin"), **given)
        return Snapshot.from_json(self._cache.get(self.get_cache_key(path)))

    def _is_old(self, kept: Snapshot) -> bool:
        seconds = float(self.get_option("cache_timeout"))
        return not kept.looked or (seconds > 0 and kept.looked + seconds < time.time())

    # Hosts.

    def _add(self, inventory: InventoryData, hosts: t.Sequence[Host]) -> None:
        filters = list(self._items("filters", _FILTER))
        for item in filters:
            if len([value for value in item.values() if value is not None]) != 1:
                raise BadOption("filters: each item is either an include or an exclude")
        strict = bool(self.get_option("strict"))
        wanted: list[tuple[str, dict[str, t.Any], list[tuple[str, ...]]]] = []
        for host in hosts:
            variables = variables_of(host)
            if self._is_wanted(filters, {**variables, "inventory_hostname": host.name}, strict):
                wanted.append((host.name, variables, groups_of(host)))
        self._add_groups(inventory, [path for _name, _variables, paths in wanted for path in paths])
        for name, variables, paths in wanted:
            inventory.add_host(name)
            for variable, value in variables.items():
                inventory.set_variable(name, variable, _own(value) if variable in OWN_WORDS else value)
            for path in paths:
                inventory.add_child(self._sanitize_group_name(path[-1]), name)
            self._construct(inventory, name, variables, strict)

    def _add_groups(self, inventory: InventoryData, paths: t.Iterable[tuple[str, ...]]) -> None:
        made: set[str] = set()
        for path in in_order(paths):
            groups = [self._sanitize_group_name(name) for name in path]
            for parent, name in zip(["", *groups], groups, strict=False):
                if name not in made:
                    inventory.add_group(name)
                    made.add(name)
                    if parent:
                        inventory.add_child(parent, name)

    def _construct(self, inventory: InventoryData, name: str, variables: dict[str, t.Any], strict: bool) -> None:
        """What the inventory file composes from the variables."""
        self._set_composite_vars(self.get_option("compose"), variables, name, strict)
        host = inventory.get_host(name)
        composed = variables if host is None else host.get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), composed, name, strict, fetch_hostvars=False)
        self._keys = True
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), composed, name, strict, fetch_hostvars=False)
        self._keys = False

    def _compose(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """As ansible-core's, which refuses numbers for keyed groups, though racks and product ids are."""
        value = super()._compose(*args, **kwargs)
        return str(value).lower() if self._keys and isinstance(value, (int, float)) else value

    def _is_wanted(self, filters: t.Sequence[dict[str, t.Any]], variables: dict[str, t.Any], strict: bool) -> bool:
        if not filters:
            return True
        self.templar.available_variables = variables
        for item in filters:
            kind = "include" if item.get("include") is not None else "exclude"
            condition = item[kind]
            try:
                holds = condition if isinstance(condition, bool) else self.templar.evaluate_conditional(condition)
            except AnsibleError as error:
                if strict:
                    raise BadOption(f"filters: {kind}: {condition!r} for {variables['inventory_hostname']}: {error}") from None
                continue
            if holds:
                return kind == "include"
        return True

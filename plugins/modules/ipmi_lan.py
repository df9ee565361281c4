#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_lan
short_description: Set a BMC's address, VLAN and other LAN parameters
version_added: 0.1.0
description:
  - Brings the LAN configuration of a BMC's channel to what the task names, and leaves alone what it does not name.
  - Reads first, writes only what differs, in the order that BMCs need, and reads back what it wrote.
  - What can cut the connection (source, address, netmask, gateway, VLAN, ARP answers) is written last and proved by a
    fresh login, at the new address if there is one, before the old session is given up. Where that fails and the old
    session still answers, the old values are put back.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.proof
  - lightsout.bmc._policy.unsupported
options:
  channel:
    description:
      - The LAN channel. Left out, it is the one that the session runs over, else the first of medium 802.3.
    type: int
  ip_source:
    description:
      - Where the BMC gets its address from. To set an address of one's own it must be V(static).
    type: str
    choices: [static, dhcp, bios, other]
  ip_address:
    description:
      - The BMC's IPv4 address. The task goes on at the new address and proves it by a fresh login there.
      - An address where a BMC answers already is refused before anything is written, unless O(verify_login) is V(false).
    type: str
  netmask:
    description:
      - Dotted, such as V(255.255.255.0), or the length of the prefix, such as V(24).
    type: str
  gateway:
    description:
      - Default gateway. V(0.0.0.0) is none.
    type: str
  gateway_mac:
    description:
      - MAC address of the default gateway. Most BMCs find it themselves.
    type: str
  backup_gateway:
    description:
      - Backup gateway. V(0.0.0.0) is none.
    type: str
  backup_gateway_mac:
    description:
      - MAC address of the backup gateway.
    type: str
  vlan_id:
    description:
      - 802.1q VLAN of the BMC, 1 to 4094. V(0) switches tagging off.
    type: int
  vlan_priority:
    description:
      - 802.1q priority, 0 to 7.
    type: int
  snmp_community:
    description:
      - Community string of the BMC's SNMP traps, at most 18 bytes. It counts as a secret, so it is compared and never
        shown.
    type: str
  arp_responses:
    description:
      - Whether the BMC answers ARP requests by itself.
    type: bool
  gratuitous_arp:
    description:
      - Whether the BMC announces its address by gratuitous ARP.
    type: bool
  gratuitous_arp_interval:
    description:
      - Milliseconds between two gratuitous ARPs, 500 to 128000 in steps of 500.
    type: int
  mac_address:
    description:
      - The BMC's own MAC address. It can only be read; a task that names another one fails, unless it says
        O(on_unsupported=report). It is here so that what
        M(lightsout.bmc.ipmi_info) returns can be fed back, and to make sure that this is the BMC that is meant.
    type: str
  ipv6:
    description:
      - The IPv6 settings of the channel (LAN parameters 50 to 72).
      - Over a session that runs over IPv6, what is in here can cut the connection and is proved by a fresh login. Over
        IPv4 only V(addressing=ipv6) can.
    type: dict
    suboptions:
      addressing:
        description:
          - Which addresses the channel uses. V(ipv4) switches IPv6 off, V(ipv6) switches IPv4 off. A task that takes away
            the protocol that its session runs over needs to know where the BMC answers then - from O(ipv6.addresses) or
            O(ip_address), or from O(verify_host).
        type: str
        choices: [ipv4, ipv6, both]
      addresses:
        description:
          - All static addresses, each with the length of its prefix, such as V(2001:db8::10/64). Others are switched off;
            an empty list switches all off. Which address is in which slot of the BMC does not matter.
          - The task waits until the BMC has checked a new address for duplicates, and fails with C(not_verified) if
            another machine has it.
          - Link-local addresses are refused, because the BMC makes its own.
        type: list
        elements: str
      gateway:
        description:
          - The first static router. A link-local address is fine. V(::) is none.
          - It switches O(ipv6.static_routers) on, unless the task says otherwise.
        type: str
      gateway_mac:
        description:
          - MAC address of the first static router. Most BMCs find it themselves.
        type: str
      gateway_prefix:
        description:
          - The network that the first static router leads to, such as V(2001:db8:1::/64). V(::/0) is all.
        type: str
      backup_gateway:
        description:
          - The second static router.
        type: str
      backup_gateway_mac:
        description:
          - MAC address of the second static router.
        type: str
      backup_gateway_prefix:
        description:
          - The network that the second static router leads to.
        type: str
      static_routers:
        description:
          - Whether the static routers are used.
        type: bool
      dynamic_routers:
        description:
          - Whether routers are learned from router advertisements.
        type: bool
      dhcpv6_supported:
        description:
          - Whether the BMC can get addresses by DHCPv6. It can only be read; it is here, as are those below, so that what
            M(lightsout.bmc.ipmi_info) returns can be fed back.
        type: bool
      slaac_supported:
        description:
          - Whether the BMC can make addresses from router advertisements. It can only be read.
        type: bool
      address_slots:
        description:
          - How many static addresses the BMC has room for. It can only be read.
        type: int
      address_states:
        description:
          - How far each static address is. It can only be read.
        type: list
        elements: dict
        suboptions:
          address:
            description: The address with the length of its prefix.
            type: str
          state:
            description: V(active), V(disabled), V(pending), V(failed) (another machine has it), V(deprecated) or V(invalid).
            type: str
      dynamic_addresses:
        description:
          - Addresses that the BMC got from the network. They can only be read.
        type: list
        elements: dict
        suboptions:
          address:
            description: The address with the length of its prefix.
            type: str
          source:
            description: V(slaac) or V(dhcpv6); V(static) from BMCs that do not say.
            type: str
          state:
            description: As for the static ones.
            type: str
  nic_mode:
    description:
      - Which port of the server the BMC uses - one of its own, one of the host's, or one of the host's with another one if
        that has no link. Set by the command of the BMC's maker, where it is known (Dell, HPE, Lenovo, Supermicro);
        elsewhere it is unsupported. Not every maker has every mode.
      - It is written last of all, because the BMC may come up in another network, and proved by a fresh login some seconds
        later. A port without a cable cannot be known beforehand - behind it the BMC is out of reach, and nothing can be put
        back over the network.
      - Some makers' BMCs do not take their network settings along to the other port; there use two tasks, this one first.
      - HPE's need a restart afterwards, which a warning says.
    type: str
    choices: [dedicated, shared, failover]
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_config
    description: Sets all of it in one session.
notes:
  - OpenIPMI's C(ipmi_sim) has no ARP parameters; there O(arp_responses), O(gratuitous_arp) and
    O(gratuitous_arp_interval) are unsupported. It accepts O(snmp_community) and ignores it, which the task reports as
    C(not_verified).
"""

EXAMPLES = r"""
- name: Give the BMC its own address on VLAN 100
  lightsout.bmc.ipmi_lan:
    bmc_host: 192.0.2.130
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    ip_source: static
    ip_address: 192.0.2.10
    netmask: 24
    gateway: 192.0.2.1
    vlan_id: 100

- name: Give the BMC a static IPv6 address besides, and its router
  lightsout.bmc.ipmi_lan:
    ipv6:
      addressing: both
      addresses: ["2001:db8::10/64"]
      gateway: fe80::1

- name: Let the BMC use a port of its own
  lightsout.bmc.ipmi_lan:
    nic_mode: dedicated

- name: Let the BMC be found again after a switch to DHCP
  lightsout.bmc.ipmi_lan:
    ip_source: dhcp
    verify_host: "{{ inventory_hostname }}-bmc.example.org"

- name: Move the BMC to a VLAN that this controller does not reach, on purpose
  lightsout.bmc.ipmi_lan:
    vlan_id: 200
    verify_login: false
"""

RETURN = r"""
channel:
  description: The LAN channel.
  returned: success
  type: int
  sample: 1
before:
  description: The settings that the task names, as they were. Secrets are left out.
  returned: success
  type: dict
  sample: {"ip_source": "dhcp", "vlan_id": 0}
after:
  description: The same settings after the task; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"ip_source": "static", "vlan_id": 100}
written:
  description: The settings that were written, each with what it belongs to. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["lan channel 1: vlan_id"]
unsupported:
  description: Settings of the task that this BMC does not have.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What the setting belongs to.
      type: str
    setting:
      description: The option's name.
      type: str
    reason:
      description: How it shows.
      type: str
  sample: []
verified:
  description: Whether a fresh login proved a change that could cut the connection. V(false) if none was tried.
  returned: if there was such a change
  type: bool
  sample: true
requests:
  description: How many requests were sent in the session.
  returned: success
  type: int
  sample: 14
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description:
    - On failure, one word for its cause that playbooks may branch on. Besides those of M(lightsout.bmc.ipmi_power) -
      V(unsupported), V(not_verified) (the BMC accepted a write and ignores it), V(restored) (a fresh login failed and the
      old values were put back), V(would_lock_out).
  returned: failure
  type: str
  sample: not_verified
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Set LAN Configuration Parameters (0C/01)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xCC'
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    ArgumentSpec,
    ModuleLike,
    Result,
    bring_about,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import (
    PROOF_SPEC,
    UNSUPPORTED_SPEC,
    proof_from,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN_SPEC, check_lan, plan_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec({**LAN_SPEC, **PROOF_SPEC, **UNSUPPORTED_SPEC})


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(
        module,
        lambda line, connection: _work(line, connection, module),
        check=lambda params: (check_lan(params), proof_from(params)),
    )


def _work(line: Line, connection: Connection, module: ModuleLike) -> Result:
    planned = plan_lan(Reader(line.bmc), module.params, connection)
    return bring_about(line, planned, module, proof_from(module.params))


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

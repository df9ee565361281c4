#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_config
short_description: Bring a whole BMC to one document, in one session
version_added: 0.1.0
description:
  - Takes a document of LAN, users, Serial over LAN, boot, chassis and controller settings, and does all of it in one
    session. Each part is what the module of its name does, and what is left out is left alone.
  - Everything is read and planned before anything is written, so a value that cannot be is found while the BMC is as it
    was. What can cut the connection comes last - first the account in use, then the LAN configuration of the session's
    channel - and is proved by a fresh login.
  - The parts of RV(lightsout.bmc.ipmi_info#module:bmc) with the same names can be fed back as they are.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.configures
  - lightsout.bmc._policy.own_account
  - lightsout.bmc._policy.proof
  - lightsout.bmc._policy.unsupported
options:
  lan:
    description: LAN configurations, each as M(lightsout.bmc.ipmi_lan) takes it.
    type: list
    elements: dict
    suboptions:
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
                the protocol that its session runs over needs to know where the BMC answers then - from O(lan[].ipv6.addresses) or
                O(lan[].ip_address), or from O(verify_host).
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
              - It switches O(lan[].ipv6.static_routers) on, unless the task says otherwise.
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
  channels:
    description: Channels, each as M(lightsout.bmc.ipmi_channel) takes it.
    type: list
    elements: dict
    suboptions:
      channel:
        description:
          - The channel. Left out, it is the LAN channel that the session runs over, else the first of medium 802.3.
        type: int
      access_mode:
        description:
          - When the channel can be used. V(shared) is for serial channels.
        type: str
        choices: [disabled, pre_boot, always, shared]
      per_message_auth:
        description:
          - Whether every message of a session of IPMI 1.5 is authenticated, and not only the login.
        type: bool
      user_level_auth:
        description:
          - Whether commands of the privilege user are authenticated in sessions of IPMI 1.5.
        type: bool
      pef_alerting:
        description:
          - Whether the channel sends the alerts of platform event filtering.
        type: bool
      privilege_limit:
        description:
          - The highest privilege of any session on the channel.
        type: str
        choices: [callback, user, operator, administrator, oem]
      scope:
        description:
          - The copy that O(channels[].access_mode), O(channels[].per_message_auth), O(channels[].user_level_auth), O(channels[].pef_alerting) and
            O(channels[].privilege_limit) are about. V(volatile) is gone after a restart of the BMC, V(non_volatile) takes effect with it.
            Some BMCs change both with the stored one; then the one in force is put back.
        type: str
        choices: [both, volatile, non_volatile]
        default: both
      volatile:
        description:
          - The copy in force, by itself. What is given here and outside must not differ.
        type: dict
        suboptions:
          access_mode:
            description:
              - When the channel can be used. V(shared) is for serial channels.
            type: str
            choices: [disabled, pre_boot, always, shared]
          per_message_auth:
            description:
              - Whether every message of a session of IPMI 1.5 is authenticated, and not only the login.
            type: bool
          user_level_auth:
            description:
              - Whether commands of the privilege user are authenticated in sessions of IPMI 1.5.
            type: bool
          pef_alerting:
            description:
              - Whether the channel sends the alerts of platform event filtering.
            type: bool
          privilege_limit:
            description:
              - The highest privilege of any session on the channel.
            type: str
            choices: [callback, user, operator, administrator, oem]
      non_volatile:
        description:
          - The copy loaded when the BMC starts, by itself. What is given here and outside must not differ.
        type: dict
        suboptions:
          access_mode:
            description:
              - When the channel can be used. V(shared) is for serial channels.
            type: str
            choices: [disabled, pre_boot, always, shared]
          per_message_auth:
            description:
              - Whether every message of a session of IPMI 1.5 is authenticated, and not only the login.
            type: bool
          user_level_auth:
            description:
              - Whether commands of the privilege user are authenticated in sessions of IPMI 1.5.
            type: bool
          pef_alerting:
            description:
              - Whether the channel sends the alerts of platform event filtering.
            type: bool
          privilege_limit:
            description:
              - The highest privilege of any session on the channel.
            type: str
            choices: [callback, user, operator, administrator, oem]
      medium:
        description:
          - What the channel is, such as V(lan). It can only be read; a task that names another one fails, unless it says
            O(on_unsupported=report). It is here so that what
            M(lightsout.bmc.ipmi_info) returns can be fed back.
        type: str
      auth_types:
        description:
          - The authentication types of IPMI 1.5 for each level. Levels that are not named stay as they are; V([]) takes all from
            one. Sessions of IPMI 2.0 do not use them.
        type: dict
        suboptions:
          callback:
            description: Types that may open a session of this level.
            type: list
            elements: str
            choices: [none, md2, md5, password, oem]
          user:
            description: Types that may open a session of this level.
            type: list
            elements: str
            choices: [none, md2, md5, password, oem]
          operator:
            description: Types that may open a session of this level.
            type: list
            elements: str
            choices: [none, md2, md5, password, oem]
          administrator:
            description: Types that may open a session of this level.
            type: list
            elements: str
            choices: [none, md2, md5, password, oem]
          oem:
            description: Types that may open a session of this level.
            type: list
            elements: str
            choices: [none, md2, md5, password, oem]
      cipher_privileges:
        description:
          - The highest privilege of sessions over each cipher suite of IPMI 2.0, such as C(17) or C(0), by its ID - V(unused),
            V(callback), V(user), V(operator), V(administrator) or V(oem). Suites that are not named stay as they are.
          - The key C(others) stands for every other suite that the BMC offers.
          - A suite that the BMC does not offer may be V(unused); anything else is unsupported.
          - Where the privileges are by ID, suite 0 has one even if the BMC does not list it, and counts as offered.
          - Which suite a privilege belongs to differs between makers, by the place in the BMC's list or by the suite's ID. It is found
            out by itself, see O(channels[].cipher_index).
        type: dict
      cipher_index:
        description:
          - What the BMC's list of privileges is by. V(auto) finds out - by the list itself, by the suite of the session, by privileges
            that would belong to no suite, and by beginning logins with those suites that decide it (O(channels[].cipher_probe)). Where none
            of it tells, the task fails and asks for this option.
          - V(position) is the place in the BMC's list of suites, V(id) is the ID of the suite.
        type: str
        choices: [auto, id, position]
        default: auto
      cipher_probe:
        description:
          - Begin a login with each suite after privileges were written, and go no further. A suite of the task that is unused and can be
            logged in with all the same, or is enabled and refused, fails the task; nothing is put back then.
          - A run that changed nothing asks for the unused suites only, because a login that a BMC lets begin takes one of its session
            slots for up to a minute.
          - What was seen is in RV(cipher_suites). Done over the network only, for the channel of the session, and not in check mode.
        type: bool
        default: true
      bad_password:
        description:
          - When an account is locked because of wrong passwords. What is left out stays as it is.
        type: dict
        suboptions:
          threshold:
            description: Wrong passwords that lock an account, 1 to 255. V(0) is off.
            type: int
          reset_interval:
            description: Seconds after which wrong passwords are forgotten, 0 to 655350 in steps of 10. V(0) is never.
            type: int
          lockout_interval:
            description: Seconds after which the account is unlocked by itself, 0 to 655350 in steps of 10. V(0) is never.
            type: int
          log_event:
            description: Whether a lockout is written to the event log.
            type: bool
  users:
    description:
      - Accounts, each as M(lightsout.bmc.ipmi_user) takes it. Accounts that are not named are left alone, unless
        O(purge_users=true).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the account, at most 16 bytes. The slot is found by it.
        type: str
        required: true
      user_id:
        description:
          - The slot, 1 to 63. Left out, it is the slot that has the name, else the first free one behind fixed and reserved
            slots. Given, the account in that slot gets the name.
        type: int
      state:
        description:
          - V(absent) disables the account, takes its privilege and its name. A slot with a fixed name keeps the name.
        type: str
        choices: [present, absent]
        default: present
      password:
        description:
          - The password. It is written only if the BMC, asked whether it is the account's (Test Password), says no. Needed
            for a new account.
        type: str
      password_size:
        description:
          - The form that the BMC keeps the password in. V(16) is the one that IPMI 1.5 can use, V(20) holds up to 20 bytes.
          - V(auto) writes 16 bytes if they are enough, and accepts either form of the right password.
        type: str
        choices: [auto, '16', '20']
        default: auto
      update_password:
        description:
          - V(on_create) leaves the password of an account alone that is already there.
        type: str
        choices: [always, on_create]
        default: always
      privilege:
        description:
          - The highest privilege of the account on the channel. A new account gets V(user) if this is left out.
        type: str
        choices: [callback, user, operator, administrator, oem, no_access]
      enabled:
        description:
          - Whether the account can be used. A new account is enabled if this is left out.
          - Some BMCs do not tell whether an account is enabled. There a login with O(users[].password) decides; without it the
            setting counts as unsupported.
        type: bool
      link_auth:
        description:
          - Whether the account may be used to authenticate links (PPP).
        type: bool
      ipmi_messaging:
        description:
          - Whether the account may open IPMI sessions. A new account may if this is left out.
        type: bool
      callback:
        description:
          - Whether the account is restricted to callback. Some BMCs then refuse it over the network.
        type: bool
      sol_payload:
        description:
          - Whether the account may open the serial console (Serial over LAN).
        type: bool
  users_channel:
    description: The channel that the privilege and access of O(users) hold for. Left out, it is the LAN channel.
    type: int
  purge_users:
    description:
      - Remove every account that O(users) does not name. O(users) must be given; an empty list is a list.
      - The account in use is never purged, nor one in a slot that is fixed or reserved, nor the slot of the user without a
        name. They are left as they are, and a warning names them.
      - Accounts are purged after those of O(users) are made, so a new account needs a free slot.
    type: bool
    default: false
  sol:
    description: The Serial over LAN configuration, as M(lightsout.bmc.ipmi_sol) takes it.
    type: dict
    suboptions:
      channel:
        description:
          - The channel whose Serial over LAN configuration is meant. Left out, it is the LAN channel.
        type: int
      enabled:
        description:
          - Whether Serial over LAN is on. It is switched on last, when it is encrypted and authenticated as asked.
        type: bool
      force_encryption:
        description:
          - Refuse consoles without encryption.
        type: bool
      force_authentication:
        description:
          - Refuse consoles without authentication of each packet.
        type: bool
      privilege:
        description:
          - The least privilege that may open the console.
        type: str
        choices: [user, operator, administrator, oem]
      bit_rate:
        description:
          - Rate of the serial port in bit/s, for both copies. V(serial) is what the serial configuration says.
        type: str
        choices: ['serial', '9600', '19200', '38400', '57600', '115200']
      bit_rate_volatile:
        description:
          - The rate in force now. It is written before O(sol.bit_rate_non_volatile), so a wrong one is gone after a restart.
        type: str
        choices: ['serial', '9600', '19200', '38400', '57600', '115200']
      bit_rate_non_volatile:
        description:
          - The rate in force after a restart of the BMC.
        type: str
        choices: ['serial', '9600', '19200', '38400', '57600', '115200']
      accumulate_interval:
        description:
          - Milliseconds that the BMC collects characters before it sends them, 5 to 1275 in steps of 5.
        type: int
      send_threshold:
        description:
          - Characters at which it sends at once, 0 to 255. V(0) is never.
        type: int
      retry_count:
        description:
          - How often a packet is repeated that is not acknowledged, 0 to 7.
        type: int
      retry_interval:
        description:
          - Milliseconds between repetitions, 0 to 2550 in steps of 10.
        type: int
      payload_channel:
        description:
          - The channel that consoles run over. Most BMCs have it read only.
        type: int
      payload_port:
        description:
          - UDP port for consoles, usually 623.
        type: int
  boot:
    description: The boot override, as M(lightsout.bmc.ipmi_boot) takes it.
    type: dict
    suboptions:
      bootdev:
        description: The device; V(default) removes the override.
        type: str
        choices:
          - network
          - floppy
          - hd
          - safe
          - optical
          - setup
          - default
          - diagnostic
          - remote_floppy
          - remote_optical
          - remote_media
          - remote_hd
      persistent:
        description: For every boot, and not for the next one only. Left out, it is not.
        type: bool
      uefiboot:
        description: In UEFI mode. Left out, it is not.
        type: bool
  chassis:
    description: The chassis, as M(lightsout.bmc.ipmi_chassis) takes it.
    type: dict
    suboptions:
      power_restore_policy:
        description:
          - What the server does when mains power comes back. V(previous) is what it did before.
          - A BMC that says that it has not all of them is asked before anything is written.
        type: str
        choices: [always_off, previous, always_on]
      identify:
        description:
          - The identify light. V(timed) is on for O(chassis.identify_seconds) and then goes out by itself; one that is on already is
            left as it is.
          - V(on) stays until it is switched off. BMCs that cannot do that fail with the advice to use V(timed).
          - Where the BMC does not tell whether the light is on, it is written each time. A warning says so, and that alone does
            not count as changed.
          - YAML's unquoted C(on) and C(off) work.
        type: str
        choices: ['off', 'on', timed]
      identify_seconds:
        description:
          - How long O(chassis.identify=timed) is on, 1 to 255 seconds. Left out, it is 15.
        type: int
      power_button:
        description:
          - Whether the power button works. Some BMCs have buttons that cannot be disabled; that is unsupported.
          - A BMC that does not tell what its buttons do takes all four of them at once, so then give all four.
        type: bool
      reset_button:
        description:
          - Whether the reset button works.
        type: bool
      diagnostic_button:
        description:
          - Whether the button for the diagnostic interrupt (NMI) works.
        type: bool
      standby_button:
        description:
          - Whether the button for standby (sleep) works.
        type: bool
      power_cycle_interval:
        description:
          - Seconds that a power cycle is off, 0 to 255. V(0) is as short as possible.
          - IPMI has no way to read it. So it is written each time, a warning says so, and it does not count as changed.
        type: int
      power:
        description:
          - Whether the server is on. This and the faults below can only be read; a task that names another value fails.
            They are here so that what M(lightsout.bmc.ipmi_info) returns can be fed back.
        type: str
        choices: ['on', 'off']
      power_fault:
        description: A fault in the main power. Read only.
        type: bool
      power_control_fault:
        description: The BMC could not switch the power. Read only.
        type: bool
      power_overload:
        description: Switched off because of overload. Read only.
        type: bool
      interlock:
        description: Switched off by an interlock. Read only.
        type: bool
      intrusion:
        description: The chassis was opened. Read only.
        type: bool
      drive_fault:
        description: A drive is faulty. Read only.
        type: bool
      fan_fault:
        description: A fan is faulty. Read only.
        type: bool
  controller:
    description: The controller itself, as M(lightsout.bmc.ipmi_controller) takes it, without the reset.
    type: dict
    suboptions:
      controller_id:
        description:
          - Management controller identifier string (DCMI), at most 63 bytes. Many BMCs use it as their host name, and give it to
            the DHCP server.
          - An empty string takes it away.
        type: str
      asset_tag:
        description:
          - Asset tag (DCMI), at most 63 bytes. An empty string takes it away.
        type: str
      system_name:
        description:
          - Name of the server that the BMC keeps (system info), at most 64 bytes. An empty string takes it away.
        type: str
      clock:
        description:
          - What the clock of the BMC's event log shows. V(utc) is UTC, V(local) is the local time of the machine that the task
            runs on, as it is now.
          - It is compared within O(controller.clock_tolerance). A clock that was never set counts as different.
          - The two clocks are compared half-way between request and answer, so a slow network does not count. The machine that
            the task runs on must have the right time.
        type: str
        choices: [utc, local]
      clock_offset:
        description:
          - Seconds that the clock shall be ahead of UTC, negative for behind. O(controller.clock=utc) is V(0).
            Give one of the two.
        type: int
      clock_tolerance:
        description:
          - Seconds that the clock may be off before it is set, 1 to 86400.
        type: int
        default: 5
      utc_offset:
        description:
          - What the BMC is told about the offset of its clock from UTC, -1440 to 1440 minutes, or V(unset). The clock itself
            stays as it is. Few BMCs have it.
        type: str
      kg:
        description:
          - The BMC key Kg that sessions shall need from now on, in hex as O(bmc_kg) is, at most 20 bytes. An empty string, or
            only zeros, takes it away.
          - What it is now follows from the session, which could not have been opened with a wrong O(bmc_kg). So the next task
            needs the new key in O(bmc_kg).
          - It is written last and proved by a fresh login with it. If that fails, the old key is put back.
          - With O(bmc_interface=open), a BMC that does not tell its key gets it each time. A warning says so, and that alone does
            not count as changed.
        type: str
      manufacturer_id:
        description:
          - IANA enterprise number of the maker. This and the options below can only be read; a task that names another value
            fails. They are here so that what M(lightsout.bmc.ipmi_info) returns can be fed back, and to make sure that this is
            the BMC that is meant.
        type: int
      manufacturer:
        description: The name of the maker. Read only.
        type: str
      product_id:
        description: The maker's number for the product. Read only.
        type: int
      device_id:
        description: Device id. Read only.
        type: int
      device_revision:
        description: Device revision. Read only.
        type: int
      firmware:
        description: Firmware revision. Read only.
        type: str
      ipmi_version:
        description: Version of IPMI. Read only.
        type: str
      updating:
        description: Whether the firmware is being updated. Read only.
        type: bool
      guid:
        description: System GUID. Read only.
        type: str
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_info
notes:
  - What OpenIPMI's C(ipmi_sim) lacks is said with the single modules. There use O(on_unsupported=report).
"""

EXAMPLES = r"""
- name: Bring a BMC to the site's standard
  lightsout.bmc.ipmi_config:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    lan:
      - ip_source: static
        ip_address: 192.0.2.10
        netmask: 24
        gateway: 192.0.2.1
        vlan_id: 100
    users:
      - name: operator
        password: "{{ operator_password }}"
        privilege: operator
        sol_payload: true
      - name: ADMIN
        enabled: false
    sol:
      enabled: true
      force_encryption: true
      bit_rate: 115200

- name: Have these accounts and no others
  lightsout.bmc.ipmi_config:
    purge_users: true
    users:
      - name: admin
      - name: monitor
        password: "{{ monitor_password }}"
        privilege: user

- name: Read a BMC
  lightsout.bmc.ipmi_info:
  register: was

- name: Put back later what was read
  lightsout.bmc.ipmi_config:
    lan: "{{ was.bmc.lan }}"
    users: "{{ was.bmc.users }}"
    channels: "{{ was.bmc.channels }}"
    sol: "{{ was.bmc.sol }}"
    boot: "{{ was.bmc.boot }}"
    chassis: "{{ was.bmc.chassis }}"
    controller: "{{ was.bmc.controller }}"
    # What can only be read, such as the power state or the firmware, may be another by then.
    on_unsupported: report
"""

RETURN = r"""
before:
  description: The settings that the task names, as they were, by part. Secrets are left out.
  returned: success
  type: dict
  contains:
    lan:
      description: By channel.
      type: list
      elements: dict
    users:
      description: By slot.
      type: list
      elements: dict
    channels:
      description: By channel.
      type: list
      elements: dict
    sol:
      description: Serial over LAN.
      type: dict
    boot:
      description: The boot override.
      type: dict
    chassis:
      description: The chassis.
      type: dict
    controller:
      description: The controller itself.
      type: dict
  sample: {"lan": [{"channel": 1, "vlan_id": 0}]}
after:
  description: The same settings after the task, in the same form; in check mode, as they would be.
  returned: success
  type: dict
  sample: {"lan": [{"channel": 1, "vlan_id": 100}]}
purged:
  description: Names of the accounts that were removed because O(users) does not name them; in check mode, that would be.
  returned: if O(purge_users)
  type: list
  elements: str
  sample: ["old-operator"]
written:
  description: The settings that were written, each with what it belongs to. Also on failure, so that nobody has to guess.
  returned: always, once the BMC was asked to write
  type: list
  elements: str
  sample: ["lan channel 1: vlan_id"]
cipher_suites:
  description: What the BMC does with each suite at a login, as with M(lightsout.bmc.ipmi_channel).
  returned: if O(channels[].cipher_privileges) is given for the session's own channel, and not in check mode
  type: list
  elements: dict
  sample:
    - {"suite": 17, "privilege": "administrator", "opens": true, "status": "0x00 (no errors)"}
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

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    ArgumentSpec,
    ModuleLike,
    Result,
    report,
    try_login,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import (
    PROOF_SPEC,
    SELF_SPEC,
    UNSUPPORTED_SPEC,
    converge,
    proof_from,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._document import (
    DOCUMENT_SPEC,
    check_document,
    plan_document,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

SPEC = ArgumentSpec({**DOCUMENT_SPEC, **SELF_SPEC, **PROOF_SPEC, **UNSUPPORTED_SPEC})


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_line(
        module,
        lambda line, connection: _work(line, connection, module.params, module.check_mode),
        check=_check,
    )


def _check(params: t.Mapping[str, t.Any]) -> None:
    check_document(params)
    proof_from(params)


def _work(line: Line, connection: Connection, params: t.Mapping[str, t.Any], check_mode: bool) -> Result:
    document = plan_document(Reader(line.bmc), params, connection, try_login)
    strict = params["on_unsupported"] == "fail"
    result = converge(line, document.cuts, check_mode=check_mode, proof=proof_from(params), strict=strict)
    reported = report(result, document.before(), document.after())
    reported["warnings"] += document.notes
    return {**reported, "purged": document.purged} if params["purge_users"] else reported


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

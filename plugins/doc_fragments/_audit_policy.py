# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This fragment is private to lightsout.bmc: other collections must not use it.
# `make controls` writes this file from the catalogue of controls.

from __future__ import annotations


class ModuleDocFragment:
    """The option `policy` of ipmi_audit."""

    DOCUMENTATION = r"""
options:
  policy:
    description:
    - What the site wants, where a control depends on it. A control that needs a value that is not given is C(manual) and
      shows what the BMC has.
    type: dict
    suboptions:
      cipher_privileges:
        description:
        - The highest privilege of each cipher suite, by its ID or C(others), as the option of the same name of M(lightsout.bmc.ipmi_channel).
          Without it all but 17 and 3 must be V(unused), and at profile V(L3) 3 too.
        - 'For the control C-05: Every cipher suite has the privilege that the site wants.'
        type: dict
      kg:
        description:
        - The BMC key that should be set, in hexadecimal, 20 bytes. Without it, any key is as good as another.
        - 'For the control C-06: A BMC key (Kg) is set.'
        type: str
      bad_password_threshold:
        description:
        - After how many wrong passwords an account must be locked at the latest, 1 to 255. If it is not given, V(10) holds.
        - 'For the control L-01: Wrong passwords lock an account for a while.'
        type: int
      bad_password_lockout:
        description:
        - For how many seconds an account must be locked at least, in steps of 10. If it is not given, V(60) holds.
        - 'For the control L-01: Wrong passwords lock an account for a while.'
        type: int
      default_names:
        description:
        - Names that no enabled account may have. If it is not given, V(["ADMIN", "root", "USERID", "admin", "default", "test1",
          "sysadmin", "qct.admin", "Administrator", "lenovo", "Admin", "guest"]) holds.
        - 'For the control U-03: No enabled account has a name that BMCs leave the factory with.'
        type: list
        elements: str
      default_passwords:
        description:
        - Passwords of the site's own that no account may have any more. Those that makers are known for need not be repeated.
          Results hide what is given here, also where a name is like it.
        - 'For the control U-04: No account has a default password.'
        type: list
        elements: str
      allowed_users:
        description:
        - Names of the accounts that may be enabled. An empty list is none.
        - 'For the control U-05: No account may log in but those that are meant to.'
        type: list
        elements: str
      max_administrators:
        description:
        - How many enabled accounts may be administrators. If it is not given, V(2) holds.
        - 'For the control U-06: There are few administrators.'
        type: int
      user_privileges:
        description:
        - The highest privilege of each account by its name, such as V(operator).
        - 'For the control U-07: No account has more privilege than it needs.'
        type: dict
      sol_users:
        description:
        - Names of the accounts that may use Serial over LAN. An empty list is none.
        - 'For the control U-09: Only named accounts may use Serial over LAN.'
        type: list
        elements: str
      password_changed:
        description:
        - The day that the password of the account in use was last changed, as year-month-day. Where passwords are kept, that
          is known.
        - 'For the control U-11: The password is not too old.'
        type: str
      password_max_age:
        description:
        - How many days old a password may be. If it is not given, V(365) holds.
        - 'For the control U-11: The password is not too old.'
        type: int
      password_shared_with:
        description:
        - On how many other BMCs the account in use has the same password.
        - 'For the control U-12: The password is used on this BMC alone.'
        type: int
      lan_channels:
        description:
        - The LAN channels that are used. Others shall be disabled. Left out, it is the channel of the session.
        - 'For the control H-03: Only the LAN channels that are used are on.'
        type: list
        elements: int
      privilege_limit:
        description:
        - The highest privilege of any session over a LAN channel. If it is not given, V(administrator) holds.
        - 'For the control H-04: LAN channels are limited to the privilege that the site allows.'
        type: str
        choices:
        - callback
        - user
        - operator
        - administrator
        - oem
      sol_enabled:
        description:
        - Whether Serial over LAN shall be on.
        - 'For the control S-01: Serial over LAN is on only where it is wanted.'
        type: bool
      sol_privilege:
        description:
        - The lowest privilege that may open the serial console. If it is not given, V(operator) holds.
        - 'For the control S-04: Only accounts of enough privilege open the serial console.'
        type: str
        choices:
        - user
        - operator
        - administrator
        - oem
      sol_bit_rate:
        description:
        - The bit rate of the host's serial port. V(serial) is that of the serial configuration.
        - 'For the control S-05: The serial console has the bit rate of the host.'
        type: str
        choices:
        - serial
        - '9600'
        - '19200'
        - '38400'
        - '57600'
        - '115200'
      management_networks:
        description:
        - The networks that BMCs belong into, such as V(192.0.2.0/24).
        - 'For the control N-01: The BMC''s address is in the management network.'
        type: list
        elements: str
      ip_source:
        description:
        - Where BMCs shall get their IPv4 address from. If it is not given, V(static) holds.
        - 'For the control N-02: The BMC''s address is fixed.'
        type: str
        choices:
        - static
        - dhcp
        - bios
        - other
      vlan_id:
        description:
        - The VLAN of the management network as BMCs shall tag it, 1 to 4094. V(0) is none.
        - 'For the control N-03: The BMC is in the VLAN of the management network.'
        type: int
      gateway:
        description:
        - The default gateway that BMCs shall have. V(none) is none.
        - 'For the control N-04: The BMC has the default gateway that the site wants.'
        type: str
      gratuitous_arp:
        description:
        - Whether BMCs shall announce their address. If it is not given, V(false) holds.
        - 'For the control N-05: The BMC answers ARP and does not announce itself.'
        type: bool
      ipv6:
        description:
        - What IPv6 may be. V(disabled) is off; V(static) is off, or with static addresses alone; V(any) is not judged. If
          it is not given, V(static) holds.
        - 'For the control N-06: IPv6 is off or has fixed addresses.'
        type: str
        choices:
        - disabled
        - static
        - any
      nic_mode:
        description:
        - 'Which of the server''s network ports BMCs shall use: one of their own, one of the server''s, or one of several.
          If it is not given, V(dedicated) holds.'
        - 'For the control N-07: The BMC uses the network port that the site wants.'
        type: str
        choices:
        - dedicated
        - shared
        - failover
      snmp_community:
        description:
        - 'The site''s SNMP community, at most 18 characters. It counts as a secret: it is compared and never shown.'
        - 'For the control T-01: The SNMP community of traps is no well-known default.'
        type: str
      alert_destinations:
        description:
        - IP addresses of the receivers of alerts. An empty list says that alerts go nowhere; T-03 does not apply then.
        - 'For the control T-02: Alerts go where the site wants them, and nowhere else.'
        type: list
        elements: str
      sel_max_fill:
        description:
        - How full the event log may be, in percent; from there on it fails. If it is not given, V(90) holds.
        - 'For the control P-02: The event log is on and has room.'
        type: int
      clock:
        description:
        - What the BMC's clock shows. Local time is that of the machine that runs the module. If it is not given, V(utc) holds.
        - 'For the control P-03: The BMC''s clock is right.'
        type: str
        choices:
        - utc
        - local
      clock_tolerance:
        description:
        - How many seconds the BMC's clock may be off. If it is not given, V(60) holds.
        - 'For the control P-03: The BMC''s clock is right.'
        type: int
      utc_offset:
        description:
        - The offset from UTC that the BMC is told, in minutes, or unset. Looked at only where it is given.
        - 'For the control P-03: The BMC''s clock is right.'
        type: str
      firmware_minimum:
        description:
        - The oldest firmware revision that is good enough, such as 2.05, as the BMC shows it. It differs between models.
        - 'For the control P-04: The BMC''s firmware is recent enough.'
        type: str
      firmware_firewall:
        description:
        - 'What the firmware firewall is known to disable: for each channel a list of commands such as 06/47. Network functions
          that are not named are not looked at; an empty list says that the channel has everything.'
        - 'For the control P-06: The firmware firewall is as recorded.'
        type: dict
"""

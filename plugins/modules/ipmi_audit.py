#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipmi_audit
short_description: Judge how safe a BMC is, and change nothing
version_added: 0.1.0
description:
  - Looks at the controls of a profile, from default passwords to cipher suite 0, in one session and by probes from outside, and
    returns a finding for each. The catalogue of controls is in C(docs/controls.md) of the collection.
  - Nothing is written. A finding that fails is no failure of the task. The role P(lightsout.bmc.bmc_compliance#role) makes reports of
    findings and decides what counts.
  - What a BMC cannot or will not say is C(not_assessed), with the reason, and never passes. What IPMI does not show, or what nobody
    said is wanted, is C(manual).
  - Cipher suites are tried by beginning a login with each and going no further, because boards list suites that they refuse, and take
    suites that they were told to disable. That needs no account and locks none. A login that was begun takes one of the BMC's slots for
    up to a minute.
  - Known default passwords are compared with the answer to one login that is not carried through for each account. No wrong password
    is ever sent, so no account is locked.
extends_documentation_fragment:
  - lightsout.bmc._connection
  - lightsout.bmc._attributes
  - lightsout.bmc._attributes.info
  - lightsout.bmc._audit_policy
options:
  profile:
    description:
      - How strict. Controls of V(L1) lock nobody out when they are mended; those of V(L2) may break old tools; V(L3) is for one cipher
        suite, a BMC key and fixed addresses. Each holds those before it.
    type: str
    choices: [L1, L2, L3]
    default: L1
  controls:
    description:
      - Only these controls, such as V(C-01), whatever their profile. Empty is all of the profile.
    type: list
    elements: str
    default: []
  waivers:
    description:
      - Failures that are accepted. A waiver whose day has passed no longer counts, and the finding says so.
    type: list
    elements: dict
    default: []
    suboptions:
      control:
        description: The control.
        type: str
        required: true
      reason:
        description: Why it may fail.
        type: str
        required: true
      expires:
        description: The last day that it may, as year-month-day.
        type: str
        required: true
  probes:
    description:
      - Whether to try the BMC from outside too. Without, and in band, the controls that need it are C(not_assessed).
    type: bool
    default: true
  texts:
    description:
      - Whether each finding holds what the catalogue says of its control. Reports of many BMCs take that from the catalogue once.
    type: bool
    default: true
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_info
  - module: lightsout.bmc.ipmi_config
"""

EXAMPLES = r"""
- name: Judge a BMC
  lightsout.bmc.ipmi_audit:
    bmc_host: 192.0.2.10
    bmc_user: admin
    bmc_password: "{{ admin_password }}"
    profile: L2
  register: judged

- name: Show what is open
  ansible.builtin.debug:
    msg: "{{ judged.audit.findings | selectattr('state', 'eq', 'fail') | map(attribute='title') }}"

- name: Look at cipher suite 0 and default passwords alone
  lightsout.bmc.ipmi_audit:
    controls: [C-01, U-04]
  register: judged
  failed_when: judged.audit.summary.fail > 0

- name: Accept a failure until the board is replaced
  lightsout.bmc.ipmi_audit:
    profile: L2
    waivers:
      - control: A-01
        reason: The firmware of this board cannot switch IPMI 1.5 off.
        expires: '2027-03-31'
"""

RETURN = r"""
audit:
  description: What was found.
  returned: success
  type: dict
  contains:
    profile: {description: The profile., type: str}
    date: {description: The day of the audit in UTC., type: str}
    catalogue: {description: Fingerprint of the catalogue that was looked through., type: str}
    bmc:
      description: Which BMC it was.
      type: dict
      contains:
        host: {description: 'The address as given, with a port other than 623.', type: str}
        manufacturer_id: {description: IANA enterprise number., type: int}
        manufacturer: {description: 'The name of the maker, if the number is known.', type: str}
        product_id: {description: The maker's number for the product., type: int}
        firmware: {description: Firmware revision., type: str}
        ipmi_version: {description: Version of IPMI., type: str}
        cipher_suite: {description: The cipher suite of the session; none in band., type: int}
    findings:
      description: A finding for each control, in the order of the catalogue.
      type: list
      elements: dict
      contains:
        id: {description: 'The control, such as C(C-01).', type: str}
        state:
          description:
            - C(pass), C(fail), C(not_applicable) (the BMC does not have it), C(not_assessed) (the BMC does not say, or the probe could not
              be made), C(manual) (IPMI does not show it, or nobody said what is wanted), or C(waived) (it fails, and that is accepted).
          type: str
        severity: {description: 'C(critical), C(high), C(medium), C(low) or C(info).', type: str}
        expected: {description: What should be., type: str}
        actual: {description: What is., type: str}
        reason: {description: 'Why nothing can be said, or why it does not apply; else empty.', type: str}
        method:
          description: >-
            How it was found out: C(config), what the BMC says of itself; C(probe), tried from outside; C(metadata), from what the task says.
          type: str
        evidence:
          description:
            - The exchanges with the BMC that were looked at, with C(command), C(request), C(completion_code) and C(response) in hex,
              and the probes, with C(probe) and C(result). Secrets are left out.
          type: list
          elements: dict
        parts:
          description: The same for each channel or account, where it is about several. C(subject) says which.
          type: list
          elements: dict
          contains:
            subject: {description: Which., type: str}
            state: {description: State., type: str}
            expected: {description: What should be., type: str}
            actual: {description: What is., type: str}
            reason: {description: Why nothing can be said., type: str}
        fixes:
          description:
            - What mends it, as parts of a document of M(lightsout.bmc.ipmi_config). C(from_policy) stands for a secret.
            - Those of several findings belong together, and the role P(lightsout.bmc.bmc_hardening#role) merges them. One after another they would undo each
              other where two controls want different amounts of one setting, such as C(auth_types).
          type: list
          elements: dict
        waiver: {description: 'The waiver of a failing control: C(reason), C(expires), C(expired).', type: dict}
        title: {description: 'What holds where it passes. This and the following if O(texts).', type: str}
        profile: {description: The mildest profile that holds it., type: str}
        rationale: {description: Why it matters., type: str}
        how: {description: How to mend it., type: str}
        fixable: {description: 'What mends it: C(ipmi), C(oem), C(redfish), C(network) or C(none).', type: str}
        disruption: {description: 'What mending it disturbs, in a word.', type: str}
        disturbs: {description: 'What mending it disturbs, in words.', type: str}
        needs_reset: {description: Whether some BMCs apply it at their next cold reset only., type: bool}
        references: {description: Who asks for it., type: list, elements: str}
    summary: {description: How many findings are in each state., type: dict}
  sample:
    profile: L1
    summary: {pass: 20, fail: 2, not_applicable: 3, not_assessed: 4, manual: 6, waived: 0}
requests:
  description: How many requests were sent in the session; probes are not counted.
  returned: success
  type: int
  sample: 71
bmc_host:
  description: The BMC that the task failed on, with its port.
  returned: failure, once the options were found to be in order
  type: str
  sample: 192.0.2.10:623
reason:
  description: On failure, one word for its cause. See M(lightsout.bmc.ipmi_power).
  returned: failure
  type: str
  sample: unreachable
command:
  description: The refused command, with its network function and number.
  returned: failure, if the BMC refused a command
  type: str
  sample: Get Device ID (06/01)
completion_code:
  description: The completion code of the refusal.
  returned: failure, if the BMC refused a command
  type: str
  sample: '0xD4'
"""

import datetime
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._audit import audit, summary
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import (
    BY_ID,
    chosen,
    fingerprint,
    policy,
    policy_spec,
    secret_options,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._waiver import WAIVERS_SPEC, parse_waivers
from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._module import ArgumentSpec, ModuleLike, Result, with_bmc

SPEC = ArgumentSpec(
    {
        "profile": {"type": "str", "default": "L1", "choices": [profile.value for profile in Profile]},
        "controls": {"type": "list", "elements": "str", "default": []},
        "policy": policy_spec(),
        "waivers": WAIVERS_SPEC,
        "probes": {"type": "bool", "default": True},
        "texts": {"type": "bool", "default": True},
    }
)


def run(module: ModuleLike) -> None:
    """Do the module's work."""
    with_bmc(module, lambda bmc: _work(bmc, module.params), check=_check)


def _check(params: t.Mapping[str, t.Any]) -> None:
    chosen(Profile(params["profile"]), params["controls"])
    parse_waivers(params["waivers"], BY_ID)
    policy(params["policy"])


def _work(bmc: Bmc, params: t.Mapping[str, t.Any]) -> Result:
    profile = Profile(params["profile"])
    case = Case(Evidence(bmc), policy(params["policy"]), profile, probes=params["probes"], secrets=_secrets(params))
    today = datetime.datetime.now(datetime.timezone.utc).date()  # noqa: UP017  (datetime.UTC came with Python 3.11)
    findings = audit(case, chosen(profile, params["controls"]), parse_waivers(params["waivers"], BY_ID), today)
    return {
        "changed": False,
        "audit": {
            "profile": profile.value,
            "date": today.isoformat(),
            "catalogue": fingerprint(),
            "bmc": _identity(bmc),
            "findings": [finding.as_dict(texts=params["texts"]) for finding in findings],
            "summary": summary(findings),
        },
    }


def _secrets(params: t.Mapping[str, t.Any]) -> frozenset[str]:
    """What Ansible takes out of the result."""
    given = [params["bmc_password"], params["bmc_kg"]]
    for name in secret_options():
        value = (params["policy"] or {}).get(name)
        given += value if isinstance(value, list) else [value]
    return frozenset(secret for secret in given if secret)


def _identity(bmc: Bmc) -> dict[str, t.Any]:
    device = bmc.device
    return {
        "host": str(bmc.connection),
        "manufacturer_id": device.manufacturer_id,
        "manufacturer": device.manufacturer,
        "product_id": device.product_id,
        "firmware": device.firmware,
        "ipmi_version": device.ipmi_version,
        "cipher_suite": bmc.cipher_suite,
    }


def main() -> None:
    """The ordinary module form."""
    run(AnsibleModule(**SPEC.kwargs()))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_report
short_description: Make reports of what audits of BMCs found, and say what counts
version_added: 0.1.0
description:
  - Takes the results of M(lightsout.bmc.ipmi_audit) that the hosts of a run registered, and writes reports - JSON, JUnit XML, SARIF, and
    one HTML page that needs nothing else.
  - Says what is open at or above a severity and not in an accepted baseline, which BMCs could not be audited, and what became of
    what an earlier report had. Nothing of that fails the task; O(ignore:failed_when) or an assertion does.
  - Works on the controller only, once for all hosts (C(run_once)), and asks no BMC.
  - The files depend on the findings and on their day, and not on the time of day. The same findings give the same bytes.
  - The guide on compliance reports (R(guide,ansible_collections.lightsout.bmc.docsite.compliance_guide)) shows what is in them.
extends_documentation_fragment:
  - lightsout.bmc._attributes.report
options:
  dest:
    description:
      - Folder on the controller for the files. It is made if it is not there. A relative one begins where the playbook is.
      - The files say which BMCs are weak, so that nobody but their owner and group may read them.
    type: path
    required: true
  name:
    description:
      - How the files' names begin.
    type: str
    default: bmc-compliance
  title:
    description:
      - What the reports are called.
    type: str
    default: BMC compliance
  formats:
    description:
      - Which files to write. All others are made from what V(json) holds, and V(json) is what O(baseline) and O(previous) take.
    type: list
    elements: str
    choices: [json, junit, sarif, html]
    default: [json, junit, sarif, html]
  hosts:
    description:
      - The hosts of the report, such as C(ansible_play_hosts_all), so that hosts whose BMC did not answer are in it too.
    type: list
    elements: str
    required: true
  variable:
    description:
      - The host variable that holds the registered result of M(lightsout.bmc.ipmi_audit). One without texts is enough
        (O(lightsout.bmc.ipmi_audit#module:texts=false)). A host that does not have it was not reached.
    type: str
    default: bmc_compliance_audit
  rack:
    description:
      - The host variable that holds the rack.
    type: str
    default: rack
  rack_position:
    description:
      - The host variable that holds the position in the rack. P(lightsout.bmc.ipmi#inventory) gives C(position).
    type: str
    default: position
  location:
    description:
      - The file that SARIF's findings are shown at, from the top of the repository; C({host}) is the host's name.
    type: str
    default: host_vars/{host}.yml
  fail_on:
    description:
      - The mildest severity that counts. With V(never) none does; a BMC that was not audited still does.
    type: str
    choices: [critical, high, medium, low, info, never]
    default: high
  baseline:
    description:
      - A JSON report whose open findings are accepted. What was open there, by host, control, and channel or account, does not count.
    type: path
  previous:
    description:
      - An earlier JSON report to compare with. It is read before anything is written, so it may be the file that is written anew.
    type: path
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_audit
"""

EXAMPLES = r"""
- name: Judge all BMCs
  lightsout.bmc.ipmi_audit:
    profile: L2
    texts: false
  register: bmc_compliance_audit
  ignore_errors: true
  ignore_unreachable: true

- name: Make the reports
  lightsout.bmc.compliance_report:
    dest: reports
    hosts: "{{ ansible_play_hosts_all }}"
  run_once: true
  register: reports

- name: Make the reports, and accept what the first audit of the site found
  lightsout.bmc.compliance_report:
    dest: reports
    hosts: "{{ ansible_play_hosts_all }}"
    fail_on: medium
    baseline: accepted.json
    previous: last-week.json
  run_once: true
  register: reports
  failed_when: not (reports.ok | default(false))
"""

RETURN = r"""
files:
  description: The files of the report. In check mode those that would be written.
  returned: success
  type: list
  elements: str
  sample: [/srv/site/reports/bmc-compliance.json, /srv/site/reports/bmc-compliance.html]
ok:
  description: Whether nothing counts, and every BMC was audited.
  returned: success
  type: bool
open:
  description: What counts - open findings at or above O(fail_on) that O(baseline) does not have.
  returned: success
  type: list
  elements: dict
  contains:
    host: {description: The host., type: str}
    control: {description: The control., type: str}
    severity: {description: How bad it is., type: str}
    title: {description: What should hold., type: str}
  sample:
    - {host: node01, control: C-01, severity: critical, title: Cipher suite 0 is refused}
accepted:
  description: What would count, but is in O(baseline). The same keys as RV(open).
  returned: success
  type: list
  elements: dict
not_audited:
  description: The hosts whose BMC was not audited.
  returned: success
  type: list
  elements: dict
  contains:
    host: {description: The host., type: str}
    reason:
      description: >-
        A word - that of M(lightsout.bmc.ipmi_audit), C(not_reached) if there is no result, C(unreadable) if there is another one.
      type: str
    msg: {description: The failure., type: str}
compared:
  description:
    - How many findings are new since O(previous), fixed, still open, meanwhile waived, and unclear (open then, and now not assessed or not
      looked at). Only what is known to hold counts as fixed.
  returned: success
  type: dict
  contains:
    new: {description: Open now and not then., type: int}
    fixed: {description: Open then. Now it passes or does not apply., type: int}
    still_open: {description: Open then and now., type: int}
    waived: {description: Open then and waived now., type: int}
    unclear: {description: Open then. Now nobody can say., type: int}
  sample: {new: 1, fixed: 12, still_open: 3, waived: 0, unclear: 2}
summary:
  description: Counts of C(hosts) (C(all), C(audited), C(not_audited)), of findings by C(states), and of those that are C(open) by severity.
  returned: success
  type: dict
reason:
  description: On failure C(bad_option), C(bad_file) or C(not_written).
  returned: failure
  type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

SPEC: t.Final[dict[str, t.Any]] = {
    "dest": {"type": "path", "required": True},
    "name": {"type": "str", "default": "bmc-compliance"},
    "title": {"type": "str", "default": "BMC compliance"},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": ["json", "junit", "sarif", "html"],
        "default": ["json", "junit", "sarif", "html"],
    },
    "hosts": {"type": "list", "elements": "str", "required": True},
    "variable": {"type": "str", "default": "bmc_compliance_audit"},
    "rack": {"type": "str", "default": "rack"},
    "rack_position": {"type": "str", "default": "position"},
    "location": {"type": "str", "default": "host_vars/{host}.yml"},
    "fail_on": {"type": "str", "choices": ["critical", "high", "medium", "low", "info", "never"], "default": "high"},
    "baseline": {"type": "path"},
    "previous": {"type": "path"},
}


def main() -> None:
    """The ordinary module form, which nobody gets to: the action of this name does the work."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.fail_json(msg="compliance_report runs on the controller, by the action of its name", reason="bad_option")


if __name__ == "__main__":
    main()

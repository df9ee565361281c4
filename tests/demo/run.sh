#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Starts the simulated rack, factory-fresh, and provisions it twice: the second run changes nothing.
# What the BMCs are at the end is kept in .cache/demo/state, where `make rack` finds it.

set -euo pipefail
cd "$(dirname "$0")/../.."

python=.venv/bin/python
playbook() {
    ANSIBLE_CONFIG=ansible.cfg .venv/bin/ansible-playbook \
        --inventory tests/demo/inventory.yml --forks 12 playbooks/provision_rack.yml
}

say() {
    printf '\n\033[1m== %s\033[0m\n' "$*"
}

folder=.cache/demo
rm -rf "$folder"
mkdir -p "$folder"

say "Starting 24 simulated BMCs of seven makers, fresh from the factory"
exec {ready}< <(
    exec "$python" -m tests.simulator --rack tests/simulator/examples/rack24.yml --port 6623 --state "$folder/state"
)
rack_pid=$!
stop() {
    kill "$rack_pid" 2>/dev/null && wait "$rack_pid" || true
}
trap stop EXIT
if ! read -r -t 30 line <&"$ready"; then
    echo "The simulated rack did not start. Is another one running (make rack)?" >&2
    exit 1
fi
echo "$line"

say "Provisioning them: addresses, VLAN, accounts, Serial over LAN, network boot, power"
playbook

say "The same once more: nothing is left to change"
second=$folder/second.txt
playbook >"$second" || { cat "$second"; exit 1; }
sed -n '/^PLAY RECAP/,$p' "$second"
if [ "$(grep -c ' changed=0 .* failed=0 ' "$second")" != 24 ]; then
    echo "The second run changed something, which it must not." >&2
    exit 1
fi

say "What each BMC is now"
sed -n '/^    "msg": \[/,/^    \]/ { s/^        "\(.*\)",\{0,1\}$/\1/p }' "$second"

say "What to type next"
cat <<'NEXT'
The simulated rack has stopped. In one terminal, start it again as it is now:

    make rack

and in another:

    source .venv/bin/activate
    export ANSIBLE_INVENTORY=tests/demo/inventory.yml
    ansible rack1 -m ipmi_power
    ansible r1n01 -m ipmi_power -a 'state=shutdown force_after=60'
    ansible r1n07 -m ipmi_info -a gather=controller,lan,users
    ansible openbmc -m ipmi_user -a 'name=intern password=For-a-Week-1 privilege=user' --check --diff
    ansible-playbook playbooks/provision_rack.yml --check --diff

Then a real rack: README.md, "A first real rack in five steps".
NEXT

#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The independent programs that the tests use as witnesses, as BMCs that are not ours, as console servers, as a store of
# passwords, the tools of GRUB and a shell for the trees of other systems, and the browser that opens the compliance report.
# As root on a system with apt, what is missing is installed; else the command to type is shown.
# `system_packages.sh server` is about what runs a whole server instead.
set -euo pipefail

# program:package, or file:package
needed=(
    ipmitool:ipmitool ipmipower:freeipmi-tools ipmi-config:freeipmi-tools ipmiconsole:freeipmi-tools ipmi_sim:openipmi
    conserver:conserver-server console:conserver-client conmand:conman logrotate:logrotate systemd-analyze:systemd
    faketime:faketime "/usr/lib/$(uname -m)-linux-gnu/libnss_wrapper.so:libnss-wrapper"
    busybox:busybox-static grub-mkconfig:grub-common
    pass:pass gpg:gnupg chromium:chromium chromedriver:chromium-driver
)
if [ "${1:-}" = server ]; then
    needed=(
        ipmitool:ipmitool ipmi_sim:openipmi
        qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils
        mmdebstrap:mmdebstrap mke2fs:e2fsprogs /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
        ssh:openssh-client ssh-keygen:openssh-client
    )
fi
# FreeIPMI puts some of its programs into sbin, which is not on every user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

missing() {
    local entry
    for entry in "${needed[@]}"; do
        command -v "${entry%%:*}" >/dev/null 2>&1 || [ -e "${entry%%:*}" ] || printf '%s\n' "${entry##*:}"
    done | sort -u
}

mapfile -t packages < <(missing)
if [ ${#packages[@]} -eq 0 ]; then
    exit 0
fi

install="apt-get install --no-install-recommends ${packages[*]}"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing for the tests: ${packages[*]}" >&2
    echo "On Debian or Ubuntu, type:  sudo $install" >&2
    if [ "${LIGHTSOUT_WITHOUT_WITNESSES:-}" = 1 ]; then
        echo "LIGHTSOUT_WITHOUT_WITNESSES=1: going on; the tests that need them are skipped." >&2
        exit 0
    fi
    echo "Or run what can be run without them:  LIGHTSOUT_WITHOUT_WITNESSES=1 make test" >&2
    exit 1
fi

# dpkg would start the services of what it installs: 101 forbids it. A policy that is there already stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing ${packages[*]}"
log=$(mktemp)
if ! { $install --yes || { apt-get update && $install --yes; }; } > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "apt could not install: ${packages[*]}" >&2
    exit 1
fi
rm -f "$log"

mapfile -t packages < <(missing)
if [ ${#packages[@]} -ne 0 ]; then
    echo "Installed, but their programs are still not found: ${packages[*]}" >&2
    exit 1
fi

#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: export.sh FOLDER. Copies the collection's files, those of git and the new ones that git
# does not ignore, to FOLDER/ansible_collections/lightsout/bmc, and prints that path. ansible-test
# and the build work there: a folder of that name, without .collections' link back, without rubbish.
set -euo pipefail

cd "$(dirname "$0")/../.."
target=$1/ansible_collections/lightsout/bmc
mkdir -p "$target"
git ls-files -z --cached --others --exclude-standard -- . ':!.collections' |
    while IFS= read -r -d '' file; do
        # A file that was deleted but not committed is still listed.
        if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
    done |
    tar --create --null --files-from=- | tar --extract --directory="$target"
printf '%s\n' "$target"

#!/bin/sh
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What ipmi_sim asks about the hardware around it: its chassis_control and its lan_config_program.
#
#   hardware.sh FOLDER get NAME...          prints NAME:VALUE for each
#   hardware.sh FOLDER set NAME VALUE ...   stores each
#   hardware.sh FOLDER check NAME VALUE ... refuses by exit code 1 and a line of text
#
# Each value is a file of its name in FOLDER. ipmi_sim serves nobody while this runs, so it is a
# shell script that starts no other program.

folder=$1 operation=$2
shift 2
case $operation in
get)
    for name; do
        value=
        [ ! -f "$folder/$name" ] || read -r value <"$folder/$name"
        printf '%s:%s\n' "$name" "$value"
    done
    ;;
set)
    while [ $# -ge 2 ]; do
        case $1 in
        # A soft shutdown is done at once, unless the operating system is deaf; a reset changes no state.
        shutdown) [ -f "$folder/deaf" ] || echo 0 >"$folder/power" ;;
        reset) ;;
        *) printf '%s\n' "$2" >"$folder/$1" ;;
        esac
        # The network in front of the BMC waits for this line.
        [ "$1" != ip_addr ] || [ ! -p "$folder/moved" ] || echo >"$folder/moved"
        shift 2
    done
    ;;
check)
    while [ $# -ge 2 ]; do
        case $1=$2 in
        ip_addr_src=static | ip_addr_src=dhcp) ;;
        ip_addr_src=*)
            echo "there is only static and dhcp"
            exit 1
            ;;
        esac
        shift 2
    done
    ;;
*) exit 1 ;;
esac

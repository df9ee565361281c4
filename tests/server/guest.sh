#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the guest's disk from Debian packages, without mounts, loop devices or KVM:
#
#   guest.sh FOLDER PUBLIC_KEY WHEELS
#
# leaves FOLDER/disk.img, FOLDER/vmlinuz and FOLDER/initrd.img. PUBLIC_KEY is whom root lets in; WHEELS is a folder of
# Python wheels for the guest, which has no network. mmdebstrap needs root here, so that files belong to whom they should.
# LIGHTSOUT_DEBIAN_MIRROR is a mirror other than Debian's own.
set -euo pipefail

megabytes=1600
start=2048 # the partition's first sector
uuid=6c696768-7473-6f75-7400-000000000001

packages=(
    systemd-sysv udev dbus kmod iproute2 procps login e2fsprogs     # dbus and logind see the power button
    linux-image-amd64 initramfs-tools lz4 grub-pc                   # the cloud kernel knows no IPMI
    openssh-server ipmitool
    python3 python3-apt python3-venv python3-setuptools             # what Ansible's modules want
    python3-cryptography python3-dateutil python3-pbr python3-six   # what pyghmi wants; pyghmi itself is not there
)

# Left out: what no virtual server has. A smaller disk is built and copied sooner.
setup() {
    mkdir -p "$1"/etc/dpkg/dpkg.cfg.d "$1"/etc/initramfs-tools/conf.d "$1"/etc/default/grub.d
    {
        printf 'path-exclude=/usr/share/%s/*\n' doc man locale info lintian
        printf 'path-exclude=/lib/modules/*/kernel/drivers/%s/*\n' gpu media net/wireless net/ethernet infiniband staging iio scsi usb
        printf 'path-exclude=/lib/modules/*/kernel/%s/*\n' sound 'fs/[!efjm]*'
    } > "$1"/etc/dpkg/dpkg.cfg.d/slim
    # lz4 is cheap to unpack without KVM.
    printf 'MODULES=list\nCOMPRESS=lz4\nFSTYPE=ext4\n' > "$1"/etc/initramfs-tools/conf.d/virtual
    printf '%s\n' virtio_pci virtio_blk ext4 > "$1"/etc/initramfs-tools/modules
}

# A mirror of the site on the guest's own disk: one package, and wheels.
mirror() {
    mkdir -p "$1"/srv/packages "$1"/srv/wheels
    cp "$wheels"/*.whl "$1"/srv/wheels/
    chmod 644 "$1"/srv/wheels/*
    (cd "$1"/srv/packages && apt-get -qq -o APT::Sandbox::User=root download python3-pyghmi)
    local file
    for file in "$1"/srv/packages/*.deb; do
        dpkg-deb --field "$file"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${file##*/}" "$(stat -c %s "$file")" "$(sha256sum < "$file" | cut -d' ' -f1)"
    done > "$1"/srv/packages/Packages
}

configure() {
    echo n1 > "$1"/etc/hostname
    echo '127.0.0.1 localhost n1' > "$1"/etc/hosts
    echo "UUID=$uuid / ext4 errors=remount-ro,noatime 0 1" > "$1"/etc/fstab
    echo 'root:Sesam-auf-mich' | chroot "$1" chpasswd
    chroot "$1" useradd --create-home --shell /bin/bash person # without rights
    install -d -m 700 "$1"/root/.ssh
    install -m 600 "$public_key" "$1"/root/.ssh/authorized_keys
    # QEMU's network gives every guest this address.
    printf '[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' > "$1"/etc/systemd/network/10-net.network
    # Whoever waits for this server reads a line at the other end of the virtual port, at each boot.
    cat > "$1"/etc/systemd/system/ready.service <<'UNIT'
[Unit]
After=ssh.service systemd-networkd.service dev-virtio\x2dports-ready.device
Wants=dev-virtio\x2dports-ready.device
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo ready > /dev/virtio-ports/ready'
[Install]
WantedBy=multi-user.target
UNIT
    chroot "$1" systemctl --quiet enable systemd-networkd.service ready.service
    # What would only take time, or want the network.
    chroot "$1" systemctl --quiet mask systemd-networkd-wait-online.service systemd-hwdb-update.service apt-daily.timer \
        apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    # A careless administrator's serial consoles: both at the wrong port, one at
    # the wrong rate, neither the last; and once more in a file of his own.
    cat > "$1"/etc/default/grub <<'GRUB'
GRUB_DEFAULT=0
GRUB_TIMEOUT=2
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"
GRUB_CMDLINE_LINUX="console=ttyS2,9600n8 console=ttyS0,115200n8 console=tty0"
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
GRUB
    # shellcheck disable=SC2016  # GRUB's shell expands it
    echo 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT console=ttyS0,9600"' > "$1"/etc/default/grub.d/careless.cfg
    # Faster without KVM. It is in a file of its own, so that what a role makes of the others stays plain.
    # shellcheck disable=SC2016
    echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX mitigations=off nokaslr random.trust_cpu=on"' > "$1"/etc/default/grub.d/virtual.cfg
}

# update-grub wants to see the disk, so the guest does that itself. This one is for its first boot.
loader() {
    local version
    version=$(basename "$1"/lib/modules/*)
    mkdir -p "$1"/boot/grub/i386-pc
    cp "$1"/usr/lib/grub/i386-pc/*.mod "$1"/usr/lib/grub/i386-pc/*.lst "$1"/boot/grub/i386-pc/
    cat > "$1"/boot/grub/grub.cfg <<GRUB
set timeout=0
insmod part_msdos
insmod ext2
search --no-floppy --fs-uuid --set=root $uuid
menuentry 'First boot' {
  linux /boot/vmlinuz-$version root=UUID=$uuid ro quiet mitigations=off nokaslr random.trust_cpu=on console=tty0
  initrd /boot/initrd.img-$version
}
GRUB
    chroot "$1" grub-mkimage -O i386-pc -o /boot/grub/core.img -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2
    cp "$1/boot/vmlinuz-$version" "$folder/vmlinuz"
    cp "$1/boot/initrd.img-$version" "$folder/initrd.img"
}

# One partition that boots, with the file system in it and GRUB before it.
disk() {
    local image=$folder/disk.new sectors=$((megabytes * 2048 - start)) numbers
    rm -f "$image"
    truncate -s "${megabytes}M" "$image"
    mke2fs -q -t ext4 -U "$uuid" -d "$1" -E "offset=$((start * 512)),lazy_itable_init=1,lazy_journal_init=1" "$image" "$((sectors / 2))k"
    dd if="$1"/usr/lib/grub/i386-pc/boot.img of="$image" bs=440 count=1 conv=notrunc status=none
    dd if="$1"/boot/grub/core.img of="$image" bs=512 seek=1 conv=notrunc status=none
    # The partition table: active, type Linux, its start and length; then the boot sector's mark.
    numbers=$(printf '%08x%08x' "$start" "$sectors" | sed -E 's/(..)(..)(..)(..)/\\x\4\\x\3\\x\2\\x\1/g')
    printf '%b' "\x80\xfe\xff\xff\x83\xfe\xff\xff$numbers" | dd of="$image" bs=1 seek=446 conv=notrunc status=none
    printf '\x55\xaa' | dd of="$image" bs=1 seek=510 conv=notrunc status=none
    mv "$image" "$folder/disk.img"
}

# mmdebstrap calls this file for its hooks.
if [ "$1" = hook ]; then
    "$2" "$3"
    exit
fi

export folder=$1 public_key=$2 wheels=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# shellcheck disable=SC2016  # the hooks' shells expand it
mmdebstrap --quiet --variant=minbase --mode=root --include="${packages[*]}" \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --setup-hook="'$0' hook setup \"\$1\"" \
    --essential-hook='echo grub-pc grub-pc/install_devices_empty boolean true | chroot "$1" debconf-set-selections' \
    --customize-hook="'$0' hook mirror \"\$1\"" --customize-hook="'$0' hook configure \"\$1\"" \
    bookworm "$root" ${LIGHTSOUT_DEBIAN_MIRROR:+"$LIGHTSOUT_DEBIAN_MIRROR"}
echo 'deb [trusted=yes] file:/srv/packages ./' > "$root/etc/apt/sources.list"
loader "$root"
disk "$root"

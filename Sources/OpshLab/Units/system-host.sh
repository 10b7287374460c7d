# One host whose process 1 is systemd itself, on this machine, for units of the system. Started as root by: unshare -m -p -C -i
# -u -f --kill-child, in a control group of its own, with an empty environment but for PATH, LANG and D (its directory).
# Its units are copies in $D/units: those of the machine that touch devices, mounts and settings are not among them.
set -eu
mount --make-rprivate /
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/lib/systemd
mount --bind "$D/machine-id" /etc/machine-id
mount --bind "$D/log" /var/log
mkdir -p "/var/log/journal/$(cat /etc/machine-id)"
mkdir -p "$D/dev" "$D/units"
mount -t tmpfs -o mode=755 tmpfs "$D/dev"
for node in null zero full random urandom tty; do
  : >"$D/dev/$node"
  mount --bind "/dev/$node" "$D/dev/$node"
done
mkdir "$D/dev/pts" "$D/dev/shm"
mount --rbind "$D/dev" /dev
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,bind,ro /sys
printf '[Journal]\nStorage=persistent\nAudit=no\nReadKMsg=no\nForwardToWall=no\nSystemMaxUse=64M\n' >"$D/journald.conf"
mount --bind "$D/journald.conf" /etc/systemd/journald.conf
for unit in basic sysinit sockets timers paths slices shutdown umount final exit; do
  cp "/usr/lib/systemd/system/$unit.target" "$D/units/"
done
for unit in user.slice systemd-journald.service systemd-journald.socket \
  systemd-journald-dev-log.socket systemd-journal-flush.service systemd-exit.service; do
  cp "/usr/lib/systemd/system/$unit" "$D/units/"
done
printf '[Unit]\nRequires=basic.target systemd-journald.service\nAfter=basic.target\n' >"$D/units/default.target"
exec env -i container=opsh-lab PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH="$D/units" /usr/lib/systemd/systemd --system

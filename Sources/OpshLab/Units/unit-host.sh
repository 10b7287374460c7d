# One host with systemd of its own, on this machine: process 1 of a PID namespace, with a journal and a user manager for the
# account `bots`. Started as root by: unshare -m -p -C -f --kill-child, in a control group of its own, with an empty
# environment but for PATH, LANG, D (its directory), H (the account's home) and U (its number).
# Without a control group of its own every manager would put its units into the machine's, where hosts share them.
set -eu
trap 'exit 0' TERM
# Whoever holds the other end of the input is gone: so is the host. A lab starts it with /dev/null and ends it by its pid.
exec 3<&0 </dev/null
[ "${WATCH:-no}" != yes ] || { read -r _ <&3 || :; kill -TERM 1; } &
exec 3<&-
mount --make-rprivate /
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mount --bind "$D/machine-id" /etc/machine-id
mount --bind "$D/log" /var/log
mkdir -p "/var/log/journal/$(cat /etc/machine-id)"
cp /etc/passwd /etc/group "$D/"
echo "bots:x:$U:$U::/run/home/bots:/bin/sh" >>"$D/passwd"
echo "bots:x:$U:" >>"$D/group"
mount --bind "$D/passwd" /etc/passwd
mount --bind "$D/group" /etc/group
# Below /run, for a directory of the lab may be closed to other accounts.
mkdir -p /run/home/bots
mount --bind "$H" /run/home/bots
R=/run/user/$U
mkdir -p /run/systemd/system /run/systemd/journal /run/sshd "$R"
chmod 700 "$R"
chown "$U:$U" "$R"
# Else the journal stays in /run, where only a group may read it.
touch /run/systemd/journal/flushed
# The names that logind makes: the journal tells by them which unit a line is of.
S=user.slice/user-$U.slice/user@$U.service
for group in system.slice/systemd-journald.service system.slice/ssh.service "$S/init.scope"; do
  mkdir -p "/sys/fs/cgroup/$group"
done
chown -R "$U:$U" "/sys/fs/cgroup/$S"
# Audit=no: the default would switch on the kernel's audit.
printf '[Journal]\nStorage=persistent\nAudit=no\nReadKMsg=no\nForwardToWall=no\nSystemMaxUse=64M\n' >"$D/journald.conf"
mount --bind "$D/journald.conf" /etc/systemd/journald.conf
within() { (echo 0 >"/sys/fs/cgroup/$1/cgroup.procs"; shift; exec "$@"); }
within system.slice/systemd-journald.service /usr/lib/systemd/systemd-journald &
until [ -S /run/systemd/journal/stdout ]; do sleep 0.01; done
manager() {
  within "$S/init.scope" setpriv --reuid "$U" --regid "$U" --init-groups --inh-caps=-all env -i PATH=/usr/bin:/bin \
    LANG=C.UTF-8 HOME=/run/home/bots XDG_RUNTIME_DIR="$R" SYSTEMD_LOG_TARGET=journal /usr/lib/systemd/systemd --user &
}
manager
trap manager USR1
while :; do
  wait || :
  sleep 1
done

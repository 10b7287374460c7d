# shellcheck shell=bash disable=SC2154  # what is not set here is set by bench/run
# A lab of its own in $work/lab: real sshd on loopback, one a host.
lab=$work/lab
lab_key=$lab/keys/user_ed25519
lab_port=$((20000 + RANDOM % 10000))
lab_user=$(id -un)

lab_up() { # HOSTS
  "$lab_program" up --dir "$lab" --hosts "$1" --bots-per-host 1 --no-staging --port "$lab_port" >&2
  sed -n 's/^\[\([0-9.]*\)\]:.*/\1/p' "$lab/known_hosts" >"$work/hosts"
  # For the tools that drive ssh; connections are new each time, as for everyone here.
  cat >"$work/ssh_config" <<CONFIG
User $lab_user
Port $lab_port
IdentityFile $lab_key
IdentitiesOnly yes
UserKnownHostsFile $lab/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
BatchMode yes
LogLevel ERROR
CONFIG
}

lab_down() {
  [ ! -d "$lab" ] || "$lab_program" down --dir "$lab" >&2
}

# Part 2 of 6: one change at a time on a host, and none from an operator whose lease has passed on.

# lock_take: 0 when this shell holds the host; 1 with LOCK_OWNER ("PID TICKS RUN VERB") when another does.
# The flock is on an open file, so a worker inherits it from its caller and a kill -9 frees it.
lock_take() {
  if command -v flock >/dev/null; then
    # A failed redirection of exec would end the shell, so it is tried first.
    { true >>"$BASE/lock"; } 2>/dev/null || refuse 4 host.write_failed "cannot write $BASE/lock"
    exec 9>>"$BASE/lock"
    flock -n 9 || { lock_owner; exec 9>&-; return 1; }
  elif ! mkdir "$BASE/lock.d" 2>/dev/null; then
    lock_owner
    # shellcheck disable=SC2086 # "PID TICKS RUN VERB"
    set -- $LOCK_OWNER
    is_alive "${1:-}" "${2:-}" && return 1
    mv "$BASE/lock.d" "$BASE/lock.d.$$" 2>/dev/null && rmdir "$BASE/lock.d.$$"
    mkdir "$BASE/lock.d" 2>/dev/null || return 1
  fi
  lock_sign
}

lock_owner() {
  LOCK_OWNER=
  { read -r LOCK_OWNER <"$BASE/lock.owner"; } 2>/dev/null || :
}

lock_sign() {
  ticks_of $$
  printf '%s\n' "$$ $TICKS $RUN $VERB" >"$BASE/lock.owner.$$" && mv -f "$BASE/lock.owner.$$" "$BASE/lock.owner"
}

lock_release() {
  rm -f "$BASE/lock.owner"
  [ ! -d "$BASE/lock.d" ] || rmdir "$BASE/lock.d"
}

# lock_or_refuse: waits for what a killed run left behind, and O_WAIT seconds for a living owner, who is then named.
lock_or_refuse() {
  clock
  L_END=$((CLOCK + 500)) L_PATIENCE=$((CLOCK + O_WAIT * 100))
  until lock_take; do
    ! run_is_known || return 1
    # shellcheck disable=SC2086 # "PID TICKS RUN VERB"
    set -- $LOCK_OWNER
    clock
    if is_alive "${1:-}" "${2:-}" && [ "${3:-}" != "$RUN" ]; then L_END=$L_PATIENCE; fi
    if [ "$CLOCK" -ge "$L_END" ]; then
      refuse 3 host.locked "run ${3:-unknown} (${4:-unknown}, process ${1:-unknown}) is changing this host"
    fi
    nap
  done
}

# epoch_check: refuses an epoch older than the newest one this host has seen, else remembers it. Fencing does not wait
# for the host's lock, so the file has a lock of its own.
epoch_check() {
  epoch_take && return
  [ "$FAULT_CODE" = host.stale_epoch ] || refuse 4 "$FAULT_CODE" "$FAULT"
  refuse 3 "$FAULT_CODE" "$FAULT"
}

epoch_take() {
  [ -n "$O_EPOCH" ] || return 0
  if command -v flock >/dev/null && { true >>"$BASE/epoch.lock"; } 2>/dev/null; then
    exec 7>>"$BASE/epoch.lock"
    flock 7
    epoch_raise
    set -- $?
    exec 7>&-
    return "$1"
  else
    epoch_raise
  fi
}

epoch_raise() {
  EPOCH_SEEN=0
  { read -r EPOCH_SEEN <"$BASE/epoch"; } 2>/dev/null || :
  case $EPOCH_SEEN in '' | *[!0-9]*) fault host.stale_epoch "the file $BASE/epoch is damaged"; return ;; esac
  [ "$O_EPOCH" -ge "$EPOCH_SEEN" ] ||
    { fault host.stale_epoch "epoch $O_EPOCH is older than $EPOCH_SEEN, which this host has already obeyed"; return; }
  [ "$O_EPOCH" -eq "$EPOCH_SEEN" ] || save "$BASE/epoch" "$O_EPOCH"
}

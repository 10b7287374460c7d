# Part 2 of 11: one change at a time on a host.
# With flock a lock is an open file, which a worker inherits from its caller and a kill -9 frees. Without, it is the highest
# number in ~/.opsh/NAME.n: a file "PID TICKS RUN VERB" is linked to the next number, which succeeds once, and only when the
# process of the highest is gone or has emptied its file. The highest is never removed, so whoever linked a number on an old
# look finds a higher one and leaves.
LOCK_OWNER='' LOCK_NUMBER=${OPSH_LOCK:-} SELF_TICKS=''
unset OPSH_LOCK

has_flock() { command -v flock >/dev/null; }

# lock_take: 0 when this shell holds the host; 1 with LOCK_OWNER ("PID TICKS RUN VERB") when another does.
lock_take() {
  LOCK_OWNER=''
  if has_flock; then
    # A failed redirection of exec would end the shell, so it is tried first.
    { true >>"$BASE/lock"; } 2>/dev/null || refuse 4 host.write_failed "cannot write $BASE/lock"
    exec 9>>"$BASE/lock"
    flock -n 9 || { lock_owner; exec 9>&-; return 1; }
  else
    number_take lock || { [ -z "$FAULT_CODE" ] || refuse 4 "$FAULT_CODE" "$FAULT"; return 1; }
    LOCK_NUMBER=$NUMBER
  fi
  lock_sign || { lock_release; refuse 4 "$FAULT_CODE" "$FAULT"; }
}

# lock_adopt: a worker takes over its caller's lock. A number passes on to the first who links the next one, as always.
lock_adopt() {
  if [ -n "$LOCK_NUMBER" ]; then
    number_claim lock $((LOCK_NUMBER + 1)) ||
      { LOCK_NUMBER=; fault "${FAULT_CODE:-host.locked}" "${FAULT:-another run took this host; nothing was started}"; return; }
    LOCK_NUMBER=$NUMBER
  fi
  lock_sign
}

lock_owner() {
  LOCK_OWNER=
  { read -r LOCK_OWNER <"$BASE/lock.owner"; } 2>/dev/null || :
}

lock_sign() {
  self_ticks
  { printf '%s\n' "$$ $SELF_TICKS $RUN $VERB" >"$BASE/lock.owner.$$" && mv -f "$BASE/lock.owner.$$" "$BASE/lock.owner"; } \
    2>/dev/null || { rm -f "$BASE/lock.owner.$$"; fault host.write_failed "cannot write $BASE/lock.owner: is the disk full?"; }
}

lock_release() {
  rm -f "$BASE/lock.owner"
  [ -z "$LOCK_NUMBER" ] || number_free lock "$LOCK_NUMBER"
  LOCK_NUMBER=
}

self_ticks() {
  [ -n "$SELF_TICKS" ] || { ticks_of $$; SELF_TICKS=$TICKS; }
}

# number_take NAME -> NUMBER: 1 with LOCK_OWNER when a living process holds it, or with a fault.
number_take() {
  FAULT_CODE='' FAULT=''
  mkdir -p "$BASE/$1.n" 2>/dev/null || { fault host.write_failed "cannot make $BASE/$1.n"; return; }
  number_newest "$1"
  LOCK_OWNER=''
  { read -r LOCK_OWNER <"$BASE/$1.n/$NEWEST"; } 2>/dev/null || :
  NT_NAME=$1
  # shellcheck disable=SC2086 # "PID TICKS RUN VERB"
  set -- $LOCK_OWNER
  ! is_alive "${1:-}" "${2:-}" || return 1
  number_claim "$NT_NAME" $((NEWEST + 1))
}

# number_claim NAME NUMBER -> NUMBER: 1 when another was faster, or with a fault.
number_claim() {
  FAULT_CODE='' FAULT='' NC_CLAIM=$BASE/$1.n/claim.$$ NC_FILE=$BASE/$1.n/$2
  self_ticks
  { printf '%s\n' "$$ $SELF_TICKS $RUN $VERB" >"$NC_CLAIM"; } 2>/dev/null ||
    { rm -f "$NC_CLAIM"; fault host.write_failed "cannot write $NC_CLAIM: is the disk full?"; return; }
  ln "$NC_CLAIM" "$NC_FILE" 2>/dev/null
  set -- "$1" "$2" $?
  rm -f "$NC_CLAIM"
  [ "$3" = 0 ] || { [ -e "$NC_FILE" ] || fault host.write_failed "cannot link $NC_FILE"; return 1; }
  number_newest "$1"
  [ "$NEWEST" -le "$2" ] || { rm -f "$NC_FILE"; return 1; }
  NUMBER=$2
  # Eight stay, so that one look at the directory never finds it between the last and the next.
  for NC_OLD in "$BASE/$1.n/"[0-9]*; do
    [ "${NC_OLD##*/}" -gt $(($2 - 8)) ] || rm -f "$NC_OLD"
  done
}

number_newest() {
  NEWEST=0
  for NN_FILE in "$BASE/$1.n/"[0-9]*; do
    case ${NN_FILE##*/} in
      *[!0-9]*) ;;
      *) [ "${NN_FILE##*/}" -le "$NEWEST" ] || NEWEST=${NN_FILE##*/} ;;
    esac
  done
}

# To empty a file takes no room on a full disk.
number_free() {
  { true >"$BASE/$1.n/$2"; } 2>/dev/null || :
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

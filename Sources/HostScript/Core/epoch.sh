# Part 3 of 11: fencing. An epoch is seconds since 1970 x 65536 + a tag of the journal that granted it.
# ~/.opsh/epoch holds the newest one obeyed and, on its second line, the id of that journal. Earlier versions kept plain
# seconds; a number too small to be anything else is taken for those.

# epoch_check: refuses a lease that may not change this host, else remembers its epoch.
epoch_check() {
  epoch_take || refuse "$(epoch_status)" "$FAULT_CODE" "$FAULT"
}

epoch_status() {
  case $FAULT_CODE in host.write_failed | host.place_failed) echo 4 ;; *) echo 3 ;; esac
}

# epoch_take: 1 with a fault. Fencing does not wait for the host's lock, so the epoch has a lock of its own.
epoch_take() {
  [ -n "$O_EPOCH" ] || return 0
  epoch_alone epoch_raise
}

# epoch_alone FUNCTION: nobody else reads or raises the epoch meanwhile. What is done here is short, unless it was stopped.
epoch_alone() {
  clock
  EA_END=$((CLOCK + 1000)) EA_NUMBER=''
  if has_flock; then
    { true >>"$BASE/epoch.lock"; } 2>/dev/null || { fault host.write_failed "cannot write $BASE/epoch.lock"; return; }
    exec 7<>"$BASE/epoch.lock"
    until flock -n 7; do
      { read -r LOCK_OWNER <"$BASE/epoch.lock"; } 2>/dev/null || LOCK_OWNER=''
      epoch_patient || { exec 7>&-; return 1; }
    done
    self_ticks
    { printf '%s\n' "$$ $SELF_TICKS $RUN $VERB" >"$BASE/epoch.lock"; } 2>/dev/null || :
  else
    until number_take epoch; do
      [ -z "$FAULT_CODE" ] || return 1
      epoch_patient || return 1
    done
    EA_NUMBER=$NUMBER
  fi
  "$1"
  set -- $?
  [ -z "$EA_NUMBER" ] || number_free epoch "$EA_NUMBER"
  ! has_flock || exec 7>&-
  return "$1"
}

epoch_patient() {
  clock
  # shellcheck disable=SC2086 # "PID TICKS RUN VERB"
  set -- $LOCK_OWNER
  [ "$CLOCK" -lt "$EA_END" ] ||
    { fault host.locked "process ${1:-unknown} (run ${3:-unknown}) has held the epoch of this host for 10 s; if it hangs, kill it"; return; }
  nap 0.05
}

# epoch_read -> EPOCH_SEEN (0 before the first), EPOCH_BY: the id of its journal, where it is known; 1 when it is damaged.
epoch_read() {
  EPOCH_SEEN=0 EPOCH_BY=''
  [ -e "$BASE/epoch" ] || return 0
  EPOCH_SEEN=''
  { { read -r EPOCH_SEEN EPOCH_BY; [ -n "$EPOCH_BY" ] || read -r EPOCH_BY; } <"$BASE/epoch"; } 2>/dev/null || :
  case $EPOCH_SEEN in
    0) ;;
    '' | *[!0-9]* | 0* | ???????????????????*)
      fault host.epoch_damaged "the file $BASE/epoch is damaged; reset the epoch of this host"
      EPOCH_SEEN=damaged
      return 1
      ;;
  esac
  epoch_scale "$EPOCH_SEEN"
  EPOCH_SEEN=$SCALED
}

# epoch_scale EPOCH -> SCALED: 10^12 in seconds lies 30,000 years ahead, and as an epoch a few months after 1970.
epoch_scale() {
  SCALED=$1
  [ "$SCALED" -ge 1000000000000 ] || SCALED=$((SCALED * 65536))
}

epoch_raise() {
  epoch_judge || return
  if [ "$SCALED" -gt "$EPOCH_SEEN" ] || { [ -n "$O_JOURNAL" ] && [ "$O_JOURNAL" != "$EPOCH_BY" ]; }; then epoch_save; fi
}

epoch_save() {
  save "$BASE/epoch" "$O_EPOCH${O_JOURNAL:+$NL$O_JOURNAL}"
}

# epoch_judge -> SCALED: whether O_EPOCH may be obeyed.
epoch_judge() {
  epoch_read || return
  epoch_scale "$O_EPOCH"
  EJ_GIVEN=$((SCALED / 65536)) EJ_SEEN=$((EPOCH_SEEN / 65536))
  if [ "$EJ_GIVEN" -lt "$EJ_SEEN" ]; then
    fault host.stale_epoch "the lock of $(time_text "$EJ_GIVEN") is older than that of $(time_text "$EJ_SEEN")${EPOCH_BY:+ of journal $EPOCH_BY}, which this host has already obeyed"
  elif [ "$EPOCH_SEEN" -gt 0 ] && [ "$EJ_GIVEN" -eq "$EJ_SEEN" ] && epoch_differs; then
    fault host.epoch_tied "journal ${EPOCH_BY:-unknown} locked this host in the same second, $(time_text "$EJ_SEEN"); lock it again"
  else
    epoch_plausible
  fi
}

epoch_differs() {
  [ "$SCALED" -ne "$EPOCH_SEEN" ] || { [ -n "$O_JOURNAL" ] && [ -n "$EPOCH_BY" ] && [ "$O_JOURNAL" != "$EPOCH_BY" ]; }
}

# epoch_plausible: one machine whose clock is wrong must not lock out all others for good.
epoch_plausible() {
  now
  [ "$EJ_GIVEN" -le $((EJ_SEEN + 300)) ] || [ "$EJ_GIVEN" -le $((NOW + 300)) ] ||
    fault host.epoch_ahead "the lock was granted at $(time_text "$EJ_GIVEN"), but this host's clock says $(time_text "$NOW"); correct whichever clock is wrong"
}

# time_text SECONDS: the time in UTC.
time_text() {
  date -u -d "@$1" '+%Y-%m-%d %H:%M:%S UTC' 2>/dev/null || echo "second $1"
}

# verb_fence: from here on no change of an older lease begins. One that is at work finishes and is named.
# With --reset, an absurd epoch is replaced; the value it has must be given, so that only what was seen is replaced.
verb_fence() {
  mkdir -p "$BASE" 2>/dev/null || refuse 4 host.write_failed "cannot make $BASE"
  if [ -n "$O_RESET" ]; then
    epoch_alone epoch_reset || refuse "$(epoch_status)" "$FAULT_CODE" "$FAULT"
  else
    epoch_check
  fi
  lock_living
  emit host - "epoch=$O_EPOCH" "run=$LOCK_RUN"
}

epoch_reset() {
  epoch_read || :
  [ "$O_RESET" = "$EPOCH_SEEN" ] ||
    { fault host.epoch_changed "the epoch of this host is $EPOCH_SEEN, not $O_RESET; nothing was changed"; return; }
  epoch_scale "$O_EPOCH"
  EJ_GIVEN=$((SCALED / 65536)) EJ_SEEN=0
  epoch_plausible && epoch_save
}

# verb_epoch: the newest epoch, and whether O_EPOCH would be obeyed; changes nothing.
verb_epoch() {
  if [ -n "$O_EPOCH" ]; then
    epoch_judge || refuse 3 "$FAULT_CODE" "$FAULT"
  fi
  epoch_read || :
  now
  lock_living
  emit host - "epoch=$EPOCH_SEEN" "journal=$EPOCH_BY" "now=$NOW" "run=$LOCK_RUN"
}

# lock_living -> LOCK_RUN: the run that is changing this host.
lock_living() {
  lock_owner
  # shellcheck disable=SC2086 # "PID TICKS RUN VERB"
  set -- $LOCK_OWNER
  LOCK_RUN=''
  ! is_alive "${1:-}" "${2:-}" || LOCK_RUN=${3:-}
}

# file_seen FILE -> FS_KIND (none, file, directory, other), FS_PATH: what lies at a path, or where a link there leads; of a
# file FS_MODE (octal), FS_OWNER, FS_GROUP (numbers), FS_LINKS (names it has), FS_BYTES, FS_MORE (an ACL or attributes).
file_seen() {
  FS_PATH=$1 FS_KIND=none FS_MODE='' FS_OWNER='' FS_GROUP='' FS_LINKS='' FS_BYTES='' FS_MORE=''
  if [ -L "$1" ]; then
    # The dot keeps newlines at the end of the name.
    FS_PATH=$(readlink -f "$1" && echo .) || { fault host.place_failed "$1 is a dangling link"; return; }
    FS_PATH=${FS_PATH%??}
  fi
  if [ -d "$FS_PATH" ]; then FS_KIND=directory; return; fi
  [ -e "$FS_PATH" ] || return 0
  FS_KIND=other
  [ -f "$FS_PATH" ] || return 0
  FS_KIND=file
  FS_STAT=$(stat -c '%a %u %g %h %s' "$FS_PATH" 2>/dev/null) ||
    { fault host.tool_missing "this host's stat does not support -c"; return; }
  # shellcheck disable=SC2086 # split into fields
  set -- $FS_STAT
  FS_MODE=$1 FS_OWNER=$2 FS_GROUP=$3 FS_LINKS=$4 FS_BYTES=$5
  case $(ls -ldn "$FS_PATH" 2>/dev/null) in ??????????+*) FS_MORE='an ACL' ;; esac
  if [ -z "$FS_MORE" ] && [ -n "$(getfattr -h -m - "$FS_PATH" 2>/dev/null)" ]; then FS_MORE='extended attributes'; fi
}

# verb_look: what lies at O_TO; changes nothing.
verb_look() {
  file_path "$O_TO"
  file_seen "$FILE_PATH" || refuse 4 "$FAULT_CODE" "$FAULT"
  VL_SHA=''
  [ "$FS_KIND" != file ] || VL_SHA=$(sha256sum 2>/dev/null <"$FS_PATH") || VL_SHA=''
  emit host - "kind=$FS_KIND" "path=$FS_PATH" "mode=$FS_MODE" "owner=$FS_OWNER" "group=$FS_GROUP" "links=$FS_LINKS" \
    "bytes=$FS_BYTES" "sha256=${VL_SHA%% *}" "more=$FS_MORE"
}

# file_path TEXT -> FILE_PATH: with a directory in it, so that nothing takes it for an option.
file_path() {
  case $1 in */*) FILE_PATH=$1 ;; *) FILE_PATH=./$1 ;; esac
}

# verb_place: takes a file that was sent to its place while the lease is the newest and no change is at work. Whoever was
# stopped after sending it, and continues when another has taken over, replaces nothing; then the file goes.
verb_place() {
  file_path "$O_FROM"
  O_FROM=$FILE_PATH
  trap 'rm -f -- "$O_FROM"' EXIT
  mkdir -p "$BASE" 2>/dev/null || refuse 4 host.write_failed "cannot make $BASE"
  RUN_FILE=$BASE/runs/$RUN/place
  lock_or_refuse
  VP_STATUS=0
  epoch_alone place || VP_STATUS=1
  lock_release
  [ "$VP_STATUS" = 0 ] || refuse "$(epoch_status)" "$FAULT_CODE" "$FAULT"
  emit result - outcome=placed image= digest= seconds=0.0
}

place() {
  [ -z "$O_EPOCH" ] || epoch_raise || return
  [ -f "$O_FROM" ] || { fault host.place_failed "$O_FROM does not exist"; return; }
  file_path "$O_TO"
  file_seen "$FILE_PATH" || return
  PL_DIRECTORY=${O_FROM%/*}
  case $FS_KIND in
    directory) fault host.place_failed "a directory is there"; return ;;
    other) fault host.place_failed "it is not a regular file"; return ;;
  esac
  [ "${FS_LINKS:-1}" = 1 ] ||
    { fault host.place_failed "the file has $FS_LINKS names (hard links); the others would keep the old content"; return; }
  [ "${FS_PATH%/*}" = "$PL_DIRECTORY" ] || { fault host.place_failed "$O_TO now points to $FS_PATH"; return; }
  place_dress || return
  PL_SAID=$(mv -f -- "$O_FROM" "$FS_PATH" 2>&1) || { fault host.place_failed "${PL_SAID:-it cannot be renamed}"; return; }
  PL_STEM=${O_FROM%.opsh-*}.opsh- PL_STEM=${PL_STEM##*/}
  # What earlier attempts left that were cut off: whoever has the newest epoch is alone there.
  rm -f -- "$PL_DIRECTORY/$PL_STEM"* "$PL_DIRECTORY/.$PL_STEM"* || :
}

# place_dress: what was sent gets the owner, the mode, and the ACL and attributes of what it replaces, or O_BITS as its mode.
place_dress() {
  PD_MODE=${O_BITS:-${FS_MODE:-644}}
  if [ "$FS_KIND" = file ]; then
    # Only the cp of GNU takes all of it along.
    cp --attributes-only --preserve=mode,ownership,xattr "$FS_PATH" "$O_FROM" 2>/dev/null || {
      [ -z "$FS_MORE" ] || { fault host.place_failed "the file has $FS_MORE, which this host's cp cannot keep"; return; }
      chown "$FS_OWNER:$FS_GROUP" "$O_FROM" 2>/dev/null || :
    }
    PD_OWNER=$(stat -c '%u:%g' "$O_FROM" 2>/dev/null) || PD_OWNER=unknown
    [ "$PD_OWNER" = "$FS_OWNER:$FS_GROUP" ] ||
      { fault host.place_failed "the file belongs to $FS_OWNER:$FS_GROUP; this login (user $(id -u)) cannot preserve that"; return; }
  fi
  # The owner comes first: a change of it takes bits away. Where the mode is kept, cp has set it, with the mask of an ACL.
  [ "$(stat -c %a "$O_FROM" 2>/dev/null)" = "$PD_MODE" ] || chmod "$PD_MODE" "$O_FROM" 2>/dev/null ||
    fault host.place_failed "its mode cannot be set to $PD_MODE"
}

# verb_install: takes this very file to the place that its hash names, while the lease is the newest.
verb_install() {
  VI_SHA=$(sha256sum <"$SELF") || refuse 4 host.tool_missing "this host has no sha256sum"
  VI_PATH=$BASE/bin/host-${VI_SHA%% *}.sh
  mkdir -p "$BASE" 2>/dev/null || refuse 4 host.write_failed "cannot make $BASE"
  epoch_alone install_here || refuse "$(epoch_status)" "$FAULT_CODE" "$FAULT"
  emit host - "script=${VI_SHA%% *}"
}

install_here() {
  [ -z "$O_EPOCH" ] || epoch_raise || return
  { mkdir -p "$BASE/bin" && mv -f "$SELF" "$VI_PATH"; } 2>/dev/null || fault host.write_failed "cannot write $VI_PATH"
}

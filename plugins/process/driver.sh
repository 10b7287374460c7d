# The process runtime: a bot is a plain process, a version of it a directory.
#   $ROOT/images/HEX/   bin/bot and .image      $ROOT/BOT/   image -> ../images/HEX, pid, stopped, heartbeat, log/
#   $ROOT/BOT-prev/     the old one in a swap   $ROOT/data/BOT/   survives swaps
# A process is ours when the start time in the pid file is its own and its program lies in images/. Nothing else is
# ever signalled, and nothing is ever found by its command line.
SPAWNED='' SPAWNED_STATUS=''

# driver_open: before any other function; reads only.
driver_open() { root_open; }
driver_preflight() { root_make; }
driver_facts() { root_facts; }
driver_pull() { image_pull "$@"; }
driver_list() { home_list; }
driver_rename() { home_rename "$@"; }
driver_remove() { home_remove "$@"; }
driver_prune() { image_prune "$@"; }

# driver_inspect BOT -> PRESENT PREV STATE IMAGE DIGEST PID STARTED INSTANCE LOGIN HEARTBEAT_AGE RESTARTS WHY DOUBT NOW.
# Reads only. IMAGE and DIGEST are those of the running process, and of the link only where nothing runs.
driver_inspect() {
  PRESENT=no PREV=none STATE=down IMAGE='' DIGEST='' PID='' STARTED='' INSTANCE='' LOGIN=unknown HEARTBEAT_AGE=''
  RESTARTS='' WHY='' DOUBT=no DI_HOME=$ROOT/$1
  now
  [ ! -d "$DI_HOME-prev" ] || PREV=present
  if [ ! -d "$DI_HOME" ]; then WHY="is not on this host"; return 0; fi
  PRESENT=yes
  image_of "$DI_HOME/image"
  pid_read "$DI_HOME" || stray "$1" || return 0
  DI_TRIES=0
  while :; do
    if ! is_alive "$PID" "$PID_TICKS" && { group_left "$1" || ! stray "$1"; } && ! is_alive "$PID" "$PID_TICKS"; then
      STATE=stale-pid
      [ -n "$TICKS" ] || STATE=crashed
      exit_status
      [ "$STATE" != crashed ] || ! group_left "$1" || WHY="$WHY, and other processes of its group are still running"
      PID=
      return 0
    fi
    if program_is_ours "$DI_HOME"; then break; fi
    # Between the pid file and the program there is an instant of sh.
    DI_TRIES=$((DI_TRIES + 1))
    if [ "$DI_TRIES" -gt 5 ]; then
      STATE=stale-pid DOUBT=yes WHY="has a pid file for process $PID, which runs none of its images"
      PID=
      return 0
    fi
    nap 0.1
  done
  STATE=running INSTANCE="$PID $PID_TICKS"
  # Ticks are hundredths of a second on every Linux (USER_HZ, proc(5)).
  STARTED=$((NOW - (CLOCK - PID_TICKS) / 100))
  heartbeat "$DI_HOME"
}

# pid_read HOME -> PID PID_TICKS
pid_read() {
  PID='' PID_TICKS=''
  { read -r PID PID_TICKS <"$1/pid"; } 2>/dev/null || [ -n "$PID" ]
}

# stray BOT -> PID PID_TICKS: a process of the bot that its pid file does not name, because that is lost or was changed: it
# leads its group, works in the bot's home, was told of it, and its program lies in images/. Else both stay as they were.
stray() {
  ST_PID=$PID ST_TICKS=$PID_TICKS
  # shellcheck disable=SC2012 # the links of /proc have no odd names before the arrow
  ST_LINKS=$(ls -l /proc/[0-9]*/cwd 2>/dev/null) || :
  while IFS= read -r ST_LINE; do
    case $ST_LINE in *" -> $ROOT/$1") ;; *) continue ;; esac
    PID=${ST_LINE##* /proc/}
    PID=${PID%%/*}
    if ticks_of "$PID" && leads_group && was_told "$PID" "BOT_HOME=$ROOT/$1" && program_is_ours "$ROOT/$1"; then
      PID_TICKS=$TICKS WHY="runs without its pid file"
      return 0
    fi
  done <<LINKS
$ST_LINKS
LINKS
  PID=$ST_PID PID_TICKS=$ST_TICKS
  return 1
}

# leads_group: the process whose fields `ticks_of` has just read leads its group.
leads_group() {
  # shellcheck disable=SC2086 # split into fields
  set -- ${T_STAT##*) }
  [ "$3" = "$PID" ]
}

# exit_status: how the process this very shell started has ended.
exit_status() {
  WHY="has a pid file, but process $PID is gone"
  [ "$STATE" = crashed ] || WHY="has a pid file, but process $PID is now a different program"
  [ "$PID" = "$SPAWNED" ] || return 0
  if [ -z "$SPAWNED_STATUS" ]; then
    wait "$SPAWNED"
    SPAWNED_STATUS=$?
  fi
  WHY="ended with status $SPAWNED_STATUS"
  [ "$SPAWNED_STATUS" != 122 ] || [ -e "$DI_HOME/pid" ] || WHY="could not write its pid file: is the disk full or read-only?"
  [ "$SPAWNED_STATUS" -le 128 ] || WHY="was ended by signal $((SPAWNED_STATUS - 128))"
}

driver_logs() {
  [ ! -f "$ROOT/$1/log/bot.log" ] || tail -n "$2" "$ROOT/$1/log/bot.log"
}

# Where its log ends, and what it wrote after such a place.
driver_log_place() { file_end "$ROOT/$1/log/bot.log"; }
driver_log_after() { file_after "$ROOT/$1/log/bot.log" "$2"; }

# driver_start BOT HEX: makes the bot's home if it has none, and one process in it; adopts one that already runs.
driver_start() {
  DS_HOME=$ROOT/$1
  image_here "$1" "$2" || return
  [ -d "$DS_HOME" ] || home_make "$1" "$2" || return
  driver_inspect "$1"
  [ "$STATE" != running ] || return 0
  [ "$DOUBT" = no ] || { fault bot.stale_pid "$1 $WHY"; return; }
  # What a crashed one left still trades.
  [ "$STATE" != crashed ] || stop_left "$1" "$O_STOP" || return
  # Where no pid file was, one may have come since: that child lives on, and ours will find it.
  [ "$STATE" = down ] || rm -f "$DS_HOME/pid"
  rm -f "$DS_HOME"/pid.* "$DS_HOME/stopped"
  mkdir -p "$ROOT/data/$1" "$DS_HOME/log" 2>/dev/null || { fault host.write_failed "cannot make $ROOT/data/$1"; return; }
  spawn "$1"
  start_seen "$1"
}

# driver_place BOT HEX: makes the bot's home for an image, and starts nothing.
driver_place() {
  image_here "$1" "$2" || return
  [ -d "$ROOT/$1" ] || home_make "$1" "$2"
}

# spawn BOT: the child itself makes the pid file before it becomes the bot, and by ln, which never overwrites. So a
# bot does not begin without a pid file, and of two starters, one of them left by a killed run, only one survives. The
# file `stopped` reaches a child that has not come that far, and so does the bot's stop mark.
spawn() {
  # sh starts what runs in the background with SIGINT and SIGQUIT ignored; where env can, a bot gets them back.
  [ -n "${SIGNALS:-}" ] || { SIGNALS='env'; ! env --default-signal true 2>/dev/null || SIGNALS='env --default-signal'; }
  # shellcheck disable=SC2016,SC2086 # the child expands; SIGNALS is two words
  BOT_ID=$1 BOT_HOME=$ROOT/$1 BOT_DATA=$ROOT/data/$1 $SIGNALS setsid sh -c '
    umask "$1"
    mark=$2
    cd "$BOT_HOME" || exit 120
    read -r stat </proc/$$/stat || exit 121
    set -- ${stat##*) }
    { echo "$$ ${20}" >pid.$$ && ln pid.$$ pid; } || exit 122
    [ ! -e stopped ] && [ ! -e "$mark" ] || { rm -f pid; exit 123; }
    exec image/bin/bot
  ' opsh-bot "$MASK" "$BASE/stop/$1" </dev/null >>"$ROOT/$1/log/bot.log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  SPAWNED=$! SPAWNED_STATUS=''
}

# start_seen BOT: the bot's own program runs.
start_seen() {
  clock
  SS_END=$((CLOCK + 1000))
  while :; do
    driver_inspect "$1"
    if [ "$STATE" = running ]; then rm -f "$ROOT/$1"/pid.*; return 0; fi
    if [ -z "$PID" ] && [ "$STATE" = down ] && ! ticks_of "$SPAWNED"; then PID=$SPAWNED; STATE=crashed; exit_status; fi
    # A loaded host may take long from the pid file to the program.
    [ "$STATE" = down ] || [ "$DOUBT" = yes ] || { fault bot.not_started "$1 ${WHY:-did not start}"; return; }
    clock
    [ "$CLOCK" -lt "$SS_END" ] || { fault bot.not_started "$1 ${WHY:-did not start} after 10 s"; return; }
    nap 0.1
  done
}

# driver_stop BOT GRACE -> KILLED LEFT: no process of this home runs, nor any of the group of its process, and none can come
# up until driver_start. LEFT=yes: its process was gone, but others of its group were not. LANE=yes continues where the file
# `stopped` cannot be written: the stop mark does what it does.
driver_stop() {
  KILLED=no LEFT=no DT_HOME=$ROOT/$1
  [ -d "$DT_HOME" ] || return 0
  { true >"$DT_HOME/stopped"; } 2>/dev/null || [ "${LANE:-no}" = yes ] ||
    { fault host.write_failed "cannot write in $DT_HOME"; return; }
  driver_inspect "$1"
  if [ "$STATE" = running ]; then
    stop_group "$1" "$2" "${INSTANCE% *}" "${INSTANCE#* }" || return
  elif [ "$DOUBT" = yes ]; then
    rm -f "$DT_HOME/stopped"
    fault bot.stale_pid "$1 $WHY"
    return
  elif [ "$STATE" = down ]; then
    return 0
  elif [ "$STATE" = crashed ]; then
    stop_left "$1" "$2" || return
  fi
  rm -f "$DT_HOME/pid" 2>/dev/null || [ "${LANE:-no}" = yes ]
}

# stop_left BOT GRACE -> KILLED LEFT: ends what is left of the group that a crashed bot led. Its number is not given out anew
# while anybody is in it; so all of it is ours when one of it was told at its start that it is of this home.
stop_left() {
  DT_HOME=$ROOT/$1
  pid_read "$DT_HOME" && group_left "$1" || return 0
  LEFT=yes
  stop_group "$1" "$2" "$PID" "$PID_TICKS"
}

# group_left BOT: the group that process PID led has members that were told that they are of this bot's home; that was its
# name before a swap, too.
group_left() {
  group_lives "$PID" || return 1
  for GL_MEMBER in $GROUP; do
    if was_told "$GL_MEMBER" "BOT_HOME=$ROOT/${1%-prev}"; then return 0; fi
  done
  return 1
}

# stop_group BOT GRACE PID TICKS -> KILLED: a bot leads a group of its own; all of it is asked, and what is left is killed.
stop_group() {
  kill -TERM "-$3" 2>/dev/null || ! is_alive "$3" "$4" || kill -TERM "$3" 2>/dev/null || :
  gone "$3" "$4" "$2" && return
  KILLED=yes
  emit step "$1" state=kill "detail=still alive after $2 s of grace"
  kill -KILL "-$3" 2>/dev/null || ! is_alive "$3" "$4" || kill -KILL "$3" 2>/dev/null || :
  gone "$3" "$4" 10 && return
  rm -f "$DT_HOME/stopped"
  fault bot.unkillable "$1: process $3 or one of its group survived SIGKILL"
}

# The process runtime: a bot is a plain process, a version of it a directory.
#   $ROOT/images/HEX/   bin/bot and .image      $ROOT/BOT/   image -> ../images/HEX, pid, stopped, heartbeat, log/
#   $ROOT/BOT-prev/     the old one in a swap   $ROOT/data/BOT/   survives swaps
# A process is ours when the start time in the pid file is its own and its program lies in images/. Nothing else is
# ever signalled, and nothing is ever found by its command line.
SPAWNED='' SPAWNED_STATUS=''

# driver_open: before any other function; reads only. Makes ROOT physical, as /proc/PID/exe is.
driver_open() {
  ROOT=${ROOT:-$HOME/bots}
  # shellcheck disable=SC2088 # the tilde of the configuration, not of this shell
  case $ROOT in
    '~') ROOT=$HOME ;;
    '~/'*) ROOT=$HOME/${ROOT#'~/'} ;;
    /*) ;;
    *) ROOT=$HOME/$ROOT ;;
  esac
  [ ! -d "$ROOT" ] || ROOT=$(cd "$ROOT" && pwd -P)
  unset SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_ORIGINAL_COMMAND
}

driver_preflight() {
  mkdir -p "$ROOT/images" "$ROOT/data" 2>/dev/null || { fault host.write_failed "cannot make $ROOT/images"; return; }
  ROOT=$(cd "$ROOT" && pwd -P)
  disk_free
  [ "$DISK_FREE_KB" -ge 4096 ] || fault host.disk_full "only $DISK_FREE_KB kB are free under $ROOT; at least 4096 are needed"
}

driver_facts() {
  disk_free
  IMAGES=
  for DF_IMAGE in "$ROOT/images/"*/.image; do
    DF_IMAGE=${DF_IMAGE%/.image}
    case $DF_IMAGE in *'*') ;; *) IMAGES="$IMAGES${IMAGES:+ }${DF_IMAGE##*/}" ;; esac
  done
}

# driver_pull NAME HEX SOURCE -> PULLED; the image appears whole or not at all.
driver_pull() {
  DP_IMAGE=$ROOT/images/$2
  if [ -f "$DP_IMAGE/.image" ] && [ -x "$DP_IMAGE/bin/bot" ]; then PULLED=present; return 0; fi
  [ -n "$3" ] || { fault image.no_source "image $1 is no longer on this host, and the site does not say where to get it"; return; }
  driver_preflight || return
  # The lock is held, so what lies there was left by a killed run.
  rm -rf "$ROOT/images/".pull-*
  DP_WORK=$ROOT/images/.pull-$$
  mkdir -p "$DP_WORK/tree" 2>/dev/null || { fault host.write_failed "cannot write in $ROOT/images"; return; }
  pull_into "$1" "$2" "$3"
  DP_STATUS=$?
  rm -rf "$DP_WORK"
  return "$DP_STATUS"
}

pull_into() {
  case $3 in
    http://* | https://*) PI_FILE=$DP_WORK/image.tar.gz; pull_fetch "$3" || return ;;
    *) PI_FILE=${3#file://}; pull_room "$(wc -c 2>/dev/null <"$PI_FILE")" "$PI_FILE" || return ;;
  esac
  PI_SHA=$(sha256sum <"$PI_FILE")
  [ "${PI_SHA%% *}" = "$2" ] ||
    { fault image.digest_mismatch "$3 is sha256:${PI_SHA%% *}, not the sha256:$2 of $1"; return; }
  PI_SAID=$(tar -xzf "$PI_FILE" -C "$DP_WORK/tree" 2>&1) ||
    { pull_failed image.unpack_failed "$3 cannot be unpacked" "$PI_SAID"; return; }
  [ -f "$DP_WORK/tree/bin/bot" ] && [ -x "$DP_WORK/tree/bin/bot" ] ||
    { fault image.no_program "$3 contains no executable bin/bot"; return; }
  printf 'name=%s\ndigest=sha256:%s\n' "$1" "$2" >"$DP_WORK/tree/.image" &&
    find "$DP_WORK/tree" -type f -exec sync {} + &&
    rm -rf "$DP_IMAGE" && mv "$DP_WORK/tree" "$DP_IMAGE" && sync "$ROOT/images" ||
    { fault host.write_failed "cannot write $DP_IMAGE: is the disk full or read-only?"; return; }
  PULLED=pulled
}

# pull_failed CODE MESSAGE SAID: a disk that filled up meanwhile is no fault of the image.
pull_failed() {
  case $3 in
    *'No space left'* | *'Disk quota'*) fault host.disk_full "the disk is full under $ROOT: $2" ;;
    *) fault "$1" "$2: $3" ;;
  esac
}

# pull_room BYTES SOURCE: twice the size must be free, for the archive and for what it holds.
pull_room() {
  case $1 in '' | *[!0-9]*) fault image.unreadable "$2 cannot be read"; return ;; esac
  disk_free
  [ "$DISK_FREE_KB" -ge $(($1 / 512 + 1)) ] ||
    fault host.disk_full "only $DISK_FREE_KB kB are free under $ROOT; this image needs $(($1 / 512 + 1)), twice its size"
}

pull_fetch() {
  if command -v curl >/dev/null; then
    PF_SIZE=$(curl -fsSIL --max-time 30 "$1" 2>/dev/null | tr -d '\r' | sed -n 's/^[Cc]ontent-[Ll]ength: *//p' | tail -n 1)
    [ -z "$PF_SIZE" ] || pull_room "$PF_SIZE" "$1" || return
    PF_SAID=$(curl -fsSL --connect-timeout 10 --speed-limit 1 --speed-time 60 -o "$PI_FILE" "$1" 2>&1)
  else
    PF_SAID=$(wget -q -T 60 -O "$PI_FILE" "$1" 2>&1)
  fi && return
  disk_free
  [ "$DISK_FREE_KB" -ge 64 ] || PF_SAID='No space left on device'
  pull_failed image.fetch_failed "$1 cannot be fetched" "$PF_SAID"
}

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

# image_of DIRECTORY -> IMAGE DIGEST
image_of() {
  IMAGE='' DIGEST=''
  { while IFS='=' read -r IO_KEY IO_VALUE; do
    case $IO_KEY in name) IMAGE=$IO_VALUE ;; digest) DIGEST=${IO_VALUE#sha256:} ;; esac
  done <"$1/.image"; } 2>/dev/null || :
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

# program_is_ours HOME: the program of process PID lies in images/; corrects IMAGE and DIGEST to what really runs.
program_is_ours() {
  # The link usually tells the truth, and this test costs no process. Where -ef is unknown, it fails and all is well.
  # shellcheck disable=SC3013
  if [ "/proc/$PID/exe" -ef "$1/image/bin/bot" ] && [ -n "$DIGEST" ]; then return 0; fi
  PO_PROGRAM=$(readlink "/proc/$PID/exe") || return 1
  case $PO_PROGRAM in
    "$ROOT/images/"*/*) ;;
    *) return 1 ;;
  esac
  PO_IMAGE=${PO_PROGRAM#"$ROOT/images/"}
  image_of "$ROOT/images/${PO_IMAGE%%/*}"
  DIGEST=${PO_IMAGE%%/*}
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

# heartbeat HOME -> LOGIN HEARTBEAT_AGE: only a heartbeat of this process, and only a fresh one, speaks for its login.
heartbeat() {
  H_PID='' H_LOGIN='' H_AT=''
  { while IFS='=' read -r H_KEY H_VALUE; do
    case $H_KEY in pid) H_PID=$H_VALUE ;; login) H_LOGIN=$H_VALUE ;; at) H_AT=$H_VALUE ;; esac
  done <"$1/heartbeat"; } 2>/dev/null || return 0
  case $H_AT in '' | *[!0-9]*) return 0 ;; esac
  HEARTBEAT_AGE=$((NOW - H_AT))
  [ "$H_PID" = "$PID" ] && [ "$HEARTBEAT_AGE" -le 10 ] || return 0
  case $H_LOGIN in yes | waiting | limited | no) LOGIN=$H_LOGIN ;; esac
}

# driver_list -> BOTS: a bot whose old version alone is there is still a bot.
driver_list() {
  BOTS=
  for DL_HOME in "$ROOT"/*/image; do
    [ -L "$DL_HOME" ] || continue
    DL_HOME=${DL_HOME%/image} DL_BOT=${DL_HOME##*/}
    case $DL_BOT in
      *-prev) [ ! -d "${DL_HOME%-prev}" ] || continue; DL_BOT=${DL_BOT%-prev} ;;
    esac
    case $DL_BOT in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) ;; *) BOTS="$BOTS${BOTS:+ }$DL_BOT" ;; esac
  done
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
  [ -x "$ROOT/images/$2/bin/bot" ] || { fault bot.no_image "$1: image sha256:$2 is not on this host"; return; }
  [ -d "$DS_HOME" ] || home_make "$1" "$2" || { fault host.write_failed "cannot make $DS_HOME"; return; }
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
  [ -x "$ROOT/images/$2/bin/bot" ] || { fault bot.no_image "$1: image sha256:$2 is not on this host"; return; }
  [ -d "$ROOT/$1" ] || home_make "$1" "$2" || fault host.write_failed "cannot make $ROOT/$1"
}

home_make() {
  HM_NEW=$ROOT/.new-$1
  { rm -rf "$HM_NEW" && mkdir -p "$HM_NEW/log" && ln -s "../images/$2" "$HM_NEW/image" && mv "$HM_NEW" "$ROOT/$1"; } 2>/dev/null
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

# driver_rename FROM TO
driver_rename() {
  [ ! -e "$ROOT/$2" ] && mv "$ROOT/$1" "$ROOT/$2" 2>/dev/null ||
    fault host.write_failed "cannot rename $ROOT/$1 to $2"
}

# driver_remove NAME: in one step out of sight, then out of existence. The log of what is removed stays with the bot.
driver_remove() {
  [ -d "$ROOT/$1" ] || return 0
  case $1 in
    *-prev) DR_KEEP=$ROOT/${1%-prev}/log/previous.log ;;
    *) DR_KEEP=$ROOT/$1-prev/log/failed.log ;;
  esac
  [ ! -f "$ROOT/$1/log/bot.log" ] || mv -f "$ROOT/$1/log/bot.log" "$DR_KEEP" 2>/dev/null || :
  rm -rf "$ROOT/.gone-$1"
  mv "$ROOT/$1" "$ROOT/.gone-$1" 2>/dev/null || { fault host.write_failed "cannot remove $ROOT/$1"; return; }
  rm -rf "$ROOT/.gone-$1"
}

# driver_prune "HEX...": removes every image that is neither listed nor in use.
driver_prune() {
  DU_KEEP=" $1 "
  for DU_HOME in "$ROOT"/*/image; do
    [ -L "$DU_HOME" ] || continue
    image_of "$DU_HOME"
    DU_KEEP="$DU_KEEP$DIGEST "
    DU_HOME=${DU_HOME%/image}
    driver_inspect "${DU_HOME##*/}"
    DU_KEEP="$DU_KEEP$DIGEST "
  done
  for DU_IMAGE in "$ROOT/images/"*; do
    DU_HEX=${DU_IMAGE##*/}
    case $DU_HEX in *[!0-9a-f]*) continue ;; esac
    case $DU_KEEP in *" $DU_HEX "*) ;; *) rm -rf "$DU_IMAGE"; emit step - state=prune "digest=$DU_HEX" ;; esac
  done
}

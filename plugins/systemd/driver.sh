# The systemd runtime, part 3 of 3: a bot is the unit BOT.service, a version of it a directory, as with `process`.
#   $ROOT/images/HEX/   bin/bot and .image      $ROOT/BOT/   image -> ../images/HEX, unit, heartbeat
#   $UNITS/BOT.service  runs $ROOT/BOT/image/bin/bot
# The manager is never believed alone: a bot is down when nothing is left in its control group either.

driver_open() {
  root_open
  manager_open
}

# driver_ready: whether it can work here; reads only.
driver_ready() {
  case ${SCOPE:-user} in user | system) ;; *) fault host.usage "the runtime's scope is user or system, not \"$SCOPE\""; return ;; esac
  for DP_TOOL in systemctl journalctl timeout; do
    command -v "$DP_TOOL" >/dev/null || { fault host.tool_missing "this host has no $DP_TOOL"; return; }
  done
  # `degraded` says only that some unit has failed.
  ask is-system-running || return
  case $(told) in
    running | degraded | starting | initializing) ;;
    *) fault host.no_manager "$WHOSE is not ready: $(told)"; return ;;
  esac
  DP_LINGER=$(manager_linger)
  [ -z "$DP_LINGER" ] || fault host.no_linger "${DP_LINGER#; }"
}

driver_preflight() {
  driver_ready && root_make || return
  mkdir -p "$UNITS" 2>/dev/null || fault host.write_failed "cannot make $UNITS"
}

driver_facts() { root_facts; }
driver_pull() { image_pull "$@"; }
driver_list() { home_list; }
driver_rename() { home_rename "$@"; }
driver_prune() { image_prune "$@"; }

driver_remove() {
  case $1 in *-prev) ;; *) [ -d "$ROOT/$1-prev" ] || unit_remove "$1" || return ;; esac
  home_remove "$1"
}

# driver_inspect BOT -> PRESENT PREV STATE IMAGE DIGEST PID STARTED INSTANCE LOGIN HEARTBEAT_AGE RESTARTS WHY DOUBT NOW.
# Reads only. DOUBT=yes: the manager did not answer, and the control group alone speaks.
driver_inspect() {
  PRESENT=no PREV=none STATE=down IMAGE='' DIGEST='' PID='' STARTED='' INSTANCE='' LOGIN=unknown HEARTBEAT_AGE=''
  RESTARTS='' WHY='' DOUBT=no DI_HOME=$ROOT/$1
  now
  [ ! -d "$DI_HOME-prev" ] || PREV=present
  if [ -d "$DI_HOME" ]; then
    PRESENT=yes
    image_of "$DI_HOME/image"
  fi
  # A kept old version has no unit.
  case $1 in *-prev) return 0 ;; esac
  unit_seen "$1" || { inspect_alone "$1"; return 0; }
  # Without versions of its own a unit is all there is of a bot.
  if [ "$PREV" = none ] && [ "$U_LOAD-$U_ACTIVE" != not-found-inactive ]; then PRESENT=yes; fi
  if [ "$PRESENT" = no ]; then WHY="is not on this host"; fi
  case $U_ACTIVE-$U_SUB in
    activating-auto-restart*)
      STATE=crashed
      WHY="$(unit_ended) (restarts: $U_RESTARTS; systemd starts it again after $U_DELAY)"
      ;;
    active-exited) WHY="is active, but runs no process" ;;
    active-* | activating-* | reloading-* | deactivating-*) inspect_running "$1" ;;
    failed-*)
      STATE=crashed WHY=$(unit_ended)
      [ "$U_RESULT" != start-limit-hit ] || WHY="$WHY; it was started too often, so systemd has given up"
      ;;
    *)
      case $U_LOAD-$U_ASSERT-$U_CONDITION in
        masked-*) WHY="is masked" ;;
        error-* | bad-setting-*) WHY="has a unit file that cannot be loaded: $U_ERROR" ;;
      esac
      ;;
  esac
  case $STATE-$U_ACTIVE in
    *-active | *-activating | *-deactivating | *-reloading) return 0 ;;
  esac
  ! group_left "$1" || { STATE=crashed WHY="${WHY:-its unit is $U_ACTIVE}; processes are left in its control group: $GROUP"; }
}

inspect_running() {
  PID=$U_PID
  # A service that forks may have no main process: any of its group speaks for it.
  [ "$PID" != 0 ] || ! group_left "$1" || PID=${GROUP%% *}
  if [ "$PID" = 0 ] || ! ticks_of "$PID"; then
    # Between the end of a process and the manager's word about it there is an instant.
    PID=''
    if [ "$U_ACTIVE" = activating ]; then STATE=crashed WHY="is being started"; else STATE=crashed WHY="is $U_ACTIVE, but its process is gone"; fi
    return 0
  fi
  STATE=running INSTANCE="$U_INVOCATION $U_PID $U_RESTARTS" RESTARTS=$U_RESTARTS
  STARTED=$((NOW - (CLOCK - TICKS) / 100))
  [ "$U_ACTIVE" = active ] || WHY="is $U_ACTIVE ($U_SUB)"
  [ -d "$DI_HOME" ] || return 0
  version_proven "$DI_HOME"
  heartbeat "$DI_HOME"
}

# inspect_alone BOT: the manager does not answer. What is in the control group runs, whoever watches over it.
inspect_alone() {
  DOUBT=yes U_GROUP='' WHY=$FAULT
  if group_left "$1"; then
    PRESENT=yes STATE=running PID=${GROUP%% *}
    ticks_of "$PID" || :
    INSTANCE="alone $PID $TICKS" STARTED=$((NOW - (CLOCK - ${TICKS:-$CLOCK}) / 100))
    [ ! -d "$DI_HOME" ] || { version_proven "$DI_HOME"; heartbeat "$DI_HOME"; }
  elif [ -z "$CGROUPS" ]; then
    STATE=unknown
  else
    [ "$PRESENT" = yes ] || [ ! -e "$UNITS/$1.service" ] || PRESENT=yes
    WHY="no process of it runs, and $WHY"
  fi
}

# version_proven HOME: IMAGE and DIGEST are what process PID really runs: by its program, by where it works, or, for a program
# that an interpreter reads, by the link, which is older than the process. Else they are not known.
version_proven() {
  ! program_is_ours "$1" || return 0
  VP_PLACE=$(readlink "/proc/$PID/cwd" 2>/dev/null) || VP_PLACE=''
  case $VP_PLACE in
    "$ROOT/images/"*)
      VP_PLACE=${VP_PLACE#"$ROOT/images/"}
      image_of "$ROOT/images/${VP_PLACE%%/*}"
      DIGEST=${VP_PLACE%%/*}
      return
      ;;
  esac
  VP_LINK=$(stat -c %Y "$1/image" 2>/dev/null) || VP_LINK=''
  [ -z "$VP_LINK" ] || [ "$VP_LINK" -gt "$STARTED" ] || return 0
  IMAGE='' DIGEST='' WHY="${WHY:+$WHY; }which version it runs cannot be proven"
}

# driver_about BOT -> ABOUT_DRIFT ABOUT_DRAGS: for a look at a bot, after driver_inspect.
driver_about() {
  ABOUT_DRIFT='' ABOUT_DRAGS=''
  [ "$DOUBT" = no ] || return 0
  unit_drift "$1"
  unit_drags "$1" || DRAGS=''
  ABOUT_DRIFT=$DRIFT ABOUT_DRAGS=$DRAGS
}

# driver_start BOT HEX: makes the bot's home and unit if it has none, and starts it; adopts one that already runs.
driver_start() {
  DS_HOME=$ROOT/$1
  if [ -n "$2" ]; then
    image_here "$1" "$2" || return
    [ -d "$DS_HOME" ] || home_make "$1" "$2" || return
  fi
  driver_inspect "$1"
  [ "$DOUBT" = no ] || { fault host.no_manager "$1 cannot be started: $FAULT"; return; }
  [ "$STATE" != running ] || { drags_start "$1"; return; }
  # What a crashed one left still trades.
  if [ "$STATE" = crashed ]; then driver_stop "$1" "$O_STOP" || return; fi
  if [ -d "$DS_HOME" ]; then
    mkdir -p "$ROOT/data/$1" 2>/dev/null || { fault host.write_failed "cannot make $ROOT/data/$1"; return; }
  fi
  unit_install "$1" || return
  unit_seen "$1" || return
  case $U_LOAD in
    loaded) ;;
    not-found) fault bot.no_unit "$1: there is no unit $1.service, and opsh has no version to run"; return ;;
    masked) fault bot.unit_masked "$1: its unit is masked; run \`$SYSTEMCTL unmask $1.service\`"; return ;;
    *) fault bot.unit_failed "$1: its unit file cannot be loaded: ${U_ERROR:-$U_LOAD}"; return ;;
  esac
  [ "$KIND-$U_ENABLED" != ours-disabled ] || ask enable -- "$1.service" || return
  ask --no-block start -- "$1.service" || return
  [ "$SAID_STATUS" = 0 ] || { fault bot.not_started "$1: $(told)"; return; }
  start_seen "$1" && drags_start "$1"
}

# driver_place BOT HEX: makes the bot's home for an image, and starts nothing.
driver_place() {
  image_here "$1" "$2" || return
  [ -d "$ROOT/$1" ] || home_make "$1" "$2"
}

# start_seen BOT: the bot's own program runs, and systemd calls it active.
start_seen() {
  clock
  SS_END=$((CLOCK + ${START_WAIT:-30} * 100))
  while :; do
    driver_inspect "$1"
    [ "$DOUBT" = no ] || { fault host.no_manager "$1 was started, and then: $FAULT"; return; }
    case $STATE-$U_ACTIVE in
      running-active) return 0 ;;
      # Not begun, or its process has only just been made.
      *-inactive) [ -n "$U_JOB" ] && [ "$U_JOB" != 0 ] || { start_refused "$1"; return; } ;;
      *-activating)
        case $U_SUB in auto-restart*) fault bot.not_started "$1 $WHY"; return ;; esac
        ;;
      crashed-failed) fault bot.not_started "$1 $WHY"; return ;;
    esac
    clock
    [ "$CLOCK" -lt "$SS_END" ] || { fault bot.not_started "$1 ${WHY:-did not start} after ${START_WAIT:-30} s"; return; }
    nap 0.1
  done
}

start_refused() {
  case $U_ASSERT-$U_CONDITION-$U_CODE in
    no-*) fault bot.not_started "$1 was not started: an Assert of its unit does not hold (a stop mark, if opsh wrote it)" ;;
    *-no-*) fault bot.not_started "$1 was not started: a Condition of its unit does not hold" ;;
    *-[1-9]) fault bot.not_started "$1 $(unit_ended), right after its start" ;;
    *) fault bot.not_started "$1 was not started: a unit that it needs did not start, or its start was cancelled" ;;
  esac
}

# driver_stop BOT GRACE -> KILLED LEFT: its unit is inactive and nothing is left in its control group. LEFT=yes: the unit was
# not running, but others of its processes were. Without a manager the group is ended by its processes.
driver_stop() {
  KILLED=no LEFT=no
  case $1 in *-prev) return 0 ;; esac
  # What could not be started again is not stopped for it; on the way back of a swap it is.
  DT_AGAIN=no
  case $VERB-${J_STATE:-} in restart-* | swap-stop) DT_AGAIN=yes ;; esac
  if ! unit_seen "$1"; then
    [ "$DT_AGAIN" = no ] || return
    U_GROUP=''
    stop_group "$1" "$2"
    return
  fi
  [ "$DT_AGAIN" = no ] || { unit_restartable "$1" && drags_keep "$1"; } || return
  case $U_ACTIVE in
    inactive | failed | '')
      if group_left "$1"; then LEFT=yes; stop_group "$1" "$2" || return; fi
      ;;
    *)
      ask --no-block stop -- "$1.service" || return
      [ "$SAID_STATUS" = 0 ] || { fault bot.not_stopped "$1: $(told)"; return; }
      stop_seen "$1" "$2" || stop_hard "$1" || return
      ;;
  esac
  # Its failure was told; a bot that was stopped is down.
  [ "$U_ACTIVE" != failed ] || ask reset-failed -- "$1.service"
}

# stop_seen BOT SECONDS: within that time the unit is inactive and its group empty. KillMode=process leaves children behind.
stop_seen() {
  clock
  SN_END=$((CLOCK + $2 * 100)) SN_ASKED=no
  while :; do
    unit_seen "$1" || return
    case $U_ACTIVE in
      inactive | failed)
        [ "$U_RESULT" != timeout ] || KILLED=yes
        group_left "$1" || return 0
        [ "$SN_ASKED" = yes ] || { group_end "$1" TERM; SN_ASKED=yes; }
        ;;
    esac
    clock
    [ "$CLOCK" -lt "$SN_END" ] || return 1
    nap 0.1
  done
}

stop_hard() {
  KILLED=yes
  emit step "$1" state=kill "detail=still alive after the grace"
  ask kill -s KILL -- "$1.service" || :
  group_end "$1" KILL
  stop_seen "$1" 10 || fault bot.unkillable "$1: processes of its unit survived SIGKILL: ${GROUP:-$U_ACTIVE}"
}

# stop_group BOT GRACE: the processes of the group, without the manager's help.
stop_group() {
  group_left "$1" || return 0
  group_end "$1" TERM
  group_end "$1" CONT
  clock
  SG_END=$((CLOCK + $2 * 100)) SG_LAST=$((CLOCK + $2 * 100 + 1000))
  while group_left "$1"; do
    clock
    if [ "$CLOCK" -ge "$SG_LAST" ]; then fault bot.unkillable "$1: processes survived SIGKILL: $GROUP"; return; fi
    if [ "$CLOCK" -ge "$SG_END" ]; then KILLED=yes; group_end "$1" KILL; fi
    nap 0.1
  done
}

# entries BOT OPTION...: lines of the journal by their fields; --user would look into one file, which not everybody has.
# The last pair finds lines whose process had ended before the journal looked at it.
entries() {
  EN_UNIT=$1.service EN_NAME=$1
  shift
  if [ "${SCOPE:-user}" = system ]; then
    set -- "$@" "_SYSTEMD_UNIT=$EN_UNIT" + "UNIT=$EN_UNIT" _PID=1
  else
    set -- "$@" "_SYSTEMD_USER_UNIT=$EN_UNIT" "_UID=$USER_ID" + "_SYSTEMD_UNIT=$EN_UNIT" "_UID=$USER_ID" + \
      "SYSLOG_IDENTIFIER=$EN_NAME" _TRANSPORT=stdout "_UID=$USER_ID" + "USER_UNIT=$EN_UNIT" _SYSTEMD_USER_UNIT=init.scope "_UID=$USER_ID"
  fi
  LC_ALL=C timeout -k 1 "$LIMIT" journalctl -q --no-pager -a "$@"
}

# driver_log_open BOT: whether the journal can be read: with volatile storage it is for members of a group alone.
driver_log_open() {
  LO_SAID=$(entries "$1" -o cat -n 0 2>&1) && return
  case $? in 124 | 137) fault host.journal_hangs "journalctl took longer than $LIMIT s"; return ;; esac
  case $LO_SAID in
    *'insufficient permissions'*)
      fault host.journal_closed "this login may not read the journal: add it to the group systemd-journal, or make the journal persistent" ;;
    *) fault host.journal_failed "the journal cannot be read: ${LO_SAID%%"$NL"*}" ;;
  esac
}

driver_logs() { entries "$1" -o cat -n "$2"; }

# Where the log ends: the cursor of its last line, which this very filter finds again, with dots; and what came after it.
driver_log_place() {
  DL_PLACE=$(entries "$1" -o cat -n 1 --show-cursor | sed -n 's/^-- cursor: //p' | tail -n 1 | tr '=;' '..')
  echo "${DL_PLACE:-0.0}"
}

driver_log_after() {
  case $2 in
    s.*) entries "$1" -o cat --after-cursor="$(echo "$2" | sed 's/\([a-z]\)\.\([0-9a-f]*\)\./\1=\2;/g; s/\([a-z]\)\.\([0-9a-f]*\)$/\1=\2/')" ;;
    *) entries "$1" -o cat ;;
  esac
}

# The systemd runtime, part 1 of 3: the manager, units and their processes, each question with a time limit.

# What `show` is asked for; it answers in an order of its own, and leaves out what is not set.
PROPERTIES=LoadState,LoadError,ActiveState,SubState,Result,MainPID,NRestarts,ExecMainCode,ExecMainStatus,InvocationID
PROPERTIES=$PROPERTIES,NeedDaemonReload,FragmentPath,DropInPaths,UnitFileState,ControlGroup,RestartUSec,AssertResult
PROPERTIES=$PROPERTIES,ConditionResult,Job,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo

# manager_open -> SYSTEMCTL UNITS CGROUPS: whose manager is asked, where its unit files lie, and its control groups.
manager_open() {
  LIMIT=${LIMIT:-5}
  # A stop does not wait for whoever hangs.
  [ "$VERB" != latch ] || [ "$LIMIT" -le 2 ] || LIMIT=2
  WHOSE="the user manager of $(id -un 2>/dev/null)" USER_ID=$(id -u)
  if [ "${SCOPE:-user}" = system ]; then
    SYSTEMCTL='systemctl --system' WHOSE=systemd
    UNITS=${UNITS:-/etc/systemd/system} CGROUPS=system.slice
  else
    SYSTEMCTL='systemctl --user'
    # Over SSH without PAM nothing sets it; a bus address that does not fit does no harm, for the private socket comes first.
    export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$USER_ID}"
    UNITS=${UNITS:-${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user} CGROUPS=user.slice/user-$USER_ID.slice/user@$USER_ID.service
  fi
  # shellcheck disable=SC2088 # the tilde of the configuration, not of this shell
  case $UNITS in '~/'*) UNITS=$HOME/${UNITS#'~/'} ;; esac
  for MO_ROOT in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -d "$MO_ROOT/$CGROUPS" ]; then CGROUP_ROOT=$MO_ROOT CGROUPS=$MO_ROOT/$CGROUPS; return 0; fi
  done
  CGROUP_ROOT='' CGROUPS=''
}

# ask WORD... -> SAID: what systemctl says; 1 with a fault when the manager does not answer, and SAID_STATUS otherwise.
# One that did not answer is not waited for again within this time.
SILENT_UNTIL=0
ask() {
  clock
  if [ "$CLOCK" -lt "$SILENT_UNTIL" ]; then
    fault host.manager_hangs "$WHOSE does not answer: systemctl took longer than $LIMIT s"
    return
  fi
  # shellcheck disable=SC2086 # two words
  SAID=$(LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_PAGER='' timeout -k 1 "$LIMIT" $SYSTEMCTL --no-ask-password "$@" 2>&1)
  SAID_STATUS=$?
  case $SAID_STATUS-$SAID in
    124-* | 137-* | *'Transport endpoint is not connected'* | *'Connection timed out'* | *'Failed to '*': Connection reset'*)
      clock
      SILENT_UNTIL=$((CLOCK + LIMIT * 100))
      fault host.manager_hangs "$WHOSE does not answer: systemctl took longer than $LIMIT s"
      ;;
    127-* | 126-*) fault host.tool_missing "this host has no systemctl, or no timeout" ;;
    *'not been booted with systemd'* | *'Host is down'*) fault host.no_manager "this host does not run systemd" ;;
    *'Failed to connect to '*'Connection refused'*)
      fault host.no_manager "$WHOSE has died; what it started may run on without supervision" ;;
    *'Failed to connect to '*'Permission denied'* | *'Failed to connect to '*'not permitted'*)
      fault host.manager_foreign "$XDG_RUNTIME_DIR is not a runtime directory of this login" ;;
    *'Failed to connect to '*) fault host.no_manager "$WHOSE does not run$(manager_linger)" ;;
    *'Access denied'* | *'Interactive authentication required'*)
      fault host.not_permitted "this login may not change units of $WHOSE" ;;
    *) return 0 ;;
  esac
}

# manager_linger: prints why a user manager may not run, or not for long; nothing where that cannot be told.
manager_linger() {
  [ "${SCOPE:-user}" != system ] && [ -d /run/systemd/users ] || return 0
  [ -e "/var/lib/systemd/linger/$(id -un)" ] ||
    echo "; lingering is off, so it ends with the last login: run \`loginctl enable-linger $(id -un)\`"
}

# told: the first line of SAID, as the reason of a failure.
told() { printf '%s' "${SAID%%"$NL"*}"; }

# unit_seen BOT -> U_…: what the manager knows of the unit; 1 with a fault when it does not answer.
unit_seen() {
  U_LOAD='' U_ERROR='' U_ACTIVE='' U_SUB='' U_RESULT='' U_PID=0 U_RESTARTS=0 U_CODE='' U_STATUS='' U_INVOCATION='' U_STALE=no
  U_FILE='' U_DROPINS='' U_ENABLED='' U_GROUP='' U_DELAY='' U_ASSERT='' U_CONDITION='' U_JOB='' U_USERS=''
  ask show -p "$PROPERTIES" -- "$1.service" || return
  while IFS= read -r US_LINE; do
    US_VALUE=${US_LINE#*=}
    case $US_LINE in
      LoadState=*) U_LOAD=$US_VALUE ;;
      LoadError=*) U_ERROR=$US_VALUE ;;
      ActiveState=*) U_ACTIVE=$US_VALUE ;;
      SubState=*) U_SUB=$US_VALUE ;;
      Result=*) U_RESULT=$US_VALUE ;;
      MainPID=*) U_PID=$US_VALUE ;;
      NRestarts=*) U_RESTARTS=$US_VALUE ;;
      ExecMainCode=*) U_CODE=$US_VALUE ;;
      ExecMainStatus=*) U_STATUS=$US_VALUE ;;
      InvocationID=*) U_INVOCATION=$US_VALUE ;;
      NeedDaemonReload=*) U_STALE=$US_VALUE ;;
      FragmentPath=*) U_FILE=$US_VALUE ;;
      DropInPaths=*) U_DROPINS=$US_VALUE ;;
      UnitFileState=*) U_ENABLED=$US_VALUE ;;
      ControlGroup=*) U_GROUP=$US_VALUE ;;
      RestartUSec=*) U_DELAY=$US_VALUE ;;
      AssertResult=*) U_ASSERT=$US_VALUE ;;
      ConditionResult=*) U_CONDITION=$US_VALUE ;;
      Job=*) U_JOB=$US_VALUE ;;
      RequiredBy=* | RequisiteOf=* | BoundBy=* | ConsistsOf=* | PropagatesStopTo=*) U_USERS="$U_USERS $US_VALUE" ;;
    esac
  done <<SAID
$SAID
SAID
  [ -n "$U_LOAD" ] || fault host.manager_failed "$WHOSE gave no answer about $1: $(told)"
}

# unit_ended: prints how the unit's process ended last.
unit_ended() {
  case $U_RESULT in
    resources) echo "could not be set up (an environment file, a credential or another resource is missing)"; return ;;
    timeout) echo "did not start or stop in time and was killed"; return ;;
    oom-kill) echo "was killed because memory ran out"; return ;;
    watchdog) echo "was killed by its watchdog"; return ;;
    protocol) echo "did not follow the protocol of its service type"; return ;;
  esac
  case $U_CODE-$U_STATUS in
    1-200) echo "ended with status 200: its working directory does not exist" ;;
    1-203) echo "ended with status 203: its program cannot be run" ;;
    1-243) echo "ended with status 243: a credential is missing" ;;
    [23]-*) echo "was ended by signal $U_STATUS" ;;
    *) echo "ended with status ${U_STATUS:-unknown}" ;;
  esac
}

# group_of BOT -> GROUP_DIRS: where its processes are, with or without a manager to ask; needs unit_seen or U_GROUP=''.
group_of() {
  GROUP_DIRS=''
  if [ -n "$U_GROUP" ] && [ -n "$CGROUP_ROOT" ]; then GROUP_DIRS=$CGROUP_ROOT$U_GROUP; return; fi
  [ -n "$CGROUPS" ] || return 0
  for GO_DIR in "$CGROUPS/$1.service" "$CGROUPS"/*/"$1.service" "$CGROUPS"/*/*/"$1.service"; do
    [ ! -d "$GO_DIR" ] || GROUP_DIRS="$GROUP_DIRS${GROUP_DIRS:+ }$GO_DIR"
  done
}

# group_left BOT -> GROUP: the processes in its control group and those below; 1 when there are none. A zombie is dead.
group_left() {
  GROUP=''
  group_of "$1"
  for GL_DIR in $GROUP_DIRS; do
    # No fork where it is empty, which is usual.
    GL_EVENTS=''
    { while IFS= read -r GL_LINE; do GL_EVENTS="$GL_EVENTS $GL_LINE"; done <"$GL_DIR/cgroup.events"; } 2>/dev/null || :
    case $GL_EVENTS in *'populated 0'*) continue ;; esac
    for GL_FILE in "$GL_DIR/cgroup.procs" "$GL_DIR"/*/cgroup.procs "$GL_DIR"/*/*/cgroup.procs; do
      { while IFS= read -r GL_PID; do
        ! ticks_of "$GL_PID" || GROUP="$GROUP${GROUP:+ }$GL_PID"
      done <"$GL_FILE"; } 2>/dev/null || :
    done
  done
  [ -n "$GROUP" ]
}

# group_end BOT SIGNAL: to all of it; SIGKILL at once for all, also for what forks meanwhile, where the kernel can.
group_end() {
  group_left "$1" || return 0
  if [ "$2" = KILL ]; then
    for GE_DIR in $GROUP_DIRS; do { echo 1 >"$GE_DIR/cgroup.kill"; } 2>/dev/null || :; done
  fi
  # shellcheck disable=SC2086 # one word a process
  kill "-$2" $GROUP 2>/dev/null || :
}

# unit_drags BOT -> DRAGS: the bots and units that systemd stops or restarts with it, as they stand now: those that need it
# (Requires=, Requisite=, BindsTo=, PartOf=), and those that need them in turn, as far as they are active.
unit_drags() {
  DRAGS='' UD_SEEN=" $1.service " UD_TODO=$U_USERS
  while :; do
    UD_NEXT=''
    for UD_UNIT in $UD_TODO; do
      case $UD_SEEN in *" $UD_UNIT "*) continue ;; esac
      UD_SEEN="$UD_SEEN$UD_UNIT "
      ask show -p ActiveState,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo -- "$UD_UNIT" || return
      UD_ACTIVE=''
      while IFS= read -r UD_LINE; do
        case $UD_LINE in ActiveState=*) UD_ACTIVE=${UD_LINE#*=} ;; *) UD_NEXT="$UD_NEXT ${UD_LINE#*=}" ;; esac
      done <<SAID
$SAID
SAID
      case $UD_ACTIVE in
        active | activating | reloading) DRAGS="$DRAGS${DRAGS:+ }${UD_UNIT%.service}" ;;
      esac
    done
    case $UD_NEXT in *[!\ ]*) UD_TODO=$UD_NEXT ;; *) return 0 ;; esac
  done
}

# drags_keep BOT: before a restart or a deploy stops it: what systemd stops with it is to run again afterwards, also where this
# run is killed and continued. What another run has left there is not started by this one.
drags_keep() {
  unit_drags "$1" || return
  drags_left "$1" || DS_ALL=''
  [ -n "$DRAGS" ] || return 0
  mkdir -p "$BASE/dragged" 2>/dev/null || { fault host.write_failed "cannot make $BASE/dragged"; return; }
  save "$BASE/dragged/$1" "$RUN $DRAGS $DS_ALL"
}

# drags_left BOT -> DS_ALL: what went down with it in this run, or in the swap that is being finished; 1 when nothing did.
drags_left() {
  DS_RUN='' DS_ALL=''
  { read -r DS_RUN DS_ALL <"$BASE/dragged/$1"; } 2>/dev/null || return 1
  [ "$DS_RUN" = "$RUN" ] || [ -n "${J_STATE:-}" ]
}

# unit_name: DS_UNIT with its suffix; a service goes by its bot's name, which may have dots.
unit_name() {
  case $DS_UNIT in
    *.target | *.socket | *.timer | *.path | *.mount | *.automount | *.swap | *.slice | *.scope | *.device) ;;
    *) DS_UNIT=$DS_UNIT.service ;;
  esac
}

# drags_start BOT: starts what was stopped with it; what a mark forbids stays down. A mere start of it starts nothing else.
drags_start() {
  case $VERB in restart | swap) drags_left "$1" || return 0 ;; *) rm -f "$BASE/dragged/$1"; return ;; esac
  for DS_UNIT in $DS_ALL; do
    ! mark_read "$DS_UNIT" || continue
    unit_name
    ask --no-block start -- "$DS_UNIT" || return
    [ "$SAID_STATUS" = 0 ] || { fault bot.dragged_down "$1 runs, but $DS_UNIT, which was stopped with it, does not: $(told)"; return; }
  done
  clock
  DS_END=$((CLOCK + ${START_WAIT:-30} * 100))
  for DS_UNIT in $DS_ALL; do
    ! mark_read "$DS_UNIT" || continue
    unit_name
    while :; do
      ask is-active -- "$DS_UNIT" || return
      case $(told) in active) break ;; esac
      clock
      if [ "$(told)" != activating ] || [ "$CLOCK" -ge "$DS_END" ]; then
        ask show -p Job -- "$DS_UNIT" || return
        case $SAID in Job=[1-9]*) [ "$CLOCK" -ge "$DS_END" ] || { nap 0.1; continue; } ;; esac
        # The job may have ended between the two questions.
        ask is-active -- "$DS_UNIT" || return
        [ "$(told)" != active ] || break
        fault bot.dragged_down "$1 runs, but $DS_UNIT, which was stopped with it, does not come up"
        return
      fi
      nap 0.1
    done
  done
  rm -f "$BASE/dragged/$1"
}

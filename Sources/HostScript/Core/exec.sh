# Part 8 of 11: an operator's own command: at most once under its run, with what it reads and writes on disk.
# ~/.opsh/runs/RUN/exec.in is the command and its input, .stdin the input, .child the process, .end its status and time,
# .killed the mark of somebody who wants it ended;
# With --private the input and the variables of the command lie in none of them: exec_receive_private.
# Of each stream .keep1 and .keep2 hold the first O_LIMIT bytes, .tail1 and .tail2 the last half as many of the rest.

# exec_receive: takes command and input from the standard input, whole or not at all, before anything is done with them.
exec_receive() {
  for XR_TOOL in setsid sha256sum sync mkfifo dd head tail tee; do
    command -v "$XR_TOOL" >/dev/null || refuse 4 host.tool_missing "this host has no $XR_TOOL"
  done
  if [ "$O_PRIVATE" = yes ]; then exec_receive_private; return; fi
  if [ -e "$RUN_FILE.in" ]; then cat >/dev/null; return; fi
  XR_NEW=$RUN_FILE.in.$$
  { cat >"$XR_NEW" && sync "$XR_NEW"; } 2>/dev/null ||
    { rm -f "$XR_NEW"; refuse 4 host.write_failed "cannot write $XR_NEW: is the disk full or read-only?"; }
  XR_SHA=$(sha256sum <"$XR_NEW") || XR_SHA=
  [ "${XR_SHA%% *}" = "$O_SHA256" ] ||
    { rm -f "$XR_NEW"; refuse 4 host.input_cut "the command arrived incomplete; nothing was run"; }
  mv -f "$XR_NEW" "$RUN_FILE.in" 2>/dev/null ||
    { rm -f "$XR_NEW"; refuse 4 host.write_failed "cannot write $RUN_FILE.in: is the disk full or read-only?"; }
}

# exec_receive_private: the same for what nobody may find later. Its first line says its SHA-256 and how long the command and
# what sets its variables are; then come these two and the input. It is removed before the command begins. Sent again, it
# comes again.
exec_receive_private() {
  exec_private
  if run_is_known || exec_begun_before; then cat >/dev/null; return; fi
  # Whatever keeps it from being begun.
  trap 'rm -f "$PRIVATE"' EXIT
  XR_NEW=$PRIVATE.$$ XR_SUM='' XR_SHA=''
  rm -f "$XR_NEW"
  (set -C; cat >"$XR_NEW") 2>/dev/null ||
    { rm -f "$XR_NEW"; refuse 4 host.write_failed "cannot write $XR_NEW: is the disk full or read-only?"; }
  { read -r XR_SUM _ <"$XR_NEW"; } 2>/dev/null || :
  XR_SHA=$(tail -n +2 "$XR_NEW" | sha256sum) || XR_SHA=
  [ -n "$XR_SUM" ] && [ "${XR_SHA%% *}" = "$XR_SUM" ] ||
    { rm -f "$XR_NEW"; refuse 4 host.input_cut "the command arrived incomplete; nothing was run"; }
  mv -f "$XR_NEW" "$PRIVATE" 2>/dev/null ||
    { rm -f "$XR_NEW"; refuse 4 host.write_failed "cannot write $PRIVATE: is the disk full or read-only?"; }
}

# exec_private -> PRIVATE: in memory where the login has a place there, else beside what is kept of the run.
exec_private() {
  PRIVATE=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  if [ -d "$PRIVATE" ] && [ -w "$PRIVATE" ]; then PRIVATE=$PRIVATE/opsh-$RUN.private; else PRIVATE=$RUN_FILE.private; fi
}

# exec_take_private: opens it as descriptor 6, which stands at the variables then, and removes it -> O_BYTES X_ENV X_LINE.
exec_take_private() {
  exec_private
  [ -r "$PRIVATE" ] || return
  exec 6<"$PRIVATE"
  rm -f "$PRIVATE"
  read -r X_SHA O_BYTES X_ENV <&6 && X_LINE=$(dd bs="$O_BYTES" count=1 2>/dev/null <&6 && echo .) || return
  { printf '%s' "${X_LINE%?}" >"$RUN_FILE.in"; } 2>/dev/null || :
}

# A worker that wrote its process down may have begun the command: it is not begun again.
exec_begun_before() { [ "$VERB" = exec ] && [ -e "$RUN_FILE.pid" ]; }

verb_exec() {
  clock
  X_START=$CLOCK
  X_ENV=0
  # The dot keeps newlines at the end of the command.
  if [ "$O_PRIVATE" = yes ]; then
    exec_take_private || exec_failed host.input_cut "the command is no longer there; nothing was run" || return 0
  else
    X_LINE=$(head -c "$O_BYTES" "$RUN_FILE.in" 2>/dev/null && echo .) ||
      exec_failed host.input_cut "the command is no longer there; nothing was run" || return 0
  fi
  X_LINE=${X_LINE%?}
  # A shell gets it as one argument, of which Linux takes no more.
  [ "$O_BYTES" -lt 131072 ] ||
    exec_failed host.command_too_long "the command is too long ($O_BYTES bytes, limit 131071); nothing was run" || return 0
  { { [ "$O_PRIVATE" = yes ] || tail -c "+$((O_BYTES + 1))" "$RUN_FILE.in" >"$RUN_FILE.stdin"; } &&
    mkfifo "$RUN_FILE.pipe1" "$RUN_FILE.pipe2" && reserve "$RUN_FILE.child" && reserve "$RUN_FILE.end" && exec_reserve 1 && exec_reserve 2; } 2>/dev/null ||
    { rm -f "$RUN_FILE.pipe1" "$RUN_FILE.pipe2"; exec_failed host.write_failed "cannot write $RUN_FILE.stdin; nothing was run"; } ||
    return 0
  [ "$O_PRIVATE" = yes ] || exec 6<"$RUN_FILE.stdin"
  # They may outlive this shell, and then must hold neither the caller nor the lock.
  (exec 6<&- 8>&- 9>&-; exec_keep 1) <"$RUN_FILE.pipe1" &
  X_KEEP1=$!
  (exec 6<&- 8>&- 9>&-; exec_keep 2) <"$RUN_FILE.pipe2" &
  X_KEEP2=$!
  X_SIGNALS='env'
  ! env --default-signal true 2>/dev/null || X_SIGNALS='env --default-signal'
  # The child itself writes down who it is and then looks for a mark, so that whoever left one either finds the process or has
  # stopped it from beginning. OPSH_RUN is how what it starts is known to be of this run; OPSH_BYTES is how much of its input
  # sets its variables.
  # shellcheck disable=SC2016,SC2086 # the child expands; two words
  OPSH_RUN=$RUN OPSH_BYTES=$X_ENV $X_SIGNALS setsid sh -c '
    umask "$1"
    read -r stat </proc/$$/stat || exit 121
    set -- "$2" "$3" ${stat##*) }
    { printf "%-64s\n" "$$ ${22}" 1<>"$1.child.new" && mv -f "$1.child.new" "$1.child"; } || exit 122
    [ ! -e "$1.killed" ] || kill -TERM $$
    [ "$OPSH_BYTES" = 0 ] || eval "$(dd bs="$OPSH_BYTES" count=1 2>/dev/null)"
    unset OPSH_BYTES
    exec sh -c "$2"
  ' opsh-exec "$MASK" "$RUN_FILE" "$X_LINE" \
    <&6 >"$RUN_FILE.pipe1" 2>"$RUN_FILE.pipe2" 3>&- 6<&- 8>&- 9>&- &
  X_PID=$!
  exec 6<&-
  TICKS=''
  ticks_of "$X_PID" || :
  X_TICKS=$TICKS
  exec_wait
  exec_drain
  [ -e "$RUN_FILE.child" ] || exec_failed host.write_failed "cannot write $RUN_FILE.child; nothing was run" || return 0
  since "$X_START"
  fill "$RUN_FILE.end" "$X_STATUS $SECONDS_SINCE" ||
    exec_failed host.run_died "the command exited with status $X_STATUS, but that could not be saved: $FAULT"
}

# exec_reserve STREAM: room for the number of bytes that could not be kept.
exec_reserve() {
  { rm -f "$RUN_FILE.rest$1" "$RUN_FILE.keep$1" "$RUN_FILE.tail$1" && printf '%20s\n' '' >"$RUN_FILE.rest$1"; } 2>/dev/null
}

exec_failed() {
  STATUS=4
  emit error - "code=$1" "message=$2"
  return 1
}

# exec_wait -> X_STATUS. A signal to this shell ends a wait early; the child's own status is then asked for again.
exec_wait() {
  while :; do
    wait "$X_PID"
    X_STATUS=$?
    is_alive "$X_PID" "$X_TICKS" || break
  done
  wait "$X_PID" 2>/dev/null
  set -- $?
  [ "$1" = 127 ] || X_STATUS=$1
}

# exec_drain: what it left running in the background may hold its output open; that is not waited for.
exec_drain() {
  clock
  X_END=$((CLOCK + 100))
  while ticks_of "$X_KEEP1" || ticks_of "$X_KEEP2"; do
    clock
    [ "$CLOCK" -lt "$X_END" ] || break
    nap 0.02
  done
  rm -f "$RUN_FILE.pipe1" "$RUN_FILE.pipe2"
}

# exec_keep STREAM: bounds what a stream leaves on disk; it is read to its end whatever happens, or the command would stop.
# What could not be kept is counted, also what a full disk did not take: then the number is the most that may be missing.
exec_keep() {
  XK_LOST=0
  {
    exec_first "$RUN_FILE.keep$1"
    case $? in
      0)
        if mkfifo "$RUN_FILE.count$1"; then
          wc -c <"$RUN_FILE.count$1" 1<>"$RUN_FILE.rest$1" &
          tee "$RUN_FILE.count$1" | tail -c "$((O_LIMIT / 2))" >"$RUN_FILE.tail$1" || rm -f "$RUN_FILE.tail$1"
          wait $!
          rm -f "$RUN_FILE.count$1"
        fi
        ;;
      2) XK_LOST=$XF_LOST ;;
    esac
    XK_MORE=$(wc -c)
    [ $((XK_LOST + XK_MORE)) = 0 ] || printf '%20s\n' $((XK_LOST + XK_MORE)) 1<>"$RUN_FILE.rest$1"
  } 2>/dev/null
  cat >/dev/null
}

# exec_first FILE: the first O_LIMIT bytes, each as soon as it comes, which head does not promise; 1 at the end of the input,
# 2 with XF_LOST where they cannot be written. A read that brings little is followed by one that brings more: while dd
# starts, the pipe fills.
exec_first() {
  true >"$1" || { XF_LOST=0; return 2; }
  XF_LEFT=$O_LIMIT
  while [ "$XF_LEFT" -gt 0 ]; do
    # No more than may still be kept, supposing that every read is full, until that has to be known.
    XF_SIZE=65536
    [ "$XF_SIZE" -le "$XF_LEFT" ] || XF_SIZE=$XF_LEFT
    XF_SAID=$(dd bs="$XF_SIZE" count=1 2>&1 >>"$1") || { XF_LOST=$XF_SIZE; return 2; }
    case $XF_SAID in 0+0*) return 1 ;; esac
    XF_LEFT=$((XF_LEFT - XF_SIZE))
    [ "$XF_LEFT" -gt 0 ] || XF_LEFT=$((O_LIMIT - $(wc -c <"$1")))
  done
}

# exec_print: how the command ended, in one line, and then what is kept of its output and of its errors.
exec_print() {
  XP_STATUS=''
  { read -r XP_STATUS XP_SECONDS <"$RUN_FILE.end"; } 2>/dev/null || return 0
  exec_kept 1
  set -- "$X_HEAD" "$X_MIDDLE" "$X_TAIL" "$X_REST"
  exec_kept 2
  X_DROPPED=$(($4 + X_REST)) X_KEPT=yes
  [ -e "$RUN_FILE.keep1" ] || X_KEPT=no
  emit exec "$RUN" "status=$XP_STATUS" "out=$(($1 + $2 + $3))" "err=$((X_HEAD + X_MIDDLE + X_TAIL))" \
    "dropped=$X_DROPPED" "seconds=$XP_SECONDS" "kept=$X_KEPT"
  exec_stream 1 "$1" "$2" "$3"
  exec_stream 2 "$X_HEAD" "$X_MIDDLE" "$X_TAIL"
}

# exec_kept STREAM -> X_HEAD X_MIDDLE X_TAIL: bytes from the start and the end of what is kept first, and of the tail;
# X_REST: bytes that are not there any more.
exec_kept() {
  X_HEAD=0 X_MIDDLE=0 X_TAIL=0 X_REST=0
  [ -e "$RUN_FILE.keep$1" ] || return 0
  X_HEAD=$(($(wc -c <"$RUN_FILE.keep$1")))
  { read -r X_REST <"$RUN_FILE.rest$1"; } 2>/dev/null || X_REST=0
  X_REST=$((X_REST))
  [ "$X_REST" -gt 0 ] || return 0
  [ ! -e "$RUN_FILE.tail$1" ] || X_TAIL=$(($(wc -c <"$RUN_FILE.tail$1")))
  X_MIDDLE=$((X_HEAD / 2 - X_TAIL)) X_HEAD=$((X_HEAD - X_HEAD / 2))
  [ "$X_MIDDLE" -gt 0 ] || X_MIDDLE=0
}

exec_stream() {
  [ "$2" = 0 ] || head -c "$2" "$RUN_FILE.keep$1"
  [ "$3" = 0 ] || tail -c "$3" "$RUN_FILE.keep$1"
  [ "$4" = 0 ] || head -c "$4" "$RUN_FILE.tail$1"
}

# verb_forget: removes what is kept of the output of a command in which a secret came back.
verb_forget() {
  rm -f "$BASE/runs/$RUN/exec.keep"? "$BASE/runs/$RUN/exec.tail"?
  emit result - outcome=forgotten image= digest= seconds=0.0
}

# verb_kill: ends the commands of a run and all that is left of their sessions, which may be more than the command itself; RUN
# is the id of the run or of one of its changes. The change then ends by itself. One that has not begun does not begin. A query
# leaves no files: what it started carries its mark.
verb_kill() {
  K_FOUND=no K_OUTCOME=unchanged K_DETAIL='' STATUS=0
  for K_ARGS in "$BASE/runs/$RUN/exec.args" "$BASE/runs/$RUN-"*/exec.args; do
    [ -e "$K_ARGS" ] || continue
    K_TICKET=${K_ARGS%/exec.args} && K_TICKET=${K_TICKET##*/}
    # A change is its run and one word more: the beginning of an id is no id.
    case ${K_TICKET#"$RUN"} in -*-*) continue ;; esac
    K_FOUND=yes RUN_FILE=${K_ARGS%.args}
    # On a full disk there is no mark, and what has begun is ended all the same.
    [ -e "$RUN_FILE.rc" ] || { true >"$RUN_FILE.killed"; } 2>/dev/null || :
    [ -e "$RUN_FILE.rc" ] || ! run_is_alive || [ -e "$RUN_FILE.child" ] || K_OUTCOME=stopped
    kill_session session_read
  done
  if [ "$K_FOUND" = no ] && marked_read; then
    K_FOUND=yes
    kill_session marked_read
  fi
  [ "$K_FOUND" = yes ] || refuse 2 host.no_run "no command of run $RUN on this host"
  set -- "outcome=$K_OUTCOME" image= digest= seconds=0.0
  [ -z "$K_DETAIL" ] || set -- "$@" "detail=$K_DETAIL"
  emit result - "$@"
  exit "$STATUS"
}

# kill_session READER: SIGTERM, the grace, and SIGKILL until nothing is left of what READER finds.
kill_session() {
  "$1" || return 0
  K_OUTCOME=stopped
  # A stopped process takes SIGTERM only once it is continued.
  session_signal TERM
  session_signal CONT
  clock
  K_END=$((CLOCK + O_STOP * 100)) K_LAST=$((CLOCK + O_STOP * 100 + 1000)) K_SIGNAL=
  while "$1"; do
    clock
    if [ "$CLOCK" -ge "$K_LAST" ]; then
      K_OUTCOME=failed STATUS=1 K_DETAIL="these processes survived SIGKILL: $K_MEMBERS"
      return
    fi
    if [ "$CLOCK" -ge "$K_END" ]; then session_signal KILL; fi
    nap 0.1
  done
}

session_signal() {
  for K_MEMBER in $K_MEMBERS; do kill "-$1" "$K_MEMBER" 2>/dev/null || :; done
}

# session_read -> K_MEMBERS: the processes of the command's session, whoever of them still lives; 1 when there are none.
# The number of a session is not given out anew while it has members. So it is ours when its leader is, or when one of its
# members was told so at its start; anything else by that number is a stranger's and stays.
session_read() {
  K_MEMBERS='' K_PID='' K_TICKS='' K_OURS=no
  { read -r K_PID K_TICKS <"$RUN_FILE.child"; } 2>/dev/null || :
  case $K_PID in '' | *[!0-9]*) return 1 ;; esac
  ! is_alive "$K_PID" "$K_TICKS" || K_OURS=yes
  for K_STAT in /proc/[0-9]*/stat; do
    K_MEMBER=${K_STAT%/stat} && K_MEMBER=${K_MEMBER##*/}
    session_has "$K_MEMBER" || continue
    K_MEMBERS="$K_MEMBERS${K_MEMBERS:+ }$K_MEMBER"
    if [ "$K_OURS" = no ] && was_told "$K_MEMBER" "OPSH_RUN=$K_TICKET"; then K_OURS=yes; fi
  done
  [ -n "$K_MEMBERS" ] && [ "$K_OURS" = yes ]
}

# marked_read -> K_MEMBERS: the processes that carry RUN as their mark; 1 when there are none.
marked_read() {
  K_MEMBERS=''
  for K_ENVIRON in $(grep -l "OPSH_RUN=$RUN" /proc/[0-9]*/environ 2>/dev/null); do
    K_MEMBER=${K_ENVIRON%/environ} && K_MEMBER=${K_MEMBER##*/}
    { tr '\0' '\n' <"$K_ENVIRON"; } 2>/dev/null | grep -qx "OPSH_RUN=$RUN" || continue
    ! ticks_of "$K_MEMBER" || K_MEMBERS="$K_MEMBERS${K_MEMBERS:+ }$K_MEMBER"
  done
  [ -n "$K_MEMBERS" ]
}

# session_has PID: a living process whose session (field 6 of stat) is that of the command.
session_has() {
  SH_STAT=''
  { while IFS= read -r SH_LINE; do SH_STAT="$SH_STAT $SH_LINE"; done <"/proc/$1/stat"; } 2>/dev/null || return 1
  case $SH_STAT in *') '*) ;; *) return 1 ;; esac
  # shellcheck disable=SC2086 # split into fields
  set -- ${SH_STAT##*) }
  case $1 in [ZXx]) return 1 ;; esac
  [ "$4" = "$K_PID" ]
}

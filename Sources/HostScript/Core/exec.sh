# Part 5 of 6: an operator's own command: at most once under its run, with what it reads and writes on disk.
# ~/.opsh/runs/RUN/exec.in is the command and its input, .stdin the input, .child the process, .end its status and time;
# of each stream .keep1 and .keep2 hold the first O_LIMIT bytes, .tail1 and .tail2 the last half as many of the rest.

# exec_receive: takes command and input from the standard input, whole or not at all, before anything is done with them.
exec_receive() {
  for XR_TOOL in setsid sha256sum sync mkfifo dd head tail tee; do
    command -v "$XR_TOOL" >/dev/null || refuse 4 host.tool_missing "this host has no $XR_TOOL"
  done
  if [ -e "$RUN_FILE.in" ]; then cat >/dev/null; return; fi
  XR_NEW=$RUN_FILE.in.$$
  { cat >"$XR_NEW" && sync "$XR_NEW"; } 2>/dev/null ||
    { rm -f "$XR_NEW"; refuse 4 host.write_failed "cannot write $XR_NEW: is the disk full or read-only?"; }
  XR_SHA=$(sha256sum <"$XR_NEW")
  [ "${XR_SHA%% *}" = "$O_SHA256" ] ||
    { rm -f "$XR_NEW"; refuse 4 host.input_cut "the command did not arrive whole; nothing was run"; }
  mv -f "$XR_NEW" "$RUN_FILE.in"
}

# A worker that wrote its process down may have begun the command: it is not begun again.
exec_begun_before() { [ "$VERB" = exec ] && [ -e "$RUN_FILE.pid" ]; }

verb_exec() {
  clock
  X_START=$CLOCK
  # The dot keeps newlines at the end of the command.
  X_LINE=$(head -c "$O_BYTES" "$RUN_FILE.in" && echo .) && X_LINE=${X_LINE%?}
  { tail -c "+$((O_BYTES + 1))" "$RUN_FILE.in" >"$RUN_FILE.stdin" && mkfifo "$RUN_FILE.pipe1" "$RUN_FILE.pipe2"; } \
    2>/dev/null || exec_failed host.write_failed "cannot write $RUN_FILE.stdin; nothing was run" || return 0
  # They may outlive this shell, and then must hold neither the caller nor the lock.
  (exec 8>&- 9>&-; exec_keep 1) <"$RUN_FILE.pipe1" &
  X_KEEP1=$!
  (exec 8>&- 9>&-; exec_keep 2) <"$RUN_FILE.pipe2" &
  X_KEEP2=$!
  X_SIGNALS='env'
  ! env --default-signal true 2>/dev/null || X_SIGNALS='env --default-signal'
  (
    umask "$MASK"
    # shellcheck disable=SC2086 # two words
    exec $X_SIGNALS setsid "${SHELL:-/bin/sh}" -c "$X_LINE"
  ) <"$RUN_FILE.stdin" >"$RUN_FILE.pipe1" 2>"$RUN_FILE.pipe2" 3>&- 8>&- 9>&- &
  X_PID=$!
  TICKS=''
  ticks_of "$X_PID" || :
  X_TICKS=$TICKS
  save "$RUN_FILE.child" "$X_PID $X_TICKS" || :
  exec_wait
  exec_drain
  since "$X_START"
  save "$RUN_FILE.end" "$X_STATUS $SECONDS_SINCE" ||
    exec_failed host.run_died "the command ended with status $X_STATUS, and that cannot be kept: $FAULT"
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
exec_keep() {
  {
    if exec_first "$RUN_FILE.keep$1" && mkfifo "$RUN_FILE.count$1"; then
      wc -c <"$RUN_FILE.count$1" >"$RUN_FILE.rest$1" &
      tee "$RUN_FILE.count$1" | tail -c "$((O_LIMIT / 2))" >"$RUN_FILE.tail$1"
      wait $!
      rm -f "$RUN_FILE.count$1"
    fi
  } 2>/dev/null
  cat >/dev/null
}

# exec_first FILE: the first O_LIMIT bytes, each as soon as it comes, which head does not promise; 1 at the end of the input.
# A read that brings little is followed by one that brings more: while dd starts, the pipe fills.
exec_first() {
  true >"$1"
  XF_LEFT=$O_LIMIT
  while [ "$XF_LEFT" -gt 0 ]; do
    # No more than may still be kept, supposing that every read is full, until that has to be known.
    XF_SIZE=65536
    [ "$XF_SIZE" -le "$XF_LEFT" ] || XF_SIZE=$XF_LEFT
    case $(dd bs="$XF_SIZE" count=1 2>&1 >>"$1") in 0+0*) return 1 ;; esac
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
  X_TAIL=$(($(wc -c <"$RUN_FILE.tail$1")))
  X_MIDDLE=$((X_HEAD / 2 - X_TAIL)) X_HEAD=$((X_HEAD - X_HEAD / 2))
  [ "$X_MIDDLE" -gt 0 ] || X_MIDDLE=0
}

exec_stream() {
  [ "$2" = 0 ] || head -c "$2" "$RUN_FILE.keep$1"
  [ "$3" = 0 ] || tail -c "$3" "$RUN_FILE.keep$1"
  [ "$4" = 0 ] || head -c "$4" "$RUN_FILE.tail$1"
}

# verb_kill: ends the commands of a run and what they started in their sessions; RUN is the id of the run or of one of its
# changes. The change then ends by itself.
verb_kill() {
  K_FOUND=no K_OUTCOME=unchanged
  for K_ARGS in "$BASE/runs/$RUN/exec.args" "$BASE/runs/$RUN-"*/exec.args; do
    [ -e "$K_ARGS" ] || continue
    # A run's changes are named RUN-DIGEST: what only begins alike is another run.
    K_NAME=${K_ARGS%/exec.args}
    case ${K_NAME##*/} in "$RUN") ;; *) K_NAME=${K_NAME%-*}; [ "${K_NAME##*/}" = "$RUN" ] || continue ;; esac
    K_FOUND=yes RUN_FILE=${K_ARGS%.args} K_PID='' K_TICKS=''
    { read -r K_PID K_TICKS <"$RUN_FILE.child"; } 2>/dev/null || :
    if [ ! -e "$RUN_FILE.rc" ] && is_alive "$K_PID" "$K_TICKS"; then kill_session; fi
  done
  [ "$K_FOUND" = yes ] || refuse 2 host.no_run "no command of run $RUN on this host"
  emit result - "outcome=$K_OUTCOME" image= digest= seconds=0.0
}

kill_session() {
  K_OUTCOME=stopped
  kill -TERM "-$K_PID" 2>/dev/null || :
  clock
  K_END=$((CLOCK + O_STOP * 100))
  while is_alive "$K_PID" "$K_TICKS"; do
    clock
    [ "$CLOCK" -lt "$K_END" ] || { kill -KILL "-$K_PID" 2>/dev/null || :; break; }
    nap 0.1
  done
}

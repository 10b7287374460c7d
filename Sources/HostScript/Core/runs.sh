# Part 4 of 11: a change runs in a session of its own, outlives its caller and can be attached to again.
# ~/.opsh/runs/RUN/VERB.{args,pid,started,out,err,rc}: rc is the last thing written, in room set aside at the start.

# run_is_known: this run has finished or is at work, so there is something to attach to.
run_is_known() {
  [ -e "$RUN_FILE.rc" ] || run_is_alive
}

run_is_alive() {
  RI_PID='' RI_TICKS=''
  { read -r RI_PID RI_TICKS <"$RUN_FILE.pid"; } 2>/dev/null || return 1
  is_alive "$RI_PID" "$RI_TICKS"
}

# run_detached ARGUMENT...: attaches to the run of that id, or starts it; leaves with its status.
run_detached() {
  mkdir -p "$BASE/runs/$RUN" "$BASE/swap" 2>/dev/null ||
    refuse 4 host.write_failed "cannot make $BASE/runs/$RUN: is the disk full or read-only?"
  RUN_FILE=$BASE/runs/$RUN/$VERB
  run_same_arguments
  [ "$VERB" != exec ] || exec_receive
  if ! run_is_known && lock_or_refuse && ! run_is_known; then
    ! exec_begun_before || run_end
    epoch_check
    run_start "$@"
  fi
  run_follow
}

# A run taken up again comes with a newer epoch, so that is no part of what it is. An empty file, left by a machine that went
# down or by a version that wrote it on a full disk, proves nothing.
run_same_arguments() {
  RS_GIVEN=$P_COMMAND RS_KNOWN=''
  { IFS= read -r RS_KNOWN <"$RUN_FILE.args"; } 2>/dev/null || :
  [ -z "$RS_KNOWN" ] || [ "$RS_GIVEN" = "$RS_KNOWN" ] ||
    refuse 2 host.run_differs "run $RUN was started as \"$RS_KNOWN\", not as \"$RS_GIVEN\""
}

# run_write SUFFIX TEXT: a file of the run, whole or not at all; not worth a sync, for it only matters while the machine runs.
run_write() {
  { printf '%s\n' "$2" >"$RUN_FILE.$1.tmp" && mv -f "$RUN_FILE.$1.tmp" "$RUN_FILE.$1"; } 2>/dev/null ||
    { rm -f "$RUN_FILE.$1.tmp"; fault host.write_failed "cannot write $RUN_FILE.$1: is the disk full or read-only?"; }
}

# The worker keeps the caller's stdout as descriptor 8 and the lock as 9.
run_start() {
  rm -f "$RUN_FILE.pid"
  now
  { run_write args "$P_COMMAND" && run_write started "$NOW" && { true >"$RUN_FILE.out" >"$RUN_FILE.err"; } 2>/dev/null; } ||
    { run_forget; lock_release; refuse 4 host.write_failed "cannot write $RUN_FILE.args: is the disk full or read-only?"; }
  # shellcheck disable=SC2086 # OPSH_SHELL may be two words: busybox sh
  OPSH_MASK=$MASK OPSH_GRANTED=$GRANTED OPSH_LOCK=$LOCK_NUMBER setsid ${OPSH_SHELL:-sh} "$SELF" --worker "$@" 8>&1 >>"$RUN_FILE.out" 2>"$RUN_FILE.err" </dev/null &
  RS_CHILD=$!
  exec 9>&-
  wait "$RS_CHILD"
  set -- $?
  [ -e "$RUN_FILE.args" ] || exit "$1"
  run_end
}

# run_work: the worker's side. The signals are caught and not ignored, for a bot would inherit what is ignored.
run_work() {
  trap : HUP PIPE TERM
  RUN_FILE=$BASE/runs/$RUN/$VERB
  self_ticks
  # The lease may have passed on since the caller looked. Then nothing was begun, and nothing says that it was.
  lock_adopt || { emit error - "code=$FAULT_CODE" "message=$FAULT"; exit "$(epoch_status)"; }
  { reserve "$RUN_FILE.rc" && run_write pid "$$ $SELF_TICKS" && epoch_take; } || run_unbegun
  run_prune
  STATUS=0
  "verb_$VERB"
  RW_WORD=''
  if [ "$UNTOLD" = yes ]; then
    RW_WORD=untold
    [ "$STATUS" != 0 ] || STATUS=4
  fi
  fill "$RUN_FILE.rc" "$STATUS $RW_WORD" || emit error - "code=$FAULT_CODE" "message=the result of run $RUN could not be saved: $FAULT"
  lock_release
  exit "$STATUS"
}

run_unbegun() {
  set -- "$(epoch_status)"
  emit error - "code=$FAULT_CODE" "message=$FAULT"
  run_forget
  lock_release
  exit "$1"
}

# run_forget: nothing says any more that this run was begun. What came with it stays, for it comes only once.
run_forget() {
  for RG_FILE in "$RUN_FILE".*; do
    case $RG_FILE in *.in) ;; *) rm -f "$RG_FILE" ;; esac
  done
}

run_follow() {
  [ -r "$RUN_FILE.out" ] || refuse 1 host.run_died "run $RUN left no output"
  exec 3<"$RUN_FILE.out"
  RF_PART='' RF_LAST=no
  while :; do
    while IFS= read -r RF_LINE <&3; do
      printf '%s\n' "$RF_PART$RF_LINE"
      RF_PART=
    done
    RF_PART=$RF_PART$RF_LINE
    if [ "$RF_LAST" = yes ]; then break; fi
    if [ -e "$RUN_FILE.rc" ] || ! run_is_alive; then RF_LAST=yes; else nap; fi
  done
  run_end
}

# run_end: leaves with the status of the run.
run_end() {
  RF_STATUS='' RF_WORD='' RF_SAID=''
  { read -r RF_STATUS RF_WORD <"$RUN_FILE.rc"; } 2>/dev/null || :
  if [ -n "$RF_STATUS" ]; then
    # How a command ended is kept apart; of any other change nobody can say any more what it did.
    RF_CODE=host.run_died
    [ "$VERB" != exec ] || RF_CODE=host.write_failed
    [ "$RF_WORD" != untold ] ||
      emit error - "code=$RF_CODE" "message=the disk was full: part of what run $RUN did was not recorded"
    [ "$VERB" != exec ] || exec_print
    exit "$RF_STATUS"
  fi
  { IFS= read -r RF_SAID <"$RUN_FILE.err"; } 2>/dev/null || :
  refuse 1 host.run_died "run $RUN stopped early${RF_SAID:+ ($RF_SAID)}; run the command again to finish it"
}

# run_attach RUN: what a run did, and what it still does.
run_attach() {
  RUN=$1
  for RA_ARGS in "$BASE/runs/$RUN/"*.args; do
    [ -e "$RA_ARGS" ] || refuse 2 host.no_run "no run $RUN on this host"
    RUN_FILE=${RA_ARGS%.args} VERB=${RA_ARGS##*/}
    VERB=${VERB%.args}
  done
  run_follow
}

# run_prune: what old commands read and wrote goes; what a run was and how it ended stays for a month, or somebody who
# comes back for it would take it for not begun.
run_prune() {
  RP_COUNT=0
  # shellcheck disable=SC2012 # run ids hold no odd characters, and ls alone sorts by age
  ls -t "$BASE/runs" | {
    while IFS= read -r RP_RUN; do
      RP_COUNT=$((RP_COUNT + 1)) RP_FILE=$BASE/runs/$RP_RUN/exec
      if [ "$RP_COUNT" -gt 50 ] && [ "$RP_RUN" != "$RUN" ] && [ -e "$RP_FILE.in" ] && [ -e "$RP_FILE.rc" ]; then
        rm -f "$RP_FILE.in" "$RP_FILE.stdin" "$RP_FILE.keep"? "$RP_FILE.tail"? "$RP_FILE.rest"?
      fi
    done
    # What nobody came back for: exec_receive_private.
    find "$BASE/runs" "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}" -maxdepth 2 \
      \( -name exec.private -o -name 'exec.private.*' -o -name 'opsh-*.private' -o -name 'opsh-*.private.*' \) \
      -type f -mmin +60 -exec rm -f {} + 2>/dev/null
    [ "$RP_COUNT" -le 50 ] || find "$BASE/runs" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
  }
}

# Part 7 of 11: the stop lane: the verb latch, which marks bots and ends them, shows marks and lifts them.

# verb_latch: marks the bots, all of them first, and ends them side by side; with --lift takes marks away; with neither
# shows them. Takes no lock and needs nothing that is installed; only a lift looks at the epoch that it is given.
verb_latch() {
  # A caller that leaves does not end it. No bot is started from here, which would inherit that.
  trap '' HUP PIPE
  LANE=yes
  now
  # The earlier of two clocks: one that is ahead must not bind what is granted after the stop.
  [ -n "$O_AT" ] && [ "$O_AT" -lt "$NOW" ] || O_AT=$NOW
  if [ "$O_LIFT" = yes ]; then
    # A change like any other, if whoever sends it has a lease.
    [ -z "$O_EPOCH" ] || mkdir -p "$BASE" 2>/dev/null || refuse 4 host.write_failed "cannot make $BASE"
    epoch_check
    for B in $O_BOTS; do latch_lift "$B"; done
  elif [ -z "$O_MODE" ]; then
    latch_list
  else
    latch_all
  fi
}

latch_list() {
  for L_FILE in "$BASE/stop/"*; do
    B=${L_FILE##*/}
    case " $O_BOTS " in '  ' | *" $B "*) ;; *) continue ;; esac
    ! mark_read "$B" || emit mark "$B" "mode=$M_MODE" "at=$M_AT" "who=$M_WHO" "run=$M_RUN" "reason=$M_REASON" "id=$M_ID"
  done
}

# latch_lift BOT: takes the mark away that O_SEEN names as "BOT=ID", where that is given; else the one that is there.
latch_lift() {
  L_OUTCOME=unchanged L_WHY='' L_ID=''
  if ! mark_read "$1"; then
    :
  elif latch_seen "$1" && L_ID=$M_ID && mark_clear "$1"; then
    L_OUTCOME=lifted
  elif mark_read "$1"; then
    STATUS=1 L_OUTCOME=refused L_WHY="now has another mark ($M_MODE, set by $M_BY)"
    [ "$M_ID" != "$L_ID" ] || L_OUTCOME=failed L_WHY="cannot remove $BASE/stop/$1"
  fi
  emit result "$1" "outcome=$L_OUTCOME" image= digest= seconds=0.0 ${L_WHY:+"detail=$L_WHY"}
}

# latch_seen BOT: the mark that was read is the one that whoever lifts it has seen.
latch_seen() {
  case " $O_SEEN " in '  ' | *" $1=$M_ID "*) ;; *) return 1 ;; esac
}

latch_all() {
  MW_EPOCH=0
  { read -r MW_EPOCH L_REST <"$BASE/epoch"; } 2>/dev/null || :
  mkdir -p "$BASE/stop" 2>/dev/null || :
  [ -n "$O_WHO" ] || O_WHO=$(id -un 2>/dev/null) || O_WHO=unknown
  [ -n "$O_REASON" ] || O_REASON='by hand'
  # One line a value.
  O_REASON=${O_REASON%%"$NL"*}
  O_WHO=${O_WHO%%"$NL"*}
  L_MARKS=''
  for B in $O_BOTS; do
    mark_write "$B"
    L_MARKS="$L_MARKS $MARK"
    emit step "$B" state=marked "mark=$MARK"
  done
  lock_owner
  # shellcheck disable=SC2086 # "PID TICKS RUN VERB"
  set -- $LOCK_OWNER
  is_alive "${1:-}" "${2:-}" || set -- '' '' ''
  emit host - "now=$NOW" "run=${3:-}"
  # shellcheck disable=SC2086 # one word a bot
  set -- $L_MARKS
  L_CHILDREN=''
  for B in $O_BOTS; do
    (latch_one "$B" "$1") </dev/null &
    L_CHILDREN="$L_CHILDREN $!"
    shift
  done
  for L_CHILD in $L_CHILDREN; do wait "$L_CHILD" || STATUS=1; done
}

# latch_one BOT MARK: ends one bot, as its mode says, and reports.
latch_one() {
  clock
  LO_START=$CLOCK LO_OUTCOME=unchanged LO_WHY='' LO_STATUS=0 KILLED=no LEFT=no
  driver_inspect "$1"
  case $O_MODE-$STATE-$PREV in
    close_only-*) [ "$STATE" != running ] || LO_WHY='it keeps running: this runtime cannot tell it to close only; starts are refused' ;;
    *-down-none) ;;
    *)
      LO_STATE=$STATE
      # What a swap keeps beside it may run as well.
      LO_KILLED=no LO_LEFT=no
      if driver_stop "$1" "$O_STOP" && LO_KILLED=$KILLED && LO_LEFT=$LEFT &&
        { [ "$PREV" = none ] || driver_stop "$1-prev" "$O_STOP"; }
      then
        [ "$LO_STATE" != running ] || LO_OUTCOME=stopped
        [ "$LO_KILLED" = no ] || KILLED=yes
        [ "$LO_LEFT$LEFT" = nono ] || LO_WHY='it had crashed; processes it left running were ended'
      else
        LO_OUTCOME=failed LO_WHY=$FAULT LO_STATUS=1
      fi
      ;;
  esac
  LO_KILLED=$KILLED
  bot_line "$1"
  # The word of the act counts for nothing against the look.
  if [ "$STATE" = running ] && [ "$O_MODE" != close_only ]; then
    [ "$LO_OUTCOME" = failed ] || LO_WHY='it is still running'
    LO_OUTCOME=failed LO_STATUS=1
  fi
  LO_MARK=''
  case $2 in
    bare) LO_MARK='its mark is empty: the disk is full or broken' ;;
    failed) LO_MARK='its mark could not be written, so a change in progress may start it again' ;;
  esac
  # Without its latch a bot is started by whoever comes next.
  case $O_MODE-$2 in
    close_only-bare | halt_all-bare) LO_OUTCOME=failed LO_STATUS=1 LO_MARK="$LO_MARK, and the next start clears it" ;;
    close_only-failed | halt_all-failed)
      LO_OUTCOME=failed LO_STATUS=1
      ! mark_read "$1" || LO_MARK="the latch $O_MODE could not be written; $M_MODE is still set"
      ;;
  esac
  [ -z "$LO_MARK" ] || LO_WHY="${LO_WHY:+$LO_WHY; }$LO_MARK"
  since "$LO_START"
  set -- "$1" "outcome=$LO_OUTCOME" image= digest= "seconds=$SECONDS_SINCE" "mark=$2"
  [ "$LO_KILLED" = no ] || set -- "$@" killed=yes
  [ -z "$LO_WHY" ] || set -- "$@" "detail=$LO_WHY"
  emit result "$@"
  exit "$LO_STATUS"
}

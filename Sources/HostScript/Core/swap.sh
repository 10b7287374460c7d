# Part 5 of 11: replacing a bot by another version of itself.
# ~/.opsh/swap/BOT names the state; it is written before the state's work, and all work may be repeated:
#   stop -> rename -> start -> settle -> confirm          and on any failure   undo -> restore -> revive
# At every instant the old or the new version is whole, and at most one of them can run.

journal_write() {
  save "$BASE/swap/$B" "state=$1
run=$RUN
name=$J_NAME
to=$J_TO
from=$J_FROM
was=$J_WAS
killed=$J_KILLED
still=$J_STILL
why=$J_WHY"
}

# journal_read BOT: 1 when no swap of this bot is unfinished.
journal_read() {
  J_STATE='' J_NAME='' J_TO='' J_FROM='' J_WAS='' J_KILLED=no J_STILL=no J_WHY=''
  [ -e "$BASE/swap/$1" ] || return 1
  while IFS='=' read -r J_KEY J_VALUE; do
    case $J_KEY in
      state) J_STATE=$J_VALUE ;;
      name) J_NAME=$J_VALUE ;;
      to) J_TO=$J_VALUE ;;
      from) J_FROM=$J_VALUE ;;
      was) J_WAS=$J_VALUE ;;
      killed) J_KILLED=$J_VALUE ;;
      still) J_STILL=$J_VALUE ;;
      why) J_WHY=$J_VALUE ;;
    esac
  done <"$BASE/swap/$1"
  return 0
}

# journal_known BOT: the journal names a state of this script; else 1 with a fault, and nothing may be concluded from it.
journal_known() {
  case $J_STATE in
    stop | rename | start | settle | confirm | undo | restore | revive) ;;
    *) fault host.swap_unknown "the file $BASE/swap/$1 contains the unknown state \"$J_STATE\"; finish the swap with the version that started it, or check the bot and remove the file" ;;
  esac
}

# enter STATE: from here on a crash resumes at STATE.
enter() {
  journal_write "$1" || return 1
  J_STATE=$1
  emit step "$B" "state=$1"
}

# give_up REASON: turns to the way back, even where the journal cannot be written any more.
give_up() {
  # One line: the journal holds one value a line.
  J_WHY=${1%%"$NL"*}
  if mark_ends "$B"; then
    J_WHY=$M_WHY
    bot_end "$B" || :
    enter undo || J_STATE=undo
    return
  fi
  # What was not started has written nothing.
  [ "$J_WHY" = "${M_WHY-}" ] || LAST_LINES=$(driver_logs "$B" 5 2>/dev/null | cut -c 1-300)
  enter undo || J_STATE=undo
}

# advance: runs the swap of $B from $J_STATE to its end; sets OUTCOME and DETAIL. ARM=no starts nothing on the way back. Where
# the way back fails before the old version is back in place, the journal stays: it alone says which of the two is proven.
advance() {
  OUTCOME='' DETAIL=''
  while [ -z "$OUTCOME" ]; do
    journal_known "$B" || { OUTCOME=failed DETAIL=$FAULT; return 0; }
    case $J_STATE in
      stop | rename | start) if mark_binds "$B"; then advance_obey; continue; fi ;;
      settle) if mark_ends "$B"; then advance_obey; continue; fi ;;
    esac
    "advance_$J_STATE"
  done
  case $OUTCOME-$J_STATE in
    failed-rename | failed-start | failed-settle | failed-undo | down-undo | down-restore) ;;
    *) rm -f "$BASE/swap/$B" ;;
  esac
}

# advance_obey: a mark forbids the start. What was begun is taken back, and nothing is started for it; the old version that
# runs under close_only runs on.
advance_obey() {
  bot_obeys "$B"
  case $OUTCOME-$J_STATE in
    stopped_by-* | refused-rename | refused-start) ;;
    *) return 0 ;;
  esac
  OUTCOME=''
  J_WHY=$OBEY_WHY DETAIL=''
  enter undo || J_STATE=undo
}

advance_stop() {
  if driver_stop "$B" "$O_STOP"; then
    J_KILLED=$KILLED
    enter rename || give_up "$FAULT"
  else
    # It still runs, untouched.
    OUTCOME=failed DETAIL=$FAULT
  fi
}

advance_rename() {
  driver_inspect "$B"
  if [ "$PRESENT" = no ] || [ "$PREV" = present ] || driver_rename "$B" "$B-prev"; then
    enter start || give_up "$FAULT"
  else
    give_up "$FAULT"
  fi
}

# A bot that is to stay as it was found, and was not running, is put in place and not started.
advance_start() {
  if [ "$J_STILL" = yes ]; then
    if place_still "$B" "$J_TO" && enter confirm; then :; else give_up "$FAULT"; fi
  elif bot_start "$B" "$J_TO"; then
    enter settle || give_up "$FAULT"
  else
    give_up "$FAULT"
  fi
}

place_still() {
  command -v driver_place >/dev/null ||
    { fault bot.no_place "the runtime cannot replace a bot that is down without starting it"; return; }
  driver_place "$1" "$2"
}

advance_settle() {
  if ! settle "$B" "$O_SETTLE" "$J_TO"; then
    give_up "$FAULT"
  elif login_wait "$B" && enter confirm; then
    :
  else
    give_up "$FAULT"
  fi
}

advance_confirm() {
  driver_remove "$B-prev" || emit step "$B" state=confirm "detail=$FAULT"
  FROMS="$FROMS ${J_FROM#none}"
  OUTCOME=swapped
}

advance_undo() {
  driver_inspect "$B"
  # Without the old version beside it, what stands under the bot's name is the old version.
  if [ "$PREV" = present ] || [ "$J_FROM" = none ]; then
    if ! driver_stop "$B" "$O_STOP" || ! driver_remove "$B"; then
      OUTCOME=failed DETAIL=$FAULT
      driver_inspect "$B"
      [ "$STATE" = running ] || OUTCOME=down
      return 0
    fi
  fi
  enter restore || J_STATE=restore
}

advance_restore() {
  driver_inspect "$B"
  if [ "$PREV" = present ] && [ "$PRESENT" = no ] && ! driver_rename "$B-prev" "$B"; then
    OUTCOME=down DETAIL=$FAULT
  else
    enter revive || J_STATE=revive
  fi
}

advance_revive() {
  DETAIL=$J_WHY
  if mark_binds "$B"; then
    bot_obeys "$B"
    if [ "$J_WHY" != "$OBEY_WHY" ]; then
      # A latch that ends nothing is no reason for what went wrong.
      [ "$M_MODE-$OUTCOME-$J_WAS" != close_only-stopped_by-running ] || OUTCOME=down
      DETAIL="$DETAIL; before that: $J_WHY"
    fi
  elif [ "$J_FROM" = none ]; then
    OUTCOME=failed DETAIL="$J_WHY; there was no earlier version"
  elif [ "$ARM" = no ] || [ "$J_WAS" = down ]; then
    OUTCOME=rolled_back DETAIL="$J_WHY; it is back on the version it ran before and, as before, not running"
  elif bot_start "$B" "$J_FROM" && settle "$B" "$O_SETTLE" "$J_FROM"; then
    OUTCOME=rolled_back
  else
    OUTCOME=down DETAIL="$J_WHY; it is back on the version it ran before, which does not run: $FAULT"
    ! mark_binds "$B" || bot_obeys "$B"
  fi
}

# settle BOT SECONDS DIGEST: the same process of that image lives through the whole window.
settle() {
  clock
  SE_START=$CLOCK SE_INSTANCE=''
  while :; do
    driver_inspect "$1"
    SE_INSTANCE=${SE_INSTANCE:-$INSTANCE}
    if mark_ends "$1"; then
      fault bot.marked "$M_WHY"
      return
    elif [ "$STATE" != running ]; then
      since "$SE_START"
      fault bot.unstable "$1 ${WHY:-is $STATE} $SECONDS_SINCE s into the settle window"
      return
    elif [ "$INSTANCE" != "$SE_INSTANCE" ]; then
      fault bot.unstable "$1 was restarted within the settle window"
      return
    elif [ "$DIGEST" != "$3" ]; then
      fault bot.wrong_image "$1 runs $DIGEST and not $3"
      return
    fi
    clock
    [ "$CLOCK" -lt $((SE_START + $2 * 100)) ] || return 0
    nap
  done
}

# login_wait BOT: tells whether the bot logged in; only its death is a failure, a missing login never is.
login_wait() {
  [ "$O_LOGIN_WAIT" -gt 0 ] || return 0
  clock
  LW_END=$((CLOCK + O_LOGIN_WAIT * 100))
  while :; do
    driver_inspect "$1"
    ! mark_ends "$1" || { fault bot.marked "$M_WHY"; return; }
    [ "$STATE" = running ] && [ "$INSTANCE" = "$SE_INSTANCE" ] ||
      { fault bot.unstable "$1 ${WHY:-is $STATE}, just after the settle window"; return; }
    clock
    if [ "$LOGIN" = yes ] || [ "$CLOCK" -ge "$LW_END" ]; then
      emit step "$1" state=login "login=$LOGIN"
      return 0
    fi
    nap 0.5
  done
}

# swap_bot BOT: one bot from whatever it was to T_DIGEST, or back.
swap_bot() {
  B=$1 DETAIL='' LAST_LINES='' J_STILL=no
  clock
  SB_START=$CLOCK
  if ! mark_gate "$B"; then
    J_FROM='' J_KILLED=no
    latch_keeps "$B" || recover "$B" || :
    OUTCOME=failed DETAIL=$M_WHY
    ! mark_binds "$B" || bot_held "$B"
    # It runs on, and what runs is what was asked for.
    case $OUTCOME-$M_MODE-${STATE-}-${DIGEST-} in
      refused-close_only-running-"$T_DIGEST") [ -e "$BASE/swap/$B" ] || OUTCOME=unchanged DETAIL='' ;;
    esac
    swap_result
    return
  fi
  if journal_read "$B"; then
    emit step "$B" state=recover "at=$J_STATE"
    journal_known "$B" || { OUTCOME=failed DETAIL=$FAULT J_FROM=none J_KILLED=no; swap_result; return; }
    if [ "$J_TO" = "$T_DIGEST" ]; then
      advance
      swap_result
      return
    fi
    recover "$B" || { OUTCOME=failed DETAIL=$FAULT J_FROM=none J_KILLED=no; swap_result; return; }
    J_STILL=no
  fi
  driver_inspect "$B"
  if [ "$PREV" = present ]; then
    swap_tidy || { OUTCOME=failed DETAIL=$FAULT; swap_result; return; }
  fi
  if [ "$STATE" = running ] && [ "$DIGEST" = "$T_DIGEST" ]; then
    SB_LEFT=$((O_SETTLE - (NOW - STARTED)))
    [ "$SB_LEFT" -gt 0 ] || SB_LEFT=0
    if settle "$B" "$SB_LEFT" "$T_DIGEST"; then
      OUTCOME=unchanged
      swap_result
      return
    fi
  fi
  if [ "$STATE" != running ]; then
    case " $O_AS_FOUND " in *" $B "*) STATE=down J_STILL=yes ;; esac
  fi
  if [ "$J_STILL-$PRESENT-$DIGEST" = "yes-yes-$T_DIGEST" ]; then OUTCOME=unchanged; swap_result; return; fi
  J_NAME=$O_IMAGE J_TO=$T_DIGEST J_WAS=$STATE J_KILLED=no J_WHY=''
  J_FROM=none
  [ "$PRESENT" = no ] || J_FROM=$DIGEST
  if enter stop; then advance; else OUTCOME=failed DETAIL=$FAULT; fi
  swap_result
}

# A kept old version without a journal is a leftover; where it is all there is, it is the bot.
swap_tidy() {
  if [ "$PRESENT" = no ]; then
    driver_rename "$B-prev" "$B" && driver_inspect "$B"
  else
    driver_stop "$B-prev" 0 && driver_remove "$B-prev" && driver_inspect "$B"
  fi
}

swap_result() {
  # Marked at the last moment: it is being stopped, and a word of success would be wrong in an instant.
  case $OUTCOME in
    swapped | unchanged | rolled_back | started | restarted)
      if [ "$VERB" != stop ] && mark_ends "$B"; then bot_obeys "$B"; fi
      ;;
  esac
  driver_inspect "$B"
  since "$SB_START"
  set -- "outcome=$OUTCOME" "image=$IMAGE" "digest=${DIGEST:+sha256:}$DIGEST" "seconds=$SECONDS_SINCE"
  case ${J_FROM-} in '' | none) ;; *) [ "$VERB" != swap ] || set -- "$@" "from=sha256:$J_FROM" ;; esac
  [ "${J_KILLED:-no}" = no ] || set -- "$@" killed=yes
  [ "$VERB-${J_STILL:-no}" != swap-yes ] || set -- "$@" still=yes
  [ -z "$DETAIL" ] || set -- "$@" "detail=$DETAIL"
  [ -z "$LAST_LINES" ] || set -- "$@" "log=$LAST_LINES"
  emit result "$B" "$@"
  case $OUTCOME in swapped | unchanged | started | stopped | restarted | stopped_by | refused) ;; *) STATUS=1 ;; esac
}

# recover BOT: ends an unfinished swap; forward when it was proven, else back. 1 with a fault when its journal cannot be used,
# or is still needed.
recover() {
  B=$1
  journal_read "$B" || return 0
  journal_known "$B" || return
  case $J_STATE in
    confirm | undo | restore | revive) ;;
    *) give_up "an earlier swap was interrupted while in state $J_STATE" ;;
  esac
  advance
  emit step "$B" state=recovered "outcome=$OUTCOME"
  [ ! -e "$BASE/swap/$B" ] || fault host.swap_unfinished "an earlier swap could not be reverted: $DETAIL" || return
  DETAIL='' LAST_LINES=''
}

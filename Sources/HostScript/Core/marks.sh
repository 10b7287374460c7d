# Part 6 of 11: the stop marks: ~/.opsh/stop/BOT says that a bot is to be down, one key=value a line: at, who, run, mode, reason,
# epoch, grace, up (this machine's clock and boot). It is written before the bot is touched, without the lock, and every path that starts a bot looks at it:
# before the start, and in the child just before exec, after the pid file is there. Whoever comes second sees the other.
# A mark of mode stop binds only changes that were granted before it; the other modes are latches that only --lift lifts.

# mark_read BOT -> M_AT M_WHO M_RUN M_MODE M_REASON M_EPOCH M_GRACE M_UP M_BOOT, and M_ID: the mark in one word, which no other
# mark has; 1 when there is none. One that cannot be read, as a full disk leaves it, is a mark all the same: of mode stop, from
# when the file was made.
mark_read() {
  M_AT='' M_WHO='' M_RUN='' M_MODE='' M_REASON='' M_EPOCH='' M_GRACE=35 M_UP='' M_BOOT='' M_ID=''
  [ -e "$BASE/stop/$1" ] || return 1
  { while IFS= read -r M_LINE; do
    M_VALUE=${M_LINE#*=}
    case $M_LINE in
      at=*) M_AT=$M_VALUE ;;
      who=*) M_WHO=$M_VALUE ;;
      run=*) M_RUN=$M_VALUE ;;
      mode=*) M_MODE=$M_VALUE ;;
      reason=*) M_REASON=$M_VALUE ;;
      epoch=*) M_EPOCH=$M_VALUE ;;
      grace=*) M_GRACE=$M_VALUE ;;
      up=*) M_UP=${M_VALUE%% *} M_BOOT=${M_VALUE#* } ;;
    esac
  done <"$BASE/stop/$1"; } 2>/dev/null || :
  case $M_MODE in stop | close_only | halt_all) ;; *) M_MODE=stop M_AT='' ;; esac
  case $M_AT in '' | *[!0-9]*) M_AT=$(date -r "$BASE/stop/$1" +%s 2>/dev/null) || M_AT=999999999999 ;; esac
  case $M_EPOCH in *[!0-9]*) M_EPOCH='' ;; esac
  case $M_UP in *[!0-9]*) M_UP='' ;; esac
  case $M_GRACE in '' | *[!0-9]*) M_GRACE=35 ;; esac
  case $M_RUN in *[!A-Za-z0-9._-]*) M_ID=odd ;; *) M_ID=$M_RUN ;; esac
  M_ID=$M_AT,$M_MODE,$M_UP,$M_ID
  M_BY="${M_WHO:-unknown}: ${M_REASON:-no reason given}"
  case $M_MODE in
    stop) M_WHY="stopped by $M_BY" ;;
    close_only) M_WHY="latched by $M_BY (close_only, until it is lifted)" ;;
    halt_all) M_WHY="stopped by $M_BY (halt_all, until it is lifted)" ;;
  esac
}

# mark_binds BOT: 0 when this change must not start the bot, with M_WHY; what was granted later may, and what its own run
# stopped. Epochs and marks come from different clocks, so two comparisons must both say that the grant is the later one: of
# the epoch with the time of the mark, and of how old the change says that its grant is with this machine's own clock. No
# change is on its way for more than 30 s; what is later by more than that may have an epoch of a clock that is 5 minutes off.
mark_binds() {
  mark_read "$1" || return 1
  [ "$M_MODE" = stop ] || return 0
  case $RUN in '') ;; "$M_RUN" | "$M_RUN"-*) [ -z "$M_RUN" ] || return 1 ;; esac
  if [ -n "$O_EPOCH" ]; then
    [ -z "$M_EPOCH" ] || [ "$O_EPOCH" -gt "$M_EPOCH" ] || return 0
    MB_GRANTED=$O_EPOCH
    # Epochs are seconds times 65536 and a tag; those of an older opsh are seconds.
    [ "$MB_GRANTED" -lt 1000000000000 ] || MB_GRANTED=$((MB_GRANTED / 65536))
    if [ -n "$GRANTED" ] && [ -n "$M_UP" ] && boot_id && [ "$BOOT" = "$M_BOOT" ]; then
      [ "$GRANTED" -gt "$M_UP" ] || return 0
      [ "$GRANTED" -le $((M_UP + 3000)) ] || MB_GRANTED=$((MB_GRANTED + 300))
    fi
  else
    now
    MB_GRANTED=$NOW
    { read -r MB_GRANTED <"${RUN_FILE:-}.started"; } 2>/dev/null || MB_GRANTED=$NOW
  fi
  [ "$MB_GRANTED" -lt "$M_AT" ]
}

# mark_ends BOT: 0 when the bot is to be down, whatever runs now; close_only forbids starts and ends nothing.
mark_ends() { mark_binds "$1" && [ "$M_MODE" != close_only ]; }

# boot_id -> BOOT: which boot CLOCK counts from; 1 where the kernel tells none.
boot_id() {
  BOOT=''
  { read -r BOOT </proc/sys/kernel/random/boot_id; } 2>/dev/null && [ -n "$BOOT" ]
}

# mark_gate BOT: before a change that may start the bot: 1 when its mark forbids that; one that does not is cleared.
mark_gate() {
  if mark_binds "$1"; then return 1; fi
  [ -e "$BASE/stop/$1" ] || return 0
  mark_clear "$1" || ! mark_binds "$1"
}

# mark_clear BOT: removes the mark that was read, and no other one that came meanwhile; 1 when one is left or none was there.
mark_clear() {
  MC_TAKEN=$BASE/stop/.clear-$1.$$ MC_ID=$M_ID
  mv -f "$BASE/stop/$1" "$MC_TAKEN" 2>/dev/null || return
  MC_SAME=no
  if mark_read ".clear-$1.$$" && [ "$M_ID" = "$MC_ID" ]; then MC_SAME=yes; fi
  # Where a third one lies there by now, it is the newest.
  [ "$MC_SAME" = yes ] || ln "$MC_TAKEN" "$BASE/stop/$1" 2>/dev/null || [ -e "$BASE/stop/$1" ] ||
    mv -f "$MC_TAKEN" "$BASE/stop/$1" 2>/dev/null || :
  rm -f "$MC_TAKEN"
  sync "$BASE/stop" 2>/dev/null || :
  [ "$MC_SAME" = yes ]
}

# mark_outweighs BOT: 0 when the mark that is there says more than the one of O_MODE would.
mark_outweighs() {
  mark_read "$1" || return 1
  case $M_MODE-$O_MODE in
    close_only-stop | halt_all-stop | halt_all-close_only) return 0 ;;
    stop-stop) [ -n "$O_EPOCH" ] && mark_binds "$1" ;;
    *) return 1 ;;
  esac
}

# mark_write BOT -> MARK: written; kept, when one is there that says as much or more; bare, when no more than the empty file
# could be made, which binds as one of mode stop does; failed. A latch that is there is never replaced by less.
mark_write() {
  MARK=kept
  ! mark_outweighs "$1" || return 0
  clock
  MW_UP=$CLOCK
  ! boot_id || MW_UP="$CLOCK $BOOT"
  MW_FILE=$BASE/stop/$1 MW_NEW=$BASE/stop/.$1.$$ MARK=written
  {
    printf 'at=%s\nwho=%s\nrun=%s\nmode=%s\nreason=%s\nepoch=%s\ngrace=%s\nup=%s\n' "$O_AT" "$O_WHO" "$RUN" "$O_MODE" \
      "$O_REASON" "$MW_EPOCH" "$O_STOP" "$MW_UP" >"$MW_NEW" && sync "$MW_NEW" && mv -f "$MW_NEW" "$MW_FILE"
  } 2>/dev/null && { sync "$BASE/stop" 2>/dev/null || :; return 0; }
  rm -f "$MW_NEW" 2>/dev/null
  # As mark_outweighs found it; it may have been lifted since.
  case $M_MODE-$O_MODE in
    close_only-close_only | halt_all-halt_all) [ ! -e "$MW_FILE" ] || { MARK=kept; return 0; } ;;
    close_only-halt_all) [ ! -e "$MW_FILE" ] || { MARK=failed; return 0; } ;;
  esac
  # To empty a file takes no room.
  MARK=bare
  { true >"$MW_FILE"; } 2>/dev/null || MARK=failed
}

# bot_start BOT HEX: driver_start, unless a mark forbids it.
bot_start() {
  if mark_binds "$1"; then fault bot.marked "$M_WHY"; return; fi
  driver_start "$1" "$2" && return
  ! mark_binds "$1" || fault bot.marked "$M_WHY"
  return 1
}

# bot_end BOT: the bot is gone. Whoever marked it ends it within the grace of the mark, which was read; who did not come
# so far is helped.
bot_end() {
  driver_inspect "$1"
  clock
  BE_LEFT=$((M_AT + M_GRACE + 2 - NOW))
  if [ -n "$M_UP" ] && boot_id && [ "$BOOT" = "$M_BOOT" ]; then BE_LEFT=$((M_GRACE + 2 - (CLOCK - M_UP) / 100)); fi
  [ "$BE_LEFT" -le $((M_GRACE + 2)) ] || BE_LEFT=$((M_GRACE + 2))
  BE_END=$((CLOCK + BE_LEFT * 100))
  while [ "$STATE" = running ]; do
    clock
    [ "$CLOCK" -lt "$BE_END" ] || { driver_stop "$1" 0; return; }
    nap
    driver_inspect "$1"
  done
  # Others of its group may be left.
  [ "$STATE" = crashed ] || return 0
  clock
  [ "$CLOCK" -lt "$BE_END" ] || BE_END=$CLOCK
  driver_stop "$1" $(((BE_END - CLOCK) / 100))
}

# bot_obeys BOT: the end of a change that met a mark -> OUTCOME DETAIL. What runs under close_only runs on.
bot_obeys() {
  OBEY_WHY=$M_WHY LAST_LINES=''
  if [ "$M_MODE" = close_only ]; then
    driver_inspect "$1"
    if [ "$STATE" = running ]; then bot_refused; else OUTCOME=stopped_by DETAIL=$OBEY_WHY; fi
  elif bot_end "$1"; then
    OUTCOME=stopped_by DETAIL=$OBEY_WHY
  else
    OUTCOME=failed DETAIL="$OBEY_WHY, and $FAULT"
  fi
}

# bot_held BOT: a change met a mark before it began -> OUTCOME DETAIL. A latch refuses it, and the bot stays as it is: whoever
# latched it ends it, where it is to end.
bot_held() { if [ "$M_MODE" = stop ]; then bot_obeys "$1"; else bot_refused; fi; }

bot_refused() { OUTCOME=refused DETAIL="has a latch ($M_MODE, set by $M_BY); lift it first" LAST_LINES=''; }

# latch_keeps BOT: 0 when the mark that was read leaves a bot running: an unfinished swap of it waits, too.
latch_keeps() {
  [ "$M_MODE" = close_only ] || return 1
  driver_inspect "$1"
  [ "$STATE" = running ]
}

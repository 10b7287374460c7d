# Part 11 of 11: the verbs and the command line. The last line of the composed script calls main.

# bot_line BOT [about]: what a bot is, read from the system; with what its runtime has to say about it, which takes longer.
bot_line() {
  driver_inspect "$1"
  ABOUT_DRIFT='' ABOUT_DRAGS=''
  [ -z "${2:-}" ] || ! command -v driver_about >/dev/null || driver_about "$1"
  set -- "$1" "state=$STATE" "image=$IMAGE" "digest=${DIGEST:+sha256:}$DIGEST" "pid=$PID" "started=$STARTED" \
    "login=$LOGIN" "heartbeat_age=$HEARTBEAT_AGE" "prev=$PREV"
  [ -z "$RESTARTS" ] || set -- "$@" "restarts=$RESTARTS"
  ! journal_read "$1" || set -- "$@" "swap=${J_STATE:-damaged}"
  ! mark_read "$1" || set -- "$@" "mark=$M_MODE" "mark_by=$M_WHY"
  [ -z "$WHY" ] || set -- "$@" "detail=$WHY"
  [ -z "$ABOUT_DRIFT" ] || set -- "$@" "drift=$ABOUT_DRIFT"
  [ -z "$ABOUT_DRAGS" ] || set -- "$@" "drags=$ABOUT_DRAGS"
  emit bot "$@"
}

verb_inspect() {
  [ -n "$O_BOTS" ] || driver_list
  now
  emit host - "now=$NOW"
  for B in ${O_BOTS:-$BOTS}; do bot_line "$B" about; done
}

verb_list() {
  driver_list
  for B in $BOTS; do bot_line "$B" about; done
}

verb_facts() {
  now
  driver_facts
  F_SHA=$(sha256sum <"$SELF")
  epoch_read || :
  F_KEPT=
  { read -r F_KEPT <"$BASE/images"; } 2>/dev/null || :
  F_READY=yes
  { tools_present && { ! command -v driver_ready >/dev/null || driver_ready; }; } || F_READY=$FAULT
  emit host - "script=${F_SHA%% *}" "disk_free_kb=$DISK_FREE_KB" "ready=$F_READY" "now=$NOW" \
    "epoch=$EPOCH_SEEN" "journal=$EPOCH_BY" "images=$IMAGES" "kept=$F_KEPT"
}

verb_logs() {
  for B in $O_BOTS; do
    ! command -v driver_log_open >/dev/null || driver_log_open "$B" || refuse 4 "$FAULT_CODE" "$FAULT"
    if [ -n "$O_AFTER" ]; then logs_after "$B"; continue; fi
    driver_logs "$B" "$O_LINES" | while IFS= read -r L_LINE || [ -n "$L_LINE" ]; do
      emit log "$B" "line=$L_LINE"
    done
  done
}

# logs_after BOT: where the log of a bot ends now, and the last lines after the place O_AFTER that hold O_FIND or fit O_LIKE;
# after `end` there are none.
logs_after() {
  command -v driver_log_after >/dev/null ||
    { emit error - code=host.no_log_place "message=the runtime does not tell where a log ends"; exit 1; }
  emit log "$1" "place=$(driver_log_place "$1")"
  [ "$O_AFTER" != end ] || return 0
  driver_log_after "$1" "$O_AFTER" | logs_filter | tail -n 200 | while IFS= read -r L_LINE || [ -n "$L_LINE" ]; do
    emit log "$1" "line=$L_LINE"
  done
}

logs_filter() {
  if [ -n "$O_FIND" ]; then grep -a -F -e "$O_FIND"; elif [ -n "$O_LIKE" ]; then grep -a -E -e "$O_LIKE"; else cat; fi
}

# pull: sets STATUS and reports; 1 when the image is not here, and then nothing else has changed.
pull() {
  emit step - state=pull "image=$O_IMAGE" "digest=sha256:$T_DIGEST"
  if driver_pull "$O_IMAGE" "$T_DIGEST" "$O_SOURCE"; then return 0; fi
  STATUS=1
  case $FAULT_CODE in host.*) STATUS=4 ;; esac
  emit error - "code=$FAULT_CODE" "message=$FAULT"
  return 1
}

verb_pull() {
  clock
  P_START=$CLOCK
  P_OUTCOME=failed
  ! pull || P_OUTCOME=$PULLED
  since "$P_START"
  emit result - "outcome=$P_OUTCOME" "image=$O_IMAGE" "digest=sha256:$T_DIGEST" "seconds=$SECONDS_SINCE"
}

verb_swap() {
  FROMS=''
  if ! preflight; then
    STATUS=4
    emit error - "code=$FAULT_CODE" "message=$FAULT"
  elif pull; then
    [ "$O_JITTER" = 0 ] || { emit step - state=jitter "seconds=$O_JITTER"; jitter_wait; }
    LOST=''
    for BOT in $O_BOTS; do
      # Neither version of a bot lives: that is the host's fault, and the others are better off as they are.
      if [ -n "$LOST" ]; then untouched "$BOT" "$LOST is down"; continue; fi
      swap_bot "$BOT"
      [ "$OUTCOME" != down ] || LOST=$BOT
    done
    remember_images
    return
  fi
  for BOT in $O_BOTS; do untouched "$BOT" "$FAULT"; done
}

# jitter_wait: O_JITTER seconds, or until every bot is marked as stopped.
jitter_wait() {
  clock
  JW_END=$((CLOCK + O_JITTER * 100)) JW_FREE=yes
  while [ "$CLOCK" -lt "$JW_END" ] && [ "$JW_FREE" = yes ]; do
    nap
    JW_FREE=no
    for BOT in $O_BOTS; do mark_binds "$BOT" || JW_FREE=yes; done
    clock
  done
}

# untouched BOT WHY: a bot that nothing was done to is told so, by name.
untouched() {
  B=$1 UT_STATUS=$STATUS
  clock
  SB_START=$CLOCK OUTCOME=failed DETAIL="not touched: $2" LAST_LINES='' J_KILLED=no J_STILL=no
  swap_result
  STATUS=$UT_STATUS
}

# remember_images: the images to keep are the current one and those it replaced; the others go.
remember_images() {
  RI_KEEP=''
  { read -r RI_KEEP <"$BASE/images"; } 2>/dev/null || :
  case $FROMS in
    *[0-9a-f]*)
      case $RI_KEEP in "$T_DIGEST"*) FROMS="$FROMS ${RI_KEEP#"$T_DIGEST"}" ;; esac
      RI_KEEP=$T_DIGEST
      for RI_FROM in $FROMS; do
        case " $RI_KEEP " in *" $RI_FROM "*) ;; *) RI_KEEP="$RI_KEEP $RI_FROM" ;; esac
      done
      save "$BASE/images" "$RI_KEEP" || { emit step - state=keep "detail=$FAULT"; return 0; }
      ;;
  esac
  # An unfinished swap may need an image that nothing points to yet.
  for RI_SWAP in "$BASE/swap/"*; do
    case $RI_SWAP in *.tmp) ;; *) [ ! -e "$RI_SWAP" ] || return 0 ;; esac
  done
  ! command -v driver_prune >/dev/null || driver_prune "$RI_KEEP"
}

verb_start() { for BOT in $O_BOTS; do change_bot started; done; }
verb_stop() { for BOT in $O_BOTS; do change_bot stopped; done; }
verb_restart() { for BOT in $O_BOTS; do change_bot restarted; done; }

change_bot() {
  clock
  SB_START=$CLOCK
  CB_MARKED=no
  if [ "$VERB" = stop ]; then ARM=no; else mark_gate "$BOT" || CB_MARKED=yes; fi
  # A stop is possible whatever a swap has left.
  CB_FAULT=''
  { [ "$CB_MARKED" = yes ] && latch_keeps "$BOT"; } || recover "$BOT" || [ "$VERB" = stop ] || CB_FAULT=$FAULT
  B=$BOT OUTCOME=$1 DETAIL='' LAST_LINES='' J_KILLED=no
  if [ "$CB_MARKED" = yes ] && mark_binds "$B"; then
    bot_held "$B"
    swap_result
    return
  fi
  driver_inspect "$B"
  if [ -n "$CB_FAULT" ]; then
    OUTCOME=failed DETAIL=$CB_FAULT
  elif [ "$PRESENT" = no ]; then
    OUTCOME=failed DETAIL="no bot $B on this host"
  elif { [ "$VERB" = start ] && [ "$STATE" = running ]; } || { [ "$VERB" = stop ] && [ "$STATE" = down ]; }; then
    OUTCOME=unchanged
  elif [ "$VERB" = restart ] && mark_binds "$B"; then
    bot_held "$B"
  else
    CB_DIGEST=$DIGEST
    emit step "$B" "state=$VERB"
    change_work || { DETAIL=$FAULT; LAST_LINES=$(driver_logs "$B" 5 2>/dev/null | cut -c 1-300); }
    if [ "$VERB" != stop ] && mark_binds "$B"; then
      case $M_MODE-$OUTCOME-$FAULT_CODE in
        close_only-down-bot.marked | stop-* | halt_all-*) bot_obeys "$B" ;;
      esac
    fi
  fi
  swap_result
}

change_work() {
  if [ "$VERB" != start ]; then
    driver_stop "$B" "$O_STOP" || { OUTCOME=failed; return 1; }
    J_KILLED=$KILLED
  fi
  if [ "$VERB" != stop ]; then
    bot_start "$B" "$CB_DIGEST" && settle "$B" "$O_SETTLE" "$CB_DIGEST" || { OUTCOME=down; return 1; }
  fi
}

# preflight: what every runtime needs, then what this one needs; the latter may make its directories.
preflight() {
  tools_present || return
  ! command -v driver_preflight >/dev/null || driver_preflight
}

tools_present() {
  for P_TOOL in setsid sha256sum tar sync df; do
    command -v "$P_TOOL" >/dev/null || { fault host.tool_missing "this host has no $P_TOOL"; return; }
  done
}

usage() { refuse 2 host.usage "$1"; }

# number OPTION VALUE: whole seconds without a leading zero, which sh would read as octal.
number() {
  case $2 in
    0) ;;
    '' | *[!0-9]* | 0* | ???????????????????*) usage "$1 takes a whole number, not \"$2\"" ;;
  esac
}

# word OPTION VALUE: a name that is safe as a file name and in a list.
word() {
  case $2 in
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) usage "$1 takes a name, not \"$2\"" ;;
  esac
}

parse() {
  O_BOTS='' O_IMAGE='' O_SOURCE='' O_STOP=35 O_SETTLE=5 O_LOGIN_WAIT=0 O_JITTER=0 O_EPOCH='' O_LINES=100 O_WAIT=0
  O_BYTES='' O_SHA256='' O_LIMIT=1048576 O_JOURNAL='' O_RESET='' O_FROM='' O_TO='' T_DIGEST='' FROMS=''
  O_AFTER='' O_FIND='' O_LIKE='' O_AS_FOUND=''
  O_MODE='' O_LIFT=no O_PRIVATE=no O_SEEN='' O_WHO='' O_REASON='' O_AT='' O_AGE='' O_BITS=''
  P_COMMAND=$VERB
  while [ $# -gt 0 ]; do
    case $1 in
      --lift) O_LIFT=yes; shift; continue ;;
      --private) O_PRIVATE=yes; shift; continue ;;
    esac
    [ $# -gt 1 ] || usage "$1 needs a value"
    case $1 in --epoch | --journal | --age) ;; *) P_COMMAND="$P_COMMAND $1 $2" ;; esac
    case $1 in
      --bots) O_BOTS=$2 ;;
      --image) O_IMAGE=$2 ;;
      --digest) T_DIGEST=${2#sha256:} ;;
      --source) O_SOURCE=$2 ;;
      --stop) number "$1" "$2"; O_STOP=$2 ;;
      --settle) number "$1" "$2"; O_SETTLE=$2 ;;
      --login-wait) number "$1" "$2"; O_LOGIN_WAIT=$2 ;;
      --jitter) number "$1" "$2"; O_JITTER=$2 ;;
      --epoch) number "$1" "$2"; O_EPOCH=$2 ;;
      --journal) word "$1" "$2"; O_JOURNAL=$2 ;;
      --reset) O_RESET=$2 ;;
      --from) O_FROM=$2 ;;
      --to) O_TO=$2 ;;
      --bits) case $2 in '' | *[!0-7]* | ?????*) usage "--bits takes octal permission bits, not \"$2\"" ;; esac; O_BITS=$2 ;;
      --lines) number "$1" "$2"; O_LINES=$2 ;;
      --after) case $2 in end) ;; '' | *[!0-9a-z.]*) usage "--after takes a place of a log, not \"$2\"" ;; esac; O_AFTER=$2 ;;
      --as-found) O_AS_FOUND=$2 ;;
      --find) O_FIND=$2 ;;
      --like) O_LIKE=$2 ;;
      --wait) number "$1" "$2"; O_WAIT=$2 ;;
      --bytes) number "$1" "$2"; O_BYTES=$2 ;;
      --limit) number "$1" "$2"; O_LIMIT=$2 ;;
      --sha256) O_SHA256=$2 ;;
      --run) word "$1" "$2"; RUN=$2 ;;
      --mode) O_MODE=$2 ;;
      --seen) O_SEEN=$2 ;;
      --who) O_WHO=$2 ;;
      --reason) O_REASON=$2 ;;
      --at) number "$1" "$2"; O_AT=$2 ;;
      --age) number "$1" "$2"; O_AGE=$2 ;;
      *) usage "unknown option $1" ;;
    esac
    shift 2
  done
  if [ -n "$O_AGE" ] && [ -z "$GRANTED" ]; then clock; GRANTED=$((CLOCK - O_AGE)); fi
  bots_named "$O_BOTS"
  O_BOTS=$NAMED
  for B in $O_BOTS; do
    word --bots "$B"
    case $B in *-prev) usage "--bots takes bots, but $B is a kept old version" ;; esac
  done
}

# bots_named TEXT -> NAMED: names with blanks between them, from names and sets with blanks or commas: A,bot[1-3,7] bot[01-12]
bots_named() {
  case $1 in
    *[*?]*) usage "--bots takes names and sets such as bot[1-3], not patterns" ;;
    *[],[]*) ;;
    *) NAMED=$1; return ;;
  esac
  NAMED='' BN_REST=$1
  while [ -n "$BN_REST" ]; do
    BN_WORD=''
    while :; do
      case $BN_REST in
        '' | [\ ,]*) break ;;
        \[*]*) BN_WORD=$BN_WORD${BN_REST%%]*}] BN_REST=${BN_REST#*]} ;;
        \[*) usage "--bots: a [ has no ] in \"$1\"" ;;
        *) BN_WORD=$BN_WORD${BN_REST%"${BN_REST#?}"} BN_REST=${BN_REST#?} ;;
      esac
    done
    BN_REST=${BN_REST#?}
    case $BN_WORD in
      '') ;;
      *\[*\[*) usage "--bots takes one [ ] a name, not \"$BN_WORD\"" ;;
      *\[*) bots_set "${BN_WORD%%\[*}" "${BN_WORD#*]}" "${BN_WORD#*\[}" ;;
      *) NAMED="$NAMED $BN_WORD" ;;
    esac
  done
  NAMED=${NAMED# }
}

# bots_set BEFORE AFTER LIST: adds the names of a set to NAMED; LIST ends with its bracket.
bots_set() {
  BS_LIST=${3%%]*},
  while [ -n "$BS_LIST" ]; do
    BS_FIRST=${BS_LIST%%,*} BS_LIST=${BS_LIST#*,}
    BS_LAST=${BS_FIRST#*-} BS_FIRST=${BS_FIRST%%-*}
    case $BS_FIRST-$BS_LAST in -* | *- | *[!0-9-]* | *-*-*) usage "--bots: a set has numbers, as in bot[1-3]" ;; esac
    BS_WIDTH=0
    case $BS_FIRST in 0?*) BS_WIDTH=${#BS_FIRST} ;; esac
    BS_NUMBER=$(printf '%s' "$BS_FIRST" | sed 's/^0*\(.\)/\1/') BS_LAST=$(printf '%s' "$BS_LAST" | sed 's/^0*\(.\)/\1/')
    [ ${#BS_LAST} -le 6 ] && [ $((BS_LAST - BS_NUMBER)) -lt 10000 ] || usage "--bots: a set has at most 10000 names"
    while [ "$BS_NUMBER" -le "$BS_LAST" ]; do
      NAMED="$NAMED $1$(printf "%0${BS_WIDTH}d" "$BS_NUMBER")$2"
      BS_NUMBER=$((BS_NUMBER + 1))
    done
  done
}

needs_bots() { [ -n "$O_BOTS" ] || usage "$VERB needs --bots"; }

needs_image() {
  case $O_IMAGE in '' | *[!A-Za-z0-9._:/@-]*) usage "$VERB needs --image NAME" ;; esac
  case $T_DIGEST in *[!0-9a-f]*) T_DIGEST= ;; esac
  [ ${#T_DIGEST} -eq 64 ] || usage "$VERB needs --digest sha256:<64 hexadecimal digits>"
}

main() {
  ARM=yes STATUS=0
  case $0 in /*) SELF=$0 ;; *) SELF=$PWD/$0 ;; esac
  if [ "${1:-}" = --worker ]; then WORKER=yes; shift; fi
  [ $# -gt 0 ] || usage "a verb is missing: facts, inspect, list, logs, swap, pull, start, stop, restart, exec, kill, fence, epoch, look, place, install, latch, forget or --attach RUN"
  if [ "$1" = --attach ]; then
    word --attach "${2:-}"
    run_attach "$2"
  fi
  VERB=$1
  shift
  parse "$@"
  case $VERB in
    facts | inspect | list | epoch | install) ;;
    logs | start | stop | restart) needs_bots ;;
    swap) needs_bots; needs_image ;;
    pull) needs_image ;;
    exec)
      [ -n "$RUN" ] && { [ "$O_PRIVATE" = yes ] || { [ -n "$O_BYTES" ] && [ -n "$O_SHA256" ]; }; } ||
        usage "exec needs --run, and --private or --bytes and --sha256"
      ;;
    kill | forget) [ -n "$RUN" ] || usage "$VERB needs --run" ;;
    fence) [ -n "$O_EPOCH" ] || usage "fence needs --epoch" ;;
    look) [ -n "$O_TO" ] || usage "look needs --to" ;;
    place) [ -n "$RUN" ] && [ -n "$O_FROM" ] && [ -n "$O_TO" ] || usage "place needs --run, --from and --to" ;;
    latch)
      case $O_MODE in '') ;; stop | close_only | halt_all) needs_bots ;; *) usage "--mode takes stop, close_only or halt_all" ;; esac
      [ "$O_LIFT" = no ] || needs_bots
      ;;
    *) usage "unknown verb $VERB" ;;
  esac
  case $VERB in
    exec) ;;
    kill | fence | epoch | look | place | install | forget) "verb_$VERB"; exit 0 ;;
    *) driver_open ;;
  esac
  case $VERB in
    facts | inspect | list | logs) "verb_$VERB"; exit 0 ;;
    latch) verb_latch; exit "$STATUS" ;;
  esac
  if [ -z "$RUN" ]; then now; RUN=once-$NOW-$$; set -- "$@" --run "$RUN"; fi
  if [ "$WORKER" = yes ]; then run_work; fi
  run_detached "$VERB" "$@"
}

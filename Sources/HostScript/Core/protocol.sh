# The host script, part 1 of 11: the line protocol, the clock and processes.
# POSIX sh, no local variables: a function's own names start with its initials. Loops read /proc instead of forking.
set -u
# The umask of the login, which a worker has from its caller.
MASK=${OPSH_MASK:-$(umask)}
# When the change was granted, which a worker has from its caller, too: parse.
GRANTED=${OPSH_GRANTED:-}
unset OPSH_MASK OPSH_GRANTED
umask 077
TAB=$(printf '\t')
NL='
'
BASE=${HOME:?}/.opsh
VERB='' RUN='' WORKER=no UNTOLD=no
FAULT='' FAULT_CODE=''

# encode TEXT -> ENCODED: %, tab and newline as %25, %09 and %0A.
encode() {
  case $1 in
    *[%"$TAB$NL"]*) ;;
    *) ENCODED=$1; return ;;
  esac
  replace "$1" % %25
  replace "$ENCODED" "$TAB" %09
  replace "$ENCODED" "$NL" %0A
}

replace() {
  R_REST=$1 ENCODED=
  while :; do
    case $R_REST in
      *"$2"*) ENCODED=$ENCODED${R_REST%%"$2"*}$3; R_REST=${R_REST#*"$2"} ;;
      *) ENCODED=$ENCODED$R_REST; return ;;
    esac
  done
}

# emit KIND SUBJECT key=value...: one line, in one write. A worker also writes it to the caller, who may be gone. What did
# not go whole to the worker's file, on a full disk, is remembered, and nothing is written behind it.
emit() {
  E_LINE=$1$TAB$2
  shift 2
  for E_PAIR in "$@"; do
    encode "${E_PAIR#*=}"
    E_LINE=$E_LINE$TAB${E_PAIR%%=*}=$ENCODED
  done
  [ "$UNTOLD" = yes ] || { printf '%s\n' "$E_LINE"; } 2>/dev/null || [ "$WORKER" = no ] || UNTOLD=yes
  [ "$WORKER" = no ] || { printf '%s\n' "$E_LINE" >&8; } 2>/dev/null
  # Nobody listening is no failure of what is told.
  return 0
}

# fault CODE MESSAGE: remembers why something failed; always returns 1.
fault() {
  FAULT_CODE=$1 FAULT=$2
  return 1
}

# refuse STATUS CODE MESSAGE: says why nothing was done and leaves.
refuse() {
  emit error - "code=$2" "message=$3"
  exit "$1"
}

# clock -> CLOCK: hundredths of a second since boot, which no clock change can bend.
clock() {
  read -r CLOCK _ </proc/uptime
  CLOCK=$((${CLOCK%.*} * 100 + 1${CLOCK#*.} - 100))
}

# now -> NOW: seconds since 1970, with one call of date for the whole run.
EPOCH_AT=''
now() {
  clock
  if [ -z "$EPOCH_AT" ]; then
    EPOCH_AT=$CLOCK
    EPOCH=$(date +%s)
  fi
  NOW=$((EPOCH + (CLOCK - EPOCH_AT) / 100))
}

# since START -> SECONDS_SINCE: the time since a CLOCK value, in seconds with one decimal.
since() {
  clock
  S_TENTHS=$(((CLOCK - $1) / 10))
  SECONDS_SINCE=$((S_TENTHS / 10)).$((S_TENTHS % 10))
}

# Not every sleep knows fractions.
nap() {
  sleep "${1:-0.2}" 2>/dev/null || sleep 1
}

# ticks_of PID -> TICKS: the start time (field 22 of /proc/PID/stat); 1 when no such process lives. A zombie is dead.
# The name in field 2 may hold blanks, brackets and newlines: what counts comes after the last bracket.
ticks_of() {
  TICKS='' T_STAT=''
  { while IFS= read -r T_LINE; do T_STAT="$T_STAT $T_LINE"; done <"/proc/$1/stat"; } 2>/dev/null || return 1
  case $T_STAT in *') '*) ;; *) return 1 ;; esac
  # shellcheck disable=SC2086 # split into fields
  set -- ${T_STAT##*) }
  case $1 in [ZXx]) return 1 ;; esac
  TICKS=${20}
}

# is_alive PID TICKS: that very process still lives.
is_alive() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  ticks_of "$1" && [ "$TICKS" = "${2:-}" ]
}

# gone PID TICKS SECONDS: within that time the process is gone, and the group that it led.
gone() {
  clock
  G_END=$((CLOCK + $3 * 100))
  while is_alive "$1" "$2" || group_lives "$1"; do
    clock
    [ "$CLOCK" -lt "$G_END" ] || return 1
    nap 0.1
  done
}

# group_lives PID -> GROUP: the processes of that group that are alive; zombies are not. 1 when there are none. The look at
# all processes comes only when it must.
group_lives() {
  GROUP=''
  kill -0 "-$1" 2>/dev/null || return 1
  for GL_STAT in /proc/[0-9]*/stat; do
    GL_LINE=''
    { IFS= read -r GL_LINE <"$GL_STAT"; } 2>/dev/null || continue
    # STATE PPID PGRP, behind the last bracket
    case ${GL_LINE##*) } in
      [ZXx]' '*) ;;
      ?' '*[0-9]" $1 "*)
        ! group_is "$1" "${GL_LINE##*) }" || { GL_STAT=${GL_STAT%/stat}; GROUP="$GROUP ${GL_STAT##*/}"; }
        ;;
    esac
  done
  [ -n "$GROUP" ]
}

group_is() {
  GI_GROUP=$1
  # shellcheck disable=SC2086 # split into fields
  set -- $2
  [ "$3" = "$GI_GROUP" ]
}

# was_told PID LINE: the environment with which that process began has this line.
was_told() {
  { tr '\0' '\n' <"/proc/$1/environ"; } 2>/dev/null | grep -Fqx "$2"
}

# save FILE TEXT: replaces a file so that a crash leaves the old or the new one, whole.
save() {
  { printf '%s\n' "$2" >"$1.tmp" && sync "$1.tmp" && mv -f "$1.tmp" "$1"; } 2>/dev/null ||
    { rm -f "$1.tmp"; fault host.write_failed "cannot write $1: is the disk full or read-only?"; }
}

# reserve FILE: sets room aside for one line, so that `fill` can still write it down when the disk is full.
reserve() {
  { printf '%64s\n' '' >"$1.new"; } 2>/dev/null ||
    { rm -f "$1.new"; fault host.write_failed "cannot write $1.new: is the disk full or read-only?"; }
}

# fill FILE TEXT: as `save`, in the room that was reserved; TEXT has no more than 64 characters and is padded with blanks.
fill() {
  { printf '%-64s\n' "$2" 1<>"$1.new" && sync "$1.new" && mv -f "$1.new" "$1"; } 2>/dev/null ||
    fault host.write_failed "cannot write $1: is the disk full or read-only?"
}

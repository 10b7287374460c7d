# The systemd runtime, part 2 of 3: unit files. One that opsh writes says so on its first line, with the SHA-256 of the lines
# below; whoever changes it is not overwritten. Any other unit file is the host's own: opsh runs it and leaves it alone.
WRITTEN='# Written by opsh: sha256'

# unit_text -> TEXT: the unit of any bot; systemd puts in the name (%N).
unit_text() {
  TEXT="[Unit]
Description=%N, run by opsh
AssertPathExists=!$BASE/stop/%N

[Service]
Type=exec
ExecStart=$ROOT/%N/image/bin/bot
WorkingDirectory=$ROOT/%N
Environment=BOT_ID=%N BOT_HOME=$ROOT/%N BOT_DATA=$ROOT/data/%N
SyslogIdentifier=%N
Restart=on-failure
RestartSec=5
${UNIT:+$NL$UNIT$NL}
[Install]
WantedBy=default.target"
  [ "${SCOPE:-user}" != system ] || TEXT=${TEXT%default.target}multi-user.target
}

# file_sha FILE -> SHA: of its lines after the first.
file_sha() {
  SHA=$(tail -n +2 "$1" 2>/dev/null | sha256sum)
  SHA=${SHA%% *}
}

# unit_file BOT -> KIND: none, ours, edited (ours, changed by somebody), foreign, masked. Reads only.
unit_file() {
  KIND=none UF_FILE=$UNITS/$1.service
  if [ -L "$UF_FILE" ] && [ "$(readlink "$UF_FILE")" = /dev/null ]; then KIND=masked; return; fi
  if [ ! -f "$UF_FILE" ]; then
    # What systemd has read may be gone since.
    case ${U_LOAD:-not-found}-$U_FILE in
      not-found-* | *-"$UF_FILE") ;;
      masked-*) KIND=masked ;;
      *) KIND=foreign ;;
    esac
    return
  fi
  UF_LINE=''
  { IFS= read -r UF_LINE <"$UF_FILE"; } 2>/dev/null || :
  case $UF_LINE in "$WRITTEN "*) ;; *) KIND=foreign; return ;; esac
  KIND=edited
  file_sha "$UF_FILE"
  [ "$UF_LINE" != "$WRITTEN $SHA" ] || KIND=ours
}

# unit_drift BOT -> DRIFT: what is odd about its unit file, in words; needs unit_seen. The manager's flag alone misses edits
# that keep the time of the file, and new directories of drop-ins.
unit_drift() {
  DRIFT=''
  unit_file "$1"
  case $KIND in
    edited) DRIFT="$UF_FILE was changed by hand" ;;
    masked) DRIFT="its unit is masked" ;;
    none) [ "$U_ACTIVE" != active ] || DRIFT="its unit file is gone, and it runs on" ;;
    foreign) changed_since ;;
    ours)
      unit_text
      UT_SHA=$(printf '%s\n' "$TEXT" | sha256sum)
      [ "${UT_SHA%% *}" = "$SHA" ] || DRIFT="its unit file is older than what the site says; a restart replaces it"
      ;;
  esac
  if [ "$KIND" != foreign ]; then
    for UT_FILE in "$UNITS/$1.service.d/"*.conf; do
      [ ! -e "$UT_FILE" ] || DRIFT="${DRIFT:+$DRIFT; }$UT_FILE was added by hand"
    done
  fi
  [ "$U_STALE" != yes ] || DRIFT="${DRIFT:+$DRIFT; }its unit file has changed since systemd read it (daemon-reload is due)"
}

# changed_since -> DRIFT: which files of a running unit were changed after its start. The time of a change, unlike that of a
# file, is nothing that an editor or a copy can keep.
changed_since() {
  [ "$STATE" = running ] || return 0
  for CS_FILE in $U_FILE $U_DROPINS; do
    CS_AT=$(stat -c %Z "$CS_FILE" 2>/dev/null) || continue
    [ "$CS_AT" -le "$STARTED" ] || DRIFT="${DRIFT:+$DRIFT; }$CS_FILE has changed since its start"
  done
}

# unit_usable BOT: whether its unit may be started, or replaced by a deploy.
unit_usable() {
  unit_file "$1"
  case $KIND-$VERB in
    masked-*) fault bot.unit_masked "$1: its unit is masked; run \`$SYSTEMCTL unmask $1.service\`"; return ;;
    # An incident is no time to argue: it starts as it is. A deploy would lose what was changed.
    edited-swap) fault bot.unit_edited "$1: $UF_FILE was changed by hand; put the change into the site, and remove the file"; return ;;
    foreign-swap) [ -d "$ROOT/$1" ] || { fault bot.no_versions "$1: its unit is the host's own and runs no version from $ROOT"; return; } ;;
  esac
  case ${U_LOAD:-loaded}-$KIND in
    loaded-* | not-found-ours | not-found-edited | *-none) ;;
    *) fault bot.unit_failed "$1: its unit file cannot be loaded: ${U_ERROR:-$U_LOAD}" ;;
  esac
}

# unit_restartable BOT: the same, before it is stopped for that: the unit file that is to be is a valid one.
unit_restartable() {
  unit_usable "$1" || return
  case $KIND in none | ours) ;; *) return 0 ;; esac
  [ -d "$ROOT/$1" ] || return 0
  unit_draft "$1" || return
  [ -z "$UW_DIR" ] || rm -rf "$UW_DIR"
}

# unit_install BOT: the unit file of a bot whose versions are opsh's; whatever runs it next runs the newest definition.
unit_install() {
  unit_usable "$1" || return
  case $KIND in none | ours) [ ! -d "$ROOT/$1" ] || unit_write "$1" || return ;; esac
  ask daemon-reload || return
  [ "$SAID_STATUS" = 0 ] || fault host.manager_failed "systemd cannot be told to read its unit files: $(told)"
}

# unit_draft BOT -> UW_DIR: a directory with the unit file that is to be, verified under its own name, for systemd takes names
# from files; none when the file is as it is to be.
unit_draft() {
  UW_DIR=''
  if [ "${J_STATE:-}" = revive ] && [ -f "$ROOT/$1/unit" ]; then
    TEXT=$(cat "$ROOT/$1/unit")
  else
    unit_text
  fi
  case $ROOT$BASE in
    *[!A-Za-z0-9/._-]*) fault bot.unit_failed "$1: $ROOT or $BASE has characters that a unit file cannot hold"; return ;;
  esac
  UW_SHA=$(printf '%s\n' "$TEXT" | sha256sum)
  UW_SHA=${UW_SHA%% *}
  [ "$KIND" != ours ] || [ "$SHA" != "$UW_SHA" ] || return 0
  UW_DIR=$UNITS/.opsh-$$
  { mkdir -p "$UW_DIR" && printf '%s %s\n%s\n' "$WRITTEN" "$UW_SHA" "$TEXT" >"$UW_DIR/$1.service" &&
    sync "$UW_DIR/$1.service"; } 2>/dev/null ||
    { rm -rf "$UW_DIR"; fault host.write_failed "cannot write in $UNITS: is the disk full or read-only?"; return; }
  unit_verify "$1" && return
  rm -rf "$UW_DIR"
  return 1
}

# unit_verify BOT: systemd leaves out what it does not know and starts the rest; any word about the file is a refusal.
unit_verify() {
  command -v systemd-analyze >/dev/null || return 0
  UV_SAID=$(LC_ALL=C timeout -k 1 "$LIMIT" systemd-analyze "--${SCOPE:-user}" verify "$UW_DIR/$1.service" 2>&1)
  UV_LINE=$(printf '%s\n' "$UV_SAID" | grep -F -e "$1.service" | head -n 1)
  [ -z "$UV_LINE" ] || fault bot.unit_failed "$1: its unit file is not valid: ${UV_LINE#"$UW_DIR/"}"
}

# unit_write BOT: the home keeps the text it was started with, so that the way back is whole.
unit_write() {
  unit_draft "$1" || return
  [ -n "$UW_DIR" ] || return 0
  { printf '%s\n' "$TEXT" >"$ROOT/$1/unit" && mv -fT "$UW_DIR/$1.service" "$UNITS/$1.service"; } 2>/dev/null ||
    fault host.write_failed "cannot write $UNITS/$1.service"
  set -- $?
  rm -rf "$UW_DIR"
  return "$1"
}

# unit_remove BOT: a unit that opsh wrote goes with the last version of its bot.
unit_remove() {
  unit_file "$1"
  [ "$KIND" = ours ] || return 0
  ask disable -- "$1.service" || return
  rm -f "$UNITS/$1.service"
  ask daemon-reload
}

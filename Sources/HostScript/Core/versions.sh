# Part 10 of 11: for drivers whose versions are directories below ROOT: images, and homes that point to one.
#   $ROOT/images/HEX/   bin/bot and .image      $ROOT/BOT/        image -> ../images/HEX, and what the driver keeps there
#   $ROOT/data/BOT/     survives swaps          $ROOT/BOT-prev/   the old one in a swap

# root_open: ROOT physical, as /proc/PID/exe is; reads only.
root_open() {
  ROOT=${ROOT:-$HOME/bots}
  # shellcheck disable=SC2088 # the tilde of the configuration, not of this shell
  case $ROOT in
    '~') ROOT=$HOME ;;
    '~/'*) ROOT=$HOME/${ROOT#'~/'} ;;
    /*) ;;
    *) ROOT=$HOME/$ROOT ;;
  esac
  [ ! -d "$ROOT" ] || ROOT=$(cd "$ROOT" && pwd -P)
  unset SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_ORIGINAL_COMMAND
}

# root_make: the directories of ROOT, and room for what a deploy writes.
root_make() {
  mkdir -p "$ROOT/images" "$ROOT/data" 2>/dev/null || { fault host.write_failed "cannot make $ROOT/images"; return; }
  ROOT=$(cd "$ROOT" && pwd -P)
  disk_free
  [ "$DISK_FREE_KB" -ge 4096 ] || fault host.disk_full "only $DISK_FREE_KB kB are free under $ROOT; at least 4096 are needed"
}

# root_facts -> DISK_FREE_KB IMAGES
root_facts() {
  disk_free
  IMAGES=
  for DF_IMAGE in "$ROOT/images/"*/.image; do
    DF_IMAGE=${DF_IMAGE%/.image}
    case $DF_IMAGE in *'*') ;; *) IMAGES="$IMAGES${IMAGES:+ }${DF_IMAGE##*/}" ;; esac
  done
}

# image_pull NAME HEX SOURCE -> PULLED; the image appears whole or not at all.
image_pull() {
  DP_IMAGE=$ROOT/images/$2
  if [ -f "$DP_IMAGE/.image" ] && [ -x "$DP_IMAGE/bin/bot" ]; then PULLED=present; return 0; fi
  [ -n "$3" ] || { fault image.no_source "image $1 is no longer on this host, and the site does not say where to get it"; return; }
  root_make || return
  # The lock is held, so what lies there was left by a killed run.
  rm -rf "$ROOT/images/".pull-*
  DP_WORK=$ROOT/images/.pull-$$
  mkdir -p "$DP_WORK/tree" 2>/dev/null || { fault host.write_failed "cannot write in $ROOT/images"; return; }
  pull_into "$1" "$2" "$3"
  DP_STATUS=$?
  rm -rf "$DP_WORK"
  return "$DP_STATUS"
}

pull_into() {
  case $3 in
    http://* | https://*) PI_FILE=$DP_WORK/image.tar.gz; pull_fetch "$3" || return ;;
    *) PI_FILE=${3#file://}; pull_room "$(wc -c 2>/dev/null <"$PI_FILE")" "$PI_FILE" || return ;;
  esac
  PI_SHA=$(sha256sum <"$PI_FILE")
  [ "${PI_SHA%% *}" = "$2" ] ||
    { fault image.digest_mismatch "$3 is sha256:${PI_SHA%% *}, not the sha256:$2 of $1"; return; }
  PI_SAID=$(tar -xzf "$PI_FILE" -C "$DP_WORK/tree" 2>&1) ||
    { pull_failed image.unpack_failed "$3 cannot be unpacked" "$PI_SAID"; return; }
  [ -f "$DP_WORK/tree/bin/bot" ] && [ -x "$DP_WORK/tree/bin/bot" ] ||
    { fault image.no_program "$3 contains no executable bin/bot"; return; }
  printf 'name=%s\ndigest=sha256:%s\n' "$1" "$2" >"$DP_WORK/tree/.image" &&
    find "$DP_WORK/tree" -type f -exec sync {} + &&
    rm -rf "$DP_IMAGE" && mv "$DP_WORK/tree" "$DP_IMAGE" && sync "$ROOT/images" ||
    { fault host.write_failed "cannot write $DP_IMAGE: is the disk full or read-only?"; return; }
  PULLED=pulled
}

# pull_failed CODE MESSAGE SAID: a disk that filled up meanwhile is no fault of the image.
pull_failed() {
  case $3 in
    *'No space left'* | *'Disk quota'*) fault host.disk_full "the disk is full under $ROOT: $2" ;;
    *) fault "$1" "$2: $3" ;;
  esac
}

# pull_room BYTES SOURCE: twice the size must be free, for the archive and for what it holds.
pull_room() {
  case $1 in '' | *[!0-9]*) fault image.unreadable "$2 cannot be read"; return ;; esac
  disk_free
  [ "$DISK_FREE_KB" -ge $(($1 / 512 + 1)) ] ||
    fault host.disk_full "only $DISK_FREE_KB kB are free under $ROOT; this image needs $(($1 / 512 + 1)), twice its size"
}

pull_fetch() {
  if command -v curl >/dev/null; then
    PF_SIZE=$(curl -fsSIL --max-time 30 "$1" 2>/dev/null | tr -d '\r' | sed -n 's/^[Cc]ontent-[Ll]ength: *//p' | tail -n 1)
    [ -z "$PF_SIZE" ] || pull_room "$PF_SIZE" "$1" || return
    PF_SAID=$(curl -fsSL --connect-timeout 10 --speed-limit 1 --speed-time 60 -o "$PI_FILE" "$1" 2>&1)
  else
    PF_SAID=$(wget -q -T 60 -O "$PI_FILE" "$1" 2>&1)
  fi && return
  disk_free
  [ "$DISK_FREE_KB" -ge 64 ] || PF_SAID='No space left on device'
  pull_failed image.fetch_failed "$1 cannot be fetched" "$PF_SAID"
}

# image_of DIRECTORY -> IMAGE DIGEST
image_of() {
  IMAGE='' DIGEST=''
  { while IFS='=' read -r IO_KEY IO_VALUE; do
    case $IO_KEY in name) IMAGE=$IO_VALUE ;; digest) DIGEST=${IO_VALUE#sha256:} ;; esac
  done <"$1/.image"; } 2>/dev/null || :
}

# image_here BOT HEX: that image can be run.
image_here() {
  [ -x "$ROOT/images/$2/bin/bot" ] ||
    fault bot.no_image "$1: image sha256:$2 is not on this host"
}

# program_is_ours HOME: the program of process PID lies in images/; corrects IMAGE and DIGEST to what really runs.
program_is_ours() {
  # The link usually tells the truth, and this test costs no process. Where -ef is unknown, it fails and all is well.
  # shellcheck disable=SC3013
  if [ "/proc/$PID/exe" -ef "$1/image/bin/bot" ] && [ -n "$DIGEST" ]; then return 0; fi
  PO_PROGRAM=$(readlink "/proc/$PID/exe") || return 1
  case $PO_PROGRAM in
    "$ROOT/images/"*/*) ;;
    *) return 1 ;;
  esac
  PO_IMAGE=${PO_PROGRAM#"$ROOT/images/"}
  image_of "$ROOT/images/${PO_IMAGE%%/*}"
  DIGEST=${PO_IMAGE%%/*}
}

# heartbeat HOME -> LOGIN HEARTBEAT_AGE: only a heartbeat of this process, and only a fresh one, speaks for its login.
heartbeat() {
  H_PID='' H_LOGIN='' H_AT=''
  { while IFS='=' read -r H_KEY H_VALUE; do
    case $H_KEY in pid) H_PID=$H_VALUE ;; login) H_LOGIN=$H_VALUE ;; at) H_AT=$H_VALUE ;; esac
  done <"$1/heartbeat"; } 2>/dev/null || return 0
  case $H_AT in '' | *[!0-9]*) return 0 ;; esac
  HEARTBEAT_AGE=$((NOW - H_AT))
  # One from the future would be fresh for as long as the clock was wrong.
  [ "$H_PID" = "$PID" ] && [ "$HEARTBEAT_AGE" -le 10 ] && [ "$HEARTBEAT_AGE" -ge -5 ] || return 0
  case $H_LOGIN in yes | waiting | limited | no) LOGIN=$H_LOGIN ;; esac
}

# home_list -> BOTS: a bot whose old version alone is there is still a bot.
home_list() {
  BOTS=
  for DL_HOME in "$ROOT"/*/image; do
    [ -L "$DL_HOME" ] || continue
    DL_HOME=${DL_HOME%/image} DL_BOT=${DL_HOME##*/}
    case $DL_BOT in
      *-prev) [ ! -d "${DL_HOME%-prev}" ] || continue; DL_BOT=${DL_BOT%-prev} ;;
    esac
    case $DL_BOT in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) ;; *) BOTS="$BOTS${BOTS:+ }$DL_BOT" ;; esac
  done
}

# home_make BOT HEX: whole or not at all; starts nothing.
home_make() {
  HM_NEW=$ROOT/.new-$1
  { rm -rf "$HM_NEW" && mkdir -p "$HM_NEW/log" && ln -s "../images/$2" "$HM_NEW/image" && mv "$HM_NEW" "$ROOT/$1"; } 2>/dev/null ||
    fault host.write_failed "cannot make $ROOT/$1"
}

# home_rename FROM TO
home_rename() {
  [ ! -e "$ROOT/$2" ] && mv "$ROOT/$1" "$ROOT/$2" 2>/dev/null ||
    fault host.write_failed "cannot rename $ROOT/$1 to $2"
}

# home_remove NAME: in one step out of sight, then out of existence. The log of what is removed stays with the bot.
home_remove() {
  [ -d "$ROOT/$1" ] || return 0
  case $1 in
    *-prev) DR_KEEP=$ROOT/${1%-prev}/log/previous.log ;;
    *) DR_KEEP=$ROOT/$1-prev/log/failed.log ;;
  esac
  [ ! -f "$ROOT/$1/log/bot.log" ] || mv -f "$ROOT/$1/log/bot.log" "$DR_KEEP" 2>/dev/null || :
  rm -rf "$ROOT/.gone-$1"
  mv "$ROOT/$1" "$ROOT/.gone-$1" 2>/dev/null || { fault host.write_failed "cannot remove $ROOT/$1"; return; }
  rm -rf "$ROOT/.gone-$1"
}

# image_prune "HEX...": removes every image that is neither listed nor in use.
image_prune() {
  DU_KEEP=" $1 "
  for DU_HOME in "$ROOT"/*/image; do
    [ -L "$DU_HOME" ] || continue
    image_of "$DU_HOME"
    DU_KEEP="$DU_KEEP$DIGEST "
    DU_HOME=${DU_HOME%/image}
    driver_inspect "${DU_HOME##*/}"
    DU_KEEP="$DU_KEEP$DIGEST "
  done
  for DU_IMAGE in "$ROOT/images/"*; do
    DU_HEX=${DU_IMAGE##*/}
    case $DU_HEX in *[!0-9a-f]*) continue ;; esac
    case $DU_KEEP in *" $DU_HEX "*) ;; *) rm -rf "$DU_IMAGE"; emit step - state=prune "digest=$DU_HEX" ;; esac
  done
}

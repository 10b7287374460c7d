extension PluginSkeleton {
  /// A small runtime in POSIX sh.
  static let driver = #"""
    # How bots of SAMPLE run: an image is one program, a bot is one process of it. The host script of opsh calls these
    # functions and offers fault, now, clock, nap, is_alive, gone, file_end and file_after. The runtime `process`, which
    # comes with opsh, shows every detail, such as a pid file that is lost or children that outlive their bot.
    #   $ROOT/images/HEX  the program, and HEX.name with its name    $ROOT/BOT/  image (its HEX), pid, log

    driver_open() {
      # shellcheck disable=SC2088 # the tilde of the configuration, not of this shell
      case $ROOT in '~/'*) ROOT=$HOME/${ROOT#'~/'} ;; /*) ;; *) ROOT=$HOME/$ROOT ;; esac
    }

    driver_facts() {
      DISK_FREE_KB=$(df -Pk "$HOME" | { read -r _; read -r _ _ _ DF_FREE _; echo "$DF_FREE"; })
      IMAGES=
      for DF_IMAGE in "$ROOT/images/"*.name; do
        [ -e "$DF_IMAGE" ] || continue
        DF_IMAGE=${DF_IMAGE##*/}
        IMAGES="$IMAGES${IMAGES:+ }${DF_IMAGE%.name}"
      done
    }

    # driver_pull NAME HEX SOURCE -> PULLED; the image appears whole or not at all.
    driver_pull() {
      if [ -x "$ROOT/images/$2" ]; then PULLED=present; return 0; fi
      [ -n "$3" ] || { fault image.no_source "image $1 is not on this host, and no --source is given"; return; }
      mkdir -p "$ROOT/images" || { fault host.write_failed "cannot make $ROOT/images"; return; }
      DP_NEW=$ROOT/images/.new
      case $3 in
        http://* | https://*) curl -fsSL -o "$DP_NEW" "$3" ;;
        *) cp "${3#file://}" "$DP_NEW" ;;
      esac || { fault image.fetch_failed "$3 cannot be fetched"; return; }
      DP_SHA=$(sha256sum <"$DP_NEW")
      [ "${DP_SHA%% *}" = "$2" ] ||
        { fault image.digest_mismatch "$3 is sha256:${DP_SHA%% *}, not the sha256:$2 of $1"; return; }
      chmod 755 "$DP_NEW" && echo "$1" >"$ROOT/images/$2.name" && mv "$DP_NEW" "$ROOT/images/$2" ||
        { fault host.write_failed "cannot write in $ROOT/images"; return; }
      PULLED=pulled
    }

    # driver_inspect BOT; reads only.
    driver_inspect() {
      PRESENT=no PREV=none STATE=down IMAGE='' DIGEST='' PID='' STARTED='' INSTANCE='' LOGIN=unknown HEARTBEAT_AGE=''
      RESTARTS='' WHY='' DOUBT=no
      now
      [ ! -d "$ROOT/$1-prev" ] || PREV=present
      if [ ! -d "$ROOT/$1" ]; then WHY="is not on this host"; return 0; fi
      PRESENT=yes
      { read -r DIGEST <"$ROOT/$1/image" && read -r IMAGE <"$ROOT/images/$DIGEST.name"; } 2>/dev/null || :
      { read -r PID DI_TICKS <"$ROOT/$1/pid"; } 2>/dev/null || { PID=''; return 0; }
      if is_alive "$PID" "$DI_TICKS"; then
        STATE=running INSTANCE="$PID $DI_TICKS"
        clock
        STARTED=$((NOW - (CLOCK - DI_TICKS) / 100))
      else
        STATE=crashed WHY="has a pid file, but process $PID is gone" PID=''
      fi
    }

    # driver_list -> BOTS
    driver_list() {
      BOTS=
      for DL_HOME in "$ROOT"/*/image; do
        [ -f "$DL_HOME" ] || continue
        DL_HOME=${DL_HOME%/image} DL_BOT=${DL_HOME##*/}
        case $DL_BOT in
          *-prev) [ ! -d "${DL_HOME%-prev}" ] || continue; DL_BOT=${DL_BOT%-prev} ;;
        esac
        BOTS="$BOTS${BOTS:+ }$DL_BOT"
      done
    }

    # driver_place BOT HEX: makes the bot's home for an image, and starts nothing.
    driver_place() {
      [ -x "$ROOT/images/$2" ] || { fault bot.no_image "$1: image sha256:$2 is not on this host"; return; }
      mkdir -p "$ROOT/$1" && { [ -e "$ROOT/$1/image" ] || echo "$2" >"$ROOT/$1/image"; } ||
        fault host.write_failed "cannot write $ROOT/$1"
    }

    # driver_start BOT HEX: adopts a bot that runs already.
    driver_start() {
      driver_place "$1" "$2" || return
      driver_inspect "$1"
      [ "$STATE" != running ] || return 0
      rm -f "$ROOT/$1"/pid "$ROOT/$1"/pid.*
      spawn "$1" "$2"
      nap 0.3
      driver_inspect "$1"
      [ "$STATE" = running ] || { fault bot.not_started "$1 ended at once: see $ROOT/$1/log"; return; }
    }

    # spawn BOT HEX: the child makes the pid file by ln, which never overwrites, and looks at the bot's stop mark last. So of
    # two starters one survives, and a stop that came before the start wins.
    spawn() {
      # shellcheck disable=SC2016 # the child expands
      BOT_ID=$1 BOT_HOME=$ROOT/$1 setsid sh -c '
        mark=$1 image=$2
        read -r stat </proc/$$/stat || exit 121
        set -- ${stat##*) }
        { echo "$$ ${20}" >"$BOT_HOME/pid.$$" && ln "$BOT_HOME/pid.$$" "$BOT_HOME/pid"; } || exit 122
        rm -f "$BOT_HOME/pid.$$"
        [ ! -e "$mark" ] || { rm -f "$BOT_HOME/pid"; exit 123; }
        exec "$image"
      ' opsh-bot "$BASE/stop/$1" "$ROOT/images/$2" </dev/null >>"$ROOT/$1/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    }

    # driver_stop BOT SECONDS -> KILLED LEFT; nothing of it runs afterwards.
    driver_stop() {
      KILLED=no LEFT=no
      driver_inspect "$1"
      if [ "$STATE" = running ]; then
        kill -TERM "-$PID" 2>/dev/null || :
        if ! gone "$PID" "${INSTANCE#* }" "$2"; then
          KILLED=yes
          kill -KILL "-$PID" 2>/dev/null || :
          gone "$PID" "${INSTANCE#* }" 10 || { fault bot.unkillable "$1: process $PID survived SIGKILL"; return; }
        fi
      fi
      rm -f "$ROOT/$1/pid"
    }

    driver_rename() { mv "$ROOT/$1" "$ROOT/$2" || fault host.write_failed "cannot rename $ROOT/$1 to $2"; }

    driver_remove() { rm -rf "${ROOT:?}/$1" || fault host.write_failed "cannot remove $ROOT/$1"; }

    driver_logs() { [ ! -f "$ROOT/$1/log" ] || tail -n "$2" "$ROOT/$1/log"; }

    # Where the log ends now, and what was written to it since: readiness by log asks for both.
    driver_log_place() { file_end "$ROOT/$1/log"; }
    driver_log_after() { file_after "$ROOT/$1/log" "$2"; }

    """#
}

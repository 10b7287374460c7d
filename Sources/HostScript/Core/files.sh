# Part 9 of 11: what several drivers need of files: free space, and a log by the place where it ended.

# disk_free -> DISK_FREE_KB, for the file system of ROOT or of the nearest directory above it.
disk_free() {
  D_DIRECTORY=$ROOT
  while [ ! -d "$D_DIRECTORY" ]; do
    case $D_DIRECTORY in */*) D_DIRECTORY=${D_DIRECTORY%/*} ;; *) D_DIRECTORY=. ;; esac
    D_DIRECTORY=${D_DIRECTORY:-/}
  done
  DISK_FREE_KB=$(df -Pk "$D_DIRECTORY" | { read -r D_HEAD; read -r D_DEVICE D_ALL D_USED D_FREE D_REST; echo "$D_FREE"; })
  case $DISK_FREE_KB in '' | *[!0-9]*) DISK_FREE_KB=0 ;; esac
}

# file_end FILE: where it ends, as INODE.SIZE; what is appended later comes after it.
file_end() { stat -c '%i.%s' "$1" 2>/dev/null || echo 0.0; }

# file_after FILE PLACE: the file from there on; all of it where it is another file by now, or shorter.
file_after() {
  [ -f "$1" ] || return 0
  FA_NOW=$(file_end "$1") FA_FROM=1
  if [ "${FA_NOW%.*}" = "${2%.*}" ] && [ "${FA_NOW#*.}" -ge "${2#*.}" ]; then FA_FROM=$((${2#*.} + 1)); fi
  tail -c "+$FA_FROM" "$1"
}

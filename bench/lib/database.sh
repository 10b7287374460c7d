# shellcheck shell=bash disable=SC2154  # what is not set here is set by bench/run
# A PostgreSQL of its own in $work/database, on a Unix socket only. Its programs refuse root, so root becomes postgres.
database=$work/database
database_programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

as_owner() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

database_up() {
  mkdir -m 700 "$database"
  # The owner must reach it, and nobody else may read what lies beside it.
  chmod 711 "$work"
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$database"; fi
  (
    cd /
    as_owner "$database_programs/initdb" -D "$database/data" -U bench -A trust --no-sync
    as_owner "$database_programs/pg_ctl" -D "$database/data" -w -l "$database/log" \
      -o "-c listen_addresses='' -k $database" start
  ) >&2
}

database_down() {
  [ -f "$database/data/postmaster.pid" ] || return 0
  (cd / && as_owner "$database_programs/pg_ctl" -D "$database/data" -w -m immediate stop >&2)
}

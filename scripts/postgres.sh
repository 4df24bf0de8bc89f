# shellcheck shell=bash
# A PostgreSQL server for one run: on a port of its own, for this machine alone, gone afterwards. Sourced after window.sh,
# whose end_all stops it.

# How long a new server may take to answer before it counts as broken.
SERVER_TIMEOUT_SECONDS=120

# A port that is taken is not an error: another is tried.
PORT_TRIES=10

# postgres_bin: the folder of the newest server programs here.
postgres_bin() {
  local newest
  newest=$(compgen -G '/usr/lib/postgresql/*/bin' | sort --version-sort | tail -n 1)
  if [ -n "$newest" ]; then printf '%s\n' "$newest"; else dirname "$(command -v initdb)"; fi
}

# unprivileged COMMAND…: runs one of PostgreSQL's programs to its end. It refuses to run as root, so root lends it to somebody with
# fewer rights.
unprivileged() {
  local name
  name=$(basename "$1")
  if [ "$(id -u)" != 0 ]; then
    within "$SERVER_TIMEOUT_SECONDS" "$name" "$@"
  else
    within "$SERVER_TIMEOUT_SECONDS" "$name" runuser -u "$(server_user)" -- "$@"
  fi
}

server_user() {
  if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# open_server FOLDER: makes and starts a server below FOLDER, and exports the five POSTGRES_ settings that Colophon reads.
# The password is new for each server, and is written to no log.
open_server() {
  local folder=$1 bin try
  bin=$(postgres_bin)
  mkdir -p "$folder"
  POSTGRES_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  export POSTGRES_SERVER=127.0.0.1 POSTGRES_USER=colophon POSTGRES_DB=colophon POSTGRES_PASSWORD
  (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >"$folder/password")
  [ "$(id -u)" != 0 ] || chown -R "$(server_user)" "$folder"
  unprivileged "$bin/initdb" --pgdata="$folder/data" --username=colophon --pwfile="$folder/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 ||
    stop "PostgreSQL could not make a cluster; its words are in $folder/initdb.log."

  for ((try = 0; try < PORT_TRIES; try++)); do
    POSTGRES_PORT=$((20000 + RANDOM))
    export POSTGRES_PORT
    # Nothing here outlives the run, so nothing is worth waiting for the disk.
    begin_unprivileged "$bin/postgres" -D "$folder/data" -p "$POSTGRES_PORT" -k "$folder" -c listen_addresses=127.0.0.1 -c fsync=off \
      >"$folder/server.log" 2>&1
    answers "$bin" "$folder" && break
  done
  [ "$try" -lt "$PORT_TRIES" ] || stop "PostgreSQL did not start; its words: $(tail -n 3 "$folder/server.log")"
  PGPASSWORD=$POSTGRES_PASSWORD within "$SERVER_TIMEOUT_SECONDS" createdb "$bin/createdb" -h "$POSTGRES_SERVER" -p "$POSTGRES_PORT" -U colophon colophon
}

begin_unprivileged() {
  if [ "$(id -u)" != 0 ]; then begin "$@"; else begin runuser -u "$(server_user)" -- "$@"; fi
}

# answers BIN FOLDER: waits for the server that was just begun; no when it has ended.
answers() {
  local until=$((SECONDS + SERVER_TIMEOUT_SECONDS))
  while [ "$SECONDS" -lt "$until" ]; do
    within "$SERVER_TIMEOUT_SECONDS" pg_isready "$1/pg_isready" --quiet -h "$POSTGRES_SERVER" -p "$POSTGRES_PORT" && return 0
    # shellcheck disable=SC2154 # set by begin, in window.sh
    kill -0 "$begun" 2>/dev/null || return 1
    sleep 0.1
  done
  stop "PostgreSQL did not answer within $SERVER_TIMEOUT_SECONDS seconds; its words are in $2/server.log."
}

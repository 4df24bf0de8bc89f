# shellcheck shell=bash
# How the scripts of this folder speak, and what they agree on. Sourced, never run.
#
# Progress goes to stderr, so that what a script hands over (a path, a port) can be taken from its stdout.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root

# Where pictures of windows are saved, and where each runner's output is kept.
pictures=$root/target/pictures
reports=$root/target/reports
export pictures reports

# say WORDS…: one line of progress.
say() { printf '%s\n' "$*" >&2; }

# stop WORDS…: what happened, what is safe, what to do next; then the end.
stop() {
  say "$*"
  exit 1
}

# within SECONDS NAME COMMAND…: runs a program to its end. One that does not come to it in that time is ended, and named.
within() {
  local seconds=$1 name=$2 code=0
  shift 2
  timeout --foreground --kill-after=10s "$seconds" "$@" || code=$?
  case "$code" in 124 | 137) stop "$name did not end within $seconds seconds, so it was ended." ;; esac
  return "$code"
}

# has COMMAND: whether it is on the path.
has() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED FOUND: whether the dotted version FOUND is WANTED or newer.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -n 1)" = "$1" ]; }

# has_display: whether a window would be seen by somebody. A DISPLAY left over from a session that has ended does not count.
has_display() {
  [ -n "${WAYLAND_DISPLAY:-}" ] && return 0
  case "${DISPLAY:-}" in
    "") return 1 ;;
    :*)
      local number=${DISPLAY#:}
      [ -S "/tmp/.X11-unix/X${number%%.*}" ]
      ;;
    *) return 0 ;;
  esac
}

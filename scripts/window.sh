# shellcheck shell=bash
# Windows where nobody looks: a display in memory, a session bus of the window's own, and pictures. Sourced, never run.

# shellcheck source=scripts/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

# How long a window may take until it is painted before it counts as broken. A debug build on two busy cores takes two or
# three seconds; this only keeps a script from waiting for ever.
PAINT_TIMEOUT_SECONDS=90

# An empty display has one colour and an unpainted page two or three; text alone, with its smoothed edges, has dozens.
PAINTED_COLOURS=32

started=()

# begin COMMAND…: starts it as a process group of its own, which end_all ends whole. Leaves its id in $begun.
begin() {
  setsid "$@" &
  begun=$!
  started+=("$begun")
}

# end_all: ends what was begun, the last first. Safe to call twice.
end_all() {
  local at
  for ((at = ${#started[@]} - 1; at >= 0; at--)); do
    kill -TERM -- "-${started[at]}" 2>/dev/null || true
    wait "${started[at]}" 2>/dev/null || true
  done
  started=()
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# open_display WIDTH HEIGHT: a display in memory; leaves its name in $display.
open_display() {
  local number_file
  number_file=$(mktemp)
  # Xvfb itself finds a free number and writes it to the descriptor it is given.
  begin Xvfb -displayfd 3 -screen 0 "$1x$2x24" -nolisten tcp -noreset 3>"$number_file" 2>/dev/null
  until [ -s "$number_file" ]; do
    kill -0 "$begun" 2>/dev/null || stop "Xvfb did not start. Is another program in the way of /tmp/.X11-unix?"
    sleep 0.1
  done
  # shellcheck disable=SC2034 # handed to the caller
  display=:$(cat "$number_file")
  rm -f "$number_file"
}

# open_bus: a session bus for one program, so that it takes no other copy of itself for the one to bring to the front. Leaves its
# address in $bus. (dbus-run-session would do, but it mixes the words of the bus with those of the program.)
open_bus() {
  local address_file
  address_file=$(mktemp)
  begin dbus-daemon --session --nofork --print-address=3 3>"$address_file" >/dev/null 2>&1
  until [ -s "$address_file" ]; do
    kill -0 "$begun" 2>/dev/null || stop "dbus-daemon did not start."
    sleep 0.1
  done
  bus=$(cat "$address_file")
  rm -f "$address_file"
}

# open_window DISPLAY COMMAND…: a window there, with a bus of its own. Leaves the process group in $begun.
open_window() {
  local on=$1
  shift
  open_bus
  # Without a graphics card WebKit's shared buffers stay white, and there is nobody for the accessibility bus to serve.
  begin env --unset=WAYLAND_DISPLAY DISPLAY="$on" DBUS_SESSION_BUS_ADDRESS="$bus" GDK_BACKEND=x11 NO_AT_BRIDGE=1 \
    WEBKIT_DISABLE_DMABUF_RENDERER=1 "$@"
}

# picture DISPLAY FILE: what is to be seen there, as a PNG.
picture() {
  mkdir -p "$(dirname "$2")"
  DISPLAY=$1 import -silent -window root "png:$2"
}

# wait_until_painted DISPLAY GROUP FILE: waits until the window shows something and stands still, and leaves its picture in FILE.
wait_until_painted() {
  local on=$1 group=$2 file=$3 before="" now colours
  local until=$((SECONDS + PAINT_TIMEOUT_SECONDS))
  while [ "$SECONDS" -lt "$until" ]; do
    kill -0 "$group" 2>/dev/null || stop "The window closed before it was painted; its own words are above."
    sleep 0.5
    picture "$on" "$file"
    read -r colours now < <(identify -format '%k %#\n' "$file")
    [ "$colours" -ge "$PAINTED_COLOURS" ] && [ "$now" = "$before" ] && return
    before=$now
  done
  stop "The window was not painted within $PAINT_TIMEOUT_SECONDS seconds. The last picture of it is $file."
}

# shellcheck shell=bash
# Windows where nobody looks: a display in memory, a session bus of the window's own, and pictures. Sourced, never run.

# shellcheck source=scripts/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

# How long a window may take until it is painted before it counts as broken. A debug build on two busy cores takes two or
# three seconds; this only keeps a script from waiting for ever.
PAINT_TIMEOUT_SECONDS=90

# How long a program that was started may take to be there, and one that was told to end to be gone. Seconds on any machine.
START_TIMEOUT_SECONDS=60
END_TIMEOUT_SECONDS=20

# An empty display has one colour and an unpainted page two or three; text alone, with its smoothed edges, has dozens.
PAINTED_COLOURS=32

started=()
names=()

# begin COMMAND…: starts it as a process group of its own, which end_all ends whole. Leaves its id in $begun.
begin() {
  setsid "$@" &
  begun=$!
  started+=("$begun")
  names+=("$(basename "$1")")
}

# end_all: ends what was begun, the last first. Safe to call twice.
end_all() {
  local at until
  for ((at = ${#started[@]} - 1; at >= 0; at--)); do
    kill -TERM -- "-${started[at]}" 2>/dev/null || true
    until=$((SECONDS + END_TIMEOUT_SECONDS))
    while kill -0 "${started[at]}" 2>/dev/null && [ "$SECONDS" -lt "$until" ]; do sleep 0.05; done
    if kill -0 "${started[at]}" 2>/dev/null; then
      say "${names[at]} did not end within $END_TIMEOUT_SECONDS seconds of being told to, so it was killed."
      kill -KILL -- "-${started[at]}" 2>/dev/null || true
    fi
    wait "${started[at]}" 2>/dev/null || true
  done
  started=()
  names=()
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_for_word NAME FILE: waits until the program that was just begun has written into the file what others need to know of it.
wait_for_word() {
  local until=$((SECONDS + START_TIMEOUT_SECONDS))
  until [ -s "$2" ]; do
    kill -0 "$begun" 2>/dev/null || stop "$1 did not start."
    [ "$SECONDS" -lt "$until" ] || stop "$1 said nothing within $START_TIMEOUT_SECONDS seconds of its start."
    sleep 0.1
  done
}

# open_display WIDTH HEIGHT: a display in memory; leaves its name in $display.
open_display() {
  local number_file
  number_file=$(mktemp)
  # Xvfb itself finds a free number and writes it to the descriptor it is given.
  begin Xvfb -displayfd 3 -screen 0 "$1x$2x24" -nolisten tcp -noreset 3>"$number_file" 2>/dev/null
  wait_for_word "Xvfb (is another program in the way of /tmp/.X11-unix?)" "$number_file"
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
  wait_for_word dbus-daemon "$address_file"
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
  DISPLAY=$1 within "$PAINT_TIMEOUT_SECONDS" "import, which takes pictures," import -silent -window root "png:$2"
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

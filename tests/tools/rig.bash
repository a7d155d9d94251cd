# SPDX-License-Identifier: MIT
# What the tests of the commands share: a scratch folder, a small piece, ways to say what is expected.
scratch=$(mktemp -d)
helper='' # a process to end with the test, by end_helper_by where it has children to end
end_helper_by=KILL
cleanup() {
  [[ -z $helper ]] || kill -"$end_helper_by" "$helper" 2>/dev/null || true
  [[ -z $helper ]] || wait "$helper" 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT
export XDG_RUNTIME_DIR=$scratch XDG_CONFIG_HOME=$scratch/config
cd "$scratch"

fail() {
  echo "FAILED: $1" >&2
  [[ ! -s $scratch/log ]] || cat "$scratch/log" >&2
  exit 1
}
# skip WHY: this test is not run, and ctest says so.
skip() {
  echo "Skipped: $1"
  exit 77
}
needs_torch() { [[ $WITH_TORCH == ON ]] || skip "built without LibTorch"; }
# until_true SECONDS WHAT COMMAND...: a condition with a bound, not a fixed wait.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" 2>/dev/null; do
    ((SECONDS < deadline)) || fail "$what"
    sleep 0.05
  done
}
# status_of COMMAND...: its exit status; stdout in `out`, stderr in `err`.
status_of() {
  local status=0
  "$@" >out 2>err || status=$?
  echo "$status"
}
# is_heard_at SOCKET: somebody listens there, which has its name before.
is_heard_at() { python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$1"; }
# hears_signals PROCESS: it is no copy of this shell any more, whose signals it would have, and INT and TERM have come to be its own;
# a sanitizer's are there from the start.
hears_signals() { [[ ! /proc/$1/exe -ef /proc/$$/exe ]] && (((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") & 0x4002) == 0x4002)); }
# stop_helper SIGNAL: sends it, and answers in `got` what the helper ends with.
stop_helper() {
  kill -"$1" "$helper"
  got=0
  wait "$helper" || got=$?
  helper=''
}
# refused STATUS TEXT COMMAND...: ends with the status, says the text on stderr, writes nothing to stdout.
refused() {
  local status=$1 text=$2 got
  shift 2
  got=$(status_of "$@" </dev/null)
  [[ $got == "$status" ]] || fail "$*: status $got, expected $status: $(<err)"
  grep -qF -- "$text" err || fail "$*: no \"$text\" in: $(<err)"
  [[ ! -s out ]] || fail "$*: wrote to stdout"
}
# start, then one note a half second on a pad and a lead, for SECONDS.
notes() {
  echo '{"type":"start","auralis":1,"seed":"7","preset":"test","key":"D","mode":"dorian","bpm":60,"intensity":0.5}'
  local i
  for ((i = 0; i < $1 * 2; ++i)); do
    printf '{"type":"note","t":%d.%d,"id":%d,"layer":"%s","pitch":%d,"vel":0.6,"dur":0.8,"pan":0.2}\n' \
      $((i / 2)) $((i % 2 * 5)) "$i" "$([[ $((i % 2)) == 0 ]] && echo pad || echo lead)" $((50 + i * 5 % 24))
  done
}
piece() {
  notes "$1"
  echo "{\"type\":\"end\",\"t\":$1}"
}
# renders_without_figures: piece.jsonl, of a second, sounds whole where the session cannot be used, with a warning. Figures have a
# thread of their own, which a short piece need not wait for: the end comes once the warning is there.
warned_about_figures() { grep -q "warning: figures are not written: ${1:-}" err; }
renders_without_figures() { # WHAT WHERE [WHY]
  : >err
  { head -n -1 piece.jsonl && until_true 20 "no warning: $1" warned_about_figures "${3:-}" >&2 && tail -n 1 piece.jsonl; } |
    XDG_RUNTIME_DIR=$2 auralis-render >out 2>err || fail "$1: status $?, $(<err)"
  [[ $(stat -c %s out) == 176444 ]] || fail "$1: $(stat -c %s out) bytes"
}
frames_of() { soxi -s "$1"; }
same_number() { awk -v a="$1" -v b="$2" -v by="$3" 'BEGIN { d = a - b; exit !(d <= by && -d <= by) }'; }
no_leftovers() { [[ -z $(find . -name '.*' -type f) ]] || fail "temporary files are left: $(find . -name '.*' -type f)"; }

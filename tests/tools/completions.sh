#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every option of every command is completed in bash, zsh and fish; in bash, and where they are there in the others, by the
# shell itself.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
made=$BUILD_DIR/completions
list-options >options.json

# Each option is in each file.
for command in compose render serve stats play; do
  jq -r --arg name "auralis-$command" '.[] | select(.name == $name) | [.options, (.subcommands // [] | map(.options))] | flatten |
    .[].names | split(",")[] | select(startswith("-"))' options.json | sort -u >names
  [[ $(wc -l <names) -ge 4 ]] || fail "auralis-$command has no options"
  while read -r name; do
    bare=${name##-} && bare=${bare#-}
    grep -qwF -- "$name" "$made/bash/auralis-$command" || fail "bash: auralis-$command $name"
    grep -qF -- ")$name" "$made/zsh/_auralis-$command" || grep -qF -- "*$name" "$made/zsh/_auralis-$command" || fail "zsh: auralis-$command $name"
    grep -qE -- "-[ls] $bare( |\$)" "$made/fish/auralis-$command.fish" || fail "fish: auralis-$command $name"
  done <names
done

# In bash: complete WORD... puts the words that it offers for the last into `offered`.
offered() {
  local command=$1 function
  # shellcheck source=/dev/null
  source "$made/bash/$command"
  function=$(complete -p "$command" | sed 's/.*-F \([^ ]*\) .*/\1/')
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "$function" 2>/dev/null || true # with nothing to offer
  printf '%s\n' "${COMPREPLY[@]}"
}
offers() { # WANTED WORD...
  local wanted=$1
  shift
  offered "$@" >words
  grep -qxF -- "$wanted" words || fail "bash: \"$*\" offers no $wanted: $(tr '\n' ' ' <words)"
}
touch here.jsonl mine.yaml
mkdir there
offers --preset auralis-compose --pre
offers sleep auralis-compose --preset sl
offers mine.yaml auralis-compose --preset mi
offers dorian auralis-compose --mode d
offers dorian auralis-compose --mode = d
offers Eb auralis-compose --key E
offers opus auralis-render --format o
offers here.jsonl auralis-render he
offers here.jsonl auralis-render --rate 48000 he
offers there auralis-serve --client th
offers loop auralis-serve --on-end ''
offers --token-file auralis-play --tok
offers sleep auralis-play --preset ''
offers score auralis-stats sc
offers --prometheus auralis-stats live --pro
[[ -z $(offered auralis-compose --seed 1) ]] || fail "a number is completed"
[[ -z $(offered auralis-stats live --conf) ]] || fail "an option that auralis-stats does not take is offered"

if command -v fish >/dev/null; then
  fish_offers() { # WANTED LINE
    fish --no-config -c "source $made/fish/${2%% *}.fish; complete -C '$2'" 2>err | cut -f1 | grep -qxF -- "$1" || fail "fish: \"$2\" offers no $1: $(<err)"
  }
  export HOME=$scratch
  fish_offers --preset 'auralis-compose --pre'
  fish_offers sleep 'auralis-compose --preset sl'
  fish_offers dorian 'auralis-compose --mode d'
  fish_offers loop 'auralis-serve --on-end lo'
  fish_offers score 'auralis-stats sc'
fi
if command -v zsh >/dev/null; then
  for file in "$made"/zsh/_*; do zsh -n "$file" || fail "zsh: $file"; done
  # A terminal of its own, into which a line and a tab are typed.
  zsh_offers() { # WANTED LINE
    zsh -f -c '
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z "PS1=; fpath=('"$made"'/zsh \$fpath); autoload -Uz compinit; compinit -u -D; zstyle \":completion:*\" list-colors; LISTMAX=1000"
      zpty -w z "echo re\"ady\""
      zpty -r -m z got "*ready*"
      zpty -w -n z "$1"$'"'\t'"'
      zpty -r -m z got "*$2*" && echo "$got"
    ' zsh "$2" "$1" | grep -qF -- "$1" || fail "zsh: \"$2\" offers no $1"
  }
  zsh_offers --preset 'auralis-compose --pre'
  zsh_offers dorian 'auralis-compose --mode do'
fi

#!/usr/bin/env bash
# Keeps a directory in a branch of its own, without history of the code: for results that later jobs compare with.
#
#   history-branch.sh open BRANCH DIR     checks the branch out into DIR, or begins it there
#   history-branch.sh save BRANCH DIR     commits what is in DIR and pushes it; nothing when nothing changed
#
# HISTORY_TOKEN, where it is set, is the password for the remote; it is written nowhere.
set -euo pipefail

readonly action=${1:-} branch=${2:-} directory=${3:-}

# The helper reads the variable when git asks: the token is in no argument and no file.
remote() {
  if [ -n "${HISTORY_TOKEN:-}" ]; then
    git -c credential.helper= -c 'credential.helper=!f() { echo username=x-access-token; echo "password=$HISTORY_TOKEN"; }; f' "$@"
  else
    git "$@"
  fi
}

open() {
  local found=0
  # 2 says that there is no such branch; anything else, that the remote could not be asked, and then nothing is begun anew.
  remote ls-remote --exit-code --heads origin "refs/heads/$branch" >/dev/null || found=$?
  if [ "$found" = 0 ]; then
    remote fetch --quiet --depth=1 origin "+refs/heads/$branch:refs/remotes/origin/$branch"
    git worktree add --force -B "$branch" "$directory" "origin/$branch"
  elif [ "$found" = 2 ]; then
    git worktree add --force --detach "$directory"
    git -C "$directory" checkout --orphan "$branch"
    git -C "$directory" rm -rfq --ignore-unmatch .
  else
    echo "history-branch.sh: the remote 'origin' can't be asked for $branch" >&2
    exit 1
  fi
}

save() {
  git -C "$directory" add --all
  if git -C "$directory" diff --cached --quiet; then
    echo 'the history has not changed'
    return
  fi
  git -C "$directory" -c user.name="${GIT_AUTHOR_NAME:-performance}" -c user.email="${GIT_AUTHOR_EMAIL:-performance@localhost}" \
    commit --quiet --message "$(date --utc +%Y-%m-%dT%H:%M:%SZ)"
  remote -C "$directory" push --quiet origin "HEAD:refs/heads/$branch"
}

[ $# = 3 ] || action_is=bad
case ${action_is:-$action} in
  open) open ;;
  save) save ;;
  *)
    echo 'history-branch.sh: say open BRANCH DIR or save BRANCH DIR' >&2
    exit 2
    ;;
esac

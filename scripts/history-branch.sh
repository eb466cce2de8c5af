#!/usr/bin/env bash
# Keeps a directory in a branch of its own, without history of the code: for results that later jobs compare with.
#
#   history-branch.sh open BRANCH DIR     checks the branch out into DIR, or begins it there
#   history-branch.sh save BRANCH DIR     commits what is in DIR and pushes it; nothing when nothing changed
set -euo pipefail

readonly action=${1:-} branch=${2:-} directory=${3:-}

open() {
  if git fetch --depth=1 origin "+refs/heads/$branch:refs/remotes/origin/$branch" 2>/dev/null; then
    git worktree add --force -B "$branch" "$directory" "origin/$branch"
  else
    git worktree add --force --detach "$directory"
    git -C "$directory" checkout --orphan "$branch"
    git -C "$directory" rm -rfq --ignore-unmatch .
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
  git -C "$directory" push --quiet origin "HEAD:refs/heads/$branch"
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

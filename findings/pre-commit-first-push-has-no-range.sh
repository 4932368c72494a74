#!/usr/bin/env bash
# The first push of a history gives pre-commit's pre-push hooks no range of revisions, and every file of the tree in place of those that changed.
#
# What surprises: later pushes set PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF, and name the changed files alone. The first one sets neither; only
# PRE_COMMIT_LOCAL_BRANCH tells that something is pushed at all.
#
# Why it matters for a deploy: a gate that judges what is pushed has to know which revision that is. One that falls back to the index or the work tree when the
# two are not set judges something else on the one push that carries everything.
#
# Seen with: pre-commit 4.3.0, CPython 3.11.7, git 2.47. Output seen: the two lines that are compared below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work PRE_COMMIT_HOME=$work/cache GIT_CONFIG_NOSYSTEM=1
git config --global user.name A && git config --global user.email a@example.invalid && git config --global init.defaultBranch main
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pre-commit==4.3.0
PATH=$work/venv/bin:$PATH
git init --quiet --bare far.git
git init --quiet near
cd near
git remote add origin ../far.git
cat >.pre-commit-config.yaml <<'Y'
repos:
  - repo: local
    hooks:
      - id: show
        name: show
        language: system
        stages: [pre-push]
        entry: python3 -c "import os, sys; print('SEEN', *[n + '=' + ('set' if os.environ.get(n) else 'none') for n in ('PRE_COMMIT_FROM_REF', 'PRE_COMMIT_TO_REF')], os.environ.get('PRE_COMMIT_LOCAL_BRANCH'), len(sys.argv) - 1, 'files')"
        verbose: true
Y
printf 'a = 1\n' >a.py
printf 'b = 1\n' >b.py
git add . && git commit --quiet -m first
pre-commit install --hook-type pre-push >/dev/null
first=$(git push origin main 2>&1 | grep SEEN)
printf 'a = 2\n' >a.py
git commit --quiet -am second
second=$(git push origin main 2>&1 | grep SEEN)
printf 'first push:    %s\nsecond push:   %s\n' "$first" "$second"
[ "$first" = "SEEN PRE_COMMIT_FROM_REF=none PRE_COMMIT_TO_REF=none refs/heads/main 3 files" ]
[ "$second" = "SEEN PRE_COMMIT_FROM_REF=set PRE_COMMIT_TO_REF=set refs/heads/main 1 files" ]
echo "as seen"

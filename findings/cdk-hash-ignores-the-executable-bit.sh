#!/usr/bin/env bash
# CDK: a file that becomes executable is no change of the asset, and a lock file counts only if certain others are not there.
#
# What surprises: the asset's hash covers names and contents, and no modes. A layer whose bin/tool lost its executable bit is
# repaired, deployed, and has the hash that it had: the asset counts as uploaded. An added empty folder is no change either, a
# stray .pyc is one. The Python construct picks one of Pipfile.lock, poetry.lock, requirements.txt and uv.lock, in this order
# and in silence: a requirements.txt beside a uv.lock wins, beside a poetry.lock it loses.
#
# Why it matters for a deploy: "nothing to deploy" is said of contents, not of what runs; and the lock file that was reviewed
# need not be the one that was installed.
#
# Seen with: aws-cdk-lib 2.276.0, @aws-cdk/aws-lambda-python-alpha 2.269.0-alpha.0, constructs 10.8.1, node 20. Output seen:
# the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" aws-cdk-lib@2.276.0 \
    @aws-cdk/aws-lambda-python-alpha@2.269.0-alpha.0 constructs@10.8.1 > "$work/npm.log" 2>&1 \
    || { cat "$work/npm.log" >&2; exit 1; }

cat > "$work/run.js" <<'JS'
const fs = require('fs');
const path = require('path');
const { FileSystem } = require('aws-cdk-lib');
const modules = path.join(process.argv[2], 'node_modules');
const { Packaging } = require(path.join(modules, '@aws-cdk/aws-lambda-python-alpha/lib/packaging.js'));
const version = (name) => require(path.join(modules, name, 'package.json')).version;
console.log('aws-cdk-lib ' + version('aws-cdk-lib') + ', python-alpha ' + version('@aws-cdk/aws-lambda-python-alpha'));

const asset = path.join(process.argv[2], 'asset');
fs.mkdirSync(path.join(asset, 'bin'), { recursive: true });
fs.writeFileSync(path.join(asset, 'bin/tool'), '#!/bin/sh\n', { mode: 0o644 });
let before = FileSystem.fingerprint(asset);
const step = (label, act) => {
  act();
  const after = FileSystem.fingerprint(asset);
  console.log(label + ': ' + (after === before ? 'same hash' : 'other hash'));
  before = after;
};
step('chmod 755', () => fs.chmodSync(path.join(asset, 'bin/tool'), 0o755));
step('empty folder', () => fs.mkdirSync(path.join(asset, 'empty')));
step('bytecode', () => fs.writeFileSync(path.join(asset, 'x.pyc'), 'x'));
step('one byte', () => fs.appendFileSync(path.join(asset, 'bin/tool'), '\n'));

const names = ['uv.lock', 'requirements.txt', 'poetry.lock', 'Pipfile.lock'];
const entry = path.join(process.argv[2], 'entry');
fs.mkdirSync(entry);
names.forEach((name, at) => {
  fs.writeFileSync(path.join(entry, name), '');
  console.log(names.slice(0, at + 1).join(' + ') + ': ' + Packaging.fromEntry(entry).dependenciesFile);
});
JS

seen=$(cd "$work" && NODE_PATH="$work/node_modules" node run.js "$work")
printf '%s\n' "$seen"
expected="aws-cdk-lib 2.276.0, python-alpha 2.269.0-alpha.0
chmod 755: same hash
empty folder: same hash
bytecode: other hash
one byte: other hash
uv.lock: uv.lock
uv.lock + requirements.txt: requirements.txt
uv.lock + requirements.txt + poetry.lock: poetry.lock
uv.lock + requirements.txt + poetry.lock + Pipfile.lock: Pipfile.lock"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }

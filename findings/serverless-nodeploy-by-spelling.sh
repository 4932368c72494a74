#!/usr/bin/env bash
# serverless-python-requirements leaves a package out only if its line in requirements.txt is spelt in certain ways.
#
# What surprises: `noDeploy: [boto3]` takes out "boto3", "boto3==1.40.0", "boto3 >= 1" and "boto3<2", and keeps "boto3~=1.40",
# "boto3!=1.39", "boto3[crt]==1.40.0", "boto3; python_version < '4'" and "Boto3==1.40.0": the name is cut at `=`, `<`, `>`, a
# space or a tab, and compared as it stands, while the same distribution is meant by all nine (PEP 508, PEP 503).
#
# Why it matters for a deploy: whether the zip brings its own boto3, or the runtime's is used, hangs on a tilde. The zip's
# contents decide which version a name means; the option does not.
#
# Seen with: serverless-python-requirements 6.1.2, node 20. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" serverless-python-requirements@6.1.2 \
    > "$work/npm.log" 2>&1 || { cat "$work/npm.log" >&2; exit 1; }

cat > "$work/requirements.txt" <<'TXT'
boto3==1.40.0
boto3 >= 1
boto3<2
boto3
boto3~=1.40
boto3!=1.39
boto3[crt]==1.40.0
boto3; python_version < '4'
Boto3==1.40.0
TXT
# The function is not exported: the module is loaded with one line more that exports it. No installation is started.
cat > "$work/run.js" <<'JS'
const fs = require('fs');
const Module = require('module');
const path = require('path');
const work = process.argv[2];
const file = path.join(work, 'node_modules/serverless-python-requirements/lib/pip.js');
const loaded = new Module(file, null);
loaded.filename = file;
loaded.paths = Module._nodeModulePaths(path.dirname(file));
loaded._compile(fs.readFileSync(file, 'utf8') + '\nmodule.exports.filter = filterRequirementsFile;', file);
const target = path.join(work, 'filtered.txt');
const settings = { options: { noDeploy: ['boto3'] }, serverless: {}, log: null };
loaded.exports.filter(path.join(work, 'requirements.txt'), target, settings);
const { version } = require(path.join(work, 'node_modules/serverless-python-requirements/package.json'));
console.log('serverless-python-requirements ' + version);
console.log(fs.readFileSync(target, 'utf8').trim());
JS

seen=$(node "$work/run.js" "$work")
printf '%s\n' "$seen"
expected="serverless-python-requirements 6.1.2
Boto3==1.40.0
boto3!=1.39
boto3; python_version < '4'
boto3[crt]==1.40.0
boto3~=1.40"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }

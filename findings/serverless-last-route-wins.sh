#!/usr/bin/env bash
# The Serverless Framework gives a route that two functions have to the later one, if it is an `http` event, and refuses the same for `httpApi`.
#
# What surprises: `http: GET /users` at one function and `http: {path: users, method: get}` at another one is packaged without a word. Both methods get one name in the
# CloudFormation template, and the second takes the place of the first. Both functions keep their permissions. With `httpApi` the packaging ends with an error.
#
# Why it matters for a deploy: whoever adds a function below takes the requests of one above; the order of the file decides.
#
# Seen with: serverless 3.40.0, node 20. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/tool" serverless@3.40.0 > "$work/npm.log" 2>&1 \
    || { cat "$work/npm.log" >&2; exit 1; }
export SLS_TELEMETRY_DISABLED=1 SLS_NOTIFICATIONS_MODE=off HOME="$work"
mkdir "$work/shop"
cd "$work/shop"
echo 'def run(event, context): return 1' > app.py

package() {
    cat > serverless.yml <<YML
service: shop
frameworkVersion: '3'
provider: {name: aws, runtime: python3.11}
functions:
  one: {handler: app.run, events: [{$1: GET /users}]}
  two: {handler: app.run, events: [{$1: {path: /users, method: get}}]}
YML
    node "$work/tool/node_modules/serverless/bin/serverless.js" package > "$work/log" 2>&1 && status=0 || status=$?
    echo "$1: status $status"
    grep -i "duplicate route" "$work/log" || true
    [ "$status" != 0 ] || python3 - <<'PY'
import json

resources = json.load(open(".serverless/cloudformation-template-update-stack.json"))["Resources"]
for name, resource in resources.items():
    if resource["Type"] == "AWS::ApiGateway::Method":
        print(name, "->", next(part["Fn::GetAtt"][0] for part in resource["Properties"]["Integration"]["Uri"]["Fn::Join"][1] if "Fn::GetAtt" in part))
print("permissions:", sum(resource["Type"] == "AWS::Lambda::Permission" for resource in resources.values()))
PY
}

seen=$(package http; package httpApi)
printf '%s\n' "$seen"
expected="http: status 0
ApiGatewayMethodUsersGet -> TwoLambdaFunction
permissions: 2
httpApi: status 1
Duplicate route 'GET /users' configuration in function two for httpApi event in serverless.yml"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }

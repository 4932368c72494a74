#!/usr/bin/env bash
# Two distributions that write the same `__init__.py`: taking one away takes the file away from the other, and nothing says so.
#
# What surprises: the Tencent Cloud SDK is one regular package that a hundred distributions fill, each with the same `tencentcloud/__init__.py` in its wheel
# and in its RECORD. `pip uninstall` of one of them removes the file that the others list, with exit 0; `pip check` finds nothing broken. The package goes on
# as a namespace without its version, for which the client of the distribution that is still installed asks when it is imported: AttributeError.
#
# Why it matters for a deploy: a package with an `__init__.py` in one distribution may be completed by another, so that a module which it lacks is no error
# where something that is declared may add it; and a RECORD says what was written once, and not what is there.
#
# Seen with: pip 26.3, CPython 3.11.7, tencentcloud-sdk-python-common and -ess 3.1.194. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$work/venv/bin/pip" install --quiet pip==26.3
"$work/venv/bin/pip" install --quiet tencentcloud-sdk-python-common==3.1.194 tencentcloud-sdk-python-ess==3.1.194
cd "$work"

look() {
    "$work/venv/bin/python" - <<'PY'
import importlib.metadata
import tencentcloud

kind = "regular" if tencentcloud.__file__ else "namespace"
print(f"  tencentcloud: {kind}, version {'there' if hasattr(tencentcloud, '__version__') else 'gone'}")
try:
    import tencentcloud.common.abstract_client
    print("  tencentcloud.common.abstract_client: imports")
except AttributeError as error:
    print(f"  tencentcloud.common.abstract_client: AttributeError: {error}")
for found in importlib.metadata.distributions():
    if found.name.startswith("tencentcloud"):
        shared = [path for path in found.files if str(path) == "tencentcloud/__init__.py"]
        print(f"  {found.name}: lists the file {len(shared)} time, which is {'there' if shared[0].locate().exists() else 'not there'}")
PY
}

{
    echo "both:"
    look | LC_ALL=C sort
    status=0
    "$work/venv/bin/pip" uninstall --quiet --yes tencentcloud-sdk-python-ess || status=$?
    echo "one taken away: exit $status"
    look | LC_ALL=C sort
    status=0
    "$work/venv/bin/pip" check >checked 2>&1 || status=$?
    echo "pip check: exit $status: $(cat checked)"
} >seen
cat seen

cat >expected <<'TEXT'
both:
  tencentcloud-sdk-python-common: lists the file 1 time, which is there
  tencentcloud-sdk-python-ess: lists the file 1 time, which is there
  tencentcloud.common.abstract_client: imports
  tencentcloud: regular, version there
one taken away: exit 0
  tencentcloud-sdk-python-common: lists the file 1 time, which is not there
  tencentcloud.common.abstract_client: AttributeError: module 'tencentcloud' has no attribute '__version__'
  tencentcloud: namespace, version gone
pip check: exit 0: No broken requirements found.
TEXT
diff expected seen

#!/usr/bin/env bash
# What works unpacked flat fails as a PEX, in venv mode too, if one of its wheels brings an __init__.py for a shared package.
#
# What surprises: wheel `plain` has shop/plain.py without an __init__.py, wheel `regular` has shop/__init__.py and
# shop/regular.py. Flat (pip --target, shiv, Lambda) they are one folder and both import. pex keeps each distribution's portion
# in a folder of its own; the first regular package hides all the others, the project's own shop/mine.py too. In --venv mode,
# where one site-packages is built, pex still sets portions apart, linked by a .pth file.
#
# Why it matters for a deploy: "it works in the PEX" and "it works in the zip for Lambda" are two questions. What a name
# resolves to depends on the layout, so the layout is part of the environment that is asked about.
#
# Seen with: pex 2.105.2, shiv 1.0.8, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PEX_ROOT="$work/pex-root" SHIV_ROOT="$work/shiv-root"
"$work/venv/bin/pip" install --quiet shiv==1.0.8 pex==2.105.2
export PATH="$work/venv/bin:$PATH"
cd "$work"

mkdir -p tree/shop
printf 'X = 1\n' > tree/shop/mine.py
cat > tree/start.py <<'PY'
import importlib


def main():
    """Says which modules import."""
    said = []
    for name in ("shop.plain", "shop.regular", "shop.mine"):
        try:
            importlib.import_module(name)
            said.append(name)
        except ModuleNotFoundError:
            said.append(f"no {name}")
    print(", ".join(said))


if __name__ == "__main__":
    main()
PY
python - <<'PY'
import zipfile

for name, own in {"plain": {}, "regular": {"shop/__init__.py": ""}}.items():
    info = f"shop_{name}-1.0.dist-info/"
    files = {
        f"shop/{name}.py": "X = 1\n",
        **own,
        info + "METADATA": f"Metadata-Version: 2.1\nName: shop-{name}\nVersion: 1.0\n",
        info + "WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[info + "RECORD"] = "".join(f"{path},,\n" for path in [*files, info + "RECORD"])
    with zipfile.ZipFile(f"shop_{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
PY
wheels=(./shop_plain-1.0-py3-none-any.whl ./shop_regular-1.0-py3-none-any.whl)

quietly() { "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }
quietly pip install --no-deps --target flat "${wheels[@]}"
cp -r tree/. flat/
quietly shiv --site-packages flat -e start:main -o a.shiv
for layout in zipapp loose; do
    quietly pex --no-pypi -D tree -e start:main --layout "$layout" -o "a.$layout" "${wheels[@]}"
done
quietly pex --no-pypi --venv -D tree -e start:main -o a.venv "${wheels[@]}"

seen=$(
    python -c "
from importlib.metadata import version
print(*(f'{name} {version(name)}' for name in ('pex', 'shiv')))"
    echo "flat: $(cd flat && python start.py)"
    echo "shiv: $(python a.shiv)"
    for layout in zipapp loose venv; do echo "pex $layout: $(python "a.$layout")"; done
)
printf '%s\n' "$seen"
expected="pex 2.105.2 shiv 1.0.8
flat: shop.plain, shop.regular, shop.mine
shiv: shop.plain, shop.regular, shop.mine
pex zipapp: no shop.plain, shop.regular, no shop.mine
pex loose: no shop.plain, shop.regular, no shop.mine
pex venv: no shop.plain, shop.regular, no shop.mine"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }

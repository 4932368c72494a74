// Runs a script of the tests under CPython compiled to WebAssembly (https://pyodide.org), as `node --stack-size=4000 pyodide.mjs DIRECTORY SCRIPT ARGUMENT...`, or says its version where no SCRIPT is given.
//
// DIRECTORY is where `npm install pyodide@VERSION` was run. The script finds the files of the machine under their own names, which no folder of Python's own file system has.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [directory, script, ...rest] = process.argv.slice(2);
const home = path.join(path.resolve(directory), "node_modules", "pyodide") + path.sep;
const { loadPyodide } = await import(pathToFileURL(path.join(home, "pyodide.mjs")).href);
const python = await loadPyodide({
  indexURL: home,
  env: { HOME: "/", PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
  stdout: (line) => fs.writeSync(1, line + "\n"),
});

// The page's own loop cannot be waited for: what waits for nothing but coroutines is driven to its end by hand.
const PRELUDE = `
import asyncio, sys

def run(main, _run=asyncio.run, **options):
    if not asyncio.iscoroutine(main):
        return _run(main, **options)
    try:
        while True:
            main.send(None)
    except StopIteration as stop:
        return stop.value

asyncio.run = run
# The engine's stack holds fewer frames than the machine's.
sys.setrecursionlimit(400)
`;

if (script === undefined) {
  python.runPython("import sys; print(sys.implementation.name, *sys.version_info[:2])");
} else {
  const files = new Set([path.dirname(path.resolve(script)), ...rest.filter((text) => path.isAbsolute(text))]);
  for (const folder of files) {
    python.FS.mkdirTree(folder);
    python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, folder);
  }
  python.globals.set("ARGUMENTS", python.toPy([path.resolve(script), ...rest]));
  python.runPython(`${PRELUDE}
sys.argv = list(ARGUMENTS)
with open(sys.argv[0]) as file:
    code = compile(file.read(), sys.argv[0], "exec")
exec(code, {"__name__": "__main__", "__file__": sys.argv[0]})
`);
}

"""Real packagers over the system of `tests/packages/system.py`: `python3 tests/packagers.py COSHIP [-v] [NAME...]`. By hand: it installs pinned packages.

To the system come a linked folder and a dependency. For each packager: whether CPython runs the unpacked package, what `coship verify` says, and whether the two agree.
What was believed before it was run stands beside each packager.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parent / "packages"))
import system  # noqa: E402

PINNED = ["aws-lambda-builders==1.68.0", "uv==0.9.11", "shiv==1.0.8", "pex==2.73.1", "chalice==1.34.0", "zappa==0.63.0"]
DEPENDENCY = "six==1.17.0"
LINKED = "import linked.deep\n"


def run(*command, cwd=None, **variables):
    environment = {**os.environ, **variables}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def packagers(tools, tree, out):
    """Name, belief, and a function that returns the package."""
    source = tree / "src"

    def zipped(name, *command, cwd=source, **variables):
        path = out / f"{name}.zip"
        run(*command, cwd=cwd, **variables)
        return path

    def archive():
        run("git", "-C", tree, "archive", "--format=zip", "-o", out / "git.zip", "HEAD:src")
        return out / "git.zip"

    def make_archive():
        shutil.make_archive(str(out / "make"), "zip", source)
        return out / "make.zip"

    def updated():
        path = out / "updated.zip"
        gone = source / "gone.py"
        gone.write_text("x = 1\n")
        run("zip", "-rq", path, ".", cwd=source)
        gone.unlink()
        # Its exit status is 12 where there is nothing to add.
        run("sh", "-c", f"zip -ruq {path} . || [ $? = 12 ]", cwd=source)
        return path

    def installed(name, *command):
        folder = out / name
        run(*command, DEPENDENCY)
        shutil.copytree(source, folder, dirs_exist_ok=True)
        run("zip", "-rq", out / f"{name}.zip", ".", cwd=folder)
        return out / f"{name}.zip"

    def builders():
        target, scratch, manifest = out / "built", out / "scratch-build", tree / "requirements.txt"
        for folder in (target, scratch):
            folder.mkdir()
        code = (
            "import sys; from aws_lambda_builders.builder import LambdaBuilder; v = 'python%d.%d' % sys.version_info[:2];"
            "LambdaBuilder('python', 'pip', None, supported_workflows=['aws_lambda_builders.workflows']).build("
            "*sys.argv[1:5], runtime=v, architecture='x86_64')"
        )
        run(tools / "python", "-c", code, source, target, scratch, manifest)
        return target

    def shiv():
        folder = out / "site"
        run(tools / "python", "-m", "pip", "install", "-qt", folder, DEPENDENCY)
        shutil.copytree(source, folder, dirs_exist_ok=True)
        run(tools / "shiv", "--site-packages", folder, "-o", out / "shiv.zip")
        return out / "shiv.zip"

    def pex():
        # What is listed of a folder is what it has; links to folders count for nothing.
        run(tools / "pex", "-D", source, DEPENDENCY, "-o", out / "pex.zip")
        return out / "pex.zip"

    def zappa():
        code = "import sys, pathlib; from zappa.core import Zappa; print(Zappa(load_credentials=False).create_lambda_zip(prefix='z', venv=pathlib.Path(sys.argv[1])))"
        environment = out / "environment"
        run(sys.executable, "-m", "venv", environment)
        run(environment / "bin/python", "-m", "pip", "install", "-q", DEPENDENCY)
        made = run(tools / "python", "-c", code, environment, cwd=source, VIRTUAL_ENV=str(environment), AWS_DEFAULT_REGION="us-east-1").split()[-1]
        return pathlib.Path(shutil.move(source / made, out / "zappa.zip"))

    def chalice():
        # Its application is another module, and of the source it takes that one and a folder of a certain name.
        project = out / "chalice-project"
        shutil.copytree(source, project / "chalicelib")
        shutil.copy(source / "lambda_function.py", project)
        (project / "app.py").write_text("from chalice import Chalice\n\napp = Chalice(app_name='shop')\n\n\n@app.route('/')\ndef index():\n    return {}\n")
        (project / "requirements.txt").write_text(DEPENDENCY + "\n")
        (project / ".chalice").mkdir()
        (project / ".chalice/config.json").write_text('{"version": "2.0", "app_name": "shop", "stages": {"dev": {}}}\n')
        run(tools / "chalice", "package", out / "chalice", cwd=project, AWS_DEFAULT_REGION="us-east-1")
        return out / "chalice/deployment.zip"

    pip = (tools / "python", "-m", "pip", "install", "-qt", out / "pip")
    uv = (tools / "uv", "pip", "install", "-q", "--python", tools / "python", "--target", out / "uv")
    yield "git archive", "the link is stored as a link", archive
    yield "make_archive", "the linked folder is an empty entry", make_archive
    yield "python -m zipfile", "complete", lambda: zipped("zipfile", sys.executable, "-m", "zipfile", "-c", out / "zipfile.zip", *sorted(os.listdir(source)))
    yield "zip -r", "complete", lambda: zipped("plain", "zip", "-rq", out / "plain.zip", ".")
    yield "zip -r from above", "the code lies in src", lambda: zipped("above", "zip", "-rq", out / "above.zip", "src", cwd=tree)
    yield "zip *.py", "no folders", lambda: zipped("flat", "sh", "-c", f"zip -q {out}/flat.zip *.py")
    yield "zip -u", "what was deleted stays", updated
    yield "pip -t", "complete, with bytecode that is up to date", lambda: installed("pip", *pip)
    yield "uv --target", "complete, with .lock", lambda: installed("uv", *uv)
    yield "lambda-builders", "`env` is left out", builders
    yield "pex -D", "the linked folder is left out", pex
    yield "zappa", "complete, with empty __init__.py in folders", zappa
    yield "chalice", "the source's folders are left out", chalice
    yield "shiv", "the code lies in site-packages", shiv


def main(coship):
    warnings.simplefilter("ignore")
    disagree = 0
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        tree, out, tools = directory / "tree", directory / "out", directory / "tools" / "bin"
        out.mkdir()
        run(sys.executable, "-m", "venv", directory / "tools")
        run(tools / "python", "-m", "pip", "install", "-q", *PINNED)
        tree.mkdir()
        system.make_tree(tree)
        (tree / "common").mkdir()
        (tree / "common/__init__.py").write_text("")
        (tree / "common/deep.py").write_text("x = 1\n")
        (tree / "src/linked").symlink_to("../common")
        (tree / "requirements.txt").write_text(DEPENDENCY + "\n")
        handler = tree / "src/lambda_function.py"
        handler.write_text(LINKED + handler.read_text())
        system.git(tree, "add", "-A")
        system.git(tree, "commit", "-qm", "third")
        print(f"{'packager':<20} {'believed':<45} {'runs':<6} {'coship':<8} rules")
        wanted = [it for it in sys.argv[2:] if it != "-v"]
        for name, belief, make in packagers(tools, tree, out):
            if wanted and name not in wanted:
                continue
            package = make()
            runs = system.runs(package, [], directory / "scratch")
            command = [coship, "verify", package, "--tree", tree, "--against", "none", "--output-format", "json"]
            done = subprocess.run([str(it) for it in command], capture_output=True, text=True)
            findings = json.loads(done.stdout)["findings"] if done.stdout else []
            shown = sorted({f"{it['rule']} ({it['severity']})" for it in findings if it["severity"] != "info"})
            if done.returncode == 2:
                print(done.stderr)
            agrees = runs == (done.returncode == 0)
            disagree += not agrees
            print(f"{name:<20} {belief:<45} {runs!s:<6} {done.returncode:<8} {', '.join(shown)}{'' if agrees else '   <-- DISAGREES'}")
            if not agrees or "-v" in sys.argv:
                for it in findings[:6]:
                    print("    ", it["severity"], it["message"])
    return disagree


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))

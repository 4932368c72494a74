"""Real packagers over three small systems: `python3 tests/packagers.py COSHIP [-v] [NAME...]`. By hand: it installs pinned packages.

To each system come a linked folder and a dependency. For each packager: whether CPython runs the unpacked package, what `coship verify` says, and whether the two agree.
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
import third  # noqa: E402

PINNED = ["aws-lambda-builders==1.68.0", "uv==0.9.11", "shiv==1.0.8", "pex==2.73.1", "chalice==1.34.0", "zappa==0.63.0"]
#: For npm; version 4 of the framework downloads itself when it runs, version 3 does not.
NODE = ["serverless@3.40.0", "serverless-python-requirements@6.1.2"]
SERVERLESS = """\
service: shop
frameworkVersion: "3"
provider: {name: aws, runtime: python%d.%d}
plugins: [serverless-python-requirements]
package: {patterns: ['!node_modules/**', '!package*.json']}
custom: {pythonRequirements: {pythonBin: python3, useStaticCache: false, useDownloadCache: false}}
functions:
  main: {handler: lambda_function.lambda_handler}
"""
#: A system without packages: what takes files alone is enough for it.
PLAIN = {
    "src/lambda_function.py": """\
from pathlib import Path

import prices


def lambda_handler(event, context):
    return prices.of(event['what']) + Path(__file__).with_name('currency.txt').read_text()


def all_of_it():
    lambda_handler({'what': 'tea'}, None)
""",
    "src/prices.py": "def of(what):\n    return {'tea': '3 '}[what]\n",
    "src/currency.txt": "EUR\n",
    "src/bin/warm.sh": "#!/bin/sh\nexit 0\n",
}


def make_plain(tree):
    system.write(tree, PLAIN)
    (tree / "src/bin/warm.sh").chmod(0o755)
    system.git(tree, "init", "-q", "-b", "main")
    system.git(tree, "add", "-A")
    system.git(tree, "commit", "-q", "-m", "first")


#: What makes each system: one with a namespace package, an `env` package, an executable and data; one that names its parts in texts; and one without packages.
SYSTEMS = {"shop": system.make_tree, "steps": third.make_tree, "plain": make_plain}
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

    def serverless():
        project = out / "serverless-project"
        shutil.copytree(source, project, symlinks=True)
        shutil.copytree(tree / "common", project.parent / "common", dirs_exist_ok=True)
        (project / "requirements.txt").write_text(DEPENDENCY + "\n")
        (project / "serverless.yml").write_text(SERVERLESS % sys.version_info[:2])
        (project / "node_modules").symlink_to(tools.parent.parent / "node/node_modules")
        environment = {"SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off"}
        run(project / "node_modules/.bin/serverless", "package", cwd=project, **environment)
        return project / ".serverless/shop.zip"

    def exported():
        project = out / "project"
        project.mkdir()
        (project / "pyproject.toml").write_text(f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["{DEPENDENCY}"]\n')
        run(tools / "uv", "export", "-q", "--no-emit-project", "-o", "exported.txt", cwd=project)
        folder = out / "exported"
        run(tools / "python", "-m", "pip", "install", "-qt", folder, "-r", project / "exported.txt")
        shutil.copytree(source, folder, dirs_exist_ok=True)
        run("zip", "-rq", out / "exported.zip", ".", cwd=folder)
        return out / "exported.zip"

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
    yield "uv export + pip", "complete", exported
    yield "lambda-builders", "`env` is left out", builders
    yield "pex -D", "the linked folder is left out", pex
    yield "zappa", "complete, with empty __init__.py in folders", zappa
    yield "chalice", "the source's folders are left out", chalice
    yield "shiv", "the code lies in site-packages", shiv
    yield "serverless", "complete", serverless


def judge(coship, package, tree, scratch, name, belief):
    """Prints a row on a package; whether coship and CPython agree."""
    runs = system.runs(package, [], scratch)
    command = [coship, "verify", package, "--tree", tree, "--against", "none", "--output-format", "json"]
    done = subprocess.run([str(it) for it in command], capture_output=True, text=True)
    findings = json.loads(done.stdout)["findings"] if done.stdout else []
    shown = sorted({f"{it['rule']} ({it['severity']})" for it in findings if it["severity"] != "info"})
    if done.returncode == 2:
        print(done.stderr)
    agrees = runs == (done.returncode == 0)
    print(f"{name:<20} {belief:<45} {runs!s:<6} {done.returncode:<8} {', '.join(shown)}{'' if agrees else '   <-- DISAGREES'}")
    if not agrees or "-v" in sys.argv:
        for it in findings[:6]:
            print("    ", it["severity"], it["message"])
    return agrees


def add_parts(tree):
    """The linked folder and the dependency."""
    (tree / "common").mkdir()
    (tree / "common/__init__.py").write_text("")
    (tree / "common/deep.py").write_text("x = 1\n")
    (tree / "src/linked").symlink_to("../common")
    (tree / "requirements.txt").write_text(DEPENDENCY + "\n")
    handler = tree / "src/lambda_function.py"
    handler.write_text(LINKED + handler.read_text())
    system.git(tree, "add", "-A")
    system.git(tree, "commit", "-qm", "with parts")


def main(coship):
    warnings.simplefilter("ignore")
    disagree = 0
    wanted = [it for it in sys.argv[2:] if it != "-v"]
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        tools = directory / "tools" / "bin"
        run(sys.executable, "-m", "venv", directory / "tools")
        run(tools / "python", "-m", "pip", "install", "-q", *PINNED)
        run("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", directory / "node", *NODE)
        for system_name, make_tree in SYSTEMS.items():
            tree, out = directory / system_name / "tree", directory / system_name / "out"
            tree.mkdir(parents=True)
            out.mkdir()
            make_tree(tree)
            add_parts(tree)
            print(f"{system_name + ': packager':<20} {'believed of shop':<45} {'runs':<6} {'coship':<8} rules")
            for name, belief, make in packagers(tools, tree, out):
                if not wanted or name in wanted:
                    disagree += not judge(coship, make(), tree, directory / "scratch", name, belief)
    return disagree


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))

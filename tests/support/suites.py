"""Distributions with their test suites: fetched, installed in an environment of their own, laid out, and run."""

import dataclasses
import email.message
import email.parser
import fnmatch
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tarfile
import threading
import tomllib
import xml.etree.ElementTree
import zipfile

MONITOR = pathlib.Path(__file__).resolve().with_name('line_monitor.py')
BACKENDS = ('setuptools<81', 'wheel', 'hatchling', 'hatch-vcs', 'flit-core<4', 'poetry-core', 'pdm-backend', 'setuptools-scm', 'pbr')
"""What most distributions are built with; kept in one environment, so that an sdist is fetched in a second or two."""

BASE = ('pytest', 'pytest-timeout', 'pytest-asyncio', 'pytest-mock', 'mock', 'hypothesis', 'freezegun', 'responses', 'requests-mock',
        'parameterized', 'setuptools<81')
"""What test suites use without saying so."""

IMPORTED = {
    'yaml': 'pyyaml', 'dateutil': 'python-dateutil', 'attr': 'attrs', 'bs4': 'beautifulsoup4', 'PIL': 'pillow', 'sklearn': 'scikit-learn',
    'ruamel': 'ruamel.yaml', 'jwt': 'pyjwt', 'google.protobuf': 'protobuf', 'django': 'django', 'six': 'six', 'numpy': 'numpy', 'pandas': 'pandas',
    'scipy': 'scipy', 'requests': 'requests', 'httpx': 'httpx', 'aiohttp': 'aiohttp', 'flask': 'flask', 'sqlalchemy': 'sqlalchemy',
    'pydantic': 'pydantic', 'click': 'click', 'lxml': 'lxml', 'jinja2': 'jinja2', 'toml': 'toml', 'testfixtures': 'testfixtures', 'ddt': 'ddt',
    'networkx': 'networkx', 'matplotlib': 'matplotlib', 'moto': 'moto', 'boto3': 'boto3', 'faker': 'faker', 'factory': 'factory-boy',
    'syrupy': 'syrupy', 'respx': 'respx', 'pytest_httpx': 'pytest-httpx', 'aioresponses': 'aioresponses', 'httpretty': 'httpretty', 'vcr': 'vcrpy',
    'pytest_django': 'pytest-django', 'rest_framework': 'djangorestframework', 'trio': 'trio', 'anyio': 'anyio', 'inline_snapshot': 'inline-snapshot',
    'dirty_equals': 'dirty-equals', 'cryptography': 'cryptography', 'attrs': 'attrs', 'marshmallow': 'marshmallow', 'rich': 'rich', 'nose': 'pynose',
}
"""What tests import without anything that declares it."""

EXTRAS = ('test', 'tests', 'testing', 'unittest', 'dev', 'develop')
FILES = ('*test*requirements*.txt', '*requirements*test*.txt', 'requirements*dev*.txt', 'dev*requirements*.txt', 'requirements/*test*.txt',
         'requirements/dev*.txt', 'test*/requirements*.txt')
NEEDLESS = re.compile(
    r'(black|flake8.*|mypy.*|ruff|pylint.*|sphinx.*|pre-commit|tox.*|twine|build|coverage.*|pytest-(cov|xdist|sugar|flake8|black|mypy|randomly'
    r'|benchmark|ruff|pylint|isort|pycodestyle)|isort|bump.*|mkdocs.*|furo|wheel|cibuildwheel|jupyter.*|notebook|ipython|ipykernel|codecov|'
    r'coveralls|nox|towncrier|commitizen|pyright|types-.*|autopep8|yapf|bandit|safety|pip|pip-tools|poetry.*|hatch.*|python-semantic-release|'
    r'pydocstyle|docformatter|interrogate|nose|pudb|pdbpp|rope|zest.*|readme-renderer|docutils|myst.*|nbsphinx|recommonmark|maturin|invoke|'
    r'pyinstaller|basedpyright|pip-audit|pycodestyle|pyflakes|pyupgrade|uv|check-manifest|vulture|radon|xenon|deptry|tbump|mutmut|scriv)$')
"""Requirements of developers that no test imports."""

HEAVY = re.compile(r'(torch.*|tensorflow.*|jax.*|pyspark|apache-(airflow|beam).*|ray|vllm|nvidia-.*|cupy.*|mxnet|paddlepaddle.*|pyqt.*|pyside.*|'
                   r'opencv.*|dbt-.*|mlflow.*|transformers|keras|onnxruntime.*|xgboost|lightgbm|catboost|homeassistant|sagemaker.*|llama-index.*)$')
"""Requirements that take gigabytes, or minutes."""

STUBS = re.compile(r'types-|mypy-boto3-|pyobjc-framework-|tree-sitter-|nvidia-|.*-stubs?$')
"""Names of distributions without tests, of which thousands are generated."""

CONFIGURED = ('pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg')
COMPILED = {'.pyx', '.pxd', '.c', '.cc', '.cpp', '.cxx', '.rs', '.go', '.f90', '.f', '.cu'}
APART = {'docs', 'doc', '.git', '.github', 'build', 'dist', '__pycache__', '.tox', 'node_modules', 'benchmarks'}


class Unsuitable(Exception):
    """Why a distribution has no suite that could be run here."""


@dataclasses.dataclass
class Suite:
    """A distribution that is installed, with its tests, as one directory."""

    name: str
    version: str
    tree: pathlib.Path
    python: pathlib.Path
    home: pathlib.Path


@dataclasses.dataclass
class Ran:
    """How a suite ended, and what the monitor wrote."""

    passed: int
    failed: int
    skipped: int
    is_complete: bool
    document: dict | None
    tail: str


class Workshop:
    """Where environments are made, and as whom."""

    def __init__(self, cache: pathlib.Path, python: str, user: str | None, limit: float):
        self.cache = cache.resolve()
        self.python = python
        self.user = user
        self.limit = limit
        self.uv = shutil.which('uv')
        self.is_isolated = subprocess.run(['unshare', '--net', 'true'], capture_output=True, check=False).returncode == 0 \
            if shutil.which('unshare') and shutil.which('ip') else False
        self.fetcher = self.cache / 'fetcher'
        self.making = threading.Lock()
        for part in ('', 'home', 'fetched'):
            (self.cache / part).mkdir(parents=True, exist_ok=True)
            self.own(self.cache / part)

    def own(self, path: pathlib.Path) -> None:
        """Gives a directory to the user as whom foreign code is run."""
        if self.user:
            shutil.chown(path, self.user)

    def own_all(self, directory: pathlib.Path) -> None:
        """The same with all that is in it."""
        for path in [directory, *directory.rglob('*')] if self.user else []:
            os.chown(path, pwd.getpwnam(self.user).pw_uid, -1, follow_symlinks=False)

    def run(self, command: list, *, cwd: pathlib.Path, seconds: float, network: bool, home: pathlib.Path | None = None,
            given: str = '', **environment: str) -> subprocess.CompletedProcess:
        """Runs foreign code, or a client that does; without a network if that can be had and is asked for."""
        command = [str(part) for part in command]
        if self.user:
            account = pwd.getpwnam(self.user)
            command = ['setpriv', f'--reuid={account.pw_uid}', f'--regid={account.pw_gid}', '--clear-groups', *command]
        if not network and self.is_isolated:
            command = ['unshare', '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh', *command]
        home = home or self.cache / 'home'
        env = {**os.environ, 'HOME': str(home), 'TMPDIR': str(home), 'PYTHONDONTWRITEBYTECODE': '1', 'PIP_NO_INPUT': '1',
               'UV_CACHE_DIR': str(self.cache / 'uv'), 'PIP_CACHE_DIR': str(self.cache / 'pip'), 'PYTHONUNBUFFERED': '1', **environment}
        for name in ('PYTHONPATH', 'VIRTUAL_ENV', 'CI'):
            env.pop(name, None)
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, errors='replace', start_new_session=True)
        try:
            out, _ = process.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            out, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, out, '')

    def environment(self, path: pathlib.Path) -> pathlib.Path:
        """A new environment's Python."""
        command = [self.uv, 'venv', '--quiet', '--python', self.python, path] if self.uv else [self.python, '-m', 'venv', path]
        done = self.run(command, cwd=self.cache, seconds=120, network=True)
        if done.returncode:
            raise RuntimeError(done.stdout)
        return path / 'bin' / 'python'

    def install(self, python: pathlib.Path, wanted: list[str], cwd: pathlib.Path, seconds: float = 300) -> str:
        """Installs requirements; gives what went wrong."""
        command = [self.uv, 'pip', 'install', '--quiet', '--python', python] if self.uv else [python, '-m', 'pip', 'install', '--quiet']
        done = self.run([*command, *wanted], cwd=cwd, seconds=seconds, network=True)
        return (done.stdout or 'no answer') if done.returncode else ''

    def fetching_python(self) -> pathlib.Path:
        """The Python that fetches sdists, with what builds them. Who comes while another thread makes it waits until it is whole."""
        python = self.fetcher / 'bin' / 'python'
        whole = self.fetcher.with_name('fetcher.whole')
        with self.making:
            if not whole.exists():
                shutil.rmtree(self.fetcher, ignore_errors=True)
                done = self.run([self.python, '-m', 'venv', self.fetcher], cwd=self.cache, seconds=120, network=True)
                if done.returncode or (trouble := self.install(python, list(BACKENDS), self.cache)):
                    raise RuntimeError(done.stdout or trouble)
                whole.touch()
        return python

    def fetch(self, spec: str) -> pathlib.Path:
        """The unpacked sdist of a distribution."""
        if STUBS.match(spec):
            raise Unsuitable('stubs')
        python = self.fetching_python()
        target = self.cache / 'fetched' / spec
        if not target.is_dir():
            download = target.with_name(f'{spec}.partial')
            shutil.rmtree(download, ignore_errors=True)
            command = [python, '-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--no-build-isolation', '--dest', download, spec]
            done = self.run(command, cwd=self.cache, seconds=60, network=True)
            if done.returncode and re.search('BackendUnavailable|ModuleNotFoundError', done.stdout):
                command[command.index(':all:')] = spec.partition('==')[0]
                command.remove('--no-build-isolation')
                done = self.run(command, cwd=self.cache, seconds=60, network=True)
            archives = list(download.glob('*')) if download.is_dir() else []
            if done.returncode or not archives:
                raise Unsuitable('no sdist' if 'No matching distribution' in done.stdout else 'the sdist cannot be fetched')
            unpack(archives[0], download / 'content')
            target.mkdir()
            (download / 'content').rename(target / 'content')
            shutil.rmtree(download)
        roots = [path for path in (target / 'content').iterdir() if path.is_dir()]
        if len(roots) != 1:
            raise Unsuitable('an sdist of an unknown form')
        return roots[0]

    def prepare(self, spec: str, source: pathlib.Path) -> Suite:
        """Installs a distribution with what its tests need, and lays it out with its tests."""
        has_tests(source)
        home = self.cache / 'suites' / spec
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / 'home').mkdir()
        for part in (home.parent, home, home / 'home'):
            self.own(part)
        copy = home / 'source'
        shutil.copytree(source, copy, symlinks=True)
        self.own_all(copy)
        needed = requirements(copy)
        if heavy := sorted(name for name in map(name_of, (*needed, *required(copy))) if HEAVY.match(name)):
            raise Unsuitable(f'needs {heavy[0]}')
        python = self.environment(home / 'env')
        if trouble := self.install(python, [*BASE, str(copy)], home):
            raise Unsuitable(f'cannot be installed: {trouble.strip().splitlines()[-1][:150]}')
        if needed and self.install(python, needed, copy):
            for requirement in needed[:30]:
                self.install(python, [re.split(r'[=<>!~ ]', requirement)[0]], copy, 90)
        packages = next((home / 'env' / 'lib').glob('python3.*')) / 'site-packages'
        tree = home / 'tree'
        version = laid_out(tree, packages, copy, name_of(spec))
        self.own_all(tree)
        return Suite(spec.partition('==')[0], version, tree, python, home)

    def test(self, suite: Suite, findings: list[dict], runner: str) -> Ran:
        """Runs a suite under the monitor."""
        work = suite.home / 'home'
        work.mkdir(exist_ok=True)
        (suite.home / 'monitor.json').write_text(json.dumps(
            {'tree': str(suite.tree), 'out': str(work / 'seen.json'), 'limit': self.limit, 'findings': findings}))
        junit = work / 'junit.xml'
        monitor = shutil.copy(MONITOR, suite.home / MONITOR.name)
        tests = ['unittest', 'discover', '-s', 'tests', '-t', '.'] if runner == 'unittest' else [
            'pytest', '-q', '-rN', '--tb=no', '-p', 'no:cacheprovider', '--assert=plain', '--continue-on-collection-errors', '--timeout=60',
            f'--junitxml={junit}', '-o', 'addopts=', '-o', 'python_files=test*.py *_test.py *_tests.py']
        if runner == 'pytest' and 'import-mode=importlib' in ''.join(
                path.read_text(errors='replace') for name in CONFIGURED if (path := suite.tree / name).is_file()):
            tests.append('--import-mode=importlib')
        ran = Ran(0, 0, 0, False, None, '')
        for more in ([], ['-c', os.devnull, '--rootdir=.']) if runner == 'pytest' else ([],):
            for path in (junit, work / 'seen.json'):
                path.unlink(missing_ok=True)
            done = self.run([suite.python, monitor, suite.home / 'monitor.json', *tests, *more], cwd=suite.tree, seconds=self.limit + 60,
                            network=False, home=work)
            (suite.home / 'output.txt').write_text(done.stdout)
            counts = from_junit(junit) or from_text(done.stdout)
            seen = work / 'seen.json'
            ran = Ran(*counts, done.returncode in (0, 1, 5) or (junit.is_file() and done.returncode != 124), json.loads(seen.read_text()) if seen.is_file() else None, done.stdout[-1500:])
            lacking = set(re.findall(r"No module named '(\w+)", junit.read_text(errors='replace'))) & set(IMPORTED) if junit.is_file() else set()
            if lacking and not ran.failed < ran.passed and not (suite.home / 'lacking').exists():
                (suite.home / 'lacking').touch()
                self.install(suite.python, [IMPORTED[name] for name in sorted(lacking)], suite.home)
                return self.test(suite, findings, runner)
            if ran.passed or done.returncode == 124:
                break
        return ran


def has_tests(source: pathlib.Path) -> None:
    """Refuses what has no tests, or needs a compiler."""
    if not any(re.search(r'(^|/)(test[^/]*|[^/]*_tests?)\.py$', path.relative_to(source).as_posix()) for path in source.rglob('*.py')):
        raise Unsuitable('no tests in the sdist')
    if any(path.suffix in COMPILED for path in source.rglob('*') if not APART & set(path.relative_to(source).parts)):
        raise Unsuitable('compiled code')


def unpack(archive: pathlib.Path, target: pathlib.Path) -> None:
    """Unpacks an sdist, and nothing beside it."""
    target.mkdir()
    if archive.suffix == '.zip':
        with zipfile.ZipFile(archive) as content:
            content.extractall(target)
    else:
        with tarfile.open(archive) as content:
            content.extractall(target, filter='data')


def is_test(path: str) -> bool:
    """Whether a file of a tree belongs to its tests."""
    *parts, name = path.split('/')
    return (fnmatch.fnmatch(name, 'test_*.py') or fnmatch.fnmatch(name, '*_test.py') or name in ('tests.py', 'conftest.py')
            or any(part in ('tests', 'test', 'testing') for part in parts))


def name_of(requirement: str) -> str:
    """A requirement's distribution, normalised."""
    return re.sub(r'[-_.]+', '-', re.split(r'[^\w.-]', requirement.strip(), maxsplit=1)[0]).lower()


def metadata(source: pathlib.Path) -> email.message.Message:
    """What an sdist says of itself."""
    path = source / 'PKG-INFO'
    return email.parser.HeaderParser().parsestr(path.read_text(errors='replace') if path.is_file() else '')


def required(source: pathlib.Path) -> list[str]:
    """What a distribution needs to run."""
    return [line for line in metadata(source).get_all('Requires-Dist', []) if 'extra ==' not in line]


def extras(source: pathlib.Path) -> list[str]:
    """What the extras of a distribution need that are for its tests."""
    found = []
    for line in metadata(source).get_all('Requires-Dist', []):
        requirement, _, marker = line.partition(';')
        if (extra := re.search(r'extra *== *["\']([\w-]+)', marker)) and extra[1] in EXTRAS:
            found.append(re.sub(r' *\(([^)]*)\)', r'\1', requirement.strip()))
    for extra, entries in document(source / 'pyproject.toml').get('project', {}).get('optional-dependencies', {}).items():
        found.extend(entries if extra in EXTRAS else [])
    return found


def document(path: pathlib.Path) -> dict:
    """A TOML file, or nothing."""
    try:
        return tomllib.loads(path.read_text(encoding='utf-8', errors='replace')) if path.is_file() else {}
    except tomllib.TOMLDecodeError:
        return {}


def requirements(source: pathlib.Path) -> list[str]:
    """What a project's files say that its tests need."""
    lines = extras(source)
    for pattern in FILES:
        for path in sorted(source.glob(pattern)):
            lines.extend(path.read_text(errors='replace').splitlines())
    project = document(source / 'pyproject.toml')
    for group, entries in project.get('dependency-groups', {}).items():
        if group in EXTRAS:
            lines.extend(entry for entry in entries if isinstance(entry, str))
    tools = project.get('tool', {})
    poetry = tools.get('poetry', {})
    for entries in (poetry.get('dev-dependencies', {}), *(poetry.get('group', {}).get(group, {}).get('dependencies', {}) for group in EXTRAS)):
        lines.extend(name for name in entries if name != 'python')
    for group, entries in tools.get('pdm', {}).get('dev-dependencies', {}).items():
        lines.extend(entries if group in EXTRAS else [])
    tox = source / 'tox.ini'
    if tox.is_file() and (deps := re.search(r'^\[testenv\].*?^deps *=(.*?)^(?=\S)', tox.read_text(errors='replace') + '\n[', re.S | re.M)):
        lines.extend(deps[1].splitlines())
    base = set(map(name_of, BASE))
    wanted: dict[str, str] = {}
    for line in lines:
        line = line.partition(' #')[0].strip()
        if re.match(r'[A-Za-z][\w.-]*(\[[\w, .-]*\])? *([<>=!~;].*)?$', line) and not NEEDLESS.match(name_of(line)) and name_of(line) not in base:
            wanted.setdefault(name_of(line), line)
    return list(wanted.values())


def laid_out(tree: pathlib.Path, packages: pathlib.Path, source: pathlib.Path, name: str) -> str:
    """Moves what a distribution installed into a directory that stays on the path, adds its tests, and gives its version."""
    tree.mkdir()
    info = next((path for path in packages.glob('*.dist-info') if name_of(path.name.split('-')[0]) == name), None)
    if info is None:
        raise Unsuitable('not found where it was installed')
    tops = set()
    for line in (info / 'RECORD').read_text().splitlines():
        path = line.split(',')[0].strip('"')
        if not path.startswith(('..', '/')) and '.dist-info/' not in path and (packages / path).is_file():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(packages / path, tree / path)
            tops.add(path.split('/')[0])
    if not any(tree.rglob('*.py')):
        raise Unsuitable('installs no Python')
    (packages / 'refute.pth').write_text(f'{tree}\n')
    inside = [source / part for part in ('src', 'lib', 'python', 'source', 'py') if any((source / part / top).exists() for top in tops)]
    for root in (*inside, source):
        for path in sorted(root.rglob('*')):
            relative = path.relative_to(root)
            if not path.is_file() or path.is_symlink() or APART & set(relative.parts) or any(part.endswith('.egg-info') for part in relative.parts):
                continue
            if (root == source and any(other in path.parents for other in inside)) or relative.as_posix() in ('setup.py', 'PKG-INFO'):
                continue
            if not (tree / relative).exists():
                (tree / relative).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, tree / relative)
    return info.name.split('-')[1].removesuffix('.dist')


def from_junit(path: pathlib.Path) -> tuple[int, int, int] | None:
    """Tests passed, failed and skipped, as pytest wrote them down."""
    if not path.is_file():
        return None
    passed = failed = skipped = 0
    for case in xml.etree.ElementTree.parse(path).iter('testcase'):
        kinds = {child.tag for child in case}
        if kinds & {'failure', 'error'}:
            failed += 1
        elif 'skipped' in kinds:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def from_text(text: str) -> tuple[int, int, int]:
    """The same from what unittest says last, or from pytest's dots if it was ended."""
    if ran := re.search(r'^Ran (\d+) tests? in', text, re.M):
        bad = {word: int(count) for word, count in re.findall(r'(failures|errors|skipped)=(\d+)', text[ran.end():])}
        failed = bad.get('failures', 0) + bad.get('errors', 0)
        return int(ran[1]) - failed - bad.get('skipped', 0), failed, bad.get('skipped', 0)
    dots = ''.join(re.findall(r'^([.FEsxX]+) *(?:\[ *\d+%\])?$', text, re.M))
    return dots.count('.'), dots.count('F') + dots.count('E'), dots.count('s')

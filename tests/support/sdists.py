"""Source distributions, as they lie in an index: fetched and unpacked, with nothing of them run (`pip download` would build their metadata)."""

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import urllib.parse
import urllib.request

NAMES = ('.gitignore', 'Makefile', 'Dockerfile', 'meson.build')
"""Files without a telling ending that say how a project is built."""

JSON = 'application/vnd.pypi.simple.v1+json'


class Unfetched(Exception):
    """Why there is none."""


def index() -> str:
    """The address of the simple index that pip is configured to use."""
    asked = os.environ.get('PIP_INDEX_URL')
    for key in ('global.index-url', 'install.index-url', 'download.index-url'):
        if not asked:
            done = subprocess.run([sys.executable, '-m', 'pip', 'config', 'get', key], capture_output=True, text=True, check=False)
            asked = done.stdout.strip() if done.returncode == 0 else None
    if not asked:
        from pip._internal.models.index import PyPI
        asked = PyPI.simple_url
    return asked.rstrip('/')


def newest(name: str, folder: pathlib.Path, largest: int) -> tuple[str, pathlib.Path]:
    """The version of the newest source distribution of a project, by the time of its upload, and its archive in `folder`."""
    page = f'{index()}/{name}/'
    try:
        with urllib.request.urlopen(urllib.request.Request(page, headers={'Accept': JSON}), timeout=120) as answer:
            files = json.load(answer)['files']
    except (OSError, ValueError, KeyError) as error:
        raise Unfetched(f'no page of files: {error}'[:200]) from error
    files = [file for file in files if file['filename'].endswith('.tar.gz') and not file.get('yanked')]
    if not files:
        raise Unfetched('no sdist')
    file = max(files, key=lambda file: (file.get('upload-time') or '', file['filename']))
    if (file.get('size') or 0) > largest:
        raise Unfetched(f"an sdist of {file['size']:,} bytes")
    archive = folder / 'sdist.tar.gz'
    try:
        with urllib.request.urlopen(urllib.parse.urljoin(page, file['url']), timeout=300) as answer:
            archive.write_bytes(answer.read())
    except OSError as error:
        raise Unfetched(f'not downloaded: {error}'[:200]) from error
    return file['filename'].removesuffix('.tar.gz').rpartition('-')[2], archive


def unpack(archive: pathlib.Path, target: pathlib.Path, texts: tuple[str, ...], largest: int) -> None:
    """The texts of a source distribution: what lies in the one folder that all of it lies in."""
    with tarfile.open(archive) as content:
        for member in content:
            _, _, inner = member.name.partition('/')
            path = pathlib.PurePosixPath(inner)
            wanted = inner.endswith(texts) or path.name in NAMES
            if not (member.isfile() and wanted and member.size <= largest) or path.is_absolute() or '..' in path.parts:
                continue
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.extractfile(member).read())

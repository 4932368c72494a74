from . import tools
from .deep.inner import finish


def start():
    tools.prepare()
    return finish()

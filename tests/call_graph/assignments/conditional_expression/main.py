import sys


def modern():
    return "new"


def ancient():
    return "old"


chosen = modern if sys.version_info >= (3, 0) else ancient
chosen()

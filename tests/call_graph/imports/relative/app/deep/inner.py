from ..tools import prepare


def finish():
    return prepare()

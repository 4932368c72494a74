def condition():
    return False


def message():
    return "it failed"


try:
    assert condition(), message()
except AssertionError:
    pass

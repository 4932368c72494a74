def start():
    return 1


def stop():
    return 2


def controls():
    return start, stop


go, end = controls()
go()
end()

def on_true():
    return 1


def on_false():
    return 2


def choose(flag):
    if flag:
        return on_true()
    else:
        return on_false()


choose(True)
choose(False)

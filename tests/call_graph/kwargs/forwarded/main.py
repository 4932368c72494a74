def final(action):
    return action()


def middle(**kwargs):
    return final(**kwargs)


def start():
    return 1


middle(action=start)

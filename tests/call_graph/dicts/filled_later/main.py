def load():
    return 1


def save():
    return 2


actions = {}
actions["load"] = load
actions.update(save=save)
actions["load"]()
actions["save"]()

def apply(action):
    return action(1)


apply(lambda value: value)
apply(lambda value: -value)

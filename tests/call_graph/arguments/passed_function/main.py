def shout(text):
    return text.upper()


def apply(action, value):
    return action(value)


apply(shout, "hello")

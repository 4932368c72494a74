def log(text):
    return text


def bind(action):
    def later(text):
        return action(text)

    return later


bind(log)("done")

def quiet(text):
    return text


def loud(text):
    return text.upper()


def say(text, *, how=quiet):
    return how(text)


say("a")
say("b", how=loud)

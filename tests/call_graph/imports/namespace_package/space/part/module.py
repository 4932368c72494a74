from space.other import help_out


def run():
    return help_out()

def go():
    return 1


def stop():
    return 2


def run(**kwargs):
    kwargs["go"]()
    kwargs.get("stop")()


run(go=go, stop=stop)

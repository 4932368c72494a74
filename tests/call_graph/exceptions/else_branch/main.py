def safe():
    return 1


def on_success():
    return 2


def on_failure():
    return 3


def attempt(text):
    try:
        number = int(text)
    except ValueError:
        return on_failure()
    else:
        safe()
        return on_success()


attempt("1")
attempt("x")

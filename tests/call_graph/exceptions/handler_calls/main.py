def risky():
    raise ValueError("bad")


def recover():
    return "recovered"


def clean_up():
    return "clean"


def run():
    try:
        risky()
    except ValueError:
        recover()
    finally:
        clean_up()


run()

def notify():
    return 1


def work(size):
    return size


def run(**kwargs):
    done = kwargs.pop("done", None)
    work(**kwargs)
    if done is not None:
        done()


run(size=1, done=notify)

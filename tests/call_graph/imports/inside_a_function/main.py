def run():
    from late import work

    return work()


run()

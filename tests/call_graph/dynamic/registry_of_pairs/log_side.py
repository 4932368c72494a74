def handle(operation, **kwargs):
    if operation == "info":
        return info(**kwargs)
    raise ValueError(operation)


def info(text):
    return text

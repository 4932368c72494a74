def make_all(names):
    made = []
    for name in names:
        def action(name=name):
            return clean(name)

        made.append(action)
    return made


def clean(name):
    return name


for action in make_all(["a", "b"]):
    action()

def last():
    return 1


def run(stack):
    while stack:
        stack.pop()()


run([last])

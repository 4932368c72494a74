from kit import tools
import kit

tools.use()


def run():
    return kit.tools.use()


run()

class Shell:
    def do_list(self):
        return []

    def do_quit(self):
        return None

    def run(self, command):
        return getattr(self, "do_" + command)()


shell = Shell()
shell.run("list")
shell.run("quit")

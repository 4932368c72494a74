import threading


class Worker(threading.Thread):
    def __init__(self):
        super().__init__()
        self.done = False

    def finish(self):
        self.done = True


worker = Worker()
worker.finish()
worker.is_alive()

import functools


class Light:
    def set_state(self, state):
        self.state = state

    on = functools.partialmethod(set_state, True)


Light().on()

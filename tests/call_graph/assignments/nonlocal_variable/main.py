def make_switch():
    def on():
        return "on"

    def off():
        return "off"

    state = off

    def toggle():
        nonlocal state
        state = on

    def current():
        return state()

    current()
    toggle()
    return current()


make_switch()

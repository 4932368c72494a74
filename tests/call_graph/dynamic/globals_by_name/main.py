def visit_number():
    return 1


def visit_text():
    return 2


def visit(kind):
    return globals()[f"visit_{kind}"]()


visit("number")
visit("text")

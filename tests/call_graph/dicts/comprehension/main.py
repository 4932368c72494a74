def up(text):
    return text.upper()


def low(text):
    return text.lower()


by_name = {function.__name__: function for function in (up, low)}
by_name["up"]("a")
by_name["low"]("B")

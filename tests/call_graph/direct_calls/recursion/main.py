def countdown(number):
    if number:
        countdown(number - 1)


def even(number):
    return number == 0 or odd(number - 1)


def odd(number):
    return number != 0 and even(number - 1)


countdown(2)
even(3)

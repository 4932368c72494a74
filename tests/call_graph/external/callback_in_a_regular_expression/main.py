import re


def upper(match):
    return match.group(0)


def shout(text):
    return re.sub("[a-z]", upper, text)


shout("abc")

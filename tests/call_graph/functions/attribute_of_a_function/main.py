def main_part():
    return helper_part()


def helper_part():
    return 1


main_part.alias = helper_part
main_part()
main_part.alias()

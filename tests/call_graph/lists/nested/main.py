def deep():
    return 1


def deeper():
    return 2


grid = [[deep], [[deeper]]]
grid[0][0]()
grid[1][0][0]()

"""The finest safe sequence, by trying all of them."""


def finest(count, unsafe):
    """The largest number of steps from no changed file to all `count`, each state after a step being safe.

    `unsafe` holds bit masks of states; the last state counts as safe.
    """
    full = (1 << count) - 1
    best = {full: 0}
    for mask in range(full - 1, -1, -1):
        if mask in unsafe and mask != 0:
            continue
        rest = full & ~mask
        step = rest
        found = None
        while step:
            following = best.get(mask | step)
            if following is not None and (found is None or following + 1 > found):
                found = following + 1
            step = (step - 1) & rest
        if found is not None:
            best[mask] = found
    return best[0]

def describe(words, counts):
    counts.update(dict(zip(words, range(len(words)))))
    words.append("end")
    return ", ".join(words).title().encode("utf-8").hex()


describe(["a", "b"], {"x": 1}.copy())
{1, 2}.union({3})
(1, 2).count(1)
(5).bit_length()

wrong = 0


def expect(holds, what, seen):
    """{expect}"""
    global wrong
    if holds:
        print("{as_expected}", what)
    else:
        wrong += 1
        print("{not_so}", what, "{it_was}", repr(seen)[:200])

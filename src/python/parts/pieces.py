def pieces(data, separator, count):
    """{pieces}"""
    parts = data.split(separator, count - 1)
    return parts + [b""] * (count - len(parts))

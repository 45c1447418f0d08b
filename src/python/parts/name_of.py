def name_of(error):
    """{name_of}"""
    if isinstance(error, socket.timeout) and error.errno is None:
        return "EAGAIN"
    return errno.errorcode.get(error.errno, str(error))

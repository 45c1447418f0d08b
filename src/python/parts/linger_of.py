def linger_of(s):
    """{linger_of}"""
    on, seconds = struct.unpack("ii", s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
    return seconds if on else None

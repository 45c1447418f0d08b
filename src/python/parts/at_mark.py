def at_mark(s):
    """{at_mark}"""
    SIOCATMARK = 0x8905
    return struct.unpack("i", fcntl.ioctl(s, SIOCATMARK, struct.pack("i", 0)))[0]

import socket
import sys
import time

DOORS = {doors}

outward = {{}}
inward = {{}}
heard = {{}}
open_sockets = []
zero = 0.0


def begin(me, patience=600):
    """{begin}"""
    global zero
    door = socket.create_server(("127.0.0.1", DOORS[me]))
    open_sockets.append(door)
    for other, port in DOORS.items():
        if other != me:
            outward[other] = knock(port, time.monotonic() + patience)
            outward[other].sendall(me.encode() + b"\n")
    while len(inward) < len(DOORS) - 1:
        visitor, _ = door.accept()
        open_sockets.append(visitor)
        lines = visitor.makefile("rb")
        other = lines.readline().strip().decode()
        inward[other] = lines
        heard[other] = []
    zero = time.monotonic()


def knock(port, end):
    """{knock}"""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if time.monotonic() > end:
                sys.exit("{alone}")
            time.sleep(0.01)


def tell(note):
    """{tell}"""
    for other in outward.values():
        try:
            other.sendall(note.encode() + b"\n")
        except OSError:
            pass


def wait_for(other, note, times):
    """{wait_for}"""
    while heard[other].count(note) < times:
        line = inward[other].readline()
        if not line:
            sys.exit("{gone} " + other)
        heard[other].append(line.strip().decode())


def wait_until_over(*others):
    """{wait_until_over}"""
    for other in others:
        for line in inward[other]:
            heard[other].append(line.strip().decode())


def wait_until(seconds):
    """{wait_until}"""
    time.sleep(max(0, zero + seconds - time.monotonic()))

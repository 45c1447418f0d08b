def wait_for_name(name, listening, seconds=60):
    """{wait_for_name}"""
    wanted = name.replace(b"\0", b"@").decode() if isinstance(name, bytes) else name
    if not os.path.exists("/proc/net/unix"):
        input("{press_enter} " + wanted)
        return
    end = time.monotonic() + seconds
    while True:
        with open("/proc/net/unix", errors="replace") as lines:
            rows = [line.split(None, 7) for line in lines][1:]
        for row in rows:
            if len(row) == 8 and row[7].rstrip("\n") == wanted and (row[3] == "00010000" or not listening):
                return
        if time.monotonic() > end:
            sys.exit("{nobody} " + wanted)
        time.sleep(0.01)

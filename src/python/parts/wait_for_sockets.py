def wait_for_sockets(host, table, state, ports, count, seconds=60):
    """{wait_for_sockets}"""
    if not host.startswith(("127.", "::1")):
        return
    if not os.path.exists("/proc/net/" + table):
        input("{press_enter} " + str(ports))
        return
    end = time.monotonic() + seconds
    while True:
        found = 0
        for name in (table, table + "6"):
            try:
                with open("/proc/net/" + name) as lines:
                    rows = [line.split() for line in lines][1:]
            except FileNotFoundError:
                continue
            for row in rows:
                port = int(row[1].rpartition(":")[2], 16)
                found += port in ports and state in ("", row[3])
        if found >= count:
            return
        if time.monotonic() > end:
            sys.exit("{nobody} " + str(ports))
        time.sleep(0.01)

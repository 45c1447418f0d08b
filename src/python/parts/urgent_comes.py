def urgent_comes(s):
    """{urgent_comes}"""
    poller = select.poll()
    poller.register(s, select.POLLPRI)
    limit = s.gettimeout()
    return len(poller.poll(None if limit is None else limit * 1000))

"""What the page `serving` includes: how long requests wait at a server that does one by one."""


def waits(arrivals: list[float], services: list[float]) -> list[float]:
    """How long each request waits before the server begins with it; all in one unit of time."""
    free, waited = 0.0, []  # when the server is free
    for arrival, service in zip(arrivals, services, strict=True):
        begin = max(free, arrival)
        waited.append(begin - arrival)
        free = begin + service
    return waited

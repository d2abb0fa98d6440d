"""How mail goes out: the queue, routes, couriers, retry and reports."""

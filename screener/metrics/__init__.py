"""What is counted and measured, for Prometheus: the one door to prometheus_client.

`figures` is what the others know: a method for each thing that happens, and the pages that show it. `labels` says
which series there may be, `families` keeps those of a metric, `standing` asks the store at each scrape. What the figures mean to an
operator is left to `grafana/`; a test holds its queries against the metrics made here.
"""

"""One file a format; each checks sizes before it reads and names the place that is wrong."""

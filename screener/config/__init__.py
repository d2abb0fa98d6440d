"""The settings of one hop: `screener.yaml` → `Config`."""

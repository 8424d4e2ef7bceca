"""The ledger comes in; what Prometheus collects goes out."""

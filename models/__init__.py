"""Networks: how they are defined, trained and exported."""

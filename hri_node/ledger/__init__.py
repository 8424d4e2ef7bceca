"""What happened to every instance, study, result and delivery; what is due, and what a person asks, goes out."""

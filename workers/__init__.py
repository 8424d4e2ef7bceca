"""Jobs of the ledger come in by way of Celery, done work goes out; the only place that knows 'later' and 'again'."""

"""What happened comes in, audit messages after PS3.15 A.5 go out, to a file and to a syslog server."""

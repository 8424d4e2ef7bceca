"""The report of a study: its content, figures and HTML; commands write it to files."""

"""Instances come in over an association or from files; bytes in the spool and a row in the ledger go out."""

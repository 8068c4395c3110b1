"""The makers of documents: each reads with its reader's rights and writes one file (R2.39, R3.44 to R3.57)."""

"""Where bytes lie: object stores behind one protocol. Imports nothing else of ours."""

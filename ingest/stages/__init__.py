"""The stages of a job, one a file, in the order of `wenyuan.ingest.pipeline`."""

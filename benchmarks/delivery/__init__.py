"""How fast page images reach readers, beside iipsrv and nginx on the same pages in one run."""

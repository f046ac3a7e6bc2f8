"""HTTP only: each file is one capability and one blueprint. No SQL, no store calls; all is asked of `wenyuan.repo`."""

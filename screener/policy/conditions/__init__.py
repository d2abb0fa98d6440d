"""The things a rule can look at, one file each; `policy.rulefile.CONDITIONS` is the table of their names."""

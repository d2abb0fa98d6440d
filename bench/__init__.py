"""The benchmark: this hop beside what an admin would pick instead, and what each room of it costs."""

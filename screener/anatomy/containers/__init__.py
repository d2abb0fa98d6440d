"""What holds other files: archives, packed streams, winmail.dat, signatures that wrap what they sign. Unpacked when asked."""

"""The words of mail: address, envelope, mail, verdict, reply, trace. Frozen dataclasses, no I/O."""

"""How mail comes in: the SMTP listener, the only room that knows aiosmtpd."""

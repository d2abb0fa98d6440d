"""How the hop stands much of everything: a long queue, a long history, many rules, many sessions."""

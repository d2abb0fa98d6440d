"""What a settings file may hold: kinds of values, and checks of what is written. The settings themselves are `config`'s."""

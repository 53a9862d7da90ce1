"""The wire: what goes to the terminal is the difference between the screen it shows and the screen that is wanted."""

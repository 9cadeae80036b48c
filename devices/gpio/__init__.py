"""A kiosk's panel on GPIO pins: door, tamper loop, presence, keys and keypad in; lamp, buzzer and light out."""

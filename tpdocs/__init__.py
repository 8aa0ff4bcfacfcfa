"""tpdocs: technical problem forms in Word, an Excel register that stays true, and nothing lost between them."""

__version__ = "0.1.0"

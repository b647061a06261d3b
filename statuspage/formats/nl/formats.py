"""Django's names for them."""

DATETIME_FORMAT = r"j M Y H:i:s \U\T\C"
DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
SHORT_DATETIME_FORMAT = r"Y-m-d H:i \U\T\C"

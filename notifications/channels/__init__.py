"""Ways to reach people: a Message in; Accepted, Refused, Unavailable or Ambiguous out.

Each is configured by its constructor and knows neither rows nor settings. A provider's
codes are known in its own module and nowhere else.
"""

"""What clients are owed: claims to service credits judged, refunds found in their reports. Reads only.

Figures come from frozen statements, arithmetic from `sla.credits` and `sla.refunds`: nothing is
computed here a second time.
"""

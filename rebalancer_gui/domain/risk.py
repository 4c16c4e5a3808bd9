"""What the program says about risk (BEHAVIOUR.md section 11a); it is accepted before a live account trades."""

RISK_VERSION = 1
"""Counts up whenever RISK_TEXT says something new: it is then accepted anew."""
RISK_TEXT = (
    "Neither the program nor its presets judge whether a portfolio or a parameter suits you. There is no promise of "
    "performance or profit. That a coin belongs to a category, or that weights are typical of a sector, is not "
    "warranted. Losses are yours. Examples and estimates are marked as such. Past returns say nothing about coming "
    "ones; a portfolio that rebalances can do worse than one that is left alone."
)
RESTS_HERE = (
    "Trigger price, stop-loss and take-profit are watched by this program; nothing rests on the exchange. While the program "
    "is closed, asleep or offline they do not fire."
)
"""BEHAVIOUR.md section 6: also said at the first live start."""

"""The QPalette of a theme: what Fusion paints itself (radio buttons, check boxes, menus) takes its colours here."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from rebalancer_gui.ui.tokens import Tokens, mix


def build_palette(tokens: Tokens) -> QPalette:
    """Every role that Qt's widgets and views read, for the active, inactive and disabled group."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.alt,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.text3,
        role.Button: tokens.control,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.loss,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.ToolTipBase: tokens.surface,
        role.ToolTipText: tokens.text,
        role.Light: mix(tokens.control, tokens.surface, 0.5),
        role.Midlight: tokens.grid,
        role.Mid: tokens.border,
        role.Dark: tokens.edge,
        role.Shadow: tokens.edge,
    }
    palette = QPalette()
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText, role.HighlightedText):
        palette.setColor(disabled, name, QColor(tokens.disabled_text))
    for name in (role.Button, role.Base, role.Highlight):
        palette.setColor(disabled, name, QColor(tokens.disabled_bg))
    return palette

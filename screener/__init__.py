"""Screener: a content-screening SMTP hop between the front relays and Exchange."""

"""How accepted work becomes a score that explains itself (design, section 4)."""

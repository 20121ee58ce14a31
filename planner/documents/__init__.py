"""Papers for people who work with paper: Word files in official document form."""

"""One function a verb: `verb(db, actor, clock, ...)`. They flush and never commit."""

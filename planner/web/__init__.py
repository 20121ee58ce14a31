"""The pages: parse the form, call one service, commit, redirect."""

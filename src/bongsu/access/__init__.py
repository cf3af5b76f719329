"""Accounts: who may sign in, who is signed in, which programs have tokens, and who failed too often."""

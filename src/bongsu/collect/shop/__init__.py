"""A shop's figures out of its own database: orders, money, customers, stock. Only figures leave the database."""

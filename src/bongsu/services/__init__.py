"""Services: requests that they answered, reduced to figures as they come."""

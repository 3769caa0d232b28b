"""How a program asks a running service: HTTP and nothing else, so that it brings none of what the service needs."""

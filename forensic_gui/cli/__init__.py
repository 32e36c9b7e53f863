"""The command line: arguments to a request, a service, text or JSON lines."""

"""Fine-tuning on an analyst's labels: the use case, and the protocol between it and whoever runs it as a child."""

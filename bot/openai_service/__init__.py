"""Chat and embeddings over the OpenAI protocol; the only place that knows the `openai` library."""

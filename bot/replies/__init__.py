"""How an answer is made: recent turns, the prompt, the model or the memories alone, and honest lines when it fails."""

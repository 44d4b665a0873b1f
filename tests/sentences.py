"""What a refusal looks like."""


def assert_one_sentence(message: str):
    """What a user sees: one line that ends, and nothing of Python's own."""
    assert "\n" not in message
    assert message.endswith(".")
    assert "Traceback" not in message

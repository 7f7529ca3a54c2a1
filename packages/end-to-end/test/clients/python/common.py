"""The parts that all scripts share: the address of the proxy, the token that replaces the API key, and one tool."""

import os
import sys

PROXY = os.environ["PROXY"]
TOKEN = os.environ["TOKEN"]
OPENAI = f"{PROXY}/openai/v1"
ANTHROPIC = f"{PROXY}/anthropic"
GOOGLE = f"{PROXY}/google"

QUESTION = "What is the capital of France?"
TOOL_QUESTION = "What is the weather in Paris?"
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def get_weather(city: str) -> str:
    """Tells the weather of a city."""
    return f"Sunny in {city}, 21 degrees."


def run(**cases):
    """Runs the case that the first argument names, and prints its result."""
    print(cases[sys.argv[1]]())

import dspy
from common import ANTHROPIC, OPENAI, QUESTION, TOKEN, run


def ask(model: str, api_base: str):
    return dspy.LM(model, api_base=api_base, api_key=TOKEN, cache=False)(QUESTION)[0]


run(
    openai=lambda: ask("openai/gpt-4o-mini", OPENAI),
    anthropic=lambda: ask("anthropic/claude-haiku-4-5", f"{ANTHROPIC}/v1"),
)

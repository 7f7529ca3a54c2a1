from common import ANTHROPIC, GOOGLE, OPENAI, TOKEN, TOOL_QUESTION, get_weather, run
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

OPENAI_PROVIDER = OpenAIProvider(base_url=OPENAI, api_key=TOKEN)


def ask(model):
    return Agent(model, tools=[get_weather]).run_sync(TOOL_QUESTION).output


def google():
    return ask(GoogleModel("gemini-2.5-flash", provider=GoogleProvider(api_key=TOKEN, base_url=GOOGLE)))


def anthropic():
    provider = AnthropicProvider(api_key=TOKEN, base_url=ANTHROPIC)
    return ask(AnthropicModel("claude-haiku-4-5", provider=provider))


run(
    chat=lambda: ask(OpenAIChatModel("gpt-4o-mini", provider=OPENAI_PROVIDER)),
    responses=lambda: ask(OpenAIResponsesModel("gpt-5-mini", provider=OPENAI_PROVIDER)),
    anthropic=anthropic,
    google=google,
)

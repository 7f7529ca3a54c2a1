from agents import Agent, ModelProvider, OpenAIProvider, RunConfig, Runner, function_tool
from common import OPENAI, TOKEN, TOOL_QUESTION, get_weather, run


def ask(model: str, use_responses: bool):
    provider: ModelProvider = OpenAIProvider(base_url=OPENAI, api_key=TOKEN, use_responses=use_responses)
    agent = Agent(name="Weather", instructions="Use the tool.", model=model, tools=[function_tool(get_weather)])
    config = RunConfig(model_provider=provider, tracing_disabled=True)
    return Runner.run_sync(agent, TOOL_QUESTION, run_config=config).final_output


run(responses=lambda: ask("gpt-5-mini", True), chat=lambda: ask("gpt-4o-mini", False))

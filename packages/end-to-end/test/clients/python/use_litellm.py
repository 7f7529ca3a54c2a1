import json

import litellm
from common import ANTHROPIC, GOOGLE, OPENAI, PARAMETERS, QUESTION, TOKEN, TOOL_QUESTION, get_weather, run

TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}]


def call_tool(**options):
    messages = [{"role": "user", "content": TOOL_QUESTION}]
    first = litellm.completion(messages=messages, tools=TOOLS, api_key=TOKEN, **options).choices[0].message
    messages.append(first)
    for call in first.tool_calls:
        output = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": output})
    return litellm.completion(messages=messages, tools=TOOLS, api_key=TOKEN, **options).choices[0].message.content


def google():
    messages = [{"role": "user", "content": QUESTION}]
    options = {"model": "gemini/gemini-2.5-flash", "api_base": f"{GOOGLE}/v1beta", "api_key": TOKEN}
    return litellm.completion(messages=messages, **options).choices[0].message.content


run(
    openai=lambda: call_tool(model="openai/gpt-4o-mini", api_base=OPENAI),
    anthropic=lambda: call_tool(model="anthropic/claude-haiku-4-5", api_base=ANTHROPIC),
    google=google,
)

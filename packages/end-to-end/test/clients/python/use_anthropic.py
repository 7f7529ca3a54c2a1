import common
from anthropic import Anthropic, beta_tool

client = Anthropic(base_url=common.ANTHROPIC, api_key=common.TOKEN)


def chat():
    messages = [{"role": "user", "content": common.QUESTION}]
    with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=messages) as stream:
        return stream.get_final_text()


def tool():
    runner = client.beta.messages.tool_runner(
        model="claude-haiku-4-5",
        max_tokens=500,
        messages=[{"role": "user", "content": common.TOOL_QUESTION}],
        tools=[beta_tool(common.get_weather)],
    )
    return runner.until_done().content[0].text


common.run(chat=chat, tool=tool)

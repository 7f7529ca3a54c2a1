import json

from common import OPENAI, PARAMETERS, QUESTION, TOKEN, TOOL_QUESTION, get_weather, run
from openai import OpenAI

client = OpenAI(base_url=OPENAI, api_key=TOKEN)


def chat():
    with client.chat.completions.stream(model="gpt-4o-mini", messages=[{"role": "user", "content": QUESTION}]) as stream:
        stream.until_done()
        return stream.get_final_completion().choices[0].message.content


def responses():
    tools = [{"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": True}]
    items = [{"role": "user", "content": TOOL_QUESTION}]
    first = client.responses.create(model="gpt-5-mini", input=items, tools=tools)
    items += first.output
    for call in first.output:
        if call.type == "function_call":
            output = get_weather(**json.loads(call.arguments))
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": output})
    return client.responses.create(model="gpt-5-mini", input=items, tools=tools).output_text


run(chat=chat, responses=responses)

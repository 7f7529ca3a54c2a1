from common import OPENAI, QUESTION, TOKEN, TOOL_QUESTION, get_weather, run
from llama_index.core.tools import FunctionTool
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai import OpenAI, OpenAIResponses


def chat():
    model = OpenAI(model="gpt-4o-mini", api_base=OPENAI, api_key=TOKEN)
    return "".join(chunk.delta for chunk in model.stream_complete(QUESTION))


def call_tool(model):
    weather = FunctionTool.from_defaults(get_weather)
    history = [ChatMessage(role="user", content=TOOL_QUESTION)]
    first = model.chat_with_tools([weather], chat_history=history)
    history.append(first.message)
    for call in model.get_tool_calls_from_response(first):
        output = str(weather(**call.tool_kwargs))
        history.append(ChatMessage(role="tool", content=output, additional_kwargs={"tool_call_id": call.tool_id}))
    return model.chat_with_tools([weather], chat_history=history).message.content


run(
    chat=chat,
    tool=lambda: call_tool(OpenAI(model="gpt-4o-mini", api_base=OPENAI, api_key=TOKEN)),
    responses=lambda: call_tool(OpenAIResponses(model="gpt-5-mini", api_base=OPENAI, api_key=TOKEN)),
)
